"""``ct.trace``: from a graph and seeds to a Trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chaintrace.errors import MethodError, SeedError
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.kernel import kernel
from chaintrace.graph.link import Link
from chaintrace.model.asset import chain_of, parse_asset
from chaintrace.model.chain import get_chain
from chaintrace.model.moment import Moment
from chaintrace.taint.book import open_book
from chaintrace.taint.coverage import Coverage, unfetched
from chaintrace.taint.kernel import answer
from chaintrace.taint.question import Question
from chaintrace.taint.reference import METHODS
from chaintrace.taint.result import Trace
from chaintrace.taint.seeds import AddressSince, Rows, Seed, Theft, sow
from chaintrace.taint.stops import Stops, about_stops, place_stops, stop_labels


def trace(
    graph: TransferGraph,
    seeds: Seed | Sequence[Seed],
    method: str = "fifo",
    direction: str = "forward",
    *,
    stop_at: Stops | None = None,
    links: Link | Sequence[Link] = (),
    coverage: Coverage | None = None,
    max_hops: int | None = None,
    min_amount: int | Mapping[str, int] | None = None,
    until: Moment | None = None,
    unexplained: str = "arrival",
) -> Trace:
    """Follow ``seeds`` through ``graph``: forwards to where the money is, backwards to where it came from.

    ``method``      fifo, lifo, haircut, poison, dirty-first (forward only), tiho (UTXO chains, forward only).
    ``stop_at``     addresses, a mapping of address to category, or Labels: value that reaches one is an exit.
    ``links``       claims that value went on elsewhere (``ct.Link``).
    ``coverage``    addresses, or (address, asset) pairs, whose whole history is in the graph; what rests with any
                    other account is ``not_fetched``. None: every account's history is in the graph.
    ``max_hops``    a seed row is hop 0; value that would go further is ``cut_hops``.
    ``min_amount``  base units (for every asset, or a mapping by asset); a smaller piece is ``below_threshold``.
    ``until``       block or time; rows after it have not happened.
    ``unexplained`` units that a pot spends without having received them enter just in time (``"arrival"``), or are
                    taken to have been there from the beginning (``"opening"``). Two scenarios, not bounds.

    Raises SeedError, MethodError, LinkError, AddressError; docs/methods defines each method.
    """
    seeds = [seeds] if isinstance(seeds, Theft | AddressSince | Rows) else seeds
    links = [links] if isinstance(links, Link) else list(links)
    _check(graph, seeds, method, direction, max_hops)
    stops = stop_labels(stop_at)
    coverage = coverage if coverage is None else [coverage] if isinstance(coverage, str) else list(coverage)
    end = len(graph) if until is None else graph.row_after(until)
    book = open_book(graph, links, unexplained, until)
    sown = sow(graph, book, seeds, until, method)
    if method == "tiho" and not all(get_chain(chain_of(asset)).family == "utxo" for asset in sown.assets(book)):
        raise MethodError("method 'tiho'", "is defined per transaction on UTXO chains", "use fifo for account chains")
    question = Question(
        book,
        direction == "forward",
        sown.spans,
        sown.pots,
        book.limit(end),
        place_stops(graph, book, stops, sown.accounts),
        None if coverage is None else unfetched(book.pots, coverage),
        max_hops,
        _thresholds(graph, min_amount),
    )
    outcome = answer(method, question)
    names = tuple(seed.name for seed in seeds)
    notes = [f"{name} lies after the end of the trace and seeds nothing" for name in sown.later]
    notes += about_stops(graph, book.pots, stops, sown.accounts)
    if coverage is None:
        notes.append("no coverage was given: every account's history counts as fetched, so what rests is held")
    return Trace(graph, question, outcome, method, direction, kernel(), names, tuple(notes))


def check_seeds(graph: object, seeds: object) -> None:
    """MethodError or SeedError for what is no graph, or no seeds."""
    if not isinstance(graph, TransferGraph):
        raise MethodError(
            type(graph).__name__, "is not a graph", "use ct.TransferGraph(…), which reads files and tables"
        )
    if not seeds:
        raise SeedError("(none)", "a trace needs at least one seed", "use ct.theft(tx=…), ct.address(…) or ct.rows(…)")
    for seed in seeds if isinstance(seeds, list | tuple) else [seeds]:
        if not isinstance(seed, Theft | AddressSince | Rows):
            raise SeedError(repr(seed), "is not a seed", "use ct.theft(tx=…), ct.address(…) or ct.rows(…)")


def _check(graph: object, seeds: object, method: str, direction: str, max_hops: int | None) -> None:
    check_seeds(graph, seeds)
    if method not in METHODS:
        raise MethodError(f"method {method!r}", "is not known", f"use one of: {', '.join(METHODS)}")
    if direction not in ("forward", "backward"):
        raise MethodError(f"direction {direction!r}", "is not known", "use 'forward' or 'backward'")
    if direction == "backward" and not METHODS[method].backward:
        able = ", ".join(name for name, entry in METHODS.items() if entry.backward)
        raise MethodError(f"method {method!r}", "has no backward direction", f"backwards use one of: {able}")
    if max_hops is not None and not _whole(max_hops):
        raise MethodError(f"max_hops={max_hops!r}", "is not a number of hops", "use a whole number, 0 or more")


def _thresholds(graph: TransferGraph, min_amount: int | Mapping[str, int] | None) -> dict[str, int]:
    if min_amount is None:
        return {}
    if isinstance(min_amount, Mapping):
        chain = graph.chains[0] if graph.chains else "ethereum"
        thresholds = {parse_asset(asset, chain): amount for asset, amount in min_amount.items()}
    else:
        thresholds = dict.fromkeys(graph.assets, min_amount)
    for amount in thresholds.values():
        if not _whole(amount):
            raise MethodError(
                f"min_amount={amount!r}", "is not an amount", "use whole base units (wei, satoshi), 0 or more"
            )
    return thresholds


def _whole(number: object) -> bool:
    return isinstance(number, int) and not isinstance(number, bool) and number >= 0
