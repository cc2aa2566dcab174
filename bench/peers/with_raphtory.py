"""Raphtory: a temporal graph whose clock is the row; its own reachability, with and without time."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from raphtory import Graph as Network
from raphtory import algorithms

NAME = "raphtory"
SHAPES = ("hex",)
CANNOT = {"fifo": "no lots", "haircut": "no amounts in its reachability", "once": "as load and ask"}


class Graph(NamedTuple):
    network: Any
    receiver: pa.ChunkedArray


def load(path: Path, shape: str) -> Graph:
    table = pq.read_table(path, columns=["sender", "receiver"])
    network = Network()
    clocked = table.append_column("row", pa.array(np.arange(len(table))))
    network.load_edges(clocked, time="row", src="sender", dst="receiver")
    return Graph(network, table["receiver"])


def reach(graph: Graph, row: int) -> list[str]:
    start = graph.receiver[row].as_py()
    found = algorithms.out_component(graph.network.node(start))
    return [start, *(node.name for node in found.nodes())]


def temporal(graph: Graph, row: int) -> Any:
    start = graph.receiver[row].as_py()
    hops = graph.network.count_nodes()
    return algorithms.temporally_reachable_nodes(graph.network, hops, row, [start])


def names(graph: Graph, answer: Any) -> Iterable[tuple[str, int]]:
    if isinstance(answer, list):
        return ((name, 0) for name in set(answer))
    return ((node.name, 0) for node, found in answer.items() if found["reachable_nodes"])
