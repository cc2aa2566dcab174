"""igraph: edges in order of rows, so that an edge's number is its row; its own subcomponent, and earliest arrival."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import igraph
import numpy as np

from peers import coded
from peers.coded import Coded
from peers.search import earliest

NAME = "igraph"
SHAPES = ("hex", "ids")
CANNOT = {"fifo": "no lots", "haircut": "no order of rows", "once": "as load and ask"}


class Graph(NamedTuple):
    coded: Coded
    network: Any


def load(path: Path, shape: str) -> Graph:
    rows = coded.read(path, shape)
    edges = np.stack([rows.sender, rows.receiver], axis=1)
    return Graph(rows, igraph.Graph(rows.accounts, edges, directed=True))


def reach(graph: Graph, row: int) -> list[int]:
    return graph.network.subcomponent(int(graph.coded.receiver[row]), mode="out")


def temporal(graph: Graph, row: int) -> set[int]:
    incident, receiver = graph.network.incident, graph.coded.receiver

    def leaving(account: int) -> Iterable[tuple[int, int]]:
        rows = incident(account, mode="out")
        return zip(rows, receiver[rows].tolist(), strict=True) if rows else ()

    return earliest(int(receiver[row]), row, leaving)


def names(graph: Graph, answer: Any) -> Iterable[tuple[Any, int]]:
    return coded.named(graph.coded, sorted(answer))
