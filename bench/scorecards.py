"""How often the heuristics are right.

    python bench/scorecards.py [FAMILY …] [--data FOLDER] [--write] [--date 2026-11-28]

FAMILY names modules of bench/scores; all by default. FOLDER (``CHAINTRACE_DATA`` by default) holds real data; families
that need them are left out, and named, where it is not told. ``--write`` puts the scores where findings quote them, and
into the families' pages.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from chaintrace.heuristics.finding import Score
from chaintrace.heuristics.scorecard import FOLDER, write_scores

ROOT = Path(__file__).parents[1]
FAMILIES = tuple(sorted(path.stem for path in (ROOT / "bench" / "scores").glob("[a-z]*.py")))
MARKS = ("<!-- scorecards: begin -->", "<!-- scorecards: end -->")


def family(name: str) -> Any:
    """The module of a family."""
    return import_module(f"scores.{name}")


def table(scores: Sequence[Score]) -> list[str]:
    """The scores as a page shows them."""
    lines = ["| rule | measure | of | count | n | % | 95 % interval |", "|---|---|---|---|---|---|---|"]
    for one in scores:
        share = f"{100 * one.count / one.n:.1f}" if one.n else "–"
        between = f"{one.low / 10_000:.1f} – {one.high / 10_000:.1f}"
        lines.append(f"| {one.rule} | {one.measure} | {one.data} | {one.count:,} | {one.n:,} | {share} | {between} |")
    return lines


def write(name: str, scores: Sequence[Score], date: str) -> None:
    """What findings quote, and the family's page between its marks."""
    kept = ROOT / "src" / "chaintrace" / "heuristics" / FOLDER / f"{name}.csv"
    kept.write_text(write_scores(scores), encoding="utf-8")
    path = ROOT / "docs" / family(name).PAGE
    before, rest = path.read_text(encoding="utf-8").split(MARKS[0])
    told = [f"Measured on {date} by `make scorecards`.", "", *table(scores)]
    path.write_text("\n".join([before + MARKS[0], "", *told, "", MARKS[1] + rest.split(MARKS[1])[1]]), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("family", nargs="*", help=f"some of {', '.join(FAMILIES)}")
    parser.add_argument("--data", type=Path, default=os.environ.get("CHAINTRACE_DATA"))
    parser.add_argument("--date", default=datetime.now(UTC).date().isoformat())
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args()
    if unknown := [name for name in asked.family if name not in FAMILIES]:
        parser.error(f"there is no family {', '.join(unknown)}")
    data = Path(asked.data) if asked.data else None
    for name in asked.family or FAMILIES:
        if data is None and family(name).NEEDS_DATA:
            print(f"{name}: left out, say where the data are: --data, or CHAINTRACE_DATA", file=sys.stderr)
            continue
        scores = family(name).scores(data, asked.date)
        if asked.write:
            write(name, scores, asked.date)
        print("\n".join([f"{name}:", "", *table(scores), ""]))


if __name__ == "__main__":
    main()
