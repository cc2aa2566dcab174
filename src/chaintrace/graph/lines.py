"""In-lines and out-lines: for each pot, every unit that came in and every unit that went out, in order.

A *lot* is one stretch of an in-line: a row that arrived (its number, >= 0), or units that entered unexplained
(``~row`` for the row that spent them, ``~(rows + pot)`` for those put at the head of the pot's in-line).
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from chaintrace.graph.kernel import NATIVE, kernel, memory_for, native

if TYPE_CHECKING:
    from chaintrace.graph.pots import Pots
    from chaintrace.graph.rows import Rows


class Lines(Protocol):
    """What everybody but a kernel asks of lines."""

    def totals(self, pot: int, row: int) -> tuple[int, int]:
        """Units that had entered and left ``pot`` just before ``row``."""

    def arrivals(self, pot: int, first: int, last: int) -> int:
        """How many rows from ``first`` to ``last`` (excluded) enter ``pot``."""

    def rows_of(self, pot: int) -> list[int]:
        """The rows that leave ``pot``, then those that enter it, each ascending."""

    def unexplained(self, pot: int, until: int) -> int:
        """Units that entered ``pot`` unexplained before ``until``, those at its head included."""


@dataclass(slots=True)
class Line:
    """The two lines of one pot; all amounts in base units.

    ``out_rows``, ``out_at``, ``before``  rows that left it, where each begins on the out-line, and the balance just
    before each, unexplained units included.
    ``lots``, ``lot_at``, ``after``       lots that entered it, where each begins on the in-line, and the balance just
    after each.
    ``missing``                           units that entered unexplained, by ``~lot``.
    """

    out_rows: list[int] = field(default_factory=list)
    out_at: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    lots: list[int] = field(default_factory=list)
    lot_at: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    missing: dict[int, int] = field(default_factory=dict)
    received: int = 0
    sent: int = 0

    def enter(self, lot: int, units: int) -> None:
        self.lots.append(lot)
        self.lot_at.append(self.received)
        self.received += units
        self.after.append(self.received - self.sent)

    def enter_unexplained(self, key: int, units: int) -> None:
        if units > 0:
            self.missing[key] = units
            self.enter(~key, units)

    def leave(self, row: int, units: int) -> None:
        """What is missing enters immediately before (DESIGN: just in time, so that later rows change nothing)."""
        self.enter_unexplained(row, self.sent + units - self.received)
        self.out_rows.append(row)
        self.out_at.append(self.sent)
        self.before.append(self.received - self.sent)
        self.sent += units


class Drawn:
    """The lines of rows in position order, each pot's drawn when it is first asked for.

    ``sender``, ``receiver``  pot of each row, -1 where there is none. ``amount``  in base units.
    Zero amounts and transfers from a pot to itself move nothing and are on neither line.
    ``opening``: what is missing later is taken to have been there from the beginning, at the head of the in-line.
    """

    def __init__(self, rows: Rows, pots: int, opening: bool = False) -> None:
        self.sender: list[int] = rows.sender.tolist()
        self.receiver: list[int] = rows.receiver.tolist()
        self.amount = rows.amount.tolist()
        self.pots = pots
        self.opening = opening
        self._lines: list[Line | None] = [None] * pots
        self._first, self._rows = _events(rows, pots)

    def __len__(self) -> int:
        return len(self.amount)

    def of(self, pot: int) -> Line:
        """The lines of one pot."""
        return self._lines[pot] or self._draw(pot)

    def size(self, lot: int) -> int:
        return self.amount[lot] if lot >= 0 else self.of(self.pot(lot)).missing[~lot]

    def start(self, lot: int) -> int:
        """Where the lot begins on its pot's in-line."""
        line, arrived = self.of(self.pot(lot)), self.arrived(lot)
        return line.lot_at[bisect_left(line.lots, arrived, key=self.arrived)]

    def out_start(self, row: int) -> int:
        """Where a row begins on its sender's out-line."""
        line = self.of(self.sender[row])
        return line.out_at[bisect_left(line.out_rows, row)]

    def before(self, row: int) -> int:
        """Balance of the row's sender just before it, unexplained units included."""
        line = self.of(self.sender[row])
        return line.before[bisect_left(line.out_rows, row)]

    def after(self, row: int) -> int:
        """Balance of the row's receiver just after it."""
        line = self.of(self.receiver[row])
        return line.after[bisect_left(line.lots, row, key=self.arrived)]

    def missing(self, row: int) -> int:
        """Units that entered the row's sender unexplained just before it."""
        return self.of(self.sender[row]).missing.get(row, 0)

    def pot(self, lot: int) -> int:
        """The pot that the lot entered."""
        if lot >= 0:
            return self.receiver[lot]
        return self.sender[~lot] if ~lot < len(self) else ~lot - len(self)

    def arrived(self, lot: int) -> int:
        """The row at which the lot entered its pot; -1 for the head of the in-line."""
        if lot >= 0:
            return lot
        return ~lot if ~lot < len(self) else -1

    def totals(self, pot: int, row: int) -> tuple[int, int]:
        line = self.of(pot)
        i, o = bisect_left(line.lots, row, key=self.arrived), bisect_left(line.out_rows, row)
        received = line.lot_at[i] if i < len(line.lots) else line.received
        return received, line.out_at[o] if o < len(line.out_rows) else line.sent

    def arrivals(self, pot: int, first: int, last: int) -> int:
        return len(self.arriving(pot, first, last))

    def arriving(self, pot: int, first: int, last: int) -> list[int]:
        """The rows from ``first`` to ``last`` (excluded) that enter ``pot``."""
        lots = self.of(pot).lots
        low, high = (bisect_left(lots, row, key=self.arrived) for row in (first, last))
        return [lot for lot in lots[low:high] if lot >= first]

    def rows_of(self, pot: int) -> list[int]:
        line = self.of(pot)
        return [*line.out_rows, *(lot for lot in line.lots if lot >= 0)]

    def unexplained(self, pot: int, until: int) -> int:
        missing = self.of(pot).missing
        return sum(units for key, units in missing.items() if key < until or key >= len(self))

    def _draw(self, pot: int) -> Line:
        line = self._filled(Line(), pot)
        if self.opening and line.missing:
            whole = Line()
            whole.enter_unexplained(len(self) + pot, sum(line.missing.values()))
            line = self._filled(whole, pot)
        self._lines[pot] = line
        return line

    def _filled(self, line: Line, pot: int) -> Line:
        for row in self._rows[self._first[pot] : self._first[pot + 1]].tolist():
            if self.sender[row] == pot:
                line.leave(row, self.amount[row])
            else:
                line.enter(row, self.amount[row])
        return line


