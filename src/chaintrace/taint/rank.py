"""``ct.rank``: who matters around the seeds, where amounts do not decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from chaintrace.errors import MethodError
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.kernel import kernel, memory_for
from chaintrace.model.moment import Moment
from chaintrace.taint.appr import Appr
from chaintrace.taint.book import open_book
from chaintrace.taint.coverage import Coverage, Unfetched, unfetched
from chaintrace.taint.planted import Keeping, planted
from chaintrace.taint.push import WHOLE, Spread, push
from chaintrace.taint.ranking import Ranking
from chaintrace.taint.seeds import Seed, address, sow
from chaintrace.taint.stops import Stops, about_stops, place_stops, stop_labels
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

    The shares are Fractions, decimal texts, or floats, which are read as they are printed.
    Raises SeedError, MethodError, AddressError; docs/methods/rank.md defines the methods.
    """
    given: Any = seeds if isinstance(seeds, list | tuple) else [seeds]
    chosen: list[Seed] = [address(one) if isinstance(one, str) else one for one in given]
    check_seeds(graph, chosen)
    variant = _variant(method, variant)
    if type(max_steps) is not int or max_steps < 0:
        raise MethodError(f"max_steps={max_steps!r}", "is not a number of rows", "use a whole number, 0 or more")
    book = open_book(graph, (), "arrival", until)
    sown = sow(graph, book, chosen, until, "haircut")
    ways = Ways(graph, book, len(graph) if until is None else graph.row_after(until), variant == "redirect")
    keeps, out, least = _share("alpha", alpha), _share("beta", beta, zero=True), _share("epsilon", epsilon)
    spread: Spread = Appr(ways, keeps) if variant is None else Ttr(ways, keeps, out, variant)
    names = tuple(seed.name for seed in chosen)
    timed, labels = variant in TIMED, stop_labels(stop_at)
    stops = Keeping(place_stops(graph, book, labels, sown.accounts), timed)
    with memory_for("ranking accounts"):
        start = planted(book, sown, names, timed)
        pushed = push(start, spread, stops, int(least * WHOLE), max_steps)
    missing = None if coverage is None else unfetched(book.pots, [coverage] if isinstance(coverage, str) else coverage)
    shares = {"alpha": str(alpha), "epsilon": str(epsilon)} | ({} if variant is None else {"beta": str(beta)})
    notes = [*_notes(graph, sown.later, pushed.spent, timed, missing)]
    if (assets := len({book.pots.asset_of(piece.pot) for piece in start})) > 1:
        notes.append(f"the mass begins in {assets} assets, with equal parts of a seed: seed one of them if they differ")
    notes += about_stops(graph, book.pots, labels, sown.accounts)
    return Ranking(graph, pushed, method, variant, shares, names, kernel(), missing, tuple(notes))


def _notes(
    graph: TransferGraph, later: Sequence[str], spent: bool, timed: bool, missing: Unfetched | None
) -> Iterator[str]:
    yield from graph.notes
    if len(graph.rejected):
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in graph.rejected.counts.items())
        yield f"rejected while reading: {reasons}"
    if timed and graph.has_unknown_order:
        yield "the source does not prove the order of some rows, and time decides by it"
    if missing is None:
        yield "no coverage was given: every account's history counts as fetched"
    for name in later:
        yield f"{name} lies after the end of the ranking and seeds nothing"
    if spent:
        yield "pushing ended before it was done, since the next round goes beyond max_steps"


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
