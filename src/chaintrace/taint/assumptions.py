"""What an answer leans on: units that entered unexplained, unknown order, rejected rows, links, missing histories."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pandas as pd

from chaintrace.taint.question import BELOW, CUT, Rest
from chaintrace.taint.reference import METHODS

if TYPE_CHECKING:
    from chaintrace.taint.result import Trace

COLUMNS = ["assumption", "asset", "count", "amount", "leaning", "exact", "note"]


def assumptions(trace: Trace) -> pd.DataFrame:
    """See ``Trace.assumptions``."""
    lines = [*_unexplained(trace), *_order(trace), *_rejected(trace), *_unfetched(trace), *_links(trace)]
    return pd.DataFrame(lines, columns=COLUMNS, dtype=object)


def _unexplained(trace: Trace) -> list[tuple[object, ...]]:
    """Pots on the road that spent units they are not known to have received."""
    book, until = trace.question.book, trace.question.until
    pots = _pots(trace)
    said = {pot: book.lines.unexplained(pot, until) for pot in {*pots, *_sides(trace)}}
    entered = {pot: units for pot, units in said.items() if units}
    note = "units spent by accounts on the road that were not seen arriving; taken as clean"
    result: list[tuple[object, ...]] = []
    leaning = _leaning(trace, lambda row, pot: pot in entered)
    for asset in _assets(trace):
        here = [pot for pot in pots if pot in entered and book.pots.asset_of(pot) == asset]
        result.append(_line(trace, "unexplained", asset, len(here), sum(entered[pot] for pot in here), leaning, note))
    return result


def _order(trace: Trace) -> list[tuple[object, ...]]:
    """Rows whose place among rows of the same pot and moment the source does not prove."""
    tied = _tied(trace)
    on_road = {move.row for move in trace.outcome.moves} & tied
    note = "transfers of one account at one moment whose order the source does not prove; order of reading stands"
    leaning = _leaning(trace, lambda row, pot: row in tied)
    book = trace.question.book
    result: list[tuple[object, ...]] = []
    for asset in _assets(trace):
        here = [row for row in on_road if book.asset(row) == asset]
        amount = sum(book.rows.amount[row] for row in here)
        result.append(_line(trace, "unknown order", asset, len(here), amount, leaning, note))
    return result


def _rejected(trace: Trace) -> list[tuple[object, ...]]:
    """Rows that could not be read and name an account on the road."""
    rejected, book = trace.graph.rejected, trace.question.book
    if not len(rejected):
        return []
    reasons = ", ".join(f"{count} {reason}" for reason, count in rejected.counts.items())
    leaning = _leaning(trace, lambda row, pot: book.pots[pot].address in rejected.accounts)
    note = f"{reasons}; leaning counts accounts that these rows name, so far as they can be read"
    return [("rejected rows", asset, len(rejected), 0, leaning.get(asset, 0), False, note) for asset in _assets(trace)]


def _unfetched(trace: Trace) -> list[tuple[object, ...]]:
    """Accounts that the money passed though their history is not whole."""
    unfetched, book = trace.question.unfetched, trace.question.book
    if not unfetched:
        return []
    note = "passed on by accounts whose history is not whole: only the transfers in the data are known"
    leaning = _leaning(trace, lambda row, pot: row >= 0 and pot in unfetched)
    passed = {pot for pot in _sides(trace) if pot in unfetched}
    result: list[tuple[object, ...]] = []
    for asset in _assets(trace):
        accounts = {book.pots[pot].address for pot in passed if book.pots.asset_of(pot) == asset}
        result.append(_line(trace, "history not fetched", asset, len(accounts), 0, leaning, note))
    return result


def _links(trace: Trace) -> list[tuple[object, ...]]:
    """Links in the book, each with what crossed it."""
    book = trace.question.book
    result: list[tuple[object, ...]] = []
    for conversion in book.conversions:
        link = conversion.link
        forward = trace.question.forward
        here, there = (conversion.sources, conversion.targets) if forward else (conversion.targets, conversion.sources)
        rows, left = set(there), set(here)
        crossed: dict[str, int] = {}
        if any(rest.row in left for rest in trace.outcome.rests):
            crossed = {book.asset(row): 0 for row in there}
        for crossing in trace.outcome.crossings:
            if crossing.row in rows:
                asset = book.asset(crossing.row)
                crossed[asset] = crossed.get(asset, 0) + crossing.amount
        for asset, amount in sorted(crossed.items()):
            note = f"{link.id}: {link.basis} by {link.by or 'the caller'}, confidence {link.confidence or 'not stated'}"
            result.append(("link", asset, len(rows), amount, amount, True, note))
    return result


def _line(
    trace: Trace, name: str, asset: str, count: int, amount: int, leaning: dict[str, int], note: str
) -> tuple[object, ...]:
    return name, asset, count, amount, leaning.get(asset, 0), METHODS[trace.method].lots, note


def _leaning(trace: Trace, leans: Callable[[int, int], bool]) -> dict[str, int]:
    """How much of the answer, by asset, made a move from a pot, or rests in one, for which ``leans(row, pot)``."""
    question, moves = trace.question, trace.outcome.moves
    on_move = [bool(move.hops) and leans(move.row, question.side(move.row)) for move in moves]
    road: list[bool] = []
    for move, here in zip(moves, on_move, strict=True):
        road.append(here or (move.parent >= 0 and road[move.parent]))
    ends = [(rest, (rest.move >= 0 and road[rest.move]) or _leans_at_rest(rest, leans)) for rest in trace.outcome.rests]
    sums: dict[str, int] = {}
    for rest, here in ends:
        if here:
            asset = question.book.pots.asset_of(rest.pot)
            sums[asset] = sums.get(asset, 0) + rest.amount
    if METHODS[trace.method].lots:
        return sums
    for move, here in zip(moves, on_move, strict=True):
        if here:
            asset = question.book.asset(move.row)
            sums[asset] = sums.get(asset, 0) + move.amount
    whole = {asset: trace.seeded.get(asset, 0) + trace.linked_in.get(asset, 0) for asset in sums}
    return {asset: min(amount, whole[asset]) for asset, amount in sums.items()}


def _leans_at_rest(rest: Rest, leans: Callable[[int, int], bool]) -> bool:
    """Units that rest in a pot, or that a limit kept there, lean on the pot; those that a row took away lean on it."""
    return (rest.row < 0 or rest.bucket in (CUT, BELOW)) and leans(rest.row, rest.pot)


def _tied(trace: Trace) -> set[int]:
    """Rows of pots on the road that share pot and moment with another row while an order is unknown."""
    graph, book = trace.graph, trace.question.book
    tied: set[int] = set()
    if not graph.has_unknown_order:
        return tied
    by_pot = {pot: [row for row in book.lines.rows_of(pot) if book.graph_row[row] >= 0] for pot in _pots(trace)}
    rows = sorted({row for rows in by_pot.values() for row in rows})
    told = graph.take([int(book.graph_row[row]) for row in rows], ["chain", "block", "time", "tx_index", "order"])
    moments = list(zip(*(told[name].to_pylist() for name in ("chain", "block", "time", "tx_index")), strict=True))
    moment = dict(zip(rows, moments, strict=True))
    unknown = {row for row, order in zip(rows, told["order"].to_pylist(), strict=True) if order == "unknown"}
    for here in by_pot.values():
        groups: dict[tuple[object, ...], list[int]] = {}
        for row in here:
            groups.setdefault(moment[row], []).append(row)
        for together in groups.values():
            if len(together) > 1 and not unknown.isdisjoint(together):
                tied.update(together)
    return tied


def _sides(trace: Trace) -> set[int]:
    """Pots that moves after the seeds left (backwards: entered)."""
    return {trace.question.side(move.row) for move in trace.outcome.moves if move.hops}


def _pots(trace: Trace) -> list[int]:
    """Pots that the trace went through or ended in, stops left out: what they do afterwards is not followed."""
    pots = _sides(trace) | {rest.pot for rest in trace.outcome.rests if rest.row < 0}
    return sorted(pot for pot in pots if pot >= 0)


def _assets(trace: Trace) -> list[str]:
    return sorted({*trace.seeded, *trace.linked_in})
