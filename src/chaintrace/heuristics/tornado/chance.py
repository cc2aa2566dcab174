"""Chance: how often a rule finds something where there is nothing to be found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from chaintrace.heuristics.scorecard import wilson
from chaintrace.heuristics.tornado.notes import Columns
from chaintrace.heuristics.transactions import Ints

DAY = 86_400
DAYS = (-30, -7, -3, 3, 7, 30)
"""By how much decoys shift the withdrawals of a pool. Our own choice."""
ENOUGH = 30
"""With fewer decoys nothing is said of chance. Our own choice."""
SEED = 20_220_808

Ask = Callable[[Columns], tuple[int, int]]
"""Notes to how many a rule finds something in, and how many it was asked about."""


@dataclass(frozen=True)
class Chance:
    """A rule found something in ``found`` of ``asked``, and in ``decoys_found`` of ``decoys``, where none is right."""

    found: int
    asked: int
    decoys_found: int
    decoys: int

    @property
    def evidence(self) -> dict[str, Any]:
        return {
            "found": self.found,
            "asked": self.asked,
            "decoys_found": self.decoys_found,
            "decoys": self.decoys,
        }

    @property
    def doubt(self) -> str:
        if self.decoys < ENOUGH:
            return "These notes are too few to measure how much of this is chance."
        if wilson(self.found, self.asked)[0] <= wilson(self.decoys_found, self.decoys)[1]:
            return "Among these notes the rule does no better than chance."
        percent = 100 * self.decoys_found * self.asked // (self.decoys * self.found)
        more = f"among these notes chance alone makes {percent} for each 100 findings"
        return f"{'Most of them are chance: ' if percent >= 50 else ''}{more}.".capitalize()


def measured(ask: Ask, columns: Columns, decoys: Iterable[Columns]) -> Chance:
    """What a rule finds in some notes, and in their decoys."""
    found, asked = ask(columns)
    counts = [ask(one) for one in decoys]
    return Chance(found, asked, sum(one for one, _ in counts), sum(of for _, of in counts))


def shifted(columns: Columns) -> Iterable[Columns]:
    """The same notes with the withdrawals of each pool moved in time, those that leave one end coming in at the
    other: who withdraws, how often and in what rhythm stays as it is, and no withdrawal is where its deposit is."""
    for days in DAYS:
        time = columns.time.copy()
        for pool in range(len(columns.pools)):
            out, every = columns.of(pool, deposit=False), np.flatnonzero(columns.pool == pool)
            first, span = columns.time[every[0]], columns.time[every[-1]] - columns.time[every[0]] + 1
            time[out] = first + (columns.time[out] - first + days * DAY) % span
        yield _arranged(columns, time)


def dealt(columns: Columns) -> Sequence[Columns]:
    """The same notes with withdrawals of each pool paid to accounts that withdraw from others; none where there is one
    pool."""
    if len(columns.pools) < 2:
        return ()
    account, random = columns.account.copy(), np.random.default_rng(SEED)
    for pool in range(len(columns.pools)):
        mine = columns.of(pool, deposit=False)
        others = columns.account[(columns.pool != pool) & ~columns.deposit]
        if len(others):
            account[mine] = random.choice(others, len(mine))
    return (replace(columns, account=account),)


def elsewhere(columns: Columns) -> Iterable[Columns]:
    """The same notes with the withdrawals of each pool made those of another pool of its chain, of every other in
    turn; none where a chain has one pool."""
    for step in range(1, max(Counter(one.chain for one in columns.pools).values(), default=1)):
        pool, kept = columns.pool.copy(), columns.deposit.copy()
        for number, where in enumerate(columns.pools):
            same = [n for n, one in enumerate(columns.pools) if one.chain == where.chain]
            if step < len(same):
                mine = columns.of(number, deposit=False)
                pool[mine], kept[mine] = same[(same.index(number) + step) % len(same)], True
        yield Columns(
            tuple(columns.notes[n] for n in np.flatnonzero(kept).tolist()),
            columns.pools,
            columns.accounts,
            pool[kept],
            columns.account[kept],
            columns.deposit[kept],
            columns.time[kept],
            columns.place[kept],
        )


def _arranged(columns: Columns, time: Ints) -> Columns:
    """Notes at other times. Which of two at one time was first is not known."""
    order = np.argsort(time, kind="stable")
    moved = time[order]
    place = np.zeros(len(moved), np.int64)
    place[1:] = np.cumsum(moved[1:] != moved[:-1])
    return Columns(
        tuple(columns.notes[n] for n in order.tolist()),
        columns.pools,
        columns.accounts,
        columns.pool[order],
        columns.account[order],
        columns.deposit[order],
        moved,
        place,
    )
