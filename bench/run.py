"""Measures chaintrace and its peers on one workload and says so in a table.

.venv/bin/python bench/run.py --rows 1000000 10000000 --write docs/benchmarks.md
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import files
import table
from child import listen
from files import Files
from peers import PEERS, WORKS, absent, open_peer

TINY = 1000
LARGE = 50_000_000  # rows from which on only files of account numbers are made
HEAVY = 2_000_000  # rows above which these run only with --all: minutes, and gigabytes
SLOW = {"python", "loop", "networkx"}
AT_LARGE = ("native", "numpy", "polars", "duckdb")
ASKS = [(work, seed) for seed in ("narrow", "wide") for work in WORKS if (work, seed) != ("reach", "narrow")]


class Bench:
    """All measurements of one size. ``results``: by peer and measure, a list of figures or the reason for none."""

    def __init__(self, rows: int, options: argparse.Namespace) -> None:
        self.rows, self.options = rows, options
        self.files, self.tiny = Files(rows, options.folder), Files(TINY, options.folder)
        self.shapes = tuple(options.shapes) if rows < LARGE else ("ids",)
        self.files.make(self.shapes)
        self.tiny.make(self.shapes)
        self.seeds = self.files.seeds()
        self.compared = ("wide", "narrow") if rows < LARGE else ("narrow",)
        self.results: dict[str, dict[str, dict[str, Any]]] = {}
        self.answers: dict[str, dict[str, list[list[str]]]] = {}  # by question and peer: every one that was given
        self.failures: list[str] = []  # crashes, not limits
        self.pieces: dict[str, int] = {}

    def run(self, keep: Callable[[], None]) -> None:
        """Measures peer by peer; ``keep`` is called after each, so that an end in between loses nothing."""
        for peer in self.options.peers or (AT_LARGE if self.rows >= LARGE else PEERS):
            self.results[peer] = {}
            why = absent(peer)
            if not why and peer in SLOW and self.rows > HEAVY and not self.options.all:
                why = "only with --all"
            if why:
                self.results[peer]["all"] = {"why": why}
                continue
            self._peer(peer, open_peer(peer))
            keep()

    def _peer(self, peer: str, module: ModuleType) -> None:
        for work, why in module.CANNOT.items():
            for seed in ("", " narrow", " wide"):
                self.results[peer][work + seed] = {"why": why}
        main = self.shapes[0]
        for shape in self.shapes:
            if shape not in module.SHAPES or (shape == "wide" and peer != "native"):
                continue
            wanted = ASKS if shape == main else [("fifo", "wide"), ("haircut", "wide")] if shape == "wide" else []
            asks = [(work, seed, self.seeds[seed]) for work, seed in wanted if work not in module.CANNOT]
            self._repeat(peer, shape, asks, None)
        if main == "hex" and "once" not in module.CANNOT:
            self._repeat(peer, main, [], self.seeds["narrow"])
        if main == "ids" and "ids" in module.SHAPES:
            self._repeat(peer, main, [("temporal", "narrow", self.seeds["narrow"])], None, cold=True)

    def _repeat(self, peer: str, shape: str, asks: list[Any], once: int | None, cold: bool = False) -> None:
        begin = time.monotonic()
        for _ in range(self.options.repeats):
            spec = {"peer": peer, "shape": shape, "asks": asks, "once": once}
            spec |= {"path": str(self.files.path(shape)), "tiny": str(self.tiny.path(shape))}
            spec |= {"tiny_row": self.tiny.seeds()["wide"], "compared": self.compared}
            (_chill if cold else _warm)(self.files.path(shape))
            failed = self._listen(spec, cold)
            while failed in (left := [f"{work} {seed}" for work, seed, _ in asks]):
                asks = [ask for ask, name in zip(asks, left, strict=True) if name != failed]
                rest = asks[left.index(failed) :]
                failed = self._listen(spec | {"asks": rest}, cold) if rest else ""
            if failed or time.monotonic() - begin > self.options.budget:
                return

    def _listen(self, spec: dict[str, Any], cold: bool) -> str:
        """The name of the measurement that failed, if one did."""
        peer, suffix = spec["peer"], " 256" if spec["shape"] == "wide" else " cold" if cold else ""
        own = self.results[peer]
        total = 0.0
        for word in listen(spec, self.options.limit):
            of = word.get("of", "") + suffix
            if "took" in word:
                entry = own.setdefault(of, {"figures": [], "worked": []})
                entry["figures"] += word["took"]
                entry["worked"] += word.get("worked", [])
                total += word["took"][0]
                print(f"{self.rows:>11,} {peer:10} {of:22} {min(word['took']):10.4f} s", file=sys.stderr, flush=True)
            if "loaded" in word and spec["shape"] == self.shapes[0]:
                own.setdefault("resident", {"figures": []})["figures"].append(word["loaded"] / self.rows)
            if "peak" in word and spec["shape"] == self.shapes[0]:
                own.setdefault("peaks", {"figures": []})["figures"].append(word["peak"])
            if "pieces" in word:
                self.pieces[of] = word["pieces"]
            if "answer" in word:
                given = self.answers.setdefault(of.removesuffix(" cold"), {}).setdefault(f"{peer} {spec['shape']}", [])
                if word["answer"] not in given:
                    given.append(word["answer"])
            if "failed" in word:
                name = word["failed"] or f"load {spec['shape']}"
                own[name + suffix] = {"why": word["why"]}
                if not word["why"].startswith("> "):
                    self.failures.append(f"{self.rows:,} rows, {peer}, {name}{suffix}: {word['why']}")
                print(f"{self.rows:>11,} {peer:10} {name:22} {word['why']}", file=sys.stderr, flush=True)
                return str(name)
        if cold:
            own.setdefault("cold", {"figures": []})["figures"].append(total)
        return ""

    def disagreements(self) -> list[str]:
        found = []
        for name, answers in self.answers.items():
            if len({tuple(answer) for given in answers.values() for answer in given}) > 1:
                found.append(f"{self.rows:,} rows, {name}: answers differ: {answers}")
        return found

    def said(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "seeds": self.seeds,
            "pieces": self.pieces,
            "results": self.results,
            "answers": self.answers,
            "failures": self.failures,
        }


def _warm(path: Path) -> None:
    with path.open("rb") as file:
        while file.read(1 << 24):
            pass


def _chill(path: Path) -> None:
    """Puts the file out of the system's cache, as far as the system lets us."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the child is ended as well
    said = table.machine(" ".join(["bench/run.py", *without_paths(sys.argv[1:])]))
    benches: list[Bench] = []

    def keep() -> None:
        whole = {**said, "sizes": [bench.said() for bench in benches]}
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(whole, indent=1), encoding="utf-8")

    for rows in options.rows:
        benches.append(Bench(rows, options))
        benches[-1].run(keep)
    keep()
    text = table.page({**said, "sizes": [bench.said() for bench in benches]})
    print(text)
    wrong = [line for bench in benches for line in bench.disagreements()]
    failures = [line for bench in benches for line in bench.failures]
    print(*wrong, *failures, sep="\n", file=sys.stderr)
    if options.write and not wrong:
        table.insert(options.write, text, options.mark)
    return 1 if wrong or failures else 0


