"""Following amounts: the event sweep of haircut, dirty-first and TIHO.

Rows that leave tainted pots are visited in position order; balances do not depend on taint and stand in the lines.
Backwards the same sweep is read transposed: what is asked of a pot is made up of the rows that entered it, in
proportion to the balance after each.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable

from chaintrace.taint.book import Conversion
from chaintrace.taint.pools import Parts, Pool, divide
from chaintrace.taint.question import (
    LINKED_OUT,
    Crossing,
    Listed,
    Move,
    Outcome,
    Planted,
    Question,
    Rest,
    SeedPot,
)
from chaintrace.taint.walk import Walk


def sweep(question: Question, pool_of: Callable[[int], Pool]) -> Outcome:
    """Every tainted amount of the seeds to where it ends."""
    return _Sweep(question, pool_of).run()


class _Sweep(Walk):
    def __init__(self, question: Question, pool_of: Callable[[int], Pool]) -> None:
        super().__init__(question)
        self.pool_of = pool_of
        self.pools: dict[int, Pool] = {}
        self.fewest: dict[int, int] = {}
        self.crossing: dict[int, _Crossing] = {}

    def run(self) -> Listed:
        super().run()
        for pot, pool in self.pools.items():
            self._rest(self.q.left(pot) if self.q.forward else self.q.unknown(pot), "", pot, -1, pool.left())
        return self.out

    def visit(self, row: int) -> None:
        parts, hops = self._arriving(row)
        amount = sum(part for _, part in parts)
        bucket = self.q.cut(row, amount, hops) if amount else None
        if bucket:
            self._rest(bucket, "", self.q.side(row), row, parts)
            parts, amount = [], 0
        for seed, _, start, stop in self.planting.pop(row, ()):
            units = min(stop - start, self.lines.amount[row] - amount)
            if units:
                self.out.planted.append(Planted(self.q.side(row), seed, units))
                parts, amount, hops = [*parts, (seed, units)], amount + units, 0
        if amount:
            self._move(row, parts, hops)

    def _arriving(self, row: int) -> tuple[Parts, int]:
        """The tainted units that reach ``row``, and the fewest hops they can have come."""
        book = self.q.book
        conversion = (book.enters if self.q.forward else book.leaves).get(row)
        if conversion is not None:
            crossing = self.crossing.get(id(conversion))
            if crossing is None:
                return [], 0
            parts = crossing.share(row)
            self.out.crossings += [Crossing(row, seed, part) for seed, part in parts]
            return parts, crossing.hops
        pot = self.lines.sender[row] if self.q.forward else self.lines.receiver[row]
        pool = self.pools.get(pot)
        if pool is None or not pool.total:
            return [], 0
        balance = self.lines.before(row) if self.q.forward else self.lines.after(row)
        parts = pool.take(row, self.lines.amount[row], balance)
        if pool.total:
            self.schedule_next(pot, row)
        return parts, max(self.fewest[pot] + self.q.step(row), 0)

    def _move(self, row: int, parts: Parts, hops: int) -> None:
        self.out.moves += [Move(row, seed, amount, hops) for seed, amount in divide_by_seed(parts)]
        end = self.q.end(row)
        if end is None:
            pot = self.lines.receiver[row] if self.q.forward else self.lines.sender[row]
            self._enter(pot, parts, hops, row)
            missing = 0 if self.q.forward else self.lines.missing(row)
            if missing:
                units = self.pools[pot].take(row, missing, self.lines.before(row))
                self._rest(self.q.unknown(pot), "", pot, -1, units)
            return
        self._rest(*end, self.q.far(row), row, parts)
        if end[0] == LINKED_OUT:
            self._cross(row, parts, hops)

    def _enter(self, pot: int, parts: Parts, hops: int, row: int) -> None:
        pool = self.pools.get(pot)
        if pool is None:
            pool = self.pools[pot] = self.pool_of(pot)
        if not pool.total:
            self.schedule_next(pot, row)
        pool.add(parts)
        self.fewest[pot] = min(hops, self.fewest.get(pot, hops))

    def plant_pot(self, seed: SeedPot) -> None:
        received, sent = self.lines.totals(seed.pot, seed.row)
        pool = self.pools.get(seed.pot)
        free = received - sent - (pool.total if pool else 0)
        units = free if seed.cap is None else min(free, seed.cap)
        if not units:
            return
        self.out.planted.append(Planted(seed.pot, seed.seed, units))
        hops, row = (0, seed.row - 1) if self.q.forward else (-1, seed.row)
        self._enter(seed.pot, [(seed.seed, units)], hops, row)
        for arrived, part in reversed(seed.rows if self.q.forward else ()):
            shown = min(part, units)
            units -= shown
            if shown:
                self.out.moves.append(Move(arrived, seed.seed, shown, 0))

    def _cross(self, row: int, parts: Parts, hops: int) -> None:
        book = self.q.book
        conversion = (book.leaves if self.q.forward else book.enters)[row]
        crossing = self.crossing.setdefault(id(conversion), _Crossing(conversion, self.q))
        crossing.arrive(row, parts, hops)
        for target in conversion.targets if self.q.forward else conversion.sources:
            self.schedule(target)

    def _rest(self, bucket: str, category: str, pot: int, row: int, parts: Parts) -> None:
        self.out.rests += [Rest(bucket, category, pot, row, seed, amount) for seed, amount in divide_by_seed(parts)]


class _Crossing:
    """Taint on its way through a link. Inside a row it lies evenly; forwards the link maps x to floor(x·m/n),
    backwards to the covering ceiling, on the coordinates of all rows together."""

    def __init__(self, conversion: Conversion, question: Question) -> None:
        c, self.forward = conversion, question.forward
        self.near, self.near_at, self.n = (
            (c.sources, c.source_at, c.n) if self.forward else (c.targets, c.target_at, c.m)
        )
        self.far, self.far_at, self.m = (c.targets, c.target_at, c.m) if self.forward else (c.sources, c.source_at, c.n)
        self.on: dict[int, int] = {}
        self.by_seed: dict[int, int] = {}
        self.hops = 0

    def arrive(self, row: int, parts: Parts, hops: int) -> None:
        self.hops = min(hops, self.hops) if self.on else hops
        self.on[row] = sum(amount for _, amount in parts)
        for seed, amount in parts:
            self.by_seed[seed] = self.by_seed.get(seed, 0) + amount

    def share(self, row: int) -> Parts:
        i = self.far.index(row)
        end = self.far_at[i + 1] if i + 1 < len(self.far) else self.m
        return divide(self._upto(end) - self._upto(self.far_at[i]), sorted(self.by_seed.items()))

    def _upto(self, y: int) -> int:
        """Taint on the far side's first y units."""
        k = max(bisect_right(self.near_at, y * self.n // self.m) - 1, 0)
        before = sum(self.on.get(row, 0) for row in self.near[:k])
        size = (self.near_at[k + 1] if k + 1 < len(self.near) else self.n) - self.near_at[k]
        inside = self.on.get(self.near[k], 0) * (y * self.n - self.near_at[k] * self.m)
        numerator, denominator = before * self.m * size + inside, self.n * size
        return numerator // denominator if self.forward else -(-numerator // denominator)


def divide_by_seed(parts: Parts) -> Parts:
    """One entry a seed, in seed order."""
    sums: dict[int, int] = {}
    for seed, amount in parts:
        sums[seed] = sums.get(seed, 0) + amount
    return sorted((seed, amount) for seed, amount in sums.items() if amount)
