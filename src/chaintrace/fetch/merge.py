"""Merge: drafts under each other, rows named where the source gave no name, and told once where several tell them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from chaintrace.errors import RowError
from chaintrace.fetch.frame import shown
from chaintrace.fetch.rows import FEE_SEQ, Cells, Draft, absent, filled, where
from chaintrace.model.amount import to_bytes
from chaintrace.model.transfer import SCHEMA, Rejected, Rejection, Transfers

# Numbers given here to rows whose place inside their transaction the source does not tell. They count rows as read, so
# sorting by them keeps the order of reading, and they lie above every log index and below the fee.
MADE_SEQ = 2**40
SYNTHETIC = "synthetic:"

ADVICE = {
    "unknown asset": 'a symbol is no identity; say what it means, assets={"ETH": "native", "USDC": "0x…"}',
    "inexact (float)": "some amounts came as floats, which round; give the file itself, or the column as text",
    "time without zone": 'some times name no zone; write them in UTC with one, in pandas .dt.tz_localize("UTC")',
    "decimals unknown": 'amounts are in whole tokens; name the decimals of each contract, decimals={"0x…": 6}',
}

_IDENTITY = ("chain", "tx_hash", "kind", "seq")
_CONTENT = ("block", "time", "tx_index", "sender", "receiver", "asset", "amount", "outpoint")
_DIGEST = ("chain", "block", "time", "tx_index", "kind", "sender", "receiver", "asset", "amount", "outpoint")

Columns = dict[str, Cells]


def combine(drafts: Sequence[Draft], before: Rejected, *, strict: bool = False) -> Transfers:
    """One table of all drafts. ``before``: what was rejected when ``Transfers`` among them were read.

    A row that several drafts tell, or one tells twice by the same identity, is one row, and counted as ``duplicate``.
    Rows of one identity that say different things are kept once, as read first, and counted as ``conflict``.
    """
    rejections = [rejection for draft in drafts for rejection in draft.rejections]
    if strict and rejections:
        raise _row_error(rejections[0])
    columns = [_named(draft.columns) for draft in drafts]
    places = [place for draft in drafts for place in draft.places]
    keep = np.ones(len(places), dtype=bool)
    if len(columns) > 1:
        keep &= ~_told_before(columns)
    merged = {name: np.concatenate([draft[name] for draft in columns]) for name in SCHEMA.names}
    if len(columns) > 1:
        _fill_places(merged)
    _number(merged, renumber=len(columns) > 1)
    again = [_rejection(merged, places, n, "duplicate") for n in np.flatnonzero(~keep).tolist()]
    repeats, clashes = _compare(merged, keep)
    again += [_rejection(merged, places, n, "duplicate") for n in repeats]
    conflicts = [_rejection(merged, places, n, "conflict") for n in clashes]
    if strict and conflicts:
        raise _row_error(conflicts[0])
    named = [account for draft in drafts for account in draft.accounts]
    named += [
        account for n in clashes for account in (merged["sender"][n], merged["receiver"][n]) if account is not None
    ]
    rejected = before + Rejected.of(rejections + again + conflicts, named)
    formats = dict.fromkeys(draft.format for draft in drafts)
    notes = dict.fromkeys(note for draft in drafts for note in notes_of(draft))
    notes |= dict.fromkeys(note for draft, told in zip(drafts, columns, strict=True) for note in _equals(draft, told))
    return Transfers(_table(merged, keep), rejected, tuple(notes), " + ".join(formats))


def _row_error(rejection: Rejection) -> RowError:
    return RowError(rejection.source, rejection.row, rejection.reason, rejection.field, rejection.value)


def notes_of(draft: Draft) -> list[str]:
    """What the format cannot say, and what the caller can do about rows left out."""
    reasons = dict.fromkeys(rejection.reason for rejection in draft.rejections)
    return [*draft.notes, *(f"{draft.format}: {ADVICE[reason]}" for reason in reasons if reason in ADVICE)]


def _equals(draft: Draft, columns: Columns) -> list[str]:
    """A sentence where rows that name their transaction, and not their place in it, say the same in every column."""
    real = [not str(name).startswith(SYNTHETIC) for name in columns["tx_hash"].tolist()]
    rows = np.flatnonzero(_made(columns) & np.array(real, dtype=bool)).tolist()
    said = _sayings(columns, ("tx_hash", *_DIGEST), rows)
    more = len(said) - len(set(said))
    return [equal_rows(draft.format, more)] if more else []


def equal_rows(format: str, more: int) -> str:
    """The sentence about ``more`` rows that equal an earlier one of their transaction."""
    same = f"{more:,} row{'s' if more > 1 else ''} of one transaction equal an earlier one and count again"
    return f"{format}: {same}; if the table was joined from overlapping pages, read the pages as a list of files"


def _named(columns: Columns) -> Columns:
    """Rows without a hash get one from what they say, and a number among the rows of one draft that say the same."""
    nameless = np.flatnonzero(absent(columns["tx_hash"])).tolist()
    if not nameless:
        return columns
    tx_hash = columns["tx_hash"].copy()
    seen: dict[str, int] = {}
    for row, said in zip(nameless, _sayings(columns, _DIGEST, nameless), strict=True):
        name = _digest(said)
        before = seen.get(name, 0)
        seen[name] = before + 1
        tx_hash[row] = _again(name, before)
    return {**columns, "tx_hash": tx_hash}


def names_made(columns: Columns, before: Sequence[int]) -> list[str]:
    """Names for rows without a hash, of each of which ``before`` that say the same were read earlier."""
    rows = list(range(len(before)))
    return [_again(_digest(said), n) for said, n in zip(_sayings(columns, _DIGEST, rows), before, strict=True)]


def _digest(said: str) -> str:
    return SYNTHETIC + blake2b(said.encode(), digest_size=10).hexdigest()


def _again(name: str, before: int) -> str:
    return f"{name}-{before}" if before else name


def _sayings(columns: Columns, names: Sequence[str], rows: list[int]) -> list[str]:
    cells = [columns[name][rows].tolist() for name in names]
    return ["|".join(map(str, values)) for values in zip(*cells, strict=True)]


def _made(columns: Columns) -> Any:
    """Rows whose seq is none of the source's: not given, or given here at an earlier reading."""
    return np.fromiter(
        (seq is None or MADE_SEQ <= seq < FEE_SEQ for seq in columns["seq"].tolist()),
        dtype=bool,
        count=len(columns["seq"]),
    )


