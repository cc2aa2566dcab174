"""Poison, both directions: whatever leaves a pot after the first tainted unit came in is tainted, all of it.

Reach, not accounting: ``tainted`` holds every row touched with its whole amount under seed 0; there is no ledger.
"""

from __future__ import annotations

from tests.oracle.shares import balances
from tests.oracle.words import (
    Answer,
    Pot,
    Question,
    Row,
    cut,
    end_of,
    followed_stops,
    further,
    heads,
    held_hops,
    holdings_by_moment,
    in_order,
    is_held_by,
    moves,
    seeds_by_row,
    source,
    target,
    until,
)


def trace(rows: list[Row], question: Question) -> Answer:
    """The rows that poison reaches (backwards: the rows from which it can have come)."""
    answer = Answer()
    fewest: dict[Pot, int] = {}
    rows, before = until(rows, question), balances(until(rows, question), heads(rows, question))
    seeds, holdings = seeds_by_row(rows, question), holdings_by_moment(rows, question)
    stops = followed_stops(rows, question)
    for what, at in in_order(len(rows), question.direction):
        if what == "moment":
            for _, since in holdings.get(at, ()):
                fewest |= {
                    pot: held_hops(question.direction)
                    for pot, held in before[at].items()
                    if held and is_held_by(pot, since)
                }
            continue
        row = rows[at]
        if not moves(row):
            continue
        ends = (source(row), target(row))
        pot, to = ends if question.direction == "forward" else ends[::-1]
        ways = [further(fewest[pot], row, question.direction)] if pot in fewest else []
        ways = [hops for hops in ways if cut(question, hops, row.amount) is None] + [0] * (at in seeds)
        if not ways:
            continue
        answer.tainted[at, 0] += row.amount
        if end_of(row, question, stops) is None:
            fewest[to] = min(min(ways), fewest.get(to, min(ways)))
    return answer.tidy()
