"""Portfolios: the same numbers of notes, pool by pool, paid in by one account within a day and taken out by another."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
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
from chaintrace.heuristics.tornado.timing import NAMED
from chaintrace.heuristics.transactions import Mask


@dataclass(frozen=True)
class PortfolioThresholds:
    """``window``: seconds in which a portfolio is paid in, or taken out; ``pools``, ``notes``: how many it has at least
    (Tutela, SameNumTransactionsHeuristic; Wang et al., WWW 2023, H5). ``candidates``: how many portfolios that were
    paid in before may be the same, at most. Our own: with more it says little."""

    window: int = DAY
    pools: int = 2
    notes: int = 5
    candidates: int = 10


class Portfolio(NamedTuple):
    """Notes of one account within the window, in order, and of which pools they are."""

    account: int
    notes: list[int]
    counts: tuple[tuple[int, int], ...]


@heuristic(
    "tornado-portfolio",
    PortfolioThresholds(),
    doubt="Round sums are split in the same way by many people, and a portfolio may be taken out by several accounts.",
)
def portfolio(rows: Rows, labels: Known, at: PortfolioThresholds) -> Iterator[Finding]:
    """An account that took out, within a day, as many notes of each pool as another had paid in within a day before."""
    columns = rows.notes.columns

    # THRESHOLD
    def ask(some: Columns) -> tuple[int, int]:
        every = list(matches(some, at))
        return sum(0 < len(payers) <= at.candidates for _, payers in every), len(every)

    chance = rows.once(("chance", portfolio, at), lambda: measured(ask, columns, shifted(columns)))
    for taken, payers in matches(columns, at):
        if not 0 < len(payers) <= at.candidates:
            continue
        note = columns.notes[taken.notes[0]]
        pairs = _pairs(columns, payers[0], taken) if len(payers) == 1 else []
        names = sorted({columns.accounts[one.account] for one in payers})
        # CLAIM, EVIDENCE, DOUBT
        claim = "took out as many notes of each pool as an account had paid in"
        counts = {columns.pools[pool].name: many for pool, many in taken.counts}
        evidence = {"chain": note.pool.chain, "portfolio": counts, "candidates": len(payers), "paid_in": names[:NAMED]}
        notes = [n for pair in pairs for n in pair] or taken.notes
        confidence = 40 // len(payers)
        yield finding(
            rows, note.account, claim, notes, confidence, evidence | chance.evidence, pairs=pairs, doubt=chance.doubt
        )


def matches(columns: Columns, at: PortfolioThresholds) -> Iterator[tuple[Portfolio, list[Portfolio]]]:
    """Portfolios that are taken out, each with those of the same counts that had been paid in before it began."""
    paid: dict[tuple[tuple[int, int], ...], list[Portfolio]] = {}
    for one in portfolios(columns, columns.deposit, at):
        paid.setdefault(one.counts, []).append(one)
    for taken in portfolios(columns, ~columns.deposit, at):
        place = columns.plain.place
        begun = place[taken.notes[0]]
        yield taken, [one for one in paid.get(taken.counts, ()) if place[one.notes[-1]] < begun]


def portfolios(columns: Columns, which: Mask, at: PortfolioThresholds) -> Iterator[Portfolio]:
    """Of each account and chain its notes within a window that begins with the first that is in none before."""
    chains = {name: n for n, name in enumerate(dict.fromkeys(pool.chain for pool in columns.pools))}
    chain = np.array([chains[pool.chain] for pool in columns.pools], np.int64)
    some = np.flatnonzero(which)
    key = columns.account[some] * max(len(chains), 1) + chain[columns.pool[some]]
    order = np.lexsort((some, key))
    some, key = some[order], key[order]
    for mine in np.split(some, np.flatnonzero(np.diff(key)) + 1) if len(some) else ():
        if len(mine) >= at.notes:
            yield from _cut(columns, mine.tolist(), at)


def _cut(columns: Columns, mine: list[int], at: PortfolioThresholds) -> Iterator[Portfolio]:
    times, begin = [columns.plain.time[n] for n in mine], 0
    while begin < len(mine):
        end = bisect_right(times, times[begin] + at.window)
        inside = mine[begin:end]
        begin = end
        counts = tuple(sorted(Counter(columns.plain.pool[n] for n in inside).items()))
        if len(inside) >= at.notes and len(counts) >= at.pools:
            yield Portfolio(columns.plain.account[inside[0]], inside, counts)


def _pairs(columns: Columns, paid: Portfolio, taken: Portfolio) -> list[Pair]:
    """Pool by pool, in order."""
    return sorted(
        pair
        for pool, _ in taken.counts
        for pair in zip(
            (n for n in paid.notes if columns.pool[n] == pool),
            (n for n in taken.notes if columns.pool[n] == pool),
            strict=True,
        )
    )
