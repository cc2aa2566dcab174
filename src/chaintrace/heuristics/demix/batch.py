"""Batches: what a campaign paid into a pool, account by account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from chaintrace.heuristics.tornado.notes import order_of
from chaintrace.model.note import Note


@dataclass(frozen=True, slots=True)
class Batch:
    """Deposits that one account made one after another, with none by another account of the campaign between them."""

    account: str
    notes: tuple[Note, ...]

    @property
    def first(self) -> int:
        """When the first was paid in: unix seconds, UTC."""
        return self.notes[0].time

    @property
    def last(self) -> int:
        """When the last was paid in."""
        return self.notes[-1].time

    def __len__(self) -> int:
        return len(self.notes)


def batches(deposits: Sequence[Note]) -> list[Batch]:
    """The batches of a campaign's deposits into one pool, in order of time."""
    ordered = sorted(deposits, key=when)
    return [Batch(account, tuple(notes)) for account, notes in groupby(ordered, key=lambda note: note.account)]


def when(note: Note) -> tuple[int, int, int, str, str]:
    """The order of notes: by position, and where that is the same by what else is told."""
    return *order_of(note), note.tx_hash, note.mark
