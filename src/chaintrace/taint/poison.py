"""Poison: anything after the first tainted unit. Reach, not accounting.

Forwards an earliest-arrival search: a pot is poisoned from the first poisoned row that enters it and stays so, even
emptied; every later row that leaves it is poisoned whole. Backwards a latest-departure search: every row that entered
a pot before the last row that matters left it may have contributed.
"""

from __future__ import annotations

from chaintrace.taint.question import (
    LINKED_OUT,
    TOUCHED,
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


def reach(question: Question) -> Outcome:
    """Every row the seeds reach; amounts are those of whole rows and are not to be summed."""
    return _Reach(question).run()


class _Reach(Walk):
    def __init__(self, question: Question) -> None:
        super().__init__(question)
        self.hops: dict[int, int] = {}
        self.crossed: dict[int, int] = {}

    def run(self) -> Listed:
        super().run()
        for pot in self.hops if self.q.forward else ():
            received, sent = self.lines.totals(pot, self.q.until)
            self.out.rests.append(Rest(TOUCHED, "", pot, -1, 0, received - sent))
        return self.out

    def visit(self, row: int) -> None:
        hops = self._arriving(row)
        seeds = self.planting.pop(row, ())
        amount = self.lines.amount[row]
        if hops is not None:
            bucket = self.q.cut(row, amount, hops)
            if bucket:
                self.out.rests.append(Rest(bucket, "", self.q.side(row), row, 0, amount))
                hops = None
        if seeds:
            if hops is None:
                units = max(seed.stop - seed.start for seed in seeds)
                self.out.planted.append(Planted(self.q.side(row), 0, units))
            hops = 0
        if hops is not None:
            self._move(row, hops)

    def _arriving(self, row: int) -> int | None:
        """The fewest hops by which poison reaches ``row``; None if it does not."""
        pot = self.lines.sender[row] if self.q.forward else self.lines.receiver[row]
        if row in self.crossed:
            self.out.crossings.append(Crossing(row, 0, self.lines.amount[row]))
            return self.crossed[row]
        if pot not in self.hops:
            return None
        self.schedule_next(pot, row)
        return max(self.hops[pot] + self.q.step(row), 0)

    def _move(self, row: int, hops: int) -> None:
        amount = self.lines.amount[row]
        self.out.moves.append(Move(row, 0, amount, hops))
        end = self.q.end(row)
        if end is None:
            self._poison(self.lines.receiver[row] if self.q.forward else self.lines.sender[row], hops, row)
            return
        self.out.rests.append(Rest(*end, self.q.far(row), row, 0, amount))
        if end[0] == LINKED_OUT:
            conversion = (self.q.book.leaves if self.q.forward else self.q.book.enters)[row]
            for other in conversion.touched(row, self.q.forward):
                self.crossed[other] = min(hops, self.crossed.get(other, hops))
                self.schedule(other)

    def _poison(self, pot: int, hops: int, row: int) -> None:
        if pot not in self.hops:
            self.hops[pot] = hops
            self.schedule_next(pot, row)
        self.hops[pot] = min(hops, self.hops[pot])

    def plant_pot(self, seed: SeedPot) -> None:
        received, sent = self.lines.totals(seed.pot, seed.row)
        units = received - sent if seed.cap is None else min(received - sent, seed.cap)
        if not units:
            return
        if seed.pot not in self.hops:
            self.out.planted.append(Planted(seed.pot, 0, units))
        self._poison(seed.pot, 0 if self.q.forward else -1, seed.row - 1 if self.q.forward else seed.row)
        seen = {move.row for move in self.out.moves} if seed.rows else set()
        for arrived, _ in seed.rows if self.q.forward else ():
            if arrived not in seen:
                self.out.moves.append(Move(arrived, 0, self.lines.amount[arrived], 0))
