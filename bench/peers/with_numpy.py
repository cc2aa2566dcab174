"""NumPy: one sweep over the rows in order, in chunks, each repeated until nothing changes in it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from peers import coded
from peers.coded import Coded

NAME = "numpy sweep"
SHAPES = ("hex", "ids")
CANNOT = {"fifo": "no lots", "haircut": "rows depend on each other"}
CHUNK = 1 << 17
NEVER = np.iinfo(np.int64).max


def load(path: Path, shape: str) -> Coded:
    return coded.read(path, shape)


def reach(graph: Coded, row: int) -> Any:
    """All rows, again and again, until nothing is added."""
    reached = np.zeros(graph.accounts, dtype=bool)
    reached[graph.receiver[row]] = True
    while True:
        new = graph.receiver[reached[graph.sender]]
        if reached[new].all():
            return np.flatnonzero(reached)
        reached[new] = True


def temporal(graph: Coded, row: int) -> Any:
    arrival = np.full(graph.accounts, NEVER)
    arrival[graph.receiver[row]] = row
    for first in range(row + 1, len(graph.sender), CHUNK):
        sender, receiver = graph.sender[first : first + CHUNK], graph.receiver[first : first + CHUNK]
        fresh = np.flatnonzero(arrival[receiver] == NEVER)
        sender, receiver, rows = sender[fresh], receiver[fresh], first + fresh
        while True:
            new = np.flatnonzero((arrival[sender] < rows) & (rows < arrival[receiver]))[::-1]
            if not len(new):
                break
            arrival[receiver[new]] = rows[new]
    return np.flatnonzero(arrival != NEVER)


def once(path: Path, row: int) -> Any:
    graph = load(path, "hex")
    return graph.names[temporal(graph, row)]


def names(graph: Coded, answer: Any) -> Iterable[tuple[Any, int]]:
    return coded.named(graph, answer) if graph is not None else ((name, 0) for name in answer)
