"""APPR: personalised PageRank by local pushing, between pots that had to do with each other, in whichever direction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from chaintrace.taint.push import Chips, Piece
from chaintrace.taint.ways import Ways


@dataclass(frozen=True, slots=True)
class Appr:
    """Every pot that it paid or was paid by gets an equal part of what is not kept. Amounts and time do not count."""

    ways: Ways
    alpha: Fraction

    def __call__(self, pot: int, chips: Chips) -> Iterator[Piece]:
        others = list(dict.fromkeys(way.pot for side in self.ways.of(pot) for way in side))
        keeps = Fraction(0) if self.ways.passes(pot) else self.alpha
        onward = sum(chips.values()) * (keeps.denominator - keeps.numerator) // keeps.denominator
        for other in others:
            yield Piece(other, 0, onward // len(others))
