"""Where the mass of a ranking begins, and where it stays."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from chaintrace.errors import SeedError
from chaintrace.taint.book import Book
from chaintrace.taint.pools import divide
from chaintrace.taint.push import WHOLE, Piece
from chaintrace.taint.question import Arrivals
from chaintrace.taint.seeds import Sown
from chaintrace.taint.stops import Window


def planted(book: Book, sown: Sown, names: Sequence[str], timed: bool) -> list[Piece]:
    """The whole mass: equal parts for seeds that have happened, within a seed for assets, within an asset by units.
    SeedError for a seed of which nobody receives anything."""
    units: dict[int, dict[str, list[tuple[int, int, int]]]] = {}
    for seed, pot, stamp, amount in _units(book, sown):
        units.setdefault(seed, {}).setdefault(book.pots.asset_of(pot), []).append((stamp, pot, amount))
    for seed, name in enumerate(names):
        if seed not in units and name not in sown.later:
            raise SeedError(name, "reaches no account: burnt units and fees matter to nobody", "choose other transfers")
    pieces = []
    for seed, part in divide(WHOLE, [(seed, 1) for seed in sorted(units)]):
        assets = [sorted(units[seed][asset]) for asset in sorted(units[seed])]
        for number, mass in divide(part, [(number, 1) for number in range(len(assets))]):
            weights = [(at, amount) for at, (_, _, amount) in enumerate(assets[number])]
            for at, some in divide(mass, weights):
                stamp, pot, _ = assets[number][at]
                pieces.append(Piece(pot, stamp if timed else 0, some))
    return pieces


def _units(book: Book, sown: Sown) -> Iterable[tuple[int, int, int, int]]:
    """Seed, pot, moment and units of everything sown that enters a pot."""
    for pot in sown.pots:
        received, sent = book.lines.totals(pot.pot, pot.row)
        yield pot.seed, pot.pot, 2 * pot.row, received - sent if pot.cap is None else min(received - sent, pot.cap)
    for span in sown.spans:
        if isinstance(span, Arrivals):
            for row in book.lines.rows_of(span.pot):
                if span.first <= row < span.last and book.rows.parties(row)[1] == span.pot:
                    yield span.seed, span.pot, 2 * row + 1, book.rows.amount[row]
        elif (into := book.rows.parties(span.row)[1]) >= 0:
            yield span.seed, into, 2 * span.row + 1, span.stop - span.start


class Keeping:
    """The category under which a pot keeps what reaches it at a moment; where time does not count, at any."""

    def __init__(self, windows: Mapping[int, Sequence[Window]], timed: bool) -> None:
        self.windows, self.timed = windows, timed

    def __call__(self, pot: int, stamp: int) -> str | None:
        for first, last, category in self.windows.get(pot, ()):
            if first <= stamp // 2 < last if self.timed else first < last:
                return category
        return None
