"""Ingest: from transfers to rows in position order, pots and moments. A source that is not read yet streams by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.errors import InputError
from chaintrace.fetch.buffers import ABSENT, Ints, integers
from chaintrace.fetch.coder import code_accounts
from chaintrace.fetch.marks import mixed, repeated
from chaintrace.fetch.merge import MADE_SEQ, equal_rows
from chaintrace.fetch.plain import scan
from chaintrace.fetch.plan import PARTIES, Plan
from chaintrace.fetch.scanned import Scanned
from chaintrace.fetch.typed import NotPlain
from chaintrace.graph.accounts import Accounts, BinaryAccounts, ChosenAccounts, NativeAccounts
from chaintrace.graph.amounts import Amounts
from chaintrace.graph.coder import Coder
from chaintrace.graph.kernel import NATIVE, kernel, memory_for, native
from chaintrace.graph.moments import Moments
from chaintrace.graph.order import clocks, place, positions
from chaintrace.graph.origin import Origin, SliceOrigin, TableOrigin
from chaintrace.graph.pots import Pots, number_ends, number_pots
from chaintrace.graph.rows import CODES, Rows
from chaintrace.graph.source import SourceOrigin
from chaintrace.model.transfer import Rejected, Transfers, Unread

MOST_ROWS = 2**31 - 1
_NUMBERS = ("block", "time", "tx_index", "seq")
_SAID = ("tx_hash", "block", "time", "tx_index", "kind", "sender", "receiver", "asset", "amount")


@dataclass(frozen=True)
class Held:
    """What a graph keeps of its transfers."""

    rows: Rows
    pots: Pots
    moments: Moments
    origin: Origin
    rejected: Rejected
    notes: tuple[str, ...]
    format: str

    def slice(self, first: int, last: int) -> Held:
        """Rows from ``first`` to ``last`` (excluded), as if they had been read alone."""
        if isinstance(self.origin, TableOrigin):
            return _of_table(self._transfers(self.origin.table().slice(first, last - first)))
        moments = self.moments.slice(first, last)
        if not _keeps_its_clock(moments, self.origin.chains()):
            return _of_table(self._transfers(self.origin.take(range(first, last))))
        rows, found = _cut(self.rows, self.pots, first, last)
        pots = _pots(found, self.pots.accounts, self.pots.assets)
        origin = SliceOrigin(self.origin, first, last)
        return Held(rows, pots, moments, origin, self.rejected, self.notes, self.format)

    def span(self, chain: str) -> tuple[list[int], list[int]]:
        """The first and the last block, and second, of a chain's rows; empty where they have none."""
        moments = self.moments
        block, time = (moments.every(column) for column in (moments.block, moments.time))
        if len(self.origin.chains()) > 1:
            here = np.asarray(pc.equal(self.origin.table()["chain"], chain).to_numpy())
            block, time = block[here], time[here]
        return _ends(block), _ends(time)

    def _transfers(self, table: pa.Table) -> Transfers:
        return Transfers(table, self.rejected, self.notes, self.format)


def hold(transfers: Transfers) -> Held:
    """Rows in position order. Raises OrderError, OutOfMemory, and whatever reading raises where that is still to be
    done."""
    with memory_for("reading the transfers"):
        if isinstance(transfers, Unread) and not transfers.is_read and isinstance(transfers.later, Plan):
            try:
                return _streamed(transfers.later)
            except NotPlain:
                pass
        return _of_table(transfers)


def _of_table(read: Transfers) -> Held:
    order, clock = positions(read.table)
    table = read.table if order is None else read.table.take(pa.array(order))
    pots, sender, receiver = number_pots(table)
    codes = np.asarray(pc.index_in(table["kind"], pa.array(list(CODES))).to_numpy(), dtype=np.uint8)
    rows = Rows(sender, receiver, Amounts.of_column(table["amount"]), codes)
    block, time = integers(table["block"]), integers(table["time"].cast(pa.int64()))
    moments = Moments.of(block, time, clock, int((codes == CODES["opening"]).sum()))
    return Held(rows, pots, moments, TableOrigin(table), read.rejected, read.notes, read.format)


def _streamed(plan: Plan) -> Held:
    if plan.rows > MOST_ROWS:
        reason = f"it has {plan.rows:,} rows, and a graph has at most {MOST_ROWS:,}"
        raise InputError(plan.name, reason, "read a part of it, by itself")
    coder, (accounts, named) = _coder(plan.rows), _numbered(plan)
    scanned = scan(plan, coder, named)
    order, moments = _places(scanned)
    found = coder.finish(order, None, scanned.asset)
    rows = Rows(found["sender"], found["receiver"], _amounts(found), _chosen(scanned.kinds, order))
    pots = _pots(found, _accounts(coder) if accounts is None else accounts, scanned.assets)
    origin = SourceOrigin(plan, scanned, rows, pots, moments, order)
    notes = dict.fromkeys([*scanned.notes, *_equals(scanned, order, origin)])
    pa.default_memory_pool().release_unused()
    return Held(rows, pots, moments, origin, scanned.rejected, tuple(notes), scanned.format)


def _numbered(plan: Plan) -> tuple[Accounts | None, Any]:
    """The accounts that the caller has numbered, where the source names them so; see ``scan`` for the other."""
    given = plan.options.accounts
    if given is None or given.array is None or not pa.types.is_integer(plan.types[PARTIES[0]]):
        return None, None
    if (addresses := given.distinct_bytes()) is not None:
        return BinaryAccounts(addresses), None
    keeper = _coder(0)
    named = code_accounts(keeper, given.array)
    return _accounts(keeper), named


