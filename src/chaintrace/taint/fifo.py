"""FIFO: the unit at coordinate x of the in-line leaves as the unit at coordinate x of the out-line (DESIGN §4)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence

from chaintrace.graph.lines import Drawn
from chaintrace.taint.book import Span


class Fifo:
    """First in, first out: the identity between a pot's two lines."""

    def __init__(self, lines: Drawn) -> None:
        self.lines = lines

    def onward(self, lot: int, start: int, stop: int) -> Iterator[Span]:
        """The rows on which units of a lot leave its pot, in order; what is missing at the end is still held."""
        base, line = self.lines.start(lot), self.lines.of(self.lines.pot(lot))
        yield from _overlaps(line.out_at, line.out_rows, self.lines.amount.__getitem__, base + start, base + stop)

    def origin(self, row: int, start: int, stop: int) -> Iterator[Span]:
        """The lots from which units of a row came; ``Span.row`` is a lot."""
        base, line = self.lines.out_start(row), self.lines.of(self.lines.sender[row])
        yield from _overlaps(line.lot_at, line.lots, self.lines.size, base + start, base + stop)

    def held(self, pot: int, row: int) -> Iterator[Span]:
        """The lots, or parts of them, that ``pot`` holds just before ``row``; the next to leave first."""
        received, sent = self.lines.totals(pot, row)
        line = self.lines.of(pot)
        yield from _overlaps(line.lot_at, line.lots, self.lines.size, sent, received)


def _overlaps(
    at: Sequence[int], items: Sequence[int], size: Callable[[int], int], first: int, last: int
) -> Iterator[Span]:
    for i in range(max(bisect_right(at, first) - 1, 0), len(items)):
        if at[i] >= last:
            return
        low, high = max(first, at[i]), min(last, at[i] + size(items[i]))
        if low < high:
            yield Span(items[i], low - at[i], high - at[i])
