"""The walk that every method makes: rows in position order, backwards in reverse, only those that matter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from heapq import heappop, heappush

from chaintrace.taint.question import Listed, Question, SeedPot, SeedSpan


class Walk(ABC):
    """Visits each scheduled row once, when everything that can reach it has been visited.

    Pots seeded at a moment are planted between the rows before and the rows after that moment.
    """

    def __init__(self, question: Question) -> None:
        self.q = question
        self.lines = question.book.lines
        self.out = Listed()
        self.planting: dict[int, list[SeedSpan]] = {}
        self._potted: dict[int, list[SeedPot]] = {}
        self._events: list[int] = []
        self._sign = 1 if question.forward else -1

    @abstractmethod
    def visit(self, row: int) -> None:
        """Everything that reaches ``row`` is known: move it on."""

    @abstractmethod
    def plant_pot(self, seed: SeedPot) -> None:
        """Seed what a pot holds just before ``seed.row``."""

    def run(self) -> Listed:
        for span in self._spans():
            if span.row < self.q.until:
                self.plant(span)
        for seed in self.q.pots:
            self._potted.setdefault(seed.row, []).append(seed)
            heappush(self._events, self._sign * 2 * seed.row)
        last = None
        while self._events:
            event = heappop(self._events)
            if event == last:
                continue
            last = event
            row, is_row = divmod(self._sign * event, 2)
            if is_row:
                self.visit(row)
                continue
            for seed in self._potted.pop(row):
                self.plant_pot(seed)
        self.out.moves.sort(key=self._order)
        return self.out

    def _spans(self) -> Iterator[SeedSpan]:
        for span in self.q.spans:
            if isinstance(span, SeedSpan):
                yield span
                continue
            for row in self.lines.arriving(span.pot, span.first, span.last):
                yield SeedSpan(span.seed, row, 0, self.lines.amount[row])

    def _order(self, move: tuple[int, ...]) -> int:
        return self._sign * move[0]

    def plant(self, span: SeedSpan) -> None:
        self.planting.setdefault(span.row, []).append(span)
        self.schedule(span.row)

    def schedule(self, row: int) -> None:
        heappush(self._events, self._sign * (2 * row + 1))

    def schedule_next(self, pot: int, row: int) -> None:
        """The next row that leaves ``pot`` after ``row``; backwards the last that entered it before ``row``."""
        if self.q.forward:
            rows = self.lines.of(pot).out_rows
            i = bisect_right(rows, row)
            if i < len(rows) and rows[i] < self.q.until:
                self.schedule(rows[i])
            return
        lots = self.lines.of(pot).lots
        i = bisect_left(lots, row, key=self.lines.arrived) - 1
        while i >= 0 and lots[i] < 0:
            i -= 1
        if i >= 0:
            self.schedule(lots[i])
