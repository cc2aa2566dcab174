"""chaintrace, as its users use it. CHAINTRACE_KERNEL says which kernel."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from time import perf_counter
from typing import Any

import pyarrow.parquet as pq

import chaintrace as ct

NAME = "chaintrace"
SHAPES = ("hex", "binary", "ids", "wide")
CANNOT = {"reach": "without regard to time: not offered, money does not flow back"}
PARTS: dict[str, float] = {}  # seconds of the last load that went into drawing the lines


def load(path: Path, shape: str) -> Any:
    """The graph with its lines drawn (the Python kernel draws those of a pot when it comes to it)."""
    graph = ct.TransferGraph(_numbered(path) if shape == "ids" else path)
    begin = perf_counter()
    graph.lines().totals(0, 0)
    PARTS["lines"] = perf_counter() - begin
    return graph


def _numbered(path: Path) -> Any:
    """Parties that are account numbers: the one place where such a file is opened, and the addresses with it."""
    addresses = pq.read_table(path.with_name(path.name.replace("-ids", "-accounts")))["address"]
    return ct.read_transfers(path, accounts=addresses)


def temporal(graph: Any, row: int) -> Any:
    return _asked(graph, row, "poison")


def fifo(graph: Any, row: int) -> Any:
    return _asked(graph, row, "fifo")


def haircut(graph: Any, row: int) -> Any:
    return _asked(graph, row, "haircut")


def _asked(graph: Any, row: int, method: str) -> Any:
    """A trace, its ledger read."""
    trace = ct.trace(graph, ct.rows(row), method=method)
    assert len(trace.ledger)
    return trace


def once(path: Path, row: int) -> Any:
    return _asked(ct.TransferGraph(path), row, "poison")


def names(graph: Any, trace: Any) -> Iterable[tuple[str, int]]:
    held = trace.holdings()
    amounts = [0] * len(held) if trace.method == "poison" else held["amount"]
    return zip(held["address"], amounts, strict=True)


def pieces(trace: Any) -> int:
    """Of how many moves the answer consists."""
    return len(trace.outcome.moves)