def _events(rows: Rows, pots: int) -> tuple[list[int], Any]:
    """Where each pot's rows begin, and the rows that leave or enter it, pot after pot, ascending."""
    moving = np.flatnonzero((rows.sender != rows.receiver) & rows.amount.positive())
    pot = np.concatenate([rows.sender[moving], rows.receiver[moving]])
    row = np.concatenate([moving, moving])[pot >= 0]
    pot = pot[pot >= 0]
    order = np.lexsort((row, pot))
    return np.searchsorted(pot[order], np.arange(pots + 1)).tolist(), row[order]


def draw_lines(rows: Rows, pots: Pots, opening: bool) -> Lines:
    """The lines of ``rows`` by the kernel that is chosen. ``opening``: missing units stand at the head of a pot."""
    with memory_for("drawing the lines"):
        if kernel() == NATIVE:
            drawn: Lines = native().Lines(native_rows(rows, pots), opening)
            return drawn
        return Drawn(rows, len(pots), opening)


def native_rows(rows: Rows, pots: Pots) -> Any:
    """The arrays as the native kernel holds them, without copies."""
    wide = sorted(rows.amount.wide.items())
    return native().Rows(
        rows.sender,
        rows.receiver,
        rows.amount.lanes,
        [(row, amount.to_bytes(32, "big")) for row, amount in wide],
        rows.kinds,
        pots.asset_numbers[1],
        pots.nature,
    )
