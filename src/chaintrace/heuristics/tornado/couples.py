"""Couples: accounts that have to do with each other, of which one paid notes in and the other took some out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TypeVar

import numpy as np

from chaintrace.heuristics.rows import Known
from chaintrace.heuristics.tornado.links import Pair
from chaintrace.heuristics.tornado.notes import Columns
from chaintrace.heuristics.transactions import NOBODY, Ints
from chaintrace.model.note import Note

T = TypeVar("T")
Couples = Mapping[tuple[str, int, int], T]
"""What is known of two accounts, by chain, who may have paid in, and who may have taken out."""
SHARED = "service"
"""Accounts of this kind act for many people."""


def coupled(columns: Columns, payers: Ints, takers: Ints, couples: Couples[T]) -> Iterator[tuple[list[Pair], T]]:
    """By pool of their chain the deposits of the one with the withdrawals of the other. ``payers`` and ``takers``: of
    each note the number that couples have for who paid it in, or took it out."""
    keys = list(couples)
    chains = np.array([chain for chain, _, _ in keys], dtype=object)
    one, other = np.array([ends for _, *ends in keys], np.int64).reshape(-1, 2).T
    for pool, where in enumerate(columns.pools):
        paid, taken = (columns.of(pool, deposit=way) for way in (True, False))
        hits = (chains == where.chain) & np.isin(one, payers[paid]) & np.isin(other, takers[taken])
        paid, taken = paid[np.isin(payers[paid], one[hits])], taken[np.isin(takers[taken], other[hits])]
        for n in np.flatnonzero(hits).tolist():
            if pairs := paired(columns, paid[payers[paid] == one[n]], taken[takers[taken] == other[n]]):
                yield pairs, couples[keys[n]]


def paired(columns: Columns, paid: Ints, taken: Ints) -> list[Pair]:
    """Withdrawals with the earliest deposit before them that no earlier one has."""
    found, waiting = [], 0
    for n in taken.tolist():
        if waiting < len(paid) and columns.place[paid[waiting]] < columns.place[n]:
            found.append((int(paid[waiting]), n))
            waiting += 1
    return found


def holders(columns: Columns, takers: Ints, notes: Iterable[int] | None = None) -> int:
    """How many accounts took notes out, counted for each pool: any, or these."""
    some = np.flatnonzero(~columns.deposit) if notes is None else np.fromiter(notes, np.int64)
    some = some[takers[some] != NOBODY]
    return len(np.unique(np.stack([columns.pool[some], takers[some]]), axis=1).T)


def initiator_of(note: Note) -> str | None:
    """Who sent a withdrawal for another account without being its relayer; None where there is no such, or is not
    told."""
    relays = note.relayer == note.sender and note.fee > 0
    unknown = note.relayer is None and note.fee > 0
    return None if note.kind == "deposit" or note.sender == note.account or relays or unknown else note.sender


def acts_for_many(labels: Known, account: str, note: Note) -> bool:
    """Whether an account is a service at the moment of a note."""
    return labels.find(account, SHARED, block=note.block, time=note.time) is not None
