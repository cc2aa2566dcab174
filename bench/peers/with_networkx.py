"""networkx: a MultiDiGraph keyed by row; its own descendants, and earliest arrival over its edges."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import networkx as nx
import pandas as pd

from peers.search import earliest

NAME = "networkx"
SHAPES = ("hex",)
CANNOT = {"fifo": "no lots", "haircut": "no order of rows", "once": "as load and ask"}
HEAVY = 2_000_000  # rows from which on it runs only when told to: minutes, and 7 GB for ten million


class Graph(NamedTuple):
    network: nx.MultiDiGraph[str]
    receiver: list[str]


def load(path: Path, shape: str) -> Graph:
    frame = pd.read_parquet(path, columns=["sender", "receiver"])
    frame["row"] = range(len(frame))
    network = nx.from_pandas_edgelist(frame, "sender", "receiver", edge_key="row", create_using=nx.MultiDiGraph)
    return Graph(network, frame["receiver"].tolist())


def reach(graph: Graph, row: int) -> set[str]:
    start = graph.receiver[row]
    return nx.descendants(graph.network, start) | {start}


def temporal(graph: Graph, row: int) -> set[str]:
    out = graph.network.adj

    def leaving(account: str) -> Iterable[tuple[int, str]]:
        return ((later, receiver) for receiver, keys in out[account].items() for later in keys)

    return earliest(graph.receiver[row], row, leaving)


def names(graph: Any, answer: set[str]) -> Iterable[tuple[str, int]]:
    return ((name, 0) for name in answer)
