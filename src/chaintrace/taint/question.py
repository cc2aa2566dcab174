"""What a kernel is asked and what it answers: numbers only, no names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from chaintrace.taint.book import Book
from chaintrace.taint.coverage import Unfetched

# Buckets of the ledger, as DESIGN §1 (forwards) and §4 (backwards) spell them.
HELD, EXIT, FEES, BURNT = "held", "exit", "fees", "burnt"
BELOW, CUT, NOT_FETCHED, LINKED_OUT = "below_threshold", "cut_hops", "not_fetched", "linked_out"
ISSUED, OPENING, UNEXPLAINED = "issued", "opening", "unexplained"
SEEDED, LINKED_IN, TOUCHED = "seeded", "linked_in", "touched"
BUCKETS = (
    HELD, EXIT, FEES, BURNT, BELOW, CUT, NOT_FETCHED, LINKED_OUT, ISSUED, OPENING, UNEXPLAINED, TOUCHED,
)  # fmt: skip


class SeedSpan(NamedTuple):
    """Units ``start`` to ``stop`` of one row belong to ``seed``."""

    seed: int
    row: int
    start: int
    stop: int


class Arrivals(NamedTuple):
    """Every row from ``first`` to ``last`` (excluded) that enters ``pot`` belongs to ``seed``, whole."""

    seed: int
    pot: int
    first: int
    last: int


class SeedPot(NamedTuple):
    """What ``pot`` holds just before ``row`` belongs to ``seed``: all of it, or the last ``cap`` units to come.

    ``rows`` are the rows on which capped units arrived, with how many of them on each: where flows show them.
    """

    seed: int
    pot: int
    row: int
    cap: int | None = None
    rows: tuple[tuple[int, int], ...] = ()


class Move(NamedTuple):
    """Tainted units on a row. ``parent`` is the move that brought them (-1 for seeds; methods of lots only)."""

    row: int
    seed: int
    amount: int
    hops: int
    start: int = 0
    parent: int = -1


class Rest(NamedTuple):
    """Where tainted units ended. ``row`` is the row on which they got there, or would have gone on (-1: held)."""

    bucket: str
    category: str
    pot: int
    row: int
    seed: int
    amount: int
    move: int = -1


class Crossing(NamedTuple):
    """Units that a link brought onto a row of its other side."""

    row: int
    seed: int
    amount: int


class Planted(NamedTuple):
    """Units newly seeded: net of what was already tainted."""

    pot: int
    seed: int
    amount: int


class SharedStops(dict[int, list[tuple[int, int, str]]]):
    """Stops of many questions, which stay as they are: a kernel prepares them once. ``prepared`` is its own."""

    prepared: Any = None


Sums = dict[tuple[str, str, str], int]


class Outcome(Protocol):
    """Every list in the order in which it came about; moves in position order (backwards: in reverse)."""

    @property
    def moves(self) -> Sequence[Move]: ...

    @property
    def rests(self) -> Sequence[Rest]: ...

    @property
    def planted(self) -> Sequence[Planted]: ...

    @property
    def crossings(self) -> Sequence[Crossing]: ...

    def sums(self, book: Book) -> Sums:
        """{(asset, bucket, category): amount} of ``rests``, and under SEEDED and LINKED_IN of ``planted`` and
        ``crossings``."""

    def moved(self, book: Book) -> dict[str, int]:
        """{asset: amount} of ``moves``."""


@dataclass(slots=True)
class Listed:
    """An outcome in plain lists."""

    moves: list[Move] = field(default_factory=list)
    rests: list[Rest] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)
    crossings: list[Crossing] = field(default_factory=list)

    def sums(self, book: Book) -> Sums:
        of = book.pots.asset_of
        sums: Sums = {}
        for key, amount in (
            *(((of(rest.pot), rest.bucket, rest.category), rest.amount) for rest in self.rests),
            *(((of(planted.pot), SEEDED, ""), planted.amount) for planted in self.planted),
            *(((book.asset(crossing.row), LINKED_IN, ""), crossing.amount) for crossing in self.crossings),
        ):
            sums[key] = sums.get(key, 0) + amount
        return sums

    def moved(self, book: Book) -> dict[str, int]:
        sums: dict[str, int] = {}
        for move in self.moves:
            asset = book.asset(move.row)
            sums[asset] = sums.get(asset, 0) + move.amount
        return sums


@dataclass(slots=True)
class Question:
    """One trace, ready for a kernel.

    ``spans``, ``pots``  seeds, in seed order.
    ``stops``   windows of rows within which a pot's account is a stop: (first, last + 1, category).
    ``unfetched``  pots whose account's history was not fetched.
    ``until``   rows from this one on have not happened.
    ``max_hops``, ``min_amount``  limits; min_amount in base units by asset, absent = 0.
    """

    book: Book
    forward: bool
    spans: Sequence[SeedSpan | Arrivals]
    pots: Sequence[SeedPot]
    until: int
    stops: Mapping[int, Sequence[tuple[int, int, str]]] = field(default_factory=dict)
    unfetched: Unfetched | None = None
    max_hops: int | None = None
    min_amount: Mapping[str, int] = field(default_factory=dict)

    def cut(self, row: int, amount: int, hops: int) -> str | None:
        """The bucket of units that a limit keeps from moving on ``row``; None if they move."""
        if self.max_hops is not None and hops > self.max_hops:
            return CUT
        if self.min_amount and amount < self.min_amount.get(self.book.asset(row), 0):
            return BELOW
        return None

    def stop(self, pot: int, row: int) -> str | None:
        """The category under which the account of ``pot`` is a stop at ``row``."""
        for first, last, category in self.stops.get(pot, ()):
            if first <= row < last:
                return category
        return None

    def step(self, row: int) -> int:
        """Hops that a row adds: passing through a UTXO transaction, two rows, is one hop."""
        return 0 if self.book.kind(row) == ("input" if self.forward else "output") else 1

    def end(self, row: int) -> tuple[str, str] | None:
        """Bucket and category where units on ``row`` end; None if they go on into (backwards: out of) a pot."""
        kind = self.book.kind(row)
        if row in (self.book.leaves if self.forward else self.book.enters):
            return LINKED_OUT, ""
        pot = self.book.rows.parties(row)[1 if self.forward else 0]
        if pot < 0 and self.forward:
            return (FEES if kind == "fee" else BURNT), ""
        if pot < 0:
            return (OPENING if kind == "opening" else ISSUED), ""
        category = self.stop(pot, row)
        return None if category is None else (EXIT, category)

    def side(self, row: int) -> int:
        """The pot that a row leaves (backwards: enters), or the one at its other end where there is none."""
        return self.book.near(row, self.forward)

    def far(self, row: int) -> int:
        """The pot that a row enters (backwards: leaves), or the one at its other end where there is none."""
        return self.book.near(row, not self.forward)

    def left(self, pot: int) -> str:
        """Forwards: the bucket of what is left in a pot at the end."""
        return NOT_FETCHED if self.unfetched is not None and pot in self.unfetched else HELD

    def unknown(self, pot: int) -> str:
        """Backwards: the bucket of units whose coming is not in the rows."""
        return NOT_FETCHED if self.unfetched is not None and pot in self.unfetched else UNEXPLAINED