def _coder(rows: int) -> Any:
    return native().Ingest(rows) if kernel() == NATIVE else Coder(rows)


def _places(scanned: Scanned) -> tuple[Any, Moments]:
    """The numbers, as read, of the rows in position order (uint32; None for all as they are), and their moments."""
    kept = _kept(scanned)
    block, time, tx_index, seq = (_chosen(scanned.numbers[name], kept) for name in _NUMBERS)
    if seq.strides != (0,):
        seq = np.where(seq == ABSENT, MADE_SEQ + np.arange(len(seq)), seq)
    opening = _chosen(scanned.kinds, kept) == CODES["opening"]
    chain = np.broadcast_to(np.int64(0), len(opening))
    indices, clock = place([scanned.chain], chain, opening, block, time, tx_index, seq)
    block, time = _chosen(block, indices), _chosen(time, indices)
    moments = Moments.of(block, clock if np.array_equal(time, clock) else time, clock, int(opening.sum()))
    return kept if indices is None else indices if kept is None else kept[indices], moments


def _kept(scanned: Scanned) -> Any:
    if not len(scanned.dropped):
        return None
    keep = np.ones(len(scanned.kinds), bool)
    keep[scanned.dropped] = False
    return np.flatnonzero(keep).astype(np.uint32)


def _chosen(column: Any, rows: Any) -> Any:
    """A column's entries of some rows; one that says the same in every row stays one value, broadcast."""
    if rows is None:
        return column
    return np.broadcast_to(column[0], len(rows)) if column.strides == (0,) and len(column) else column[rows]


def _keeps_its_clock(moments: Moments, chains: list[str]) -> bool:
    """Whether rows that are looked at alone have the clock that they have among the others, and so their order."""
    block, time, clock = (moments.every(column) for column in (moments.block, moments.time, moments.clock))
    alike, opening = np.broadcast_to(np.int64(0), len(clock)), np.arange(len(clock)) < moments.opening
    return not len(clock) or np.array_equal(clock, clocks(chains, alike, opening, block, time, alike, alike))


def _cut(rows: Rows, pots: Pots, first: int, last: int) -> tuple[Rows, dict[str, Any]]:
    """Some rows, their pots numbered anew, and what each pot is."""
    here = slice(first, last)
    ends = [side[here].astype(np.int64) for side in (rows.sender, rows.receiver)]
    sender, receiver, at = number_ends(ends, np.zeros(last - first, np.int64))
    old = np.stack(ends, axis=1).ravel()[at]
    wide = {row - first: amount for row, amount in rows.amount.wide.items() if first <= row < last}
    cut = Rows(sender, receiver, Amounts(rows.amount.lanes[here], wide), rows.kinds[here])
    return cut, {"pot_account": pots.account[old], "pot_asset": pots.asset[old]}


def _ends(values: Ints) -> list[int]:
    there = values[values != ABSENT]
    return [int(there.min()), int(there.max())] if len(there) else []


def _amounts(found: dict[str, Any]) -> Amounts:
    rows, values, lanes = found["wide_rows"], found["wide_values"], found["amount"]
    lanes[rows] = 0
    wide = (int.from_bytes(words.tobytes(), "little") for words in values.astype("<u8"))
    return Amounts(lanes, dict(zip(rows.tolist(), wide, strict=True)))


def _accounts(coder: Any) -> Accounts:
    return BinaryAccounts(coder.account_bytes()) if isinstance(coder, Coder) else NativeAccounts(coder)


def _pots(found: dict[str, Any], accounts: Accounts, assets: list[str]) -> Pots:
    """Pots with those accounts and assets alone that they need, assets in order of first appearance."""
    account, asset = found["pot_account"], found["pot_asset"]
    used = np.zeros(len(accounts), bool)
    used[account] = True
    if not used.all():
        number = np.cumsum(used, dtype=np.uint32) - np.uint32(1)
        accounts, account = ChosenAccounts(accounts, np.flatnonzero(used).astype(np.uint32)), number[account]
    if asset is None:
        return Pots(accounts, assets if len(account) else [], account, np.zeros(len(account), np.uint32))
    codes, first = pd.factorize(asset)
    return Pots(accounts, [assets[code] for code in first.tolist()], account, codes.astype(np.uint32))


def _equals(scanned: Scanned, order: Any, origin: SourceOrigin) -> list[str]:
    """See ``fetch.merge``: rows that name their transaction, and not their place in it, and say the same."""
    at = np.flatnonzero(_chosen(scanned.made(), order))
    if not len(at):
        return []
    rows, lanes = origin.rows, origin.rows.amount.lanes
    columns = [_chosen(scanned.marks, order), *(_chosen(scanned.numbers[name], order) for name in _NUMBERS[:3])]
    columns += [rows.kinds, rows.sender, rows.receiver, lanes[:, 0], lanes[:, 1]]
    alike = at[repeated(mixed(*(column[at] for column in columns)))]
    lines = list(zip(*(origin.take(alike, [name])[name].to_pylist() for name in _SAID), strict=True))
    more = len(lines) - len(set(lines))
    return [equal_rows(scanned.format, more)] if more else []
