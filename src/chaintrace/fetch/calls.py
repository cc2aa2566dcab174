"""Calls: the tree of calls inside transactions, as transfers in depth-first order."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

import numpy as np

from chaintrace.fetch.moves import Where, natives
from chaintrace.fetch.rows import Cells, Mask, Rows, absent, filled

# Yellow Paper, appendix H: these run foreign code in the caller's own account; the value they show is not moved.
BORROWED_CODE = frozenset({"delegatecall", "callcode", "staticcall"})
OUTSIDE = {"reward": "reward", "genesis": "mint", "daofork": "internal"}
INSIDE = frozenset({"call", "create", "suicide", "selfdestruct"})

Path = tuple[int, ...]


def emit_calls(
    rows: Rows,
    at: Where,
    *,
    kind: Cells,
    call: Cells,
    path: Cells,
    sender: Cells,
    receiver: Cells,
    amount: Cells,
    succeeded: Cells,
    error: Cells,
) -> None:
    """Calls that moved value, rewards, and what the chain began with.

    The top call is ``native`` with seq 0, as in a list of transactions. The others are ``internal``, and seq is their
    rank by trace address within the transaction. A failed call undoes all calls below it.
    """
    kind = filled((str(value).lower() for value in kind.tolist()), rows.count)
    outside = _among(kind, OUTSIDE)
    at = _named(at, outside)
    moves_nothing = _among(call, BORROWED_CODE) & rows.good
    rows.reject(~outside & ~_among(kind, INSIDE), "unknown trace type", "trace_type")
    path = filled((() if value is None else value for value in path.tolist()), rows.count)
    rows.reject(_reverted(rows, at, path, outside, succeeded, error) & ~moves_nothing, "reverted", _fault(rows))
    for name, cells, needed in (
        ("from_address", sender, ~outside | (kind == "daofork")),
        ("to_address", receiver, np.ones(rows.count, dtype=bool)),
        ("value", amount, np.ones(rows.count, dtype=bool)),
    ):
        reason = "missing receiver" if name == "to_address" else "missing field"
        rows.reject(absent(cells) & needed & ~moves_nothing, reason, name)
    good = rows.good & ~moves_nothing
    top = filled((not steps for steps in path.tolist()), rows.count).astype(bool) & ~outside
    common: dict[str, Any] = {**at.columns(), "receiver": receiver, "asset": natives(at.chain), "amount": amount}
    rows.emit(good & top, **common, kind="native", seq=0, order=at.order(), sender=sender)
    inner = good & ~top & ~outside
    rows.emit(inner, **common, kind="internal", seq=_ranks(at, path, inner), order=at.order(), sender=sender)
    for name, as_kind in OUTSIDE.items():
        giver = sender if name == "daofork" else None
        rows.emit(good & (kind == name), **common, kind=as_kind, seq=None, order="unknown", sender=giver)
    borrowed = int(moves_nothing.sum())
    if borrowed:
        rows.note(f"{borrowed:,} delegate, static and code calls move no value and are no transfers")


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
