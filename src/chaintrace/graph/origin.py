"""Origin: where the columns of a graph's rows come from that nobody needs while money is followed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.fetch.buffers import Ints
from chaintrace.model.transfer import SCHEMA

Names = Sequence[str]
Numbers = Sequence[int] | Ints
EVERY: Names = tuple(SCHEMA.names)


class Origin(Protocol):
    """Rows of SCHEMA in position order."""

    def table(self) -> pa.Table:
        """All of them."""

    def take(self, rows: Numbers, names: Names = EVERY) -> pa.Table:
        """Some rows, in the order asked for, and some columns."""

    def find_tx(self, names: Names) -> list[int]:
        """The rows of the first of these transactions that has any."""

    def chains(self) -> list[str]:
        """CAIP-2 ids, sorted."""

    def has_unknown_order(self) -> bool:
        """Whether the source does not prove some row's place."""


class TableOrigin:
    """Rows that are all in memory."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def table(self) -> pa.Table:
        return self._table

    def take(self, rows: Numbers, names: Names = EVERY) -> pa.Table:
        return self._table.select(list(names)).take(pa.array(rows, pa.int64()))

    def find_tx(self, names: Names) -> list[int]:
        return next((list(found) for name in names if (found := self._by_tx.get(name))), [])

    def chains(self) -> list[str]:
        return sorted(pc.unique(self._table["chain"]).to_pylist())

    def has_unknown_order(self) -> bool:
        return bool(pc.any(pc.equal(self._table["order"], "unknown")).as_py())

    @cached_property
    def _by_tx(self) -> dict[str, list[int]]:
        index: dict[str, list[int]] = {}
        for row, tx_hash in enumerate(self._table["tx_hash"].to_pylist()):
            index.setdefault(tx_hash, []).append(row)
        return index


class SliceOrigin:
    """The rows of another from ``first`` to ``last`` (excluded)."""

    def __init__(self, whole: Origin, first: int, last: int) -> None:
        self._whole, self._first, self._last = whole, first, last

    def table(self) -> pa.Table:
        return self._whole.table().slice(self._first, self._last - self._first)

    def take(self, rows: Numbers, names: Names = EVERY) -> pa.Table:
        return self._whole.take(np.asarray(rows, dtype=np.int64) + self._first, names)

    def find_tx(self, names: Names) -> list[int]:
        return next((here for name in names if (here := self._inside(self._whole.find_tx([name])))), [])

    def chains(self) -> list[str]:
        return self._whole.chains() if self._last > self._first else []

    def has_unknown_order(self) -> bool:
        orders = self._whole.take(range(self._first, self._last), ["order"])["order"]
        return bool(pc.any(pc.equal(orders, "unknown")).as_py())

    def _inside(self, rows: Iterable[int]) -> list[int]:
        return [row - self._first for row in rows if self._first <= row < self._last]
