"""The search for two seeds of a workload: a wide one, whose taint reaches half of everybody, and a narrow one.

Wide: of the heist's thefts, the nine whose reach is nearest to half of the accounts, and of these the one that FIFO
cuts into the number of pieces nearest to the aim. Narrow: of 1,000 rows drawn from the middle half of what the
circles that are large enough pay among themselves, the one whose reach is nearest to the aim. Reach is exact; pieces
are counted in floats, which is good enough to choose by.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from workload import SEED, Floats, Ids, Plan

NARROW = 3_700
PIECES = 33_000
CHUNK = 1 << 17
NEVER = np.iinfo(np.int64).max


class Seeds(NamedTuple):
    """Row numbers. ``accounts``: how many the workload has; ``wide_reach``, ``narrow_reach``: how many are reached."""

    accounts: int
    wide: int
    wide_reach: int
    narrow: int
    narrow_reach: int


def search(plan: Plan, sender: Ids, receiver: Ids, amount: Floats) -> Seeds:
    """``amount`` in wei, rounded."""
    seen = np.zeros(int(max(sender.max(), receiver.max())) + 1, dtype=bool)
    seen[sender] = seen[receiver] = True
    accounts = int(seen.sum())
    wide = _wide(plan, sender, receiver, amount, accounts)
    narrow = _narrow(plan, sender, receiver, min(NARROW, accounts // 100))
    return Seeds(accounts, wide, reach(sender, receiver, wide), narrow, reach(sender, receiver, narrow))


def arrivals(sender: Ids, receiver: Ids, row: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each account the row on which taint from ``row`` first reaches it; NEVER if it does not. A linear sweep in
    chunks, each repeated until nothing changes in it."""
    arrival = np.full(int(max(sender.max(), receiver.max())) + 1, NEVER)
    arrival[receiver[row]] = row
    for first in range(row + 1, len(sender), CHUNK):
        payer, payee = sender[first : first + CHUNK], receiver[first : first + CHUNK]
        fresh = np.flatnonzero(arrival[payee] == NEVER)
        payer, payee, rows = payer[fresh], payee[fresh], first + fresh
        while True:
            new = np.flatnonzero((arrival[payer] < rows) & (rows < arrival[payee]))[::-1]
            if not len(new):
                break
            arrival[payee[new]] = rows[new]
    return arrival


def reach(sender: Ids, receiver: Ids, row: int) -> int:
    """How many accounts taint from ``row`` reaches, its receiver among them."""
    return int((arrivals(sender, receiver, row) != NEVER).sum())


def _wide(plan: Plan, sender: Ids, receiver: Ids, amount: Floats, accounts: int) -> int:
    thefts = [row for row in plan.thefts if row < plan.rows]
    low, high = 0, len(thefts) - 1
    while low < high:
        middle = (low + high) // 2
        if reach(sender, receiver, thefts[middle]) > accounts / 2:
            low = middle + 1
        else:
            high = middle
    lines = Lines(sender, receiver, amount)
    aim = min(PIECES, plan.rows // 60)
    near = thefts[max(low - 4, 0) : low + 5]
    return min(near, key=lambda row: abs(np.log(lines.pieces(row, 4 * aim) / aim)))


def _narrow(plan: Plan, sender: Ids, receiver: Ids, aim: int) -> int:
    """Circles keep their money, so that the rows inside are all that a circle's reach depends on."""
    starts = plan.circles
    fit = np.flatnonzero(np.diff(starts) >= aim)
    low, high = starts[0], starts[max(len(fit), 1)]  # the largest circles stand first
    rows = np.flatnonzero((sender >= low) & (sender < high) & (receiver >= low) & (receiver < high))
    payer, payee = (sender[rows] - low).astype(np.uint32), (receiver[rows] - low).astype(np.uint32)
    middle = np.arange(len(rows) // 4, max(3 * len(rows) // 4, 1))
    drawn = np.random.default_rng(SEED).choice(middle, size=min(1000, len(middle)), replace=False)
    best = min(np.sort(drawn).tolist(), key=lambda at: abs(reach(payer, payee, at) - aim))
    return int(rows[best])


class Lines:
    """In-lines and out-lines in floats: rows sorted by sender, their ends on one long line of all senders, and where
    each row begins on its receiver's in-line. Who spends what he never received is not followed."""

    def __init__(self, sender: Ids, receiver: Ids, amount: Floats) -> None:
        accounts = int(max(sender.max(), receiver.max())) + 1
        amount = np.where(sender == receiver, 0.0, amount)
        self.receiver, self.amount = receiver, amount
        self.rows = np.argsort(sender, kind="stable")
        self.end = np.cumsum(amount[self.rows])
        self.first = np.concatenate([[0], np.cumsum(np.bincount(sender, minlength=accounts))])
        order = np.argsort(receiver, kind="stable")
        begin = np.cumsum(amount[order]) - amount[order]
        head = np.concatenate([[0], np.cumsum(np.bincount(receiver, minlength=accounts))])[:-1]
        self.arrives = np.empty(len(amount))
        self.arrives[order] = begin - begin[np.minimum(head, len(begin) - 1)][receiver[order]]

    def pieces(self, row: int, most: int) -> int:
        """Into how many pieces FIFO cuts ``row`` on all its ways, the row itself included; no more than ``most``."""
        pot, low = self.receiver[row : row + 1].astype(np.int64), self.arrives[row : row + 1]
        high, count = low + self.amount[row], 1
        while len(pot) and count < most:
            base = np.where(self.first[pot] > 0, self.end[self.first[pot] - 1], 0.0)
            one = np.searchsorted(self.end, base + low, side="right").clip(self.first[pot], self.first[pot + 1])
            end = np.searchsorted(self.end, base + high, side="left").clip(one - 1, self.first[pot + 1] - 1) + 1
            many = end - one
            at = np.repeat(one - np.cumsum(many) + many, many) + np.arange(many.sum())
            base, low, high = (np.repeat(values, many) for values in (base, low, high))
            rows = self.rows[at]
            start = self.end[at] - self.amount[rows] - base
            low, high = np.maximum(low, start), np.minimum(high, start + self.amount[rows])
            real = high > low
            pot, low, high = self.receiver[rows][real].astype(np.int64), (low - start)[real], (high - start)[real]
            low, high = low + self.arrives[rows[real]], high + self.arrives[rows[real]]
            count += len(pot)
        return count
