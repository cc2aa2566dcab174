"""Calls: the tree of calls inside transactions, as transfers in depth-first order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chaintrace.fetch.moves import Where, natives
from chaintrace.fetch.rows import END_SEQ, Cells, Mask, Rows, absent, filled

# Yellow Paper, appendix H: these run foreign code in the caller's own account; the value they show is not moved.
BORROWED_CODE = frozenset({"delegatecall", "callcode", "staticcall"})
OUTSIDE = {"reward": "reward", "genesis": "mint", "daofork": "internal"}
ENDS = frozenset({"suicide", "selfdestruct"})
INSIDE = frozenset({"call", "create", *ENDS})

CANCUN = {"eip155:1": 1_710_338_135}
"""Unix seconds from which EIP-6780 is in force, by chain. Source: EIP-7569."""

Path = tuple[int, ...]


@dataclass(frozen=True)
class Calls:
    """Columns of calls over the rows of a frame. ``cancun`` says of a row's block that EIP-6780 is in force (True)
    or not (False); None: nobody says, and the block's time has to."""

    kind: Cells
    call: Cells
    path: Cells
    sender: Cells
    receiver: Cells
    amount: Cells
    succeeded: Cells
    error: Cells
    reward: Cells
    cancun: Cells


def emit_calls(rows: Rows, at: Where, calls: Calls) -> None:
    """Calls that moved value, rewards, and what the chain began with.

    The top call is ``native`` with seq 0, as in a list of transactions. The others that move value are ``internal``,
    and seq is their rank by trace address among these. A failed call undoes all calls below it. A contract that
    destroys itself for its own benefit burns what it has; since Cancun only if it was made in the very transaction.
    """
    kind = filled((str(value).lower() for value in calls.kind.tolist()), rows.count)
    outside = _among(kind, OUTSIDE)
    at = _named(at, outside)
    borrowed = _among(calls.call, BORROWED_CODE) & rows.good
    rows.reject(~outside & ~_among(kind, INSIDE), "unknown trace type", "trace_type")
    path = filled((() if value is None else value for value in calls.path.tolist()), rows.count)
    reverted = _reverted(rows, at, path, outside, calls.succeeded, calls.error)
    rows.reject(reverted & ~borrowed, "reverted", _fault(rows))
    top = filled((not steps for steps in path.tolist()), rows.count).astype(bool) & ~outside
    nothing = ~top & ~outside & (calls.amount == 0)
    for name, cells, needed in (
        ("value", calls.amount, np.ones(rows.count, dtype=bool)),
        ("from_address", calls.sender, (~outside | (kind == "daofork")) & ~nothing),
        ("to_address", calls.receiver, ~nothing),
    ):
        reason = "missing receiver" if name == "to_address" else "missing field"
        rows.reject(absent(cells) & needed & ~borrowed, reason, name)
    burns = _among(kind, ENDS) & ~top & ~nothing & rows.good & np.asarray(calls.sender == calls.receiver, dtype=bool)
    unmoved = burns & _stays(rows, at, burns, kind, calls)
    inner = rows.good & ~borrowed & ~top & ~outside & ~nothing & ~unmoved
    rank = _ranks(at, path, inner)
    common: dict[str, Any] = {**at.columns(), "asset": natives(at.chain), "amount": calls.amount, "order": at.order()}
    rows.emit(rows.good & ~borrowed & top, **common, kind="native", seq=0, sender=calls.sender, receiver=calls.receiver)
    rows.emit(inner & ~burns, **common, kind="internal", seq=rank, sender=calls.sender, receiver=calls.receiver)
    burnt = filled((None if one is None else END_SEQ + one for one in rank.tolist()), rows.count)
    rows.emit(inner & burns, **common, kind="burn", seq=burnt, sender=calls.sender)
    _emit_outside(rows, at, kind, calls)
    _note(rows, int(borrowed.sum()), int((nothing & rows.good & ~borrowed).sum()), int(unmoved.sum()))


