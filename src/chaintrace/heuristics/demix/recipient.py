"""Recipients: who took notes out of a pool."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from chaintrace.heuristics.demix.batch import when
from chaintrace.model.note import Note


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an account in all pools together: when it took its first note and its last (unix seconds),
    whether relayers paid for all it took, and whether it ever paid in."""

    first: int
    last: int
    relayed: bool
    pays_in: bool


@dataclass(frozen=True, slots=True)
class Recipient:
    """An account and every note that it took out of one pool, in order of time; ``known``: in all of them."""

    account: str
    notes: tuple[Note, ...]
    known: Known

    @property
    def first(self) -> int:
        """When it took the first here: unix seconds, UTC."""
        return self.notes[0].time

    @property
    def last(self) -> int:
        """When it took the last here."""
        return self.notes[-1].time

    @property
    def pause(self) -> int:
        """The middle of the pauses between its notes, in seconds, the lower of two; 0 with one note."""
        pauses = sorted(later.time - sooner.time for sooner, later in zip(self.notes, self.notes[1:], strict=False))
        return pauses[(len(pauses) - 1) // 2] if pauses else 0

    def __len__(self) -> int:
        return len(self.notes)


def known_of(notes: Iterable[Note]) -> dict[str, Known]:
    """What is known of everybody who took a note. Who was paid without a fee, or sent or relayed the withdrawal, had
    coin already (METHODS T6)."""
    found: dict[str, Known] = {}
    paid = set()
    for note in notes:
        if note.kind == "deposit":
            paid.add(note.account)
            continue
        one = found.get(note.account, Known(note.time, note.time, True, False))
        first, last = min(one.first, note.time), max(one.last, note.time)
        found[note.account] = Known(first, last, one.relayed and _is_relayed(note), False)
    return {who: replace(one, pays_in=who in paid) for who, one in found.items()}


def _is_relayed(note: Note) -> bool:
    return note.fee > 0 and note.account not in (note.sender, note.relayer)


def recipients(notes: Iterable[Note], known: Mapping[str, Known]) -> list[Recipient]:
    """Who took notes out, of the notes of one pool, by their first note and their address."""
    taken: dict[str, list[Note]] = {}
    for note in notes:
        if note.kind == "withdrawal":
            taken.setdefault(note.account, []).append(note)
    found = [Recipient(one, tuple(sorted(its, key=when)), known[one]) for one, its in taken.items()]
    return sorted(found, key=lambda one: (one.first, one.account))
