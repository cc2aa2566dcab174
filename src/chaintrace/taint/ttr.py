"""TTR: mass follows transfers, most of it the way the money went and some of it back to where it came from."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from math import lcm

from chaintrace.taint.push import Chips, Piece
from chaintrace.taint.ways import Way, Ways

_FINE = 400
"""Bits behind the point where a side's mass by unit of weight is rounded up. Amounts have 256: what rounding adds to
all ways of a side together is far below one part, so that rounding down there never gives more than there is."""

VARIANTS = ("base", "weight", "time", "redirect")
TIMED = ("time", "redirect")


@dataclass(frozen=True, slots=True)
class Ttr:
    """``alpha`` is kept; of the rest ``beta`` goes out and what is left goes back, in proportion to the amounts of rows
    (``base``: to each row alike). ``time``, ``redirect``: out by rows that are later than the mass came, back by
    earlier ones. Where one of the ways is closed, the others share what would have gone there."""

    ways: Ways
    alpha: Fraction
    beta: Fraction
    variant: str

    def __call__(self, pot: int, chips: Chips) -> Iterator[Piece]:
        outs, ins = self.ways.of(pot)
        out, back = _Side(outs, self.variant != "base"), _Side(ins[::-1], self.variant != "base")
        for stamp, mass in chips.items():
            first_out, first_back = self._first(outs, ins, stamp)
            shares = self._shares(pot, out.has(first_out), back.has(first_back))
            out.add(first_out, mass * shares[0] // shares[2])
            back.add(first_back, mass * shares[1] // shares[2])
        for side in (out, back):
            for way, mass in side.divided():
                yield Piece(way.pot, way.stamp if self.variant in TIMED else 0, mass)

    def _first(self, outs: list[Way], ins: list[Way], stamp: int) -> tuple[int, int]:
        """The first way out, and of those back from the last on, that is open to what came at ``stamp``."""
        if self.variant not in TIMED:
            return 0, 0
        return bisect_right(outs, stamp, key=_at), len(ins) - bisect_left(ins, stamp, key=_at)

    def _shares(self, pot: int, out: bool, back: bool) -> tuple[int, int, int]:
        """What goes out and what goes back, of how much."""
        alpha = Fraction(0) if self.ways.passes(pot) else self.alpha
        onward, backward = (1 - alpha) * self.beta * out, (1 - alpha) * (1 - self.beta) * back
        of = lcm(alpha.denominator, onward.denominator, backward.denominator)
        whole = alpha + onward + backward
        return int(onward * of), int(backward * of), int(whole * of) or 1


class _Side:
    """Mass over the ways of one direction, each chip's over those from the first that is open to it."""

    def __init__(self, ways: list[Way], weighed: bool) -> None:
        self.ways = ways
        self.weights = [way.amount if weighed else 1 for way in ways]
        self.after = list(accumulate(self.weights[::-1], initial=0))[::-1]
        self.begins: dict[int, int] = {}

    def has(self, first: int) -> bool:
        return first < len(self.ways)

    def add(self, first: int, mass: int) -> None:
        if mass:
            self.begins[first] = self.begins.get(first, 0) - (-mass << _FINE) // self.after[first]

    def divided(self) -> Iterator[tuple[Way, int]]:
        each = 0
        for i, (way, weight) in enumerate(zip(self.ways, self.weights, strict=True)):
            each += self.begins.get(i, 0)
            if mass := weight * each >> _FINE:
                yield way, mass


def _at(way: Way) -> int:
    return way.at
