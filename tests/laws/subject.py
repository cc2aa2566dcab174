"""What a law is about: anything that answers a question about rows in the order in which they were read.

Row numbers, in questions and answers, are positions after sorting, as everywhere in chaintrace. ``pages`` are the
parts in which the rows were read; they may overlap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

import pyarrow as pa

from chaintrace.model.transfer import Transfers
from chaintrace.testing.strategies.rows import asset_named as asset
from chaintrace.testing.strategies.rows import spelled
from tests import oracle
from tests.oracle.words import Answer, Question, Row, Since
from tests.strategies import address, is_coins


class Subject(Protocol):
    def __call__(self, rows: list[Row], question: Question, pages: Sequence[list[int]] = ()) -> Answer: ...


def by_place(rows: list[Row]) -> list[Row]:
    """Rows in position order; equal places stand as they were read."""
    return sorted(rows, key=lambda row: row.place)


def oracle_subject(rows: list[Row], question: Question, pages: Sequence[list[int]] = ()) -> Answer:
    """The oracle; pages make one list again, each row once."""
    read = dict.fromkeys(i for page in pages for i in page) if pages else range(len(rows))
    return oracle.answer(by_place([rows[i] for i in read]), question)


def transfers(rows: list[Row], page: Sequence[int] | None = None) -> Transfers:
    """The rows (or one page of them) as chaintrace reads them."""
    whole = spelled(rows)
    return whole if page is None else Transfers(whole.table.take(pa.array(page, pa.int64())))


def asked_of(ct: Any, question: Question, coins: bool) -> dict[str, Any]:
    """The question as arguments of ``ct.trace``."""

    def seed(seed: Any) -> Any:
        if isinstance(seed, Since):
            chosen = asset(seed.asset, coins) if seed.asset else None
            return ct.address(address(seed.account, coins), since=seed.since, asset=chosen)
        return ct.rows(*seed.rows)

    return {
        "seeds": [seed(one) for one in question.seeds],
        "method": question.method,
        "direction": question.direction,
        "stop_at": {address(account, coins): category for account, category in question.stops.items()} or None,
        "coverage": None if question.covered is None else {address(account, coins) for account in question.covered},
        "max_hops": question.max_hops,
        "min_amount": question.min_amount or None,
        "until": question.until,
        "unexplained": question.unexplained,
    }


def answered(trace: Any, rows: list[Row], question: Question) -> Answer:
    """A Trace in the oracle's words."""
    coins = is_coins(rows)
    names = {address(party, coins): party for row in rows for party in row[:2] if party}
    assets = {asset(row.asset, coins): row.asset for row in rows}
    found = Answer()
    if question.method == "poison":
        for row, amount in lines(trace.flows(), "row", "tainted"):
            found.tainted[row, 0] += amount
        return found.tidy()
    found.seeded.update({assets[name]: amount for name, amount in trace.seeded.items()})
    for name, bucket, category, amount in lines(trace.ledger, "asset", "bucket", "category", "amount"):
        found.ledger[assets[name], bucket, category if bucket == "exit" else ""] += amount
    for row, seed, amount in lines(trace.flows(by_seed=True), "row", "seed", "tainted"):
        found.tainted[row, seed] += amount
    for who, name, *rest, amount in lines(trace.holdings(by_seed=True), "address", "asset", "bucket", "seed", "amount"):
        found.held[names[who], assets[name], *rest] += amount
    for category, who, name, seed, amount in lines(
        trace.exits(by_seed=True), "category", "address", "asset", "seed", "amount"
    ):
        found.exits[category, names[who], assets[name], seed] += amount
    return found.tidy()


def lines(frame: Any, *columns: str) -> Iterator[tuple[Any, ...]]:
    """The rows of a frame as tuples of some columns."""
    return zip(*(frame[column].tolist() for column in columns), strict=True)


def chaintrace_subject(rows: list[Row], question: Question, pages: Sequence[list[int]] = ()) -> Answer:
    """chaintrace itself, through its public face, on the kernel that CHAINTRACE_KERNEL names."""
    import chaintrace as ct
    from chaintrace.errors import SeedError

    read = transfers(rows)
    if pages:
        read = ct.read_transfers(pa.concat_tables([transfers(rows, page).table for page in pages]))
    try:
        trace = ct.trace(ct.TransferGraph(read), **asked_of(ct, question, is_coins(rows)))
    except SeedError:
        return Answer()
    return answered(trace, rows, question)
