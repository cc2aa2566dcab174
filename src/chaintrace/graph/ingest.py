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
from chaintrace.fetch.marks import mixed, repeated
from chaintrace.fetch.merge import MADE_SEQ, equal_rows
from chaintrace.fetch.plain import NotPlain, Scanned, code_accounts, scan
from chaintrace.fetch.plan import PARTIES, Plan
from chaintrace.graph.accounts import Accounts, BinaryAccounts, ChosenAccounts, NativeAccounts
from chaintrace.graph.amounts import Amounts
from chaintrace.graph.coder import Coder
from chaintrace.graph.kernel import NATIVE, kernel, memory_for, native
from chaintrace.graph.moments import Moments
from chaintrace.graph.order import place, positions
from chaintrace.graph.origin import Origin, TableOrigin
from chaintrace.graph.pots import Pots, number_pots
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
    coder, keeper, named = _coder(plan.rows), None, None
    accounts = plan.options.accounts
    if accounts is not None and pa.types.is_integer(plan.types[PARTIES[0]]):
        keeper = _coder(0)
        named = code_accounts(keeper, accounts.array)
    scanned = scan(plan, coder, named)
    order, moments = _places(scanned)
    found = coder.finish(order, None, scanned.asset)
    rows = Rows(found["sender"], found["receiver"], _amounts(found), _chosen(scanned.kinds, order))
    pots = _pots(found, _accounts(coder if keeper is None else keeper), scanned.assets)
    origin = SourceOrigin(plan, scanned, rows, pots, moments, order)
    notes = dict.fromkeys([*scanned.notes, *_equals(scanned, order, origin)])
    return Held(rows, pots, moments, origin, scanned.rejected, tuple(notes), scanned.format)


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


def _amounts(found: dict[str, Any]) -> Amounts:
    rows, values, lanes = found["wide_rows"], found["wide_values"], found["amount"]
    lanes[rows] = 0
    wide = {row: sum(word << 64 * n for n, word in enumerate(words)) for row, words in zip(rows.tolist(), values.tolist(), strict=True)}
    return Amounts(lanes, wide)


def _accounts(coder: Any) -> Accounts:
    return BinaryAccounts(coder.account_bytes()) if isinstance(coder, Coder) else NativeAccounts(coder)


def _pots(found: dict[str, Any], accounts: Accounts, assets: list[str]) -> Pots:
    """Pots with those accounts and assets alone that they need, assets in order of first appearance."""
    account, asset = found["pot_account"], found["pot_asset"]
    used = np.zeros(len(accounts), bool)
    used[account] = True
    if not used.all():
        chosen = np.flatnonzero(used).astype(np.uint32)
        accounts, account = ChosenAccounts(accounts, chosen), np.searchsorted(chosen, account).astype(np.uint32)
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
