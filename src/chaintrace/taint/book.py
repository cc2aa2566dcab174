"""The book that a kernel reads: the lines of the rows, with links spliced in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from chaintrace.errors import LinkError
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.lines import Lines, draw_lines
from chaintrace.graph.link import Leg, Link
from chaintrace.graph.pots import Pots
from chaintrace.graph.rows import CODES, LINK, NOBODY, Rows
from chaintrace.model.address import parse_account
from chaintrace.model.asset import chain_of, parse_asset
from chaintrace.model.moment import Moment, is_later
from chaintrace.taint.arrange import arrange
from chaintrace.taint.select import select_rows


class Span(NamedTuple):
    """A stretch of one row, in base units from its first unit."""

    row: int
    start: int
    stop: int


@dataclass(slots=True)
class Conversion:
    """One link on coordinates: n units of ``sources`` together become m units of ``targets`` together."""

    link: Link
    sources: list[int]
    targets: list[int]
    source_at: list[int] = field(default_factory=list)
    target_at: list[int] = field(default_factory=list)
    n: int = 0
    m: int = 0

    def measure(self, amount: Sequence[int]) -> None:
        self.source_at, self.n = _cumulate([amount[row] for row in self.sources])
        self.target_at, self.m = _cumulate([amount[row] for row in self.targets])

    def onward(self, row: int, start: int, stop: int) -> Iterator[Span]:
        """x ↦ floor(x·m/n): the stretches of targets that a stretch of a source becomes."""
        base = self.source_at[self.sources.index(row)]
        first, last = (base + start) * self.m // self.n, (base + stop) * self.m // self.n
        return _spans(self.targets, self.target_at, self.m, first, last)

    def origin(self, row: int, start: int, stop: int) -> Iterator[Span]:
        """The covering interval: the shortest stretch of sources whose image holds a stretch of a target."""
        base = self.target_at[self.targets.index(row)]
        first = _ceil((base + start + 1) * self.n, self.m) - 1
        last = _ceil((base + stop) * self.n, self.m)
        return _spans(self.sources, self.source_at, self.n, first, last)

    def touched(self, row: int, forward: bool) -> Iterator[int]:
        """Rows on the other side that share any part of a unit with ``row`` (reach, for poison)."""
        here, there = (self.sources, self.targets) if forward else (self.targets, self.sources)
        here_at, there_at = (self.source_at, self.target_at) if forward else (self.target_at, self.source_at)
        n, m = (self.n, self.m) if forward else (self.m, self.n)
        i = here.index(row)
        first, last = here_at[i], here_at[i + 1] if i + 1 < len(here) else n
        for j, other in enumerate(there):
            begin, end = there_at[j], there_at[j + 1] if j + 1 < len(there) else m
            if first * m < end * n and last * m > begin * n:
                yield other


@dataclass
class Book:
    """Rows in position order, legs of links among them. ``graph_row[i]`` is the graph's row, or ``~leg``.

    ``lines`` are drawn when first asked for.
    ``leaves``, ``enters``  the link that takes a row's units, or brings them. ``unlined``  a pot of rows of which links
    have taken both ends, for their asset.
    """

    rows: Rows
    pots: Pots
    draw: Callable[[], Lines]
    graph_row: Any
    legs: list[tuple[Link, Leg, bool]] = field(default_factory=list)
    conversions: list[Conversion] = field(default_factory=list)
    leaves: dict[int, Conversion] = field(default_factory=dict)
    enters: dict[int, Conversion] = field(default_factory=dict)
    unlined: dict[int, int] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def lines(self) -> Any:
        """Of the chosen kernel: ``Lines``, and what that kernel needs beyond."""
        return self.draw()

    def kind(self, row: int) -> str:
        return self.rows.kind(row)

    def row(self, graph_row: int) -> int:
        """The row of the book that a row of the graph (or ``~leg``) became."""
        if isinstance(self.graph_row, range):
            return graph_row
        return int(np.flatnonzero(self.graph_row == graph_row)[0])

    def limit(self, graph_row: int) -> int:
        """The first row of the book at which ``graph_row`` of the graph, or a later one, stands."""
        if isinstance(self.graph_row, range):
            return graph_row
        later = self.graph_row >= graph_row
        return int(later.argmax()) if later.any() else len(self.graph_row)

    def near(self, row: int, forward: bool) -> int:
        """The pot that a row leaves (backwards: enters); the one at its other end where there is none on the lines;
        where links have taken both ends, the one that the row had."""
        first, second = self.rows.parties(row)[:: 1 if forward else -1]
        if first >= 0:
            return first
        return second if second >= 0 else self.unlined[row]

    def asset(self, row: int) -> str:
        return self.pots.asset_of(self.near(row, True))


def open_book(graph: TransferGraph, links: Sequence[Link], unexplained: str, until: Moment | None) -> Book:
    """The rows of ``graph`` with ``links`` spliced in; a link that ends after ``until`` has not happened yet.

    On both legs the linked value leaves the counterparty's lines: a source row enters nobody's in-line, a target row
    leaves nobody's out-line. Raises LinkError for legs that do not exist, serve two links, or run backwards.
    """
    if not links:
        return Book(graph.rows, graph.pots, partial(graph.lines, unexplained), range(len(graph)))
    return _Splice(graph, links, until).book(unexplained)


class _Splice:
    """Collects the rows and legs of all links, then lays them into one order."""

    def __init__(self, graph: TransferGraph, links: Sequence[Link], until: Moment | None) -> None:
        self.graph = graph
        self.legs: list[tuple[Link, Leg, bool]] = []
        self.place: dict[int, tuple[int, int]] = {}
        self.ends: list[tuple[Link, list[int], list[int]]] = []
        self.used: set[tuple[int, bool]] = set()
        self.tx: dict[int, str] = {}
        self.pairs: dict[str, list[tuple[int, int]]] = {}
        self.until = until
        self.end = len(graph) if until is None else graph.row_after(until)
        for link in links:
            if not isinstance(link, Link):
                raise LinkError(repr(link), "is not a ct.Link")
            self._add(link)

    def _add(self, link: Link) -> None:
        sources, targets = self._side(link, link.source, True), self._side(link, link.target, False)
        for source in sources:
            for target in targets:
                if source >= 0 and target >= 0 and self._same_tx(source, target):
                    self._lay(source, target)
        last = max(self._at(row) for row in sources)
        for row in targets:
            if self._at(row) <= last or any(self._is_said_before(row, source) for source in sources):
                raise LinkError(link.id, "a target does not come after the last source")
        if not any(self._is_after_the_end(row) for row in (*sources, *targets)):
            self.ends.append((link, sorted(sources, key=self._at), sorted(targets, key=self._at)))

    def _is_said_before(self, row: int, other: int) -> bool:
        """Whether one leg's moment is before another's, where no row stands between them."""
        return row < 0 and other < 0 and bool(is_later(self.legs[~other][1].at, self.legs[~row][1].at))

    def _side(self, link: Link, ends: Sequence[object], source: bool) -> list[int]:
        rows = [row for end in ends for row in self._rows(link, end, source)]
        if not rows:
            raise LinkError(link.id, "has no sources" if source else "has no targets")
        for row in rows:
            if row >= 0 and (row, source) in self.used:
                raise LinkError(link.id, f"row {row} is in two links, or in one of them twice")
            self.used.add((row, source))
        return rows

    def _rows(self, link: Link, end: object, source: bool) -> list[int]:
        if not isinstance(end, Leg):
            rows = select_rows(self.graph, end)
            if not all(self.graph.rows.moves(row) for row in rows):
                raise LinkError(link.id, f"{end!r} moves nothing")
            return rows
        self.legs.append((link, end, source))
        leg = -len(self.legs)
        self.place[leg] = (self.graph.row_after(end.at) - 1, 1 if source else 2)
        return [leg]

    def _is_after_the_end(self, row: int) -> bool:
        later = is_later(self.legs[~row][1].at, self.until) if row < 0 and self.until is not None else None
        return self._at(row)[0] >= self.end if later is None else later

    def _at(self, row: int) -> tuple[int, int]:
        return self.place.get(row, (row, 0))

    def _lay(self, source: int, target: int) -> None:
        """Lays the rows of one transaction so that the source stands before the target, where that can be."""
        pairs = [*self.pairs.get(self._tx(source), []), (source, target)]
        self.pairs[self._tx(source)] = pairs
        if self._at(source) < self._at(target):
            return
        ends = [row for pair in pairs for row in pair]
        first, last = min(ends), max(ends)
        said = self.graph.take(range(first, last + 1), ["tx_hash", "asset"])
        told = zip(range(first, last + 1), said["tx_hash"].to_pylist(), said["asset"].to_pylist(), strict=True)
        rows, assets = zip(*((row, asset) for row, tx, asset in told if tx == self._tx(source)), strict=True)
        for slot, row in zip(rows, arrange(rows, assets, pairs) or rows, strict=True):
            self.place[row] = (slot, 0)

    def _same_tx(self, row: int, other: int) -> bool:
        return self._tx(row) == self._tx(other)

    def _tx(self, row: int) -> str:
        if row not in self.tx:
            self.tx[row] = self.graph.take([row], ["tx_hash"])["tx_hash"].to_pylist()[0]
        return self.tx[row]

    def book(self, unexplained: str) -> Book:
        graph = self.graph
        kept = {row for _, sources, targets in self.ends for row in (*sources, *targets) if row < 0}
        order = self._order(sorted(kept, reverse=True))
        index = {row: int(at) for row, at in self._found(order)}
        legs = [self.legs[~row][1] for row in order[order < 0].tolist()]
        assets = [parse_asset(leg.asset) for leg in legs]
        parties = [
            (parse_account(leg.address, chain_of(asset)), asset) for leg, asset in zip(legs, assets, strict=True)
        ]
        pots, leg_pots = graph.pots.with_more(parties)
        rows = _spliced(graph.rows, order, [leg.amount for leg in legs], leg_pots)
        had = {i: max(rows.parties(i)) for i in index.values()}
        for _, sources, targets in self.ends:
            rows.receiver[[index[row] for row in sources]] = NOBODY
            rows.sender[[index[row] for row in targets]] = NOBODY
        drawn = partial(draw_lines, rows, pots, unexplained == "opening")
        book = Book(rows, pots, drawn, order, self.legs)
        for i in index.values():
            if rows.parties(i) == (NOBODY, NOBODY):
                book.unlined[i] = had[i]
        for link, sources, targets in self.ends:
            conversion = Conversion(link, [index[row] for row in sources], [index[row] for row in targets])
            conversion.measure(rows.amount)
            book.conversions.append(conversion)
            book.leaves.update(dict.fromkeys(conversion.sources, conversion))
            book.enters.update(dict.fromkeys(conversion.targets, conversion))
        return book

    def _order(self, legs: list[int]) -> Any:
        """The graph's rows and ``legs``, each where it stands."""
        rows = np.concatenate([np.arange(len(self.graph)), np.array(legs, dtype=np.int64)])
        at, step = rows * 3, np.zeros(len(rows), dtype=np.int64)
        for row, (place, within) in self.place.items():
            here = row if row >= 0 else len(self.graph) + legs.index(row) if row in legs else None
            if here is not None:
                at[here], step[here] = place * 3, within
        return rows[np.argsort(at + step, kind="stable")]

    def _found(self, order: Any) -> Iterator[tuple[int, int]]:
        """Every end of a link, and where it stands in ``order``."""
        for _, sources, targets in self.ends:
            for row in (*sources, *targets):
                yield row, np.flatnonzero(order == row)[0]


