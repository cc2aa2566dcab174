"""Following lots: the engine of FIFO and LIFO, forwards and backwards.

A piece is a stretch of one row with the road that brought it there. Rows are visited in position order (backwards:
in reverse), so that everything which reaches a row is there when the row is visited; a unit belongs to the first
seed that touches it, and every unit has exactly one road.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol

from chaintrace.taint.book import Span
from chaintrace.taint.question import (
    LINKED_OUT,
    Crossing,
    Move,
    Outcome,
    Planted,
    Question,
    Rest,
    SeedPot,
)
from chaintrace.taint.walk import Walk


class Matching(Protocol):
    """Which unit of a pot's in-line leaves as which unit of its out-line."""

    def onward(self, lot: int, start: int, stop: int) -> Iterator[Span]: ...

    def origin(self, row: int, start: int, stop: int) -> Iterator[Span]: ...

    def held(self, pot: int, row: int) -> Iterator[Span]: ...


class Piece(NamedTuple):
    start: int
    stop: int
    seed: int
    hops: int
    parent: int
    crossed: bool = False


def follow(question: Question, matching: Matching) -> Outcome:
    """Every piece of the seeds to where it ends."""
    return _Follower(question, matching).run()


class _Follower(Walk):
    def __init__(self, question: Question, matching: Matching) -> None:
        super().__init__(question)
        self.matching = matching
        self.arriving: dict[int, list[Piece]] = {}
        self.taken: dict[int, list[tuple[int, int]]] = {}
        self.watched = frozenset(seed.pot for seed in question.pots)

    def visit(self, row: int) -> None:
        pieces: list[Piece] = []
        for piece in self.arriving.pop(row, ()):
            for start, stop in (
                _gaps(piece.start, piece.stop, pieces) if piece.crossed else ((piece.start, piece.stop),)
            ):
                part = piece._replace(start=start, stop=stop)
                if piece.crossed:
                    self.out.crossings.append(Crossing(row, piece.seed, stop - start))
                bucket = self.q.cut(row, stop - start, piece.hops)
                if bucket:
                    self._rest(bucket, "", self.q.side(row), row, part, piece.parent)
                else:
                    pieces.append(part)
        for seed, _, first, last in self.planting.pop(row, ()):
            for start, stop in _gaps(first, last, pieces):
                self.out.planted.append(Planted(self.q.side(row), seed, stop - start))
                pieces.append(Piece(start, stop, seed, 0, -1))
        for piece in pieces:
            self._move(row, piece)

    def _move(self, row: int, piece: Piece) -> None:
        move = len(self.out.moves)
        size = piece.stop - piece.start
        self.out.moves.append(Move(row, piece.seed, size, piece.hops, piece.start, piece.parent))
        if self.q.forward and self.lines.receiver[row] in self.watched:
            self.taken.setdefault(row, []).append((piece.start, piece.stop))
        end = self.q.end(row)
        if end is not None:
            self._rest(*end, self.q.far(row), row, piece, move)
            if end[0] == LINKED_OUT:
                self._cross(row, piece, move)
        elif self.q.forward:
            self._onward(row, piece, move)
        else:
            self._origin(row, piece, move)

    def _onward(self, lot: int, piece: Piece, move: int) -> None:
        held = piece.stop - piece.start
        for span in self.matching.onward(lot, piece.start, piece.stop):
            if span.row >= self.q.until:
                continue
            held -= span.stop - span.start
            self._send(span, piece.seed, piece.hops + self.q.step(span.row), move)
        if held:
            pot = self.lines.pot(lot)
            self.out.rests.append(Rest(self.q.left(pot), "", pot, -1, piece.seed, held, move))

    def _origin(self, row: int, piece: Piece, move: int) -> None:
        for span in self.matching.origin(row, piece.start, piece.stop):
            if span.row >= 0:
                self._send(span, piece.seed, piece.hops + self.q.step(span.row), move)
            else:
                self._unexplained(span, piece.seed, move)

    def _cross(self, row: int, piece: Piece, move: int) -> None:
        book = self.q.book
        if self.q.forward:
            spans = book.leaves[row].onward(row, piece.start, piece.stop)
        else:
            spans = book.enters[row].origin(row, piece.start, piece.stop)
        for span in spans:
            self._send(span, piece.seed, piece.hops, move, crossed=True)

    def _send(self, span: Span, seed: int, hops: int, parent: int, crossed: bool = False) -> None:
        piece = Piece(span.start, span.stop, seed, hops, parent, crossed)
        self.arriving.setdefault(span.row, []).append(piece)
        self.schedule(span.row)

    def plant_pot(self, seed: SeedPot) -> None:
        """What a pot holds at a moment: forwards it goes on from there, backwards its lots are where it came from."""
        held: list[Span] = []
        for lot, first, last in self.matching.held(seed.pot, seed.row):
            for start, stop in _outside(first, last, self._touched(lot)):
                self.out.planted.append(Planted(seed.pot, seed.seed, stop - start))
                held.append(Span(lot, start, stop))
        if self.q.forward:
            self._release(seed, held)
            return
        for span in held:
            if span.row >= 0:
                self._send(span, seed.seed, 0, -1)
            else:
                self._unexplained(span, seed.seed, -1)

    def _touched(self, lot: int) -> list[tuple[int, int]]:
        """The stretches of a lot that are some seed's already; backwards those that will be when the lot is visited."""
        coming = [] if self.q.forward else self.arriving.get(lot, [])
        return [*self.taken.get(lot, []), *((piece.start, piece.stop) for piece in coming)]

    def _release(self, seed: SeedPot, held: list[Span]) -> None:
        """What a pot held is one holding: units of several lots that leave side by side on one row are one piece."""
        for lot, start, stop in held:
            self.taken.setdefault(lot, []).append((start, stop))
        onward = [span for lot in held for span in self.matching.onward(*lot) if span.row < self.q.until]
        for span in _joined(onward):
            self._send(span, seed.seed, self.q.step(span.row), -1)
        left = sum(span.stop - span.start for span in held) - sum(span.stop - span.start for span in onward)
        if left:
            self.out.rests.append(Rest(self.q.left(seed.pot), "", seed.pot, -1, seed.seed, left))

    def _unexplained(self, span: Span, seed: int, move: int) -> None:
        pot = self.lines.pot(span.row)
        self.taken.setdefault(span.row, []).append((span.start, span.stop))
        self.out.rests.append(Rest(self.q.unknown(pot), "", pot, -1, seed, span.stop - span.start, move))

    def _rest(self, bucket: str, category: str, pot: int, row: int, piece: Piece, move: int) -> None:
        self.out.rests.append(Rest(bucket, category, pot, row, piece.seed, piece.stop - piece.start, move))


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Stretches in row order, those that touch made one."""
    joined: list[Span] = []
    for span in sorted(spans):
        last = joined[-1] if joined else None
        if last is not None and last.row == span.row and last.stop == span.start:
            joined[-1] = last._replace(stop=span.stop)
        else:
            joined.append(span)
    return joined


def _gaps(start: int, stop: int, pieces: Iterable[Piece]) -> list[tuple[int, int]]:
    return _outside(start, stop, [(piece.start, piece.stop) for piece in pieces])


def _outside(start: int, stop: int, taken: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts of ``start`` to ``stop`` that no interval of ``taken`` (disjoint, any order) covers."""
    gaps = []
    for low, high in sorted(taken):
        if high <= start or low >= stop:
            continue
        if low > start:
            gaps.append((start, low))
        start = high
    if start < stop:
        gaps.append((start, stop))
    return gaps
