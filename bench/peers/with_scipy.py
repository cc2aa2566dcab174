"""pandas and SciPy: codes by factorize, a sparse matrix, its breadth-first order."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

from peers import coded
from peers.coded import Coded

NAME = "pandas + scipy"
SHAPES = ("hex",)
CANNOT = {
    "temporal": "its graphs know no time",
    "once": "its graphs know no time",
    "fifo": "no lots",
    "haircut": "no order of rows",
}


class Graph(NamedTuple):
    coded: Coded
    matrix: csr_array


def load(path: Path, shape: str) -> Graph:
    rows = coded.read(path, shape)
    ones = np.ones(len(rows.sender), dtype=np.float32)
    return Graph(rows, csr_array((ones, (rows.sender, rows.receiver)), shape=(rows.accounts, rows.accounts)))


def reach(graph: Graph, row: int) -> Any:
    return breadth_first_order(graph.matrix, graph.coded.receiver[row], return_predecessors=False)


def names(graph: Graph, answer: Any) -> Iterable[tuple[Any, int]]:
    return coded.named(graph.coded, answer)
