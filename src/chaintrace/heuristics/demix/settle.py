"""Settling: which recipients together can have taken each batch out.

Batches are taken out one after another, and recipients stand in the order of their last note. How many notes have been
given to recipients is a number from 0 to N, and the best way to every number is known from the best ways to smaller
ones.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from chaintrace.heuristics.demix.batch import Batch, when
from chaintrace.heuristics.demix.recipient import Recipient
from chaintrace.model.note import Note

BEGINS, ENDS = 12 * 3600, 24 * 3600
"""Seconds from a batch's last deposit within which its recipients begin, and within which they end. Of 27 cases 85.5 %
have less than a day between deposit and withdrawal (MixLaunder, at second hand); half a day to begin is our own."""
LEFT = 3000
"""What a note that stays in the pool costs, in thousandths of a logarithm of odds. Our own: one of twenty does."""
WHOLE = 3000
"""What it is worth that recipients end with a batch of ``MANY`` notes or more: few sets of recipients do by chance. Our
own."""
MANY = 10
"""Notes from which an end says something: fewer are taken to the last by anybody. Our own."""
NEVER = np.iinfo(np.int64).min // 2

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Group:
    """Batches one after another, and who is settled with them, by their places among the recipients: more than one
    batch where a recipient took of several. ``left``: notes for which nobody was found. ``rivals``: of each of the
    places how many others, who take part in nothing, could stand there as well."""

    batches: range
    places: tuple[int, ...]
    left: int
    rivals: tuple[int, ...] = ()


def settle(paid: Sequence[Batch], found: Sequence[Recipient], odds: Ints) -> list[Group]:
    """The likeliest recipients of the batches: no note leaves before it came, and no more leave than came.

    ``odds``: of each recipient, thousandths of a natural logarithm.
    """
    ways = _Ways(paid)
    for place in sorted(range(len(found)), key=lambda at: (found[at].last, found[at].first, found[at].account)):
        ways.add(place, found[place], int(odds[place]))
    spans = {place: ways.batches(upto - len(found[place]), upto) for place, upto in ways.best().items()}
    groups = _without_debt(paid, found, odds, spans)
    idle = set(range(len(found))) - {place for group in groups for place in group.places}
    return [replace(group, rivals=_rivals(paid, found, odds, group, idle)) for group in groups]


def _rivals(
    paid: Sequence[Batch], found: Sequence[Recipient], odds: Ints, group: Group, idle: Collection[int]
) -> tuple[int, ...]:
    """Of each place how many that are idle took as many notes in the time of its batches and are no less likely."""
    begin, last = paid[group.batches[0]].first, paid[group.batches[-1]].last
    able = [at for at in idle if begin <= found[at].first <= last + BEGINS and found[at].last <= last + ENDS]
    return tuple(
        sum(len(found[at]) == len(found[place]) and bool(odds[at] >= odds[place]) for at in able)
        for place in group.places
    )


def _groups(paid: Sequence[Batch], found: Sequence[Recipient], spans: Mapping[int, range]) -> list[Group]:
    """Batches that a recipient took of stand together."""
    joined = [range(at, at + 1) for at in range(len(paid))]
    for span in spans.values():
        whole = range(joined[span.start].start, joined[span.stop - 1].stop)
        for at in whole:
            joined[at] = whole
    made = []
    for batches in dict.fromkeys(joined):
        places = tuple(sorted(place for place, span in spans.items() if span.start in batches))
        out = sum(len(found[place]) for place in places)
        made.append(Group(batches, places, sum(len(paid[at]) for at in batches) - out))
    return made


class _Ways:
    """The best way to give out the first 0, 1 … N notes."""

    def __init__(self, paid: Sequence[Batch]) -> None:
        sizes = [len(one) for one in paid]
        self.ends = np.cumsum(sizes)
        self.starts = self.ends - sizes
        self.ended = np.repeat([one.last for one in paid], sizes)
        self.came = np.array([note.time for one in paid for note in one.notes], np.int64)
        self.firsts = np.append(self.starts, self.ends[-1:])
        self.earliest = np.array([one.first for one in paid], np.int64)
        self.latest = np.array([one.last for one in paid], np.int64)
        self.n = int(self.ends[-1]) if sizes else 0
        self.worth = np.full(self.n + 1, NEVER, np.int64)
        self.worth[0] = 0
        self.bonus = np.zeros(self.n + 1, np.int64)
        self.bonus[self.ends] = np.where(np.array(sizes) >= MANY, WHOLE, 0)
        self.steps = [_Step(-1, 0, 0, np.zeros(0, bool), self._leave(0, self.n))]

    def add(self, place: int, one: Recipient, odds: int) -> None:
        """The ways with one more recipient, who may take part or not."""
        size = len(one)
        if size > self.n:
            return
        low, high = self._range(one, size)
        before = np.arange(low, high)
        can = (self.came[before + size - 1] <= one.last) & (one.last - self.ended[before + size - 1] <= ENDS)
        can &= self.worth[before] > NEVER
        if not can.any():
            return
        upto = slice(low + size, high + size)
        worth = np.where(can, self.worth[before] + odds + self.bonus[upto], NEVER)
        better = worth > self.worth[upto]
        self.worth[upto] = np.where(better, worth, self.worth[upto])
        self.steps.append(_Step(place, size, low, better, self._leave(low + size, high + size)))

    def best(self) -> dict[int, int]:
        """Who takes part in the best way, and how many notes are given out with each."""
        at = self.n
        taken: dict[int, int] = {}
        for step in reversed(self.steps):
            while at in step.left:
                at = step.left[at]
            before = at - step.size - step.low
            if 0 <= before < len(step.better) and step.better[before]:
                taken[step.place] = at
                at -= step.size
        return taken

    def batches(self, before: int, upto: int) -> range:
        """The batches of the notes from ``before`` to ``upto``, the first of them not counted."""
        return range(int(np.searchsorted(self.ends, before, "right")), int(np.searchsorted(self.ends, upto)) + 1)

    def _range(self, one: Recipient, size: int) -> tuple[int, int]:
        """The numbers of notes after which a recipient may come, and a few more: batches that it can have part in."""
        low = self.firsts[np.searchsorted(self.latest, one.first - BEGINS)]
        high = self.firsts[np.searchsorted(self.earliest, one.first, "right")]
        return int(low), int(min(high, self.n + 1 - size))

    def _leave(self, low: int, high: int) -> dict[int, int]:
        """Leaves the rest of a batch in the pool, where that is the best way to its end; what changed is between
        ``low`` and ``high``, and what follows from it."""
        left: dict[int, int] = {}
        changed = high
        for batch in range(int(np.searchsorted(self.ends, low, "right")), len(self.ends)):
            start, end = int(self.starts[batch]), int(self.ends[batch])
            if start > changed:
                break
            worth = self.worth[start:end] - LEFT * (end - np.arange(start, end))
            at = int(worth.argmax())
            if self.worth[start + at] > NEVER and worth[at] > self.worth[end]:
                self.worth[end] = worth[at]
                left[end] = start + at
                changed = max(changed, end)
        return left


@dataclass(frozen=True, slots=True)
class _Step:
    """Which recipient was added, after which numbers of notes it makes a better way (from ``low`` on), and from where
    the rest of a batch is better left."""

    place: int
    size: int
    low: int
    better: NDArray[np.bool_]
    left: dict[int, int]


def _without_debt(
    paid: Sequence[Batch], found: Sequence[Recipient], odds: Ints, spans: Mapping[int, range]
) -> list[Group]:
    """Those that remain when, where more notes would have left than had come, the unlikeliest that had begun, of those
    batches, is dropped."""
    came = sorted((note for one in paid for note in one.notes), key=when)
    times = [note.time for note in came]
    while True:
        groups = _groups(paid, found, spans)
        left = sorted(
            ((when(note), place, note) for place in spans for note in found[place].notes), key=lambda one: one[:2]
        )
        debts = (at for at, (_, _, note) in enumerate(left) if at >= _had_come(came, times, note))
        debt = next(debts, None)
        if debt is None:
            return groups
        _, last, note = left[debt]
        (group,) = (one for one in groups if last in one.places)
        begun = [place for place in group.places if found[place].first <= note.time]
        worst = min(begun, key=lambda place: (odds[place], found[place].account))
        spans = {place: span for place, span in spans.items() if place != worst}


def _had_come(came: Sequence[Note], times: Sequence[int], note: Note) -> int:
    """How many deposits had come when a note left; of the same second those of a later place in the chain had not."""
    low, high = bisect_left(times, note.time), bisect_right(times, note.time)
    return high - sum(_later(one, note) for one in came[low:high])


def _later(one: Note, other: Note) -> bool:
    if one.block is None or other.block is None:
        return False
    if one.block != other.block:
        return one.block > other.block
    return one.log_index is not None and other.log_index is not None and one.log_index > other.log_index
