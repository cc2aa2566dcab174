"""LIFO: the unit that came last leaves first. A pot's timeline is a string of brackets; this matches them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from typing import NamedTuple

from chaintrace.graph.lines import Drawn
from chaintrace.taint.book import Span


class Match(NamedTuple):
    """Units ``lot_start`` … of a lot leave as units ``row_start`` … of a row, ``size`` of them."""

    lot: int
    lot_start: int
    row: int
    row_start: int
    size: int


class Lifo:
    """Last in, first out. A transfer's slice is cut from the end of the line and keeps its order inside:
    unit 0 of a row is the one that had been with the sender longest (DESIGN §4)."""

    def __init__(self, lines: Drawn) -> None:
        self.lines = lines
        self._by_lot: dict[int, list[Match]] = {}
        self._by_row: dict[int, list[Match]] = {}
        self._matched: set[int] = set()

    def onward(self, lot: int, start: int, stop: int) -> Iterator[Span]:
        """The rows on which units of a lot leave its pot; what is missing at the end is still held."""
        self._match(self.lines.pot(lot))
        matches = self._by_lot.get(lot, [])
        for m in _overlapping(matches, start, stop, lambda m: m.lot_start):
            low, high = max(start, m.lot_start) - m.lot_start, min(stop, m.lot_start + m.size) - m.lot_start
            yield Span(m.row, m.row_start + low, m.row_start + high)

    def origin(self, row: int, start: int, stop: int) -> Iterator[Span]:
        """The lots from which units of a row came; ``Span.row`` is a lot."""
        self._match(self.lines.sender[row])
        for m in _overlapping(self._by_row.get(row, []), start, stop, lambda m: m.row_start):
            low, high = max(start, m.row_start) - m.row_start, min(stop, m.row_start + m.size) - m.row_start
            yield Span(m.lot, m.lot_start + low, m.lot_start + high)

    def held(self, pot: int, row: int) -> Iterator[Span]:
        """The lots, or parts of them, that ``pot`` holds just before ``row``; the longest held first."""
        stack: list[Span] = []
        for event, lot in self._timeline(pot):
            if event >= row:
                break
            if lot is None:
                _pop(stack, self.lines.amount[event])
            else:
                stack.append(Span(lot, 0, self.lines.size(lot)))
        yield from stack

    def _match(self, pot: int) -> None:
        if pot in self._matched:
            return
        self._matched.add(pot)
        stack: list[Span] = []
        for event, lot in self._timeline(pot):
            if lot is not None:
                stack.append(Span(lot, 0, self.lines.size(lot)))
                continue
            end = self.lines.amount[event]
            for span in _pop(stack, end):
                size = span.stop - span.start
                end -= size
                match = Match(span.row, span.start, event, end, size)
                self._by_lot.setdefault(span.row, []).append(match)
                self._by_row.setdefault(event, []).append(match)
        for lot in self.lines.of(pot).lots:
            self._by_lot.get(lot, []).reverse()
        for row in self.lines.of(pot).out_rows:
            self._by_row.get(row, []).reverse()

    def _timeline(self, pot: int) -> Iterator[tuple[int, int | None]]:
        """(row, lot) for what enters and (row, None) for what leaves, in order; unexplained units just before."""
        lots = [(self.lines.arrived(lot), 0, lot) for lot in self.lines.of(pot).lots]
        outs = [(row, 1, None) for row in self.lines.of(pot).out_rows]
        for row, _, lot in sorted([*lots, *outs], key=lambda event: event[:2]):
            yield row, lot


def _pop(stack: list[Span], amount: int) -> list[Span]:
    """Take ``amount`` units from the top: the last to come is the first of the list."""
    taken = []
    while amount:
        lot, start, stop = stack.pop()
        cut = max(start, stop - amount)
        if cut > start:
            stack.append(Span(lot, start, cut))
        taken.append(Span(lot, cut, stop))
        amount -= stop - cut
    return taken


def _overlapping(matches: list[Match], start: int, stop: int, at: Callable[[Match], int]) -> Iterator[Match]:
    for i in range(max(bisect_right(matches, start, key=at) - 1, 0), len(matches)):
        if at(matches[i]) >= stop:
            return
        if at(matches[i]) + matches[i].size > start:
            yield matches[i]
