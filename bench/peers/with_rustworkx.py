"""rustworkx: a PyDiGraph whose edges carry their row; its own descendants, and earliest arrival over its edges."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import rustworkx as rx

from peers import coded
from peers.coded import Coded
from peers.search import earliest

NAME = "rustworkx"
SHAPES = ("hex", "ids")
CANNOT = {"fifo": "no lots", "haircut": "no order of rows", "once": "as load and ask"}


class Graph(NamedTuple):
    coded: Coded
    network: Any


def load(path: Path, shape: str) -> Graph:
    rows = coded.read(path, shape)
    network = rx.PyDiGraph()
    network.add_nodes_from(range(rows.accounts))
    edges = zip(rows.sender.tolist(), rows.receiver.tolist(), range(len(rows.sender)), strict=True)
    network.extend_from_weighted_edge_list(list(edges))
    return Graph(rows, network)


def reach(graph: Graph, row: int) -> set[int]:
    start = int(graph.coded.receiver[row])
    return rx.descendants(graph.network, start) | {start}


def temporal(graph: Graph, row: int) -> set[int]:
    out = graph.network.out_edges

    def leaving(account: int) -> Iterable[tuple[int, int]]:
        return ((later, receiver) for _, receiver, later in out(account))

    return earliest(int(graph.coded.receiver[row]), row, leaving)


def names(graph: Graph, answer: set[int]) -> Iterable[tuple[Any, int]]:
    return coded.named(graph.coded, sorted(answer))
