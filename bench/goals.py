"""The figures that the native kernel is meant to reach, and whether it does."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import Any, NamedTuple

Results = dict[str, dict[str, dict[str, Any]]]


class Goal(NamedTuple):
    rows: int
    what: str
    most: float
    found: Callable[[Results], float | None]
    unit: str = "s"


def _of(peer: str, key: str) -> Callable[[Results], float | None]:
    def found(results: Results) -> float | None:
        figures = results.get(peer, {}).get(key, {}).get("figures")
        return statistics.median(figures) if figures else None

    return found


def _over(key: str, other: str, peers: tuple[str, ...] = ("native",)) -> Callable[[Results], float | None]:
    """The native kernel's figure as a multiple of the best of ``peers``."""

    def found(results: Results) -> float | None:
        mine = _of("native", key)(results)
        theirs = [value for peer in peers if (value := _of(peer, other)(results))]
        return mine / min(theirs) if mine is not None and theirs else None

    return found


M, LARGE = 10_000_000, 100_000_000
GOALS = [
    Goal(M, "hex file → graph", 3.5, _of("native", "load hex")),
    Goal(M, "binary file → graph", 1.6, _of("native", "load binary")),
    Goal(M, "adjacency and prefix sums", 0.31, _of("native", "lines hex")),
    Goal(M, "FIFO, wide", 0.030, _of("native", "fifo wide")),
    Goal(M, "poison, wide", 0.050, _of("native", "temporal wide")),
    Goal(M, "haircut, wide", 0.200, _of("native", "haircut wide")),
    Goal(M, "FIFO, narrow", 0.003, _of("native", "fifo narrow")),
    Goal(M, "poison, narrow", 0.003, _of("native", "temporal narrow")),
    Goal(M, "haircut, narrow", 0.003, _of("native", "haircut narrow")),
    Goal(M, "haircut, wide: uint256 against u128", 1.5, _over("haircut wide 256", "haircut wide"), "×"),
    Goal(M, "resident graph, a transfer", 100, _of("native", "resident"), "bytes"),
    Goal(M, "one question only, against Polars and DuckDB", 1.0, _over("once", "once", ("polars", "duckdb")), "×"),
    Goal(1_000_000, "pure Python, hex file → graph", 4.0, _of("python", "load hex")),
    Goal(1_000_000, "pure Python, FIFO, wide", 0.1, _of("python", "fifo wide")),
    Goal(LARGE, "cold ids file → answer", 30, _of("native", "cold")),
    Goal(LARGE, "peak memory", 14, lambda results: _gib(_of("native", "peaks")(results)), "GiB"),
    Goal(LARGE, "resident graph, a transfer", 90, _of("native", "resident"), "bytes"),
]


def _gib(value: float | None) -> float | None:
    return None if value is None else value / 2**30


def goals(sizes: list[dict[str, Any]]) -> list[str]:
    """Lines of a table for the sizes that were measured."""
    lines = []
    for goal in GOALS:
        for size in sizes:
            value = goal.found(size["results"]) if size["rows"] == goal.rows else None
            if value is not None:
                verdict = "reached" if value <= goal.most else f"missed by {value / goal.most:.2g} ×"
                what = f"{goal.rows:,} transfers: {goal.what}"
                lines.append(f"| {what} | {goal.most:g} {goal.unit} | {value:.3g} {goal.unit} | {verdict} |")
    return lines
