"""Recipients: who took notes out of a pool."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chaintrace.heuristics.demix.batch import when
from chaintrace.model.note import Note


@dataclass(frozen=True, slots=True)
class Recipient:
    """An account and every note that it took out of one pool, in order of time.

    ``pays_in``  it is known to have paid into the pool as well.
    """

    account: str
    notes: tuple[Note, ...]
    pays_in: bool = False

    @property
    def first(self) -> int:
        """When it took the first: unix seconds, UTC."""
        return self.notes[0].time

    @property
    def last(self) -> int:
        """When it took the last."""
        return self.notes[-1].time

    @property
    def relayed(self) -> bool:
        """Whether a relayer sent every withdrawal. Who sends one without a fee has coin already (METHODS T6)."""
        return all(note.fee > 0 for note in self.notes)

    @property
    def pause(self) -> int:
        """The middle of the pauses between its notes, in seconds, the lower of two; 0 with one note."""
        pauses = sorted(later.time - sooner.time for sooner, later in zip(self.notes, self.notes[1:], strict=False))
        return pauses[(len(pauses) - 1) // 2] if pauses else 0

    def __len__(self) -> int:
        return len(self.notes)


def recipients(notes: Iterable[Note]) -> list[Recipient]:
    """Who took notes out, of the notes of one pool, by their first note and their address."""
    taken: dict[str, list[Note]] = {}
    paid: set[str] = set()
    for note in notes:
        if note.kind == "deposit":
            paid.add(note.account)
        else:
            taken.setdefault(note.account, []).append(note)
    found = [Recipient(one, tuple(sorted(its, key=when)), one in paid) for one, its in taken.items()]
    return sorted(found, key=lambda one: (one.first, one.account))
