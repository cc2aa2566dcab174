"""The native kernel: the question in arrays, the outcome back as columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from chaintrace.errors import MethodError
from chaintrace.graph.kernel import native
from chaintrace.taint.book import Book
from chaintrace.taint.question import (
    BUCKETS,
    LINKED_IN,
    SEEDED,
    Crossing,
    Move,
    Planted,
    Question,
    Rest,
    SeedSpan,
    SharedStops,
    Sums,
)

_MOST_HOPS = 2**31 - 1  # more than there can be rows


def ask(method: str, question: Question) -> Columns:
    """The native kernel's answer. MethodError where TIHO meets an account chain."""
    stops, categories = _stops(question.stops)
    try:
        found = native().ask(_asked(method, question, stops), question.book.lines)
    except ValueError as error:
        if str(error) != "not per transaction":
            raise
        raise MethodError(
            "method 'tiho'", "is defined per transaction on UTXO chains", "use fifo for account chains"
        ) from None
    return Columns(found, question.book, categories)


class Columns:
    """An outcome whose columns become lists when they are first asked for."""

    def __init__(self, found: Any, book: Book, categories: list[str]) -> None:
        self._found = found
        self._book = book
        self._categories = ["", *categories]

    @cached_property
    def moves(self) -> list[Move]:
        row, seed, amount, hops, start, parent = self._found.moves()
        rows = row.tolist()
        amounts = map(self._book.rows.amount.__getitem__, rows) if amount is None else _integers(amount)
        if start is None:
            return list(map(Move, rows, seed.tolist(), amounts, hops.tolist()))
        return list(map(Move, rows, seed.tolist(), amounts, hops.tolist(), _integers(start), parent.tolist()))

    @cached_property
    def rests(self) -> list[Rest]:
        bucket, category, pot, row, seed, amount, move = self._found.rests()
        buckets = (BUCKETS[code] for code in bucket.tolist())
        categories = (self._categories[number + 1] for number in category.tolist())
        columns = (pot.tolist(), row.tolist(), seed.tolist(), _integers(amount), move.tolist())
        return list(map(Rest, buckets, categories, *columns))

    def rest_columns(self) -> tuple[Any, Any, Any, Any]:
        """Bucket, pot, row and amount (words) of ``rests``, without a list of them."""
        bucket, _, pot, row, _, amount, _ = self._found.rests()
        return bucket, pot.astype(np.int64), row, amount

    @cached_property
    def planted(self) -> list[Planted]:
        return [Planted(*entry) for entry in self._found.planted()]

    @cached_property
    def crossings(self) -> list[Crossing]:
        return [Crossing(*entry) for entry in self._found.crossings()]

    def sums(self, book: Book) -> Sums:
        names = book.pots.asset_numbers[0]
        rests, planted, crossings = self._found.sums()
        sums = {
            (names[asset], BUCKETS[bucket], self._categories[category + 1]): amount
            for asset, bucket, category, amount in rests
        }
        sums |= {(names[asset], SEEDED, ""): amount for asset, amount in planted}
        return sums | {(names[asset], LINKED_IN, ""): amount for asset, amount in crossings}

    def moved(self, book: Book) -> dict[str, int]:
        names = book.pots.asset_numbers[0]
        return {names[asset]: amount for asset, amount in self._found.moved()}


def _stops(stops: Mapping[int, Sequence[tuple[int, int, str]]]) -> tuple[Any, list[str]]:
    """The stops as the kernel keeps them, and the names of its categories."""
    if isinstance(stops, SharedStops) and stops.prepared is not None:
        shared: tuple[Any, list[str]] = stops.prepared
        return shared
    categories = sorted({category for windows in stops.values() for _, _, category in windows})
    number = {category: n for n, category in enumerate(categories)}
    windows = [(pot, first, last, number[name]) for pot, here in stops.items() for first, last, name in here]
    prepared = native().Stops(windows), categories
    if isinstance(stops, SharedStops):
        stops.prepared = prepared
    return prepared


def _asked(method: str, question: Question, stops: Any) -> Any:
    book = question.book
    spans = [
        (True, span.seed, span.row, span.start, span.stop) if isinstance(span, SeedSpan) else (False, *span)
        for span in question.spans
    ]
    names = book.pots.asset_numbers[0]
    links = [(c.sources, c.targets, c.source_at, c.target_at, c.n, c.m) for c in book.conversions]
    return native().Question(
        method,
        question.forward,
        spans,
        [(*pot[:4], list(pot.rows)) for pot in question.pots],
        question.until,
        stops,
        None if question.unfetched is None else np.ascontiguousarray(question.unfetched.mask),
        None if question.max_hops is None else min(question.max_hops, _MOST_HOPS),
        [question.min_amount.get(name, 0) for name in names] if question.min_amount else [],
        links,
        list(book.unlined.items()),
    )


def _integers(words: Any) -> list[int]:
    """Little-endian words of 64 bits, one line a number."""
    columns = [column.tolist() for column in words.T]
    if len(columns) == 2:
        return [low | high << 64 for low, high in zip(*columns, strict=True)]
    return [sum(word << 64 * at for at, word in enumerate(line)) for line in zip(*columns, strict=True)]
