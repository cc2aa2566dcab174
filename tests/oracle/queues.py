"""FIFO and LIFO forwards: each pot a queue (or a stack) of lots, moved one by one."""

from __future__ import annotations

from collections import defaultdict
from itertools import groupby
from typing import NamedTuple

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
    holdings_by_moment,
    in_order,
    is_held_by,
    moves,
    seeds_by_row,
    source,
    target,
    until,
)


class Lot(NamedTuple):
    """Units side by side; ``seed`` None is clean."""

    amount: int
    seed: int | None = None
    hops: int = 0


def trace(rows: list[Row], question: Question) -> Answer:
    """The answer of a queue (fifo) or a stack whose slices keep their order (lifo)."""
    answer = Answer()
    pots: defaultdict[Pot, list[Lot]] = defaultdict(list)
    for pot, amount in heads(rows, question).items():
        pots[pot] = [Lot(amount)]
    rows = until(rows, question)
    seeds, holdings = seeds_by_row(rows, question), holdings_by_moment(rows, question)
    stops = followed_stops(rows, question)
    for what, at in in_order(len(rows), "forward"):
        if what == "moment":
            for seed, since in holdings.get(at, ()):
                for pot in filter(lambda pot, since=since: is_held_by(pot, since), list(pots)):
                    pots[pot] = seeded(answer, pots[pot], pot[1], seed)
            continue
        row = rows[at]
        if not moves(row):
            continue
        lots = take(pots, row, question.method)
        lots = [limited(answer, question, row, lot) for lot in lots]
        for seed in seeds.get(at, ()):
            lots = seeded(answer, lots, row.asset, seed)
        end = end_of(row, question, stops)
        for lot in filter(lambda lot: lot.seed is not None, lots):
            answer.tainted[at, lot.seed] += lot.amount
            if end is not None:
                answer.ledger[(row.asset, *end)] += lot.amount
            if end is not None and end[0] == "exit":
                answer.exits[end[1], row.receiver, row.asset, lot.seed] += lot.amount
        if (pot := target(row)) is not None:
            pots[pot] += lots if end is None else [Lot(row.amount)]
    for pot, lots in pots.items():
        for lot in filter(lambda lot: lot.seed is not None, lots):
            answer.rest(question, pot, lot.seed, lot.amount)
    return answer.tidy()


def take(pots: dict[Pot, list[Lot]], row: Row, method: str) -> list[Lot]:
    """Cut the row's amount from its sender's pot; what is not there comes in just before, clean."""
    pot = source(row)
    if pot is None:
        return [Lot(row.amount)]
    missing = row.amount - sum(lot.amount for lot in pots[pot])
    lots = pots[pot] + ([Lot(missing)] if missing > 0 else [])
    at = row.amount if method == "fifo" else sum(lot.amount for lot in lots) - row.amount
    front, back, passed = [], [], 0
    for lot in lots:
        inside = min(max(at - passed, 0), lot.amount)
        front.append(lot._replace(amount=inside))
        back.append(lot._replace(amount=lot.amount - inside))
        passed += lot.amount
    front, back = [[lot for lot in side if lot.amount] for side in (front, back)]
    pots[pot], leaving = (back, front) if method == "fifo" else (front, back)
    return leaving


def limited(answer: Answer, question: Question, row: Row, lot: Lot) -> Lot:
    """The lot one row further, or clean units where a limit cut it."""
    if lot.seed is None:
        return lot
    hops = further(lot.hops, row, "forward")
    if (bucket := cut(question, hops, lot.amount)) is not None:
        answer.ledger[row.asset, bucket, ""] += lot.amount
        return Lot(lot.amount)
    return lot._replace(hops=hops)


def seeded(answer: Answer, lots: list[Lot], asset: str, seed: int) -> list[Lot]:
    """Clean neighbours become one lot of the seed, at hop 0."""
    new: list[Lot] = []
    for clean, run in groupby(lots, key=lambda lot: lot.seed is None):
        if not clean:
            new += run
        elif amount := sum(lot.amount for lot in run):
            answer.seeded[asset] += amount
            new.append(Lot(amount, seed))
    return new
