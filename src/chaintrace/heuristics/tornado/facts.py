"""Facts: who paid notes into a pool and who was paid by it, and among how many each note hides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.tornado.links import finding
from chaintrace.heuristics.tornado.notes import Columns
from chaintrace.heuristics.transactions import Ints, Mask

TOKENS = "Where rows alone are read, a token that was sent to a pool for another reason looks like a note."
NOT_WHOLE = "Not all notes of this pool are here, so among how many these hide is not known."
FULL, BARE = 100, 50


@dataclass(frozen=True)
class FactThresholds:
    """``notes``: how many an account has to have in a pool. Our own: every one is told."""

    notes: int = 1


@heuristic("tornado-deposit", FactThresholds(), doubt=f"Who takes these notes out is not said. {TOKENS}")
def tornado_deposit(rows: Rows, labels: Known, at: FactThresholds) -> Iterator[Finding]:
    """Accounts that paid into pools of Tornado Cash."""
    columns = rows.notes.columns
    # THRESHOLD
    for mine in _groups(columns, columns.deposit, at.notes):
        pool, whole = columns.notes[mine[0]].pool, columns.whole[columns.pool[mine[0]]]
        evidence = _evidence(columns, mine, pool.denomination * len(mine))
        if whole:
            evidence |= {"held_before": _list(columns.unspent, mine), "could_be": _list(columns.later, mine)}
        # CLAIM, EVIDENCE, DOUBT
        claim = f"paid into {pool.name} on {pool.chain}"
        yield finding(rows, _subject(columns, mine), claim, mine, FULL, evidence, doubt="" if whole else NOT_WHOLE)


@heuristic("tornado-withdrawal", FactThresholds(), doubt=f"Whose notes these were is not said. {TOKENS}")
def tornado_withdrawal(rows: Rows, labels: Known, at: FactThresholds) -> Iterator[Finding]:
    """Accounts that pools of Tornado Cash paid. ``anonymity_set``: of each note how many deposits it could be."""
    columns = rows.notes.columns
    # THRESHOLD
    for mine in _groups(columns, ~columns.deposit, at.notes):
        pool, whole = columns.notes[mine[0]].pool, columns.whole[columns.pool[mine[0]]]
        fees = sum(columns.notes[n].fee for n in mine)
        evidence = _evidence(columns, mine, pool.denomination * len(mine) - fees) | {"fees": fees}
        if whole:
            evidence |= {"anonymity_set": _list(columns.unspent, mine)}
        # CLAIM, EVIDENCE, DOUBT
        claim = f"was paid by {pool.name} on {pool.chain}"
        yield finding(rows, _subject(columns, mine), claim, mine, FULL, evidence, doubt="" if whole else NOT_WHOLE)


@heuristic(
    "tornado-no-relayer",
    FactThresholds(),
    doubt="Whoever has gas needs no relayer. It says that this account had some.",
)
def tornado_no_relayer(rows: Rows, labels: Known, at: FactThresholds) -> Iterator[Finding]:
    """Notes taken out without a relayer: no fee, and the account that was paid sent the transaction. It had gas before,
    and who gave it that gas is a trail."""
    columns = rows.notes.columns
    alone = [not one.fee and one.sender in (None, one.account) for one in columns.notes]
    # THRESHOLD
    for mine in _groups(columns, np.array(alone, bool) & ~columns.deposit, at.notes):
        pool = columns.notes[mine[0]].pool
        told = sum(columns.notes[n].sender is not None for n in mine)
        evidence = _evidence(columns, mine, pool.denomination * len(mine)) | {"sent_them_itself": told}
        # CLAIM, EVIDENCE
        claim = f"was paid by {pool.name} on {pool.chain} without a relayer"
        confidence = FULL if told == len(mine) else BARE
        # DOUBT
        doubt = "" if told == len(mine) else "Not of all of them is told who sent the transaction: no fee was kept."
        yield finding(rows, _subject(columns, mine), claim, mine, confidence, evidence, doubt=doubt)


def _groups(columns: Columns, which: Mask, least: int) -> Iterator[list[int]]:
    """Notes of one account and one pool, in order."""
    some = np.flatnonzero(which)
    order = some[np.lexsort((some, columns.account[some], columns.pool[some]))]
    key = columns.pool[order] * len(columns.accounts) + columns.account[order]
    starts = np.flatnonzero(np.diff(key, prepend=-1))
    for mine in np.split(order, starts[1:]) if len(order) else ():
        if len(mine) >= least:
            yield mine.tolist()


def _subject(columns: Columns, mine: list[int]) -> str:
    return columns.notes[mine[0]].account


def _evidence(columns: Columns, mine: list[int], amount: int) -> dict[str, Any]:
    first, last = (columns.notes[n] for n in (mine[0], mine[-1]))
    return {
        "pool": first.pool.address,
        "asset": first.pool.asset,
        "notes": len(mine),
        "amount": amount,
        "first": first.time,
        "last": last.time,
    }


def _list(values: Ints, mine: list[int]) -> list[int]:
    return values[mine].tolist()  # type: ignore[no-any-return]
