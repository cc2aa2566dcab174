"""Timing: notes that are taken out soon after somebody paid in, alone or in the same rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.tornado.chance import DAY, measured, shifted
from chaintrace.heuristics.tornado.links import Pair, finding
from chaintrace.heuristics.tornado.notes import Columns
from chaintrace.heuristics.transactions import Ints

NEAR = "Others may have paid in at any time before: a note does not grow old."
NAMED = 10
"""At most so many candidates are named; all are counted."""


@dataclass(frozen=True)
class BurstThresholds:
    """``gap``: seconds between a deposit and its withdrawal, and between two withdrawals of one burst, at most.
    ``field``: how many depositors there are in that time, at least. ``disc``: 100 · (1 − (share − 1) / (field − 1)), at
    least, where share is how many of them could have paid for every note. These are tornado-demix's, but what share and
    field count is our own reading. ``notes``: with one, all of the field could have paid for it. Our own."""

    gap: int = DAY
    field: int = 5
    disc: int = 50
    notes: int = 2


@dataclass(frozen=True)
class NearestThresholds:
    """``gap``: seconds between the deposit and the withdrawal, at most: tornado-demix's. ``others``: how many other
    notes of the pool are paid in or out in the gap before the withdrawal, at most: chainscope refuses more than 5."""

    gap: int = DAY
    others: int = 5


class Burst(NamedTuple):
    """Withdrawals of one account from a pool, how many depositors are near, and who of them has a deposit for each."""

    taken: list[int]
    field: int
    by: dict[int, list[Pair]]


@heuristic(
    "tornado-burst",
    BurstThresholds(),
    doubt=f"Whoever pays in and takes out in bursts meets other people's bursts. {NEAR}",
)
def burst(rows: Rows, labels: Known, at: BurstThresholds) -> Iterator[Finding]:
    """Several notes that one account took out, for each of which few depositors had paid one in shortly before."""
    columns = rows.notes.columns

    # THRESHOLD
    def ask(some: Columns) -> tuple[int, int]:
        every = list(bursts(some, at))
        return sum(discriminates(one, at) for one in every), len(every)

    chance = rows.once(("chance", burst, at), lambda: measured(ask, columns, shifted(columns)))
    for one in bursts(columns, at):
        if not discriminates(one, at):
            continue
        note = columns.notes[one.taken[0]]
        names = sorted(columns.accounts[n] for n in one.by)
        # CLAIM, EVIDENCE, DOUBT
        claim = f"took notes out of {note.pool.name} in a rhythm in which few had paid in"
        evidence = {"pool": note.pool.address, "notes": len(one.taken), "field": one.field, "candidates": len(names)}
        evidence |= {"paid_in": names[:NAMED]} | chance.evidence
        pairs = next(iter(one.by.values())) if len(one.by) == 1 else []
        notes = [n for pair in pairs for n in pair] or one.taken
        confidence = 20 if pairs else 10
        yield finding(rows, note.account, claim, notes, confidence, evidence, pairs=pairs, doubt=chance.doubt)


@heuristic("tornado-nearest", NearestThresholds(), doubt=f"The nearest deposit is the likeliest, not the one. {NEAR}")
def nearest(rows: Rows, labels: Known, at: NearestThresholds) -> Iterator[Finding]:
    """A note taken out shortly after a deposit, with few others in or out in that time."""
    columns = rows.notes.columns

    # THRESHOLD
    def ask(some: Columns) -> tuple[int, int]:
        return sum(1 for _ in near(some, at)), int((~some.deposit).sum())

    chance = rows.once(("chance", nearest, at), lambda: measured(ask, columns, shifted(columns)))
    for (paid, taken), others in near(columns, at):
        one, other = columns.notes[paid], columns.notes[taken]
        # CLAIM, EVIDENCE, DOUBT
        claim = f"took a note out of {one.pool.name} shortly after one was paid in"
        evidence = {
            "pool": one.pool.address,
            "paid_in": one.account,
            "seconds": other.time - one.time,
            "others": others,
        }
        yield finding(
            rows, other.account, claim, [paid, taken], sure(others), evidence | chance.evidence,
            pairs=[(paid, taken)], doubt=chance.doubt,
        )  # fmt: skip


def sure(others: int) -> int:
    """The confidence of the nearest deposit: half of the precision that chainscope's tests give at 0, 1, 2 and 4
    others (100, 56.7, 33.3 and 8.3 %), for these are their own scenarios."""
    return (50, 28, 17, 4)[min(others, 3)]


def near(columns: Columns, at: NearestThresholds) -> Iterator[tuple[Pair, int]]:
    """Of withdrawals the last deposit before them, and how many others are in or out in the time before."""
    for pool in range(len(columns.pools)):
        paid, taken = (columns.of(pool, deposit=way) for way in (True, False))
        before = np.searchsorted(columns.place[paid], columns.place[taken], "left")
        since = np.searchsorted(columns.time[paid], columns.time[taken] - at.gap, "left")
        out = np.searchsorted(columns.place[taken], columns.place[taken], "left")
        others = before - since - 1 + out - np.searchsorted(columns.time[taken], columns.time[taken] - at.gap, "left")
        for n in np.flatnonzero((before > since) & (others <= at.others)).tolist():
            yield (int(paid[before[n] - 1]), int(taken[n])), int(others[n])


def bursts(columns: Columns, at: BurstThresholds) -> Iterator[Burst]:
    """Bursts of withdrawals in whose time enough depositors are near."""
    for pool in range(len(columns.pools)):
        paid, out = (columns.of(pool, deposit=way) for way in (True, False))
        taken = out[np.lexsort((out, columns.account[out]))]
        begins = np.ones(len(taken), bool)
        begins[1:] = np.diff(columns.account[taken]) != 0
        begins[1:] |= np.diff(columns.time[taken]) > at.gap
        for mine in np.split(taken, np.flatnonzero(begins)[1:]) if len(taken) else ():
            if len(mine) >= at.notes:
                found = _burst(columns, paid, mine.tolist(), at)
                if found.field >= at.field:
                    yield found


def _burst(columns: Columns, paid: Ints, mine: list[int], at: BurstThresholds) -> Burst:
    low = np.searchsorted(columns.time[paid], columns.time[mine[0]] - at.gap, "left")
    high = np.searchsorted(columns.place[paid], columns.place[mine[-1]], "left")
    near_by: dict[int, list[int]] = {}
    for n in paid[low:high].tolist():
        near_by.setdefault(columns.plain.account[n], []).append(n)
    fits = {who: _fits(columns, own, mine, at.gap) for who, own in near_by.items() if len(own) >= len(mine)}
    return Burst(mine, len(near_by), {who: pairs for who, pairs in fits.items() if pairs})


def _fits(columns: Columns, paid: list[int], taken: list[int], gap: int) -> list[Pair]:
    """Each withdrawal with a deposit of its own, in order, within the gap before it; nothing where one has none."""
    (_, _, time, place), pairs, at = columns.plain, [], 0
    for n in taken:
        while at < len(paid) and time[paid[at]] < time[n] - gap:
            at += 1
        if at == len(paid) or place[paid[at]] >= place[n]:
            return []
        pairs.append((paid[at], n))
        at += 1
    return pairs


def discriminates(one: Burst, at: BurstThresholds) -> bool:
    """Whether somebody could have paid for every note, and few could: in whole numbers."""
    share = len(one.by)
    return share > 0 and 100 * (one.field - share) >= at.disc * (one.field - 1)
