"""``ct.rank``: who matters around the seeds, where amounts do not decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any

from chaintrace.errors import MethodError
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.kernel import kernel, memory_for
from chaintrace.model.moment import Moment
from chaintrace.taint.appr import Appr
from chaintrace.taint.book import Book, open_book
from chaintrace.taint.coverage import Coverage, unfetched
from chaintrace.taint.pools import divide
from chaintrace.taint.push import WHOLE, Piece, Spread, push
from chaintrace.taint.question import Arrivals
from chaintrace.taint.ranking import Ranking
from chaintrace.taint.seeds import AddressSince, Rows, Seed, Sown, Theft, address, sow
from chaintrace.taint.stops import Stops, Window, about_stops, place_stops, stop_labels
from chaintrace.taint.trace import check_seeds
from chaintrace.taint.ttr import TIMED, VARIANTS, Ttr
from chaintrace.taint.ways import Ways

RANKINGS = ("ttr", "appr")
Share = Fraction | float | str


def rank(
    graph: TransferGraph,
    seeds: Seed | str | Sequence[Seed | str],
    method: str = "ttr",
    *,
    variant: str | None = None,
    stop_at: Stops | None = None,
    coverage: Coverage | None = None,
    until: Moment | None = None,
    alpha: Share = "0.15",
    beta: Share = "0.8",
    epsilon: Share = "0.00001",
    max_steps: int = 5_000_000,
) -> Ranking:
    """Accounts by how near they are to ``seeds``. A ranking says where to look; it says nothing about where money is.

    ``seeds``     as in ``ct.trace``, or addresses. Each has an equal part of the mass, and within it each asset.
    ``method``    ttr, along transfers; appr, between whoever had to do with each other.
    ``variant``   of ttr: base, weight, time (the default), redirect.
    ``stop_at``, ``coverage``, ``until``  as in ``ct.trace``: mass that reaches a stop stays there.
    ``alpha``     the share of mass that an account keeps. ``beta``: of the rest, the share that goes the way the money
                  went (ttr).
    ``epsilon``   an account passes mass on while it has more than this share of the whole for each counterparty.
    ``max_steps`` rows to walk at most; what waits then is left, and ``notes`` says so.

    The three shares are Fractions, decimal texts, or floats, which are read as they are printed.
    Raises SeedError, MethodError, AddressError; docs/methods/rank.md defines the methods.
    """
    given = [seeds] if isinstance(seeds, str | Theft | AddressSince | Rows) else seeds
    chosen = [address(one) if isinstance(one, str) else one for one in given]
    check_seeds(graph, chosen)
    variant = _variant(method, variant)
    book = open_book(graph, (), "arrival", until)
    sown = sow(graph, book, chosen, until, "haircut")
    ways = Ways(graph, book, len(graph) if until is None else graph.row_after(until), variant == "redirect")
    shares = {"alpha": _share("alpha", alpha), "epsilon": _share("epsilon", epsilon)}
    if method == "ttr":
        shares["beta"] = _share("beta", beta, zero=True)
    spread: Spread = (
        Appr(ways, shares["alpha"]) if variant is None else Ttr(ways, shares["alpha"], shares["beta"], variant)
    )
    labels = stop_labels(stop_at)
    stops = _Stops(place_stops(graph, book, labels, sown.accounts), variant in TIMED)
    if type(max_steps) is not int or max_steps < 0:
        raise MethodError(f"max_steps={max_steps!r}", "is not a number of rows", "use a whole number, 0 or more")
    with memory_for("ranking accounts"):
        start = _start(book, sown, len(chosen), variant in TIMED)
        pushed = push(start, spread, stops, int(shares["epsilon"] * WHOLE), max_steps)
    notes = [f"{name} lies after the end of the ranking and seeds nothing" for name in sown.later]
    notes += about_stops(graph, book.pots, labels, sown.accounts)
    if pushed.spent:
        notes.append(f"pushing ended before it was done: the next round goes beyond max_steps={max_steps:,}")
    if variant in TIMED and graph.has_unknown_order:
        notes.append("the source does not prove the order of some rows, and time decides by it")
    missing = None if coverage is None else unfetched(book.pots, [coverage] if isinstance(coverage, str) else coverage)
    names = tuple(seed.name for seed in chosen)
    return Ranking(graph, pushed, method, variant, shares, names, kernel(), missing, tuple(notes))


class _Stops:
    """The category under which a pot keeps what reaches it at a moment; where time does not count, at any."""

    def __init__(self, windows: dict[int, list[Window]], timed: bool) -> None:
        self.windows, self.timed = windows, timed

    def __call__(self, pot: int, stamp: int) -> str | None:
        for first, last, category in self.windows.get(pot, ()):
            if first <= stamp // 2 < last if self.timed else first < last:
                return category
        return None


def _start(book: Book, sown: Sown, seeds: int, timed: bool) -> list[Piece]:
    """The whole mass: equal parts for seeds that have happened, within a seed for assets, within an asset by units."""
    units: dict[int, dict[str, dict[tuple[int, int], int]]] = {}
    for seed, pot, stamp, amount in _units(book, sown):
        at = units.setdefault(seed, {}).setdefault(book.pots.asset_of(pot), {})
        place = (pot, stamp if timed else 0)
        at[place] = at.get(place, 0) + amount
    pieces = []
    for seed, part in divide(WHOLE, [(seed, 1) for seed in range(seeds) if seed in units]):
        assets = sorted(units[seed].values(), key=min)
        for number, mass in divide(part, [(number, 1) for number in range(len(assets))]):
            pots = sorted(assets[number].items())
            parts = divide(mass, [(which, amount) for which, (_, amount) in enumerate(pots)])
            pieces += [Piece(*pots[which][0], some) for which, some in parts]
    return pieces


def _units(book: Book, sown: Sown) -> Iterable[tuple[int, int, int, int]]:
    """Seed, pot, moment and units of everything sown; a row that enters no pot stays with who sent it."""
    for pot in sown.pots:
        received, sent = book.lines.totals(pot.pot, pot.row)
        yield pot.seed, pot.pot, 2 * pot.row, received - sent if pot.cap is None else min(received - sent, pot.cap)
    for span in sown.spans:
        if not isinstance(span, Arrivals):
            yield span.seed, book.near(span.row, False), 2 * span.row + 1, span.stop - span.start
            continue
        for row in book.lines.rows_of(span.pot):
            if span.first <= row < span.last and book.rows.parties(row)[1] == span.pot:
                yield span.seed, span.pot, 2 * row + 1, book.rows.amount[row]


def _variant(method: str, variant: str | None) -> str | None:
    if method not in RANKINGS:
        raise MethodError(f"method {method!r}", "ranks nobody", f"use one of: {', '.join(RANKINGS)}")
    if method == "appr" and variant is not None:
        raise MethodError(f"variant {variant!r}", "is of ttr; appr has none", "leave variant out")
    if method == "ttr" and variant is not None and variant not in VARIANTS:
        raise MethodError(f"variant {variant!r}", "is not known", f"use one of: {', '.join(VARIANTS)}")
    return (variant or "time") if method == "ttr" else None


def _share(name: str, given: Any, zero: bool = False) -> Fraction:
    """Exactly what is written: 0.15 is 15/100. More than 0 (``zero``: or 0), at most 1."""
    try:
        share = Fraction(str(given))
    except (ValueError, ZeroDivisionError):
        share = Fraction(-1)
    if not 0 <= share <= 1 or (share == 0 and not zero) or isinstance(given, bool):
        raise MethodError(f"{name}={given!r}", "is not a share", f"use a number {'from' if zero else 'above'} 0 to 1")
    return share
