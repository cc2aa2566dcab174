"""To and from NetworkX."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from chaintrace.errors import InputError
from chaintrace.fetch.files import read_transfers
from chaintrace.graph.graph import TransferGraph

if TYPE_CHECKING:
    import networkx as nx

NOBODY = ""


def to_networkx(graph: TransferGraph) -> nx.MultiDiGraph[str]:
    """A MultiDiGraph: one edge a transfer, keyed by row number, carrying every column (``amount`` an exact int).

    An absent party (the sender of a mint, the receiver of a fee) is the node ``""``.
    """
    return edges_to_networkx(graph.to_pandas())


def edges_to_networkx(frame: pd.DataFrame) -> nx.MultiDiGraph[str]:
    """Rows with ``sender`` and ``receiver`` as a MultiDiGraph, keyed by the frame's index."""
    import networkx as nx

    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    for row, record in zip(frame.index.tolist(), frame.to_dict("records"), strict=True):
        attributes = {str(name): _plain(value) for name, value in record.items() if not _absent(value)}
        sender, receiver = attributes.pop("sender", NOBODY), attributes.pop("receiver", NOBODY)
        network.add_edge(sender, receiver, key=row, **attributes)
    return network


def from_networkx(network: nx.MultiDiGraph[str]) -> TransferGraph:
    """Edges in order of their keys where these are row numbers, else as NetworkX iterates them."""
    if not network.is_directed():
        raise InputError("NetworkX graph", "it is not directed", "use a DiGraph or MultiDiGraph: money has a direction")
    edges: list[tuple[Any, Any, Any, dict[str, Any]]]
    if network.is_multigraph():
        edges = list(network.edges(keys=True, data=True))
    else:
        edges = [(u, v, None, data) for u, v, data in network.edges(data=True)]
    if all(isinstance(key, int) for _, _, key, _ in edges):
        edges.sort(key=lambda edge: edge[2])
    records = [{**data, "sender": u or None, "receiver": v or None} for u, v, _, data in edges]
    return TransferGraph(read_transfers(pd.DataFrame(records, dtype=object)))


def _absent(value: Any) -> bool:
    return bool(pd.isna(value))


def _plain(value: Any) -> Any:
    return value.to_pydatetime() if isinstance(value, pd.Timestamp) else value
