"""In-lines and out-lines: for each pot, every unit that came in and every unit that went out, in order.

A *lot* is one stretch of an in-line: a row that arrived (its number, >= 0), or units that entered unexplained
(``~row`` for the row that spent them, ``~(rows + pot)`` for those put at the head of the pot's in-line).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


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
class Drawn:
    """Prefix sums of one set of rows in position order; all amounts in base units.

    ``sender``, ``receiver``  pot of each row, -1 where there is none.
    ``out_rows[p]``, ``out_at[p]``  rows that left pot p and where each begins on its out-line.
    ``lots[p]``, ``lot_at[p]``      lots that entered pot p and where each begins on its in-line.
    ``before[r]``  balance of r's sender just before r, unexplained units included.
    ``after[r]``   balance of r's receiver just after r.
    ``missing``    units that entered unexplained, by ``~lot``.
    Zero amounts and transfers from a pot to itself move nothing and are on neither line.
    """

    sender: Sequence[int]
    receiver: Sequence[int]
    amount: Sequence[int]
    out_rows: list[list[int]]
    out_at: list[list[int]]
    lots: list[list[int]]
    lot_at: list[list[int]]
    out_start: list[int]
    in_start: list[int]
    before: list[int]
    after: list[int]
    missing: dict[int, int]
    missing_start: dict[int, int]

    def __len__(self) -> int:
        return len(self.amount)

    @property
    def pots(self) -> int:
        return len(self.lots)

    def size(self, lot: int) -> int:
        return self.amount[lot] if lot >= 0 else self.missing[~lot]

    def start(self, lot: int) -> int:
        """Where the lot begins on its pot's in-line."""
        return self.in_start[lot] if lot >= 0 else self.missing_start[~lot]

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
        """Units that had entered and left ``pot`` just before ``row``."""
        i = bisect_left(self.lots[pot], row, key=self.arrived)
        o = bisect_left(self.out_rows[pot], row)
        lot = self.lots[pot][i - 1] if i else None
        out = self.out_rows[pot][o - 1] if o else None
        received = self.start(lot) + self.size(lot) if lot is not None else 0
        sent = self.out_start[out] + self.amount[out] if out is not None else 0
        return received, sent

    def arrivals(self, pot: int, first: int, last: int) -> int:
        return len(self.arriving(pot, first, last))

    def arriving(self, pot: int, first: int, last: int) -> list[int]:
        """The rows from ``first`` to ``last`` (excluded) that enter ``pot``."""
        low, high = (bisect_left(self.lots[pot], row, key=self.arrived) for row in (first, last))
        return [lot for lot in self.lots[pot][low:high] if lot >= first]

    def rows_of(self, pot: int) -> list[int]:
        return [*self.out_rows[pot], *(lot for lot in self.lots[pot] if lot >= 0)]

    def unexplained(self, pot: int, until: int) -> int:
        return sum(self.missing[~lot] for lot in self.lots[pot] if lot < 0 and (~lot < until or ~lot >= len(self)))


def draw(
    sender: Sequence[int], receiver: Sequence[int], amount: Sequence[int], pots: int, head: Sequence[int] | None = None
) -> Drawn:
    """The lines of rows in position order. ``head[p]`` units stand at the head of pot p; what is still missing
    enters immediately before the transfer that spends it (DESIGN: just in time, so that later rows change nothing)."""
    rows = len(amount)
    zeros = [0] * rows
    lines = Drawn(
        sender, receiver, amount,
        [[] for _ in range(pots)], [[] for _ in range(pots)], [[] for _ in range(pots)], [[] for _ in range(pots)],
        zeros[:], zeros[:], zeros[:], zeros[:], {}, {},
    )  # fmt: skip
    received, sent = [0] * pots, [0] * pots
    for pot, units in enumerate(head or ()):
        if units:
            _enter_unexplained(lines, received, pot, rows + pot, units)
    for row, (source, target, units) in enumerate(zip(sender, receiver, amount, strict=True)):
        if not units or source == target:
            continue
        if source >= 0:
            short = sent[source] + units - received[source]
            if short > 0:
                _enter_unexplained(lines, received, source, row, short)
            lines.before[row] = received[source] - sent[source]
            lines.out_rows[source].append(row)
            lines.out_at[source].append(sent[source])
            lines.out_start[row] = sent[source]
            sent[source] += units
        if target >= 0:
            lines.lots[target].append(row)
            lines.lot_at[target].append(received[target])
            lines.in_start[row] = received[target]
            received[target] += units
            lines.after[row] = received[target] - sent[target]
    return lines


def draw_from_opening(sender: Sequence[int], receiver: Sequence[int], amount: Sequence[int], pots: int) -> Drawn:
    """The lines when everything that is missing later is taken to have been there from the beginning."""
    late = draw(sender, receiver, amount, pots)
    head = [0] * pots
    for row, units in late.missing.items():
        head[sender[row]] += units
    return draw(sender, receiver, amount, pots, head)


def _enter_unexplained(lines: Drawn, received: list[int], pot: int, key: int, units: int) -> None:
    lines.missing[key] = units
    lines.missing_start[key] = received[pot]
    lines.lots[pot].append(~key)
    lines.lot_at[pot].append(received[pot])
    received[pot] += units