def _options() -> argparse.Namespace:
    about = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    about.add_argument("--rows", type=int, nargs="+", default=[1_000_000], help="sizes, in transfers")
    about.add_argument("--peers", nargs="+", choices=PEERS, help="default: all that are installed")
    about.add_argument("--shapes", nargs="+", choices=files.SHAPES, default=files.SHAPES, help="files, hex first")
    about.add_argument("--repeats", type=int, default=5, help="processes a file")
    about.add_argument("--budget", type=float, default=45.0, help="seconds after which a file is not repeated")
    about.add_argument("--limit", type=float, default=120.0, help="seconds that one measurement may take")
    about.add_argument("--all", action="store_true", help=f"also {', '.join(sorted(SLOW))} above {HEAVY:,} rows")
    about.add_argument("--folder", type=Path, default=files.folder(), help=f"of the files (or ${files.VARIABLE})")
    about.add_argument("--json", type=Path, default=files.folder() / "results.json", help="where all figures go")
    about.add_argument("--write", type=Path, help="a page to write the tables into")
    about.add_argument("--mark", default="bench", help="between which marks of the page")
    return about.parse_args()


def without_paths(words: list[str]) -> list[str]:
    """The options that change what is measured."""
    paths = {"--folder", "--json", "--write"}
    return [word for at, word in enumerate(words) if word not in paths and words[max(at - 1, 0)] not in paths]


if __name__ == "__main__":
    sys.exit(main())