def _spliced(rows: Rows, order: Any, amounts: list[int], pots: list[int]) -> Rows:
    """``rows`` in ``order``; its negative numbers are legs, in turn of ``amounts`` and ``pots``, on both sides."""
    is_leg = order < 0
    at = np.where(is_leg, 0, order)
    sender, receiver = (side[at] if len(rows) else np.zeros(len(at), np.int32) for side in (rows.sender, rows.receiver))
    sender[is_leg] = receiver[is_leg] = pots
    kinds = np.where(is_leg, CODES[LINK], rows.kinds[at] if len(rows) else 0).astype(np.uint8)
    return Rows(sender, receiver, rows.amount.spliced(at, is_leg, amounts), kinds)


def _spans(rows: list[int], at: list[int], total: int, first: int, last: int) -> Iterator[Span]:
    for i in range(max(bisect_right(at, first) - 1, 0), len(rows)):
        end = at[i + 1] if i + 1 < len(at) else total
        if at[i] >= last:
            return
        low, high = max(first, at[i]), min(last, end)
        if low < high:
            yield Span(rows[i], low - at[i], high - at[i])


def _cumulate(amounts: list[int]) -> tuple[list[int], int]:
    at, total = [], 0
    for amount in amounts:
        at.append(total)
        total += amount
    return at, total


def _ceil(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
