"""Pushing mass: a pot that has enough keeps a part of it and passes the rest on, until none has enough.

Mass is counted in whole parts of ``WHOLE``; what division leaves over stays with the pot that divides. Pots are pushed
in rounds, all that are due at once, so that the order in which they are looked at decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple, Protocol

from chaintrace.taint.ways import Ways

WHOLE = 10**18
"""The mass of a ranking, all seeds together."""

Chips = dict[int, int]
"""Mass by the moment at which it arrived."""


class Piece(NamedTuple):
    """Mass that arrives in a pot at a moment."""

    pot: int
    stamp: int
    mass: int


class Spread(Protocol):
    """What becomes of a pot's mass: the pieces that others get. What they do not add up to is kept."""

    @property
    def ways(self) -> Ways: ...

    @property
    def alpha(self) -> Fraction:
        """The least share of its mass that a pot keeps."""

    def __call__(self, pot: int, chips: Chips) -> Iterable[Piece]: ...


@dataclass(slots=True)
class Pushed:
    """Mass by pot: ``kept`` for good, and ``left``, too little to be passed on. ``hops``: the fewest by which it came.
    ``stops``: categories under which a pot was a stop for it. ``steps``: rows walked. ``spent``: they were too many."""

    kept: dict[int, int] = field(default_factory=dict)
    left: dict[int, int] = field(default_factory=dict)
    hops: dict[int, int] = field(default_factory=dict)
    stops: dict[int, set[str]] = field(default_factory=dict)
    steps: int = 0
    spent: bool = False


def push(
    start: Sequence[Piece], spread: Spread, stop: Callable[[int, int], str | None], least: int, most: int
) -> Pushed:
    """Pushes every pot that has more than ``least`` for each pot that it has to do with.

    ``stop`` says the category of a pot that keeps all that reaches it at a moment. A round that would walk beyond
    ``most`` rows in all is not begun.
    """
    return _Pushing(spread, stop, least, most).run(start)


class _Pushing:
    def __init__(self, spread: Spread, stop: Callable[[int, int], str | None], least: int, most: int) -> None:
        self.spread, self.stop, self.least, self.most = spread, stop, least, most
        self.waiting: dict[int, Chips] = {}
        self.done = Pushed()

    def run(self, start: Sequence[Piece]) -> Pushed:
        reached = {piece.pot: 0 for piece in start}
        for piece in start:
            self._arrive(piece)
        self.done.hops = dict(reached)
        while due := [pot for pot in reached if self._is_due(pot)]:
            steps = sum(self.spread.ways.count(pot).rows + 1 for pot in due)
            if self.done.steps + steps > self.most:
                self.done.spent = True
                break
            self.done.steps += steps
            reached = self._round(due)
        for pot, chips in self.waiting.items():
            self._rest(pot, sum(chips.values()))
        return self.done

    def _rest(self, pot: int, mass: int) -> None:
        """What a pot would keep if it were pushed is kept; the rest is left."""
        keeps = 0 if self.spread.ways.passes(pot) else int(mass * self.spread.alpha)
        self._keep(pot, keeps)
        self.done.left[pot] = mass - keeps

    def _is_due(self, pot: int) -> bool:
        mass = sum(self.waiting.get(pot, {}).values())
        return mass > self.least and mass > self.least * self.spread.ways.count(pot).pots

    def _round(self, due: list[int]) -> dict[int, int]:
        """Pushes these pots; the pots reached, with the hops by which they are."""
        taken = [(pot, self.waiting.pop(pot)) for pot in due]
        reached: dict[int, int] = {}
        for pot, chips in taken:
            pieces = list(self.spread(pot, chips))
            self._keep(pot, sum(chips.values()) - sum(piece.mass for piece in pieces))
            for piece in pieces:
                hops = self.done.hops[pot] + (0 if self.spread.ways.passes(piece.pot) else 1)
                reached[piece.pot] = min(reached.get(piece.pot, hops), hops)
                self._arrive(piece)
        for pot, hops in reached.items():
            self.done.hops[pot] = min(self.done.hops.get(pot, hops), hops)
        return reached

    def _arrive(self, piece: Piece) -> None:
        category = self.stop(piece.pot, piece.stamp)
        if category is None:
            self._wait(piece)
        else:
            self.done.stops.setdefault(piece.pot, set()).add(category)
            self._keep(piece.pot, piece.mass)

    def _wait(self, piece: Piece) -> None:
        chips = self.waiting.setdefault(piece.pot, {})
        chips[piece.stamp] = chips.get(piece.stamp, 0) + piece.mass

    def _keep(self, pot: int, mass: int) -> None:
        self.done.kept[pot] = self.done.kept.get(pot, 0) + mass
