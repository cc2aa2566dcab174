"""Roads: the very transactions that each part travelled."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from chaintrace.taint.tables import describe

if TYPE_CHECKING:
    from chaintrace.taint.result import Trace


class Road(NamedTuple):
    """A lot: units of one seed, and the moves they made, oldest first, with the units on each."""

    seed: int
    steps: list[tuple[int, int]]


def paths(trace: Trace, to: str | None) -> pd.DataFrame:
    """See ``Trace.paths``."""
    lots = [road for road in (_ends(trace) if to is None else _arrivals(trace, to)) if road.steps]
    lines = [
        (lot, road.seed, hop, row, units)
        for lot, road in enumerate(lots)
        for hop, (row, units) in enumerate(road.steps)
    ]
    frame = describe(trace, [row for _, _, _, row, _ in lines])
    for at, name in enumerate(("lot", "seed", "hop")):
        frame.insert(at, name, pd.Series([line[at] for line in lines], dtype=object))
    frame["tainted"] = pd.Series([line[4] for line in lines], dtype=object)
    return frame


def _ends(trace: Trace) -> list[Road]:
    return [Road(rest.seed, _climb(trace, rest.move, rest.amount)) for rest in trace.outcome.rests]


def _arrivals(trace: Trace, to: str) -> list[Road]:
    """One road for each piece that reaches ``to`` for the first time."""
    moves = trace.outcome.moves
    through: list[bool] = []
    roads = []
    for number, move in enumerate(moves):
        there = _far_account(trace, move.row) == to
        before = move.parent >= 0 and through[move.parent]
        through.append(there or before)
        if there and not before:
            roads.append(Road(move.seed, _climb(trace, number, move.amount)))
    return roads


def _far_account(trace: Trace, row: int) -> str | None:
    """Whom a row pays (backwards: who pays it), also where a link takes it off the lines; None where nobody is."""
    book, forward = trace.question.book, trace.question.forward
    number = book.graph_row[row]
    rows, at = (trace.graph.rows, number) if number >= 0 else (book.rows, row)
    pot = rows.parties(int(at))[1 if forward else 0]
    return book.pots[pot].address if pot >= 0 else None


def _climb(trace: Trace, number: int, units: int) -> list[tuple[int, int]]:
    """The moves up to the seed, oldest row first. Before a link the lot is the units that cover it there."""
    moves, book, forward = trace.outcome.moves, trace.question.book, trace.question.forward
    steps = []
    while number >= 0:
        move = moves[number]
        steps.append((move.row, units))
        conversion = (book.enters if forward else book.leaves).get(move.row)
        if conversion is not None and move.parent >= 0:
            n, m = (conversion.n, conversion.m) if forward else (conversion.m, conversion.n)
            units = min(-(-units * n // m), moves[move.parent].amount)
        number = move.parent
    return steps[::-1] if forward else steps
