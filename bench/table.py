"""Figures as Markdown: what was measured on which machine, one pair of tables a size, and the goals."""

from __future__ import annotations

import os
import platform
import statistics
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from goals import goals

import chaintrace as ct

QUIET = 0.7  # load average up to which a machine counts as idle
PACKAGES = (
    "numpy", "pandas", "pyarrow", "scipy", "polars", "duckdb", "igraph", "rustworkx", "networkx", "raphtory",
)  # fmt: skip
NAMES = {
    "native": "**chaintrace**, native",
    "python": "**chaintrace**, Python",
    "loop": "plain Python loop",
    "numpy": "NumPy sweep",
    "scipy": "pandas + SciPy",
    "polars": "Polars joins",
    "duckdb": "DuckDB joins",
}
LOADS = {
    "load hex": "hex file → graph",
    "load binary": "binary file → graph",
    "load ids": "ids file → graph",
    "once": "one question only",
    "cold": "cold file → answer",
    "peaks": "peak memory",
    "resident": "resident, a transfer",
}
ASKS = {
    "reach wide": "reach",
    "temporal wide": "in time, wide",
    "temporal narrow": "in time, narrow",
    "fifo wide": "FIFO, wide",
    "fifo narrow": "FIFO, narrow",
    "haircut wide": "haircut, wide",
    "haircut narrow": "haircut, narrow",
}


def machine(command: str) -> dict[str, Any]:
    versions = {"chaintrace": ct.__version__, "Python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "command": command,
        "machine": _processor(),
        "system": f"{platform.system()} {platform.release()}",
        "memory": os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"),
        "load": os.getloadavg()[0],
        "kernels": list(ct.kernels()),
        "versions": versions,
    }


def _processor() -> str:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return f"{model or platform.machine()}, {cores} cores"


def page(said: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {number}" for name, number in said["versions"].items())
    where = f"{said['machine']}, {said['memory'] / 2**30:.0f} GiB, {said['system']}"
    lines = [f"Measured on {said['date']}: {where}; {versions}.", f"Command: `{said['command']}`."]
    if said["load"] > QUIET:
        busy = f"load average {said['load']:.1f} before the start"
        lines += ["", f"**Other work was running ({busy}): the times are too long and their ratios unreliable.**"]
    for size in said["sizes"]:
        lines += ["", *_size(size)]
    reached = goals(said["sizes"])
    if reached:
        head = ["| goal | at most | measured | |", "|---|---|---|---|"]
        lines += ["", "### Goals", "", *head, *reached]
    return "\n".join(lines) + "\n"


def _size(size: dict[str, Any]) -> list[str]:
    seeds, pieces, results = size["seeds"], size["pieces"], size["results"]
    cut = f"{pieces['fifo wide']:,} FIFO moves" if "fifo wide" in pieces else ""
    few = f"{pieces['fifo narrow']:,} FIFO moves" if "fifo narrow" in pieces else ""
    base = next((peer for peer in ("native", "python") if _median(results.get(peer, {}), "temporal wide")), "")
    about = (
        f"{seeds['accounts']:,} accounts. Wide: row {seeds['wide']:,} reaches {seeds['wide_reach']:,} accounts"
        f"{cut and f', {cut}'}; narrow: row {seeds['narrow']:,} reaches {seeds['narrow_reach']:,}{few and f', {few}'}."
    )
    ratio = f" In brackets: times what {NAMES[base].replace('*', '')} takes." if base else ""
    lines = [f"### {size['rows']:,} transfers", "", about + " Median ± half of the interquartile range." + ratio]
    for columns in (LOADS, ASKS):
        lines += ["", *_table(columns, results, base)]
    return [*lines, "", *_compared(size["answers"]), "", *_reasons(results)]


def _compared(answers: dict[str, Any]) -> list[str]:
    """Which answers several peers gave, and which nobody else could check."""
    by = {name: {peer.split()[0] for peer in given} for name, given in answers.items()}
    checked = [f"{_named(name)} ({len(peers)})" for name, peers in by.items() if len(peers) > 1]
    alone = [f"{_named(name)} ({', '.join(peers)})" for name, peers in by.items() if len(peers) == 1]
    lines = [f"Answers that were compared, and by how many they were given: {', '.join(checked) or 'none'}."]
    return lines + ([f"Given by one only, so not compared here: {', '.join(alone)}."] if alone else [])


def _named(name: str) -> str:
    return ASKS.get(name, name.replace("256", "at 256 bits"))


def _table(columns: dict[str, str], results: dict[str, Any], base: str) -> list[str]:
    there = [key for key in columns if any("figures" in own.get(key, {}) for own in results.values())]
    lines = [" | ".join(["|", *(columns[key] for key in there)]) + " |", "|---" * (len(there) + 1) + "|"]
    for peer, own in results.items():
        if "all" in own:
            continue
        cells = [_cell(key, own, results.get(base, {}) if peer != base else {}) for key in there]
        if any(cell != "–" for cell in cells):
            lines.append(" | ".join([f"| {NAMES.get(peer, peer)}", *cells]) + " |")
    return lines


def _cell(key: str, own: dict[str, Any], base: dict[str, Any]) -> str:
    entry = own.get(key, {})
    if "figures" not in entry:
        why = entry.get("why", "")
        return why if why.startswith("> ") else "–"
    figures = entry["figures"]
    median = statistics.median(figures)
    if key == "peaks":
        return f"{max(figures) / 2**30:.2f} GiB"
    if key == "resident":
        return f"{median:,.0f} bytes"
    quarters = statistics.quantiles(figures, n=4, method="inclusive") if len(figures) > 1 else []
    spread = f" ± {(quarters[2] - quarters[0]) / 2 / median:.0%}" if quarters else ""
    theirs = _median(base, key)
    ratio = f" ({_short(median / theirs)} ×)" if theirs else ""
    return f"{seconds(median)}{spread}{ratio}"


def _median(own: dict[str, Any], key: str) -> float:
    figures = own.get(key, {}).get("figures")
    return statistics.median(figures) if figures else 0.0


def seconds(value: float) -> str:
    return f"{value:,.3g} s" if value >= 1 else f"{value * 1000:,.3g} ms"


def _short(ratio: float) -> str:
    return f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.2g}"


def _reasons(results: dict[str, Any]) -> list[str]:
    """Why there is no figure where there is none."""
    lines = []
    for peer, own in results.items():
        why: dict[str, list[str]] = {}
        for key, entry in own.items():
            if "why" in entry and not entry["why"].startswith("> ") and " " not in key:
                why.setdefault(entry["why"], []).append({"all": "nothing", "once": "one question"}.get(key, key))
            elif "why" in entry and key.startswith("load") and not entry["why"].startswith("> "):
                why.setdefault(entry["why"], []).append(key)
        said = "; ".join(f"{', '.join(keys).replace('temporal', 'in time')}: {reason}" for reason, keys in why.items())
        if said:
            lines.append(f"- {NAMES.get(peer, peer)} – {said}")
    return ["No figure (–):", "", *lines] if lines else []


def insert(path: Path, text: str, mark: str) -> None:
    """Puts ``text`` between the marks of a page. ValueError if they are not there."""
    begin, end = f"<!-- {mark}: begin -->\n", f"<!-- {mark}: end -->"
    before, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{path} has no marks for {mark}")
    path.write_text(f"{before}{begin}\n{text}\n{end}{after}", encoding="utf-8")
