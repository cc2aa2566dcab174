"""Haircut, both directions: every row takes the pot's taint in proportion to its balance at that moment.

``exact`` keeps Fractions; otherwise floor(taint · amount / balance) moves and the pot keeps the remainder. Backwards it
is the same sweep transposed: of what is sought in the receiver's pot, the row that came in last brought
floor(sought · amount / balance), and the rest was there before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from fractions import Fraction

from tests.oracle.words import (
    Answer,
    Pot,
    Question,
    Row,
    cut,
    end_of,
    followed_stops,
    further,
    heads,
    held_hops,
    holdings_by_moment,
    in_order,
    is_held_by,
    moves,
    seeds_by_row,
    source,
    target,
    until,
)


class Sweep:
    """Taint per pot and seed, and the fewest hops by which any has reached the pot so far."""

    def __init__(self, rows: list[Row], question: Question, exact: bool) -> None:
        self.question, self.exact, self.rows = question, exact, until(rows, question)
        self.taint: defaultdict[Pot, list[int]] = defaultdict(lambda: [0] * len(question.seeds))
        self.fewest: dict[Pot, int] = {}
        self.answer = Answer()
        self.seeds = seeds_by_row(self.rows, question)
        self.holdings = holdings_by_moment(self.rows, question)
        self.stops = followed_stops(self.rows, question)
        self.balances = balances(self.rows, heads(rows, question))

    def run(self) -> Answer:
        question = self.question
        for what, at in in_order(len(self.rows), question.direction):
            if what == "moment":
                for seed, since in self.holdings.get(at, ()):
                    self.seed_holding(self.balances[at], seed, since)
            elif moves(self.rows[at]):
                self.pass_row(at, self.rows[at])
        for pot, shares in self.taint.items():
            for seed, amount in enumerate(shares):
                self.answer.rest(question, pot, seed, amount)
        return self.answer.tidy()

    def part(self, pot: Pot, amount: int, balance: int) -> list[int]:
        """Take amount/balance of the pot's taint out of it, as shares by seed."""
        shares, total = self.taint[pot], sum(self.taint[pot])
        if self.exact:
            taken = [Fraction(share * amount, balance) for share in shares]
        else:
            taken = divide(total * amount // balance, shares)
        self.taint[pot] = [share - out for share, out in zip(shares, taken, strict=True)]
        return taken

    def arriving(self, i: int, row: Row) -> tuple[Pot | None, list[int]]:
        """The pot the row is left from in the direction of the trace, and the taint it brings along."""
        forward = self.question.direction == "forward"
        pot = source(row) if forward else target(row)
        if pot is None:
            return None, [0] * len(self.question.seeds)
        if forward:  # units missing from the balance come in just before, clean
            return pot, self.part(pot, row.amount, max(self.balances[i][pot], row.amount))
        return pot, self.part(pot, row.amount, self.balances[i + 1][pot])

    def pass_row(self, i: int, row: Row) -> None:
        question, answer = self.question, self.answer
        pot, shares = self.arriving(i, row)
        hops = None
        if sum(shares):
            hops = further(self.fewest[pot], row, question.direction)
            if (bucket := cut(question, hops, sum(shares))) is not None:
                answer.ledger[row.asset, bucket, ""] += sum(shares)
                shares, hops = [0] * len(shares), None
        on_row = sum(shares)
        for seed in self.seeds.get(i, ()):
            gap, on_row = row.amount - on_row, row.amount
            answer.seeded[row.asset] += gap
            shares[seed] += gap
            hops = 0 if gap else hops
        for seed, amount in enumerate(shares):
            answer.tainted[i, seed] += amount
        self.arrive(row, shares, hops)
        if question.direction == "backward" and (pot := source(row)) is not None:
            self.begin(pot, row.amount - self.balances[i][pot], row.amount)

    def arrive(self, row: Row, shares: list[int], hops: int | None) -> None:
        forward = self.question.direction == "forward"
        end = end_of(row, self.question, self.stops)
        pot = target(row) if forward else source(row)
        for seed, amount in enumerate(shares):
            if end is None:
                self.taint[pot][seed] += amount
            else:
                self.answer.ledger[(row.asset, *end)] += amount
            if end is not None and end[0] == "exit":
                self.answer.exits[end[1], row.receiver if forward else row.sender, row.asset, seed] += amount
        if end is None and hops is not None:
            self.fewest[pot] = min(hops, self.fewest.get(pot, hops))

    def begin(self, pot: Pot, missing: int, balance: int) -> None:
        """Backwards: the units that came in unexplained just before this row."""
        if missing > 0:
            for seed, amount in enumerate(self.part(pot, missing, balance)):
                self.answer.rest(self.question, pot, seed, amount)

    def seed_holding(self, balance: Counter[Pot], seed: int, since: object) -> None:
        for pot, amount in balance.items():
            gap = amount - sum(self.taint[pot])
            if is_held_by(pot, since) and gap:
                self.taint[pot][seed] += gap
                self.answer.seeded[pot[1]] += gap
                self.fewest[pot] = held_hops(self.question.direction)


def divide(total: int, shares: list[int]) -> list[int]:
    """The row's total among the seeds: cumulative floors in seed order."""
    whole, passed, given, parts = sum(shares), 0, 0, []
    for share in shares:
        passed += share
        upto = total * passed // whole if whole else 0
        parts.append(upto - given)
        given = upto
    return parts


def balances(rows: list[Row], head: dict[Pot, int]) -> list[Counter[Pot]]:
    """What every pot holds just before each row, and after the last; never below zero."""
    now = Counter(head)
    before = []
    for row in rows:
        before.append(now.copy())
        if moves(row):
            if (pot := source(row)) is not None:
                now[pot] = max(0, now[pot] - row.amount)
            if (pot := target(row)) is not None:
                now[pot] += row.amount
    return [*before, now]


def trace(rows: list[Row], question: Question, exact: bool = False) -> Answer:
    """Haircut in whole units, or in Fractions."""
    return Sweep(rows, question, exact).run()
