"""Dirty-first: tainted units leave first, first in first out among themselves. TIHO: taint in, highest out."""

from __future__ import annotations

from collections import defaultdict

from tests.oracle.shares import Sweep, balances
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
    holdings_by_moment,
    in_order,
    is_held_by,
    moves,
    seeds_by_row,
    source,
    target,
    until,
)

Dirt = list[tuple[int, int]]  # (amount, seed) in the order in which it came


def trace(rows: list[Row], question: Question) -> Answer:
    """Dirty-first, forwards: a queue of tainted units per pot, in front of everything clean."""
    answer = Answer()
    dirt: defaultdict[Pot, Dirt] = defaultdict(list)
    fewest: dict[Pot, int] = {}
    rows, head = until(rows, question), heads(rows, question)
    before, seeds, holdings = balances(rows, head), seeds_by_row(rows, question), holdings_by_moment(rows, question)
    stops = followed_stops(rows, question)
    for what, at in in_order(len(rows), "forward"):
        if what == "moment":
            for seed, since in holdings.get(at, ()):
                for pot, held in before[at].items():
                    if is_held_by(pot, since) and (gap := held - amount(dirt[pot])):
                        dirt[pot].append((gap, seed))
                        answer.seeded[pot[1]] += gap
                        fewest[pot] = 0
            continue
        row = rows[at]
        if not moves(row):
            continue
        pot, on_row, hops = source(row), [], 0
        if pot is not None and amount(dirt[pot]):
            on_row, dirt[pot] = front(dirt[pot], row.amount)
            hops = further(fewest[pot], row, "forward")
            if (bucket := cut(question, hops, amount(on_row))) is not None:
                answer.ledger[row.asset, bucket, ""] += amount(on_row)
                on_row = []
        if seeds.get(at) and (gap := row.amount - amount(on_row)):
            answer.seeded[row.asset] += gap
            on_row, hops = [*on_row, (gap, seeds[at][0])], 0
        end = end_of(row, question, stops)
        for units, seed in on_row:
            answer.tainted[at, seed] += units
            if end is not None:
                answer.ledger[(row.asset, *end)] += units
            if end is not None and end[0] == "exit":
                answer.exits[end[1], row.receiver, row.asset, seed] += units
        if end is None and on_row:
            dirt[target(row)] += on_row
            fewest[target(row)] = min(hops, fewest.get(target(row), hops))
    for pot, units_of in dirt.items():
        for units, seed in units_of:
            answer.rest(question, pot, seed, units)
    return answer.tidy()


def amount(dirt: Dirt) -> int:
    return sum(units for units, _ in dirt)


def front(dirt: Dirt, wanted: int) -> tuple[Dirt, Dirt]:
    """The first ``wanted`` units, or all of them, and what stays."""
    out, stay = [], []
    for units, seed in dirt:
        now = min(units, wanted)
        wanted -= now
        out.append((now, seed))
        stay.append((units - now, seed))
    return [lot for lot in out if lot[0]], [lot for lot in stay if lot[0]]


class Tiho(Sweep):
    """Of the taint that went into a transaction the largest output takes all it can, then the next; the fee is last."""

    def arriving(self, i: int, row: Row) -> tuple[Pot | None, list[int]]:
        if row.kind not in ("output", "fee"):
            return super().arriving(i, row)
        pot, width = source(row), len(self.question.seeds)
        if pot not in self.plans:
            self.plans[pot] = self.plan(
                pot, [n for n, row in enumerate(self.rows) if moves(row) and source(row) == pot]
            )
        shares = self.plans[pot].get(i, [0] * width)
        self.taint[pot] = [have - out for have, out in zip(self.taint[pot], shares, strict=True)]
        return pot, list(shares)

    def plan(self, pot: Pot, leaving: list[int]) -> dict[int, list[int]]:
        """Row -> shares: rows by kind (fee last), then amount from high to low, then order; units by seed order."""
        left = list(self.taint[pot])
        found = {}
        for n in sorted(leaving, key=lambda n: (self.rows[n].kind == "fee", -self.rows[n].amount, n)):
            room, found[n] = self.rows[n].amount, []
            for seed, have in enumerate(left):
                found[n].append(min(have, room))
                room -= found[n][-1]
                left[seed] -= found[n][-1]
        return found

    plans: dict[Pot, dict[int, list[int]]]


def tiho(rows: list[Row], question: Question) -> Answer:
    """TIHO on a chain of coins, forwards."""
    sweep = Tiho(rows, question, exact=False)
    sweep.plans = {}
    return sweep.run()
