"""Rows of a source that is read again when somebody asks for what is not kept of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.fetch import columns as cell
from chaintrace.fetch.buffers import ABSENT, Ints
from chaintrace.fetch.frame import Frame, Part
from chaintrace.fetch.merge import MADE_SEQ, SYNTHETIC, names_made
from chaintrace.fetch.pieces import whole
from chaintrace.fetch.plan import Plan, is_text
from chaintrace.fetch.rows import Rows as Desk
from chaintrace.fetch.scanned import Scanned
from chaintrace.fetch.typed import numbers as integers_of
from chaintrace.graph.moments import Moments
from chaintrace.graph.origin import EVERY, Names, Numbers, TableOrigin
from chaintrace.graph.pots import Pots
from chaintrace.graph.rows import NAMES, Rows
from chaintrace.model.chain import get_chain
from chaintrace.model.transfer import SCHEMA

_CHUNK = 1 << 18  # rows made into a table at once


class SourceOrigin:
    """Rows of ``plan``, in position order.

    ``order``    the number of each row in the source; None where they stand there in this order.
    ``dropped``  numbers of the source's rows that are none of the graph's, ascending.
    ``names``    transactions that the source spells in a way of its own, and the numbers of their rows there.
    """

    def __init__(self, plan: Plan, scanned: Scanned, rows: Rows, pots: Pots, moments: Moments, order: Any) -> None:
        self.plan, self.chain = plan.without_accounts(), scanned.chain
        self.rows, self.pots, self.moments = rows, pots, moments
        self.dropped, self.names = scanned.dropped, scanned.names
        known = scanned.known if order is None else scanned.known[order]
        self.all_known = bool(known.all()) if known.all() or not known.any() else None
        self.bits = None if self.all_known is not None else np.packbits(known)
        self.order = None if order is None or (order[1:] > order[:-1]).all() else order
        self._found: dict[str, list[int]] = {}

    def table(self) -> pa.Table:
        return self._whole.table()

    def take(self, rows: Numbers, names: Names = EVERY) -> pa.Table:
        if "_whole" in self.__dict__:
            return self._whole.take(rows, names)
        return _Taken(self, np.asarray(rows, dtype=np.int64)).table(names)

    def find_tx(self, names: Names) -> list[int]:
        for name in names:
            if name not in self._found:
                self._found[name] = self._find(name)
            if self._found[name]:
                return list(self._found[name])
        return []

    def chains(self) -> list[str]:
        return [self.chain] if len(self.rows) else []

    def has_unknown_order(self) -> bool:
        return bool(len(self.rows)) and not self.all_known

    def is_known(self, rows: Ints) -> Any:
        """Whether the source proves the order of some rows."""
        if self.bits is None:
            return np.full(len(rows), self.all_known)
        return (self.bits[rows >> 3] >> (7 - (rows & 7)).astype(np.uint8) & 1).astype(bool)

    def in_source(self, rows: Ints) -> Ints:
        """The numbers that some rows have in the source."""
        if self.order is not None:
            return np.asarray(self.order[rows], dtype=np.int64)
        return rows + np.searchsorted(self.dropped - np.arange(len(self.dropped)), rows, "right")

    def among_good(self, numbers: Ints) -> Ints:
        """The numbers that rows of the source have when those dropped are not counted."""
        return numbers - np.searchsorted(self.dropped, numbers)

    def cells(self, numbers: Ints, name: str, parse: cell.Parser) -> Any:
        """What the source says of rows (its numbers, ascending) in a column; None where it says nothing."""
        if name not in self.plan.types or not len(numbers):
            return np.full(len(numbers), None, dtype=object)
        parts = [
            Part(self.plan.sources[source].name, np.arange(len(table)), {name: table[name]})
            for source, table in self.plan.chosen(numbers, [name]).items()
        ]
        return Desk(Frame(tuple(parts)), "").take(name, parse, required=False)

    def numbers(self, numbers: Ints, name: str) -> Ints:
        """As ``cells``, of a column of integers; ABSENT where it says nothing."""
        if name not in self.plan.types or not len(numbers):
            return np.full(len(numbers), ABSENT)
        tables = self.plan.chosen(numbers, [name]).values()
        return np.concatenate([integers_of(name, whole(table[name])) for table in tables])

    @cached_property
    def _whole(self) -> TableOrigin:
        """Everything at once, read in the order of the source."""
        rows = np.arange(len(self.rows)) if self.order is None else np.argsort(self.order)
        taken = [_Taken(self, rows[first : first + _CHUNK]).table(EVERY) for first in range(0, len(rows), _CHUNK)]
        table = pa.concat_tables(taken) if taken else SCHEMA.empty_table()
        return TableOrigin(table if self.order is None else table.take(pa.array(np.argsort(rows))))

    def _find(self, name: str) -> list[int]:
        if name.startswith(SYNTHETIC):
            return self._whole.find_tx([name])
        numbers = set(self.names.get(name, ()))
        kind = self.plan.types.get("tx_hash")
        if kind is not None and len(name) == 66 and name.startswith("0x"):
            value = name if is_text(kind) else _bytes(name)
            numbers.update(number for number in self._scan("tx_hash", kind, value))
        wanted = np.array(sorted(numbers), dtype=np.int64)
        wanted = wanted[~np.isin(wanted, self.dropped)]
        if self.order is None:
            return [int(row) for row in self.among_good(wanted)]
        return [int(row) for row in np.flatnonzero(np.isin(self.order, wanted))]

    def _scan(self, name: str, kind: pa.DataType, value: str | bytes) -> list[int]:
        self.plan.check()
        found: list[int] = []
        for start, pieces in zip(self.plan.starts, self.plan.pieces, strict=False):
            for first, column in pieces.may_hold(name, value):
                plain = column.dictionary_decode() if pa.types.is_dictionary(kind) else column
                same = pc.equal(plain, pa.scalar(value, plain.type))
                found += (np.flatnonzero(pc.fill_null(same, False)) + start + first).tolist()
        return found


class _Taken:
    """Some rows, column by column."""

    def __init__(self, origin: SourceOrigin, rows: Ints) -> None:
        self.origin, self.rows = origin, rows
        self.at, self.back = np.unique(origin.in_source(rows), return_inverse=True)

    def table(self, names: Names) -> pa.Table:
        fields = [SCHEMA.field(name) for name in names]
        return pa.table([self._column(field.name).cast(field.type) for field in fields], schema=pa.schema(fields))

    def _column(self, name: str) -> pa.Array:
        made: dict[str, Callable[[], pa.Array]] = {
            "chain": lambda: _repeated(self.origin.chain, len(self.rows)),
            "block": lambda: _nullable(self._block),
            "time": lambda: _nullable(self._time).cast(pa.timestamp("s", "UTC")),
            "tx_hash": self._tx_hash,
            "tx_index": lambda: _nullable(self._tx_index),
            "seq": self._seq,
            "order": lambda: pc.if_else(pa.array(self.origin.is_known(self.rows)), "known", "unknown"),
            "kind": self._kind,
            "sender": lambda: self._party(self.origin.rows.sender),
            "receiver": lambda: self._party(self.origin.rows.receiver),
            "asset": self._asset,
            "amount": self._amount,
            "outpoint": lambda: pa.nulls(len(self.rows), pa.string()),
            "block_hash": lambda: pa.array(self._said("block_hash", cell.block_hash), pa.string()),
            "evidence": self._evidence,
        }
        return made[name]()

    @cached_property
    def _block(self) -> Ints:
        return self.origin.moments.at(self.origin.moments.block, self.rows)

    @cached_property
    def _time(self) -> Ints:
        return self.origin.moments.at(self.origin.moments.time, self.rows)

    @cached_property
    def _tx_index(self) -> Ints:
        return self.origin.numbers(self.at, "tx_index")[self.back]

    def _said(self, name: str, parse: cell.Parser) -> Any:
        return self.origin.cells(self.at, name, parse)[self.back]

    def _seq(self) -> pa.Array:
        given = self.origin.numbers(self.at, "seq")[self.back]
        return pa.array(np.where(given == ABSENT, MADE_SEQ + self.origin.among_good(self.at)[self.back], given))

    def _kind(self) -> pa.Array:
        return pa.array(NAMES).take(pa.array(self.origin.rows.kinds[self.rows]))

    def _party(self, pots: Any) -> pa.Array:
        found, which = np.unique(pots[self.rows], return_inverse=True)
        texts = [None if pot < 0 else self.origin.pots[pot].address for pot in found.tolist()]
        return pa.array(texts, pa.string()).take(pa.array(which))

    def _asset(self) -> pa.Array:
        rows, pots = self.origin.rows, self.origin.pots
        pot = np.maximum(rows.sender[self.rows], rows.receiver[self.rows])
        return pa.array(pots.assets, pa.string()).take(pa.array(pots.asset[pot]))

    def _amount(self) -> pa.Array:
        amount = self.origin.rows.amount
        words = np.zeros((len(self.rows), 4), dtype=">u8")
        words[:, [3, 2]] = amount.lanes[self.rows]
        cells = words.view(np.uint8).reshape(-1, 32)
        for at in np.flatnonzero(np.isin(self.rows, list(amount.wide))).tolist() if amount.wide else ():
            cells[at] = np.frombuffer(amount[int(self.rows[at])].to_bytes(32, "big"), np.uint8)
        return pa.FixedSizeBinaryArray.from_buffers(pa.binary(32), len(cells), [None, pa.py_buffer(cells)])

    def _evidence(self) -> pa.Array:
        given = self._said("evidence", cell.text)
        places = map(self.origin.plan.place, self.at[self.back].tolist())
        told = (said if said is not None else _place(*place) for said, place in zip(given, places, strict=True))
        return pa.array(list(told), pa.string())

    def _tx_hash(self) -> pa.Array:
        names = self._said("tx_hash", cell.of(cell.tx_name, get_chain(self.origin.chain)))
        nameless = np.flatnonzero(np.asarray(names == None, dtype=bool))  # noqa: E711  (element by element)
        if len(nameless):
            before = _Equals(self.origin, self.rows[nameless], self._tx_index[nameless]).before()
            names[nameless] = names_made(self._sayings(nameless), before)
        return pa.array(names.tolist(), pa.string())

    def _sayings(self, at: Ints) -> dict[str, Any]:
        """What names made here are made from, as the slow reader has it."""
        numbers = {"block": self._block, "time": self._time, "tx_index": self._tx_index}
        texts = ("chain", "kind", "sender", "receiver", "asset")
        amounts = [self.origin.rows.amount[row] for row in self.rows[at].tolist()]
        return {
            **{name: _objects(_nullable(given[at]).to_pylist()) for name, given in numbers.items()},
            **{name: _objects(self._column(name).take(pa.array(at)).to_pylist()) for name in texts},
            "amount": _objects(amounts),
            "outpoint": _objects([None] * len(at)),
        }


class _Equals:
    """Rows without a transaction, and which others say the same."""

    def __init__(self, origin: SourceOrigin, rows: Ints, tx_index: Ints) -> None:
        self.origin, self.rows, self.tx_index = origin, rows, tx_index

    def before(self) -> list[int]:
        """For each row, how many that say the same were read before it."""
        near = self._near()
        keys = self._keys(near)
        near = near[keys.duplicated(keep=False).to_numpy()]
        near = near[self._could_be(near)]
        near = near[np.argsort(self.origin.in_source(near), kind="stable")]
        numbers = self.origin.in_source(near)
        near = near[self._nameless(numbers)]
        numbers = self.origin.in_source(near)
        keys = self._keys(near).assign(tx_index=self.origin.numbers(numbers, "tx_index"))
        ranks = dict(zip(near.tolist(), keys.groupby(list(keys), sort=False).cumcount().tolist(), strict=True))
        return [ranks.get(row, 0) for row in self.rows.tolist()]

    def _could_be(self, near: Ints) -> Any:
        """Rows between pots between which one of ours moves."""
        rows = self.origin.rows
        return np.isin(rows.sender[near], rows.sender[self.rows]) & np.isin(
            rows.receiver[near], rows.receiver[self.rows]
        )

    def _nameless(self, numbers: Ints) -> Any:
        if "tx_hash" not in self.origin.plan.types or not len(numbers):
            return np.ones(len(numbers), bool)
        parse = cell.of(cell.tx_name, get_chain(self.origin.chain))
        return np.asarray(self.origin.cells(numbers, "tx_hash", parse) == None, dtype=bool)  # noqa: E711

    def _near(self) -> Ints:
        """Rows at the same block and time, ascending."""
        moments = self.origin.moments
        wanted = np.unique(moments.stretch(self.rows))
        if not moments.are_distinct:
            wanted = moments.alike(wanted)
        ends = np.append(moments.first, moments.rows).astype(np.int64)
        begins, counts = ends[wanted], ends[wanted + 1] - ends[wanted]
        return np.repeat(begins - np.append(0, np.cumsum(counts)[:-1]), counts) + np.arange(counts.sum())

    def _keys(self, rows: Ints) -> pd.DataFrame:
        here, moments = self.origin.rows, self.origin.moments
        wide = here.amount.wide
        large = np.array([str(wide.get(row, "")) for row in rows.tolist()], dtype=object) if wide else np.int64(0)
        return pd.DataFrame(
            {
                "sender": here.sender[rows],
                "receiver": here.receiver[rows],
                "kind": here.kinds[rows],
                "low": here.amount.lanes[rows, 0],
                "high": here.amount.lanes[rows, 1],
                "large": large,
                "block": moments.at(moments.block, rows),
                "time": moments.at(moments.time, rows),
            },
            index=range(len(rows)),
        )


def _place(source: str, number: int) -> str:
    return source.replace("\\", "/").rsplit("/", 1)[-1] + f", row {number}"


def _bytes(name: str) -> bytes:
    try:
        return bytes.fromhex(name[2:])
    except ValueError:
        return b""


def _objects(values: list[Any]) -> Any:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


def _nullable(values: Ints) -> pa.Array:
    absent = values == ABSENT
    return pa.array(values, mask=absent) if absent.any() else pa.array(values)


def _repeated(text: str, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(text), count)