def _emit_outside(rows: Rows, at: Where, kind: Cells, calls: Calls) -> None:
    """What no transaction moved. A reward is named by its block, what it is for and whom it pays."""
    common: dict[str, Any] = {"asset": natives(at.chain), "amount": calls.amount, "receiver": calls.receiver}
    named = rows.good & (kind == "reward") & ~absent(calls.reward)
    if named.any():
        stands, seq = _rewards(at, calls, named)
        rows.emit(named, **common, **stands.columns(), kind="reward", seq=seq, order=stands.order())
    for name, as_kind in OUTSIDE.items():
        giver = calls.sender if name == "daofork" else None
        where = rows.good & (kind == name) & ~named
        rows.emit(where, **common, **at.columns(), kind=as_kind, seq=None, order="unknown", sender=giver)


def _rewards(at: Where, calls: Calls, named: Mask) -> tuple[Where, Cells]:
    tx_hash, seq = np.full(len(named), None, dtype=object), np.full(len(named), None, dtype=object)
    count: dict[str, int] = defaultdict(int)
    for row in np.flatnonzero(named).tolist():
        name = f"reward:{at.block[row]}:{calls.reward[row]}:{calls.receiver[row]}"
        tx_hash[row], seq[row] = name, count[name]
        count[name] += 1
    return replace(at, tx_hash=tx_hash, tx_index=np.full(len(named), 0, dtype=object)), seq


def _note(rows: Rows, borrowed: int, nothing: int, unmoved: int) -> None:
    if borrowed:
        rows.note(f"{borrowed:,} delegate, static and code calls move no value and are no transfers")
    if nothing:
        rows.note(f"{nothing:,} calls inside transactions carry no value and are no transfers")
    if unmoved:
        rows.note(f"{unmoved:,} contracts that were to end for their own benefit did not, by the rules of their block")


def _named(at: Where, outside: Mask) -> Where:
    """Calls of a transaction whose hash is not given still belong together: by block and index."""
    named = (
        f"synthetic:{block}:{index}" if tx_hash is None and not alone and index is not None else tx_hash
        for tx_hash, alone, block, index in zip(
            at.tx_hash.tolist(), outside.tolist(), at.block.tolist(), at.tx_index.tolist(), strict=True
        )
    )
    return replace(at, tx_hash=filled(named, len(outside)))


def _reverted(rows: Rows, at: Where, path: Cells, outside: Mask, succeeded: Cells, error: Cells) -> Mask:
    own = ~absent(error) | (succeeded == False)  # noqa: E712  (an array of True, False and None)
    own = own.astype(bool) & ~outside
    undone: dict[object, set[Path]] = defaultdict(set)
    for row in np.flatnonzero(own).tolist():
        undone[at.tx_hash[row]].add(path[row])
    result: Mask = own.copy()
    for row in np.flatnonzero(~own & ~outside).tolist():
        above = undone.get(at.tx_hash[row])
        if above and any(path[row][:depth] in above for depth in range(len(path[row]))):
            result[row] = True
    return result


def _stays(rows: Rows, at: Where, burns: Mask, kind: Cells, calls: Calls) -> Mask:
    """Which of the contracts that end for their own benefit keep what they have (EIP-6780). Rows of blocks that nobody
    knows the rules of are rejected."""
    result = np.zeros(rows.count, dtype=bool)
    if not burns.any():
        return result
    made = set(zip(at.tx_hash[kind == "create"].tolist(), calls.receiver[kind == "create"].tolist(), strict=True))
    for row in np.flatnonzero(burns).tolist():
        if (at.tx_hash[row], calls.sender[row]) in made:
            continue
        since = calls.cancun[row]
        if since is None and at.chain[row] in CANCUN and at.time[row] is not None:
            since = at.time[row] >= CANCUN[at.chain[row]]
        if since is None:
            rows.reject_row(row, "rules unknown", "trace_type")
        result[row] = since is True
    return result


def _ranks(at: Where, path: Cells, inner: Mask) -> Cells:
    members: dict[object, list[int]] = defaultdict(list)
    for row in np.flatnonzero(inner).tolist():
        members[at.tx_hash[row]].append(row)
    ranks = np.full(len(path), None, dtype=object)
    for tx_hash, found in members.items():
        steps: dict[Path, int] = {}
        if tx_hash is not None:
            for row in sorted(found, key=lambda row: path[row]):
                ranks[row] = steps.setdefault(path[row], len(steps) + 1)
    return ranks


def _fault(rows: Rows) -> str:
    return "error" if "error" in rows else "status"


def _among(cells: Cells, names: Any) -> Mask:
    return np.fromiter((str(value).lower() in names for value in cells.tolist()), dtype=bool, count=len(cells))