def _told_before(columns: Sequence[Columns]) -> Any:
    """Made rows that an earlier draft told already: the n-th of those that say the same meets its n-th there."""
    told: set[tuple[str, int]] = set()
    result = []
    for draft in columns:
        rows = np.flatnonzero(_made(draft)).tolist()
        again = np.zeros(len(draft["seq"]), dtype=bool)
        seen: Counter[str] = Counter()
        new = set()
        for row, said in zip(rows, _sayings(draft, ("tx_hash", *_DIGEST), rows), strict=True):
            key = (said, seen[said])
            seen[said] += 1
            again[row] = key in told
            new.add(key)
        told |= new
        result.append(again)
    return np.concatenate(result)


def _fill_places(merged: Columns) -> None:
    """Takes block, time and index from rows of the same transaction, and time from rows of the same block."""
    hashes, chains = merged["tx_hash"].tolist(), merged["chain"].tolist()
    transactions = list(zip(chains, hashes, strict=True))
    before = absent(merged["tx_index"])
    for name in ("block", "tx_index"):
        _fill(merged, name, transactions)
    _fill(
        merged, "time", [None if b is None else (c, b) for c, b in zip(chains, merged["block"].tolist(), strict=True)]
    )
    _fill(merged, "time", transactions)
    placed = before & ~absent(merged["tx_index"]) & ~_made(merged)
    merged["order"] = where(placed, "known", merged["order"])


def _fill(merged: Columns, name: str, keys: list[Any]) -> None:
    cells = merged[name].tolist()
    if None not in cells:
        return
    known: dict[Any, Any] = {}
    for key, value in zip(keys, cells, strict=True):
        if key is not None and value is not None:
            known.setdefault(key, value)
    filling = (known.get(key) if value is None else value for key, value in zip(keys, cells, strict=True))
    merged[name] = filled(filling, len(cells))


def _number(merged: Columns, *, renumber: bool) -> None:
    made = _made(merged) if renumber else absent(merged["seq"])
    if made.any():
        running = np.arange(MADE_SEQ, MADE_SEQ + len(made)).astype(object)
        merged["seq"] = where(made, running, merged["seq"])


def _compare(merged: Columns, keep: Any) -> tuple[list[int], list[int]]:
    """Drops all but the first row of each identity. Returns the others: those that say the same, those that do not."""
    import pandas as pd

    rows = np.flatnonzero(keep)
    codes = {name: pd.factorize(merged[name][rows])[0] for name in _IDENTITY if name != "seq"}
    frame = pd.DataFrame({**codes, "seq": merged["seq"][rows].astype(np.int64)})
    shared = rows[frame.duplicated(keep=False).to_numpy()].tolist()
    first: dict[Any, int] = {}
    repeats: list[int] = []
    clashes: list[int] = []
    for row in shared:
        kept = first.setdefault(tuple(merged[name][row] for name in _IDENTITY), row)
        if kept != row:
            keep[row] = False
            (repeats if _agree(merged, kept, row) else clashes).append(row)
    return repeats, clashes


def _agree(merged: Columns, one: int, other: int) -> bool:
    pairs = ((merged[name][one], merged[name][other]) for name in _CONTENT)
    return all(a is None or b is None or a == b for a, b in pairs)


def _rejection(merged: Columns, places: list[tuple[str, int]], row: int, reason: str) -> Rejection:
    source, number = places[row]
    identity = shown(f"{merged['tx_hash'][row]} {merged['kind'][row]} {merged['seq'][row]}")
    return Rejection(source, number, reason, "tx_hash", identity)


def _table(merged: Columns, keep: Any) -> pa.Table:
    arrays = []
    for field in SCHEMA:
        cells = (merged[field.name] if keep.all() else merged[field.name][keep]).tolist()
        arrays.append(_array(field, cells))
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _array(field: pa.Field[Any], cells: list[Any]) -> pa.Array[Any]:
    if field.name == "amount":
        return pa.array([to_bytes(amount) for amount in cells], field.type)
    if field.name == "time":
        return pa.array(cells, pa.int64()).cast(field.type)
    return pa.array(cells, field.type)
