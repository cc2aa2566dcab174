"""Steps: which rows of which table are asked for, in which order. The question and the lake alone decide."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chaintrace.fetch.call import Call
from chaintrace.fetch.logs import SPLIT
from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, WITHDRAWAL, padded
from chaintrace.fetch.tables.body import Cell, Told
from chaintrace.fetch.tables.lake import Holding, Lake
from chaintrace.fetch.tables.query import Key, Query
from chaintrace.fetch.tables.shape import (
    BLOCKS,
    LAST,
    LOGS,
    ROLES,
    TOKENS,
    TRACES,
    TRANSACTIONS,
    TRANSFERS,
    WITHDRAWALS,
    first,
)
from chaintrace.fetch.words import MAX_PLACE
from chaintrace.model.page import Question

LAKE = Call.of("lake")
EVENTS = (TRANSFER, DEPOSIT, WITHDRAWAL)


@dataclass(frozen=True)
class Step:
    """``where`` says in words which rows: ``accounts`` and ``transactions`` are the question's, ``found`` is what the
    steps before have found."""

    table: Holding
    where: str

    @property
    def call(self) -> Call:
        told = {"table": self.table.name, "columns": list(self.table.columns), "where": self.where}
        return Call.of("rows", told)


def steps(question: Question, lake: Lake) -> list[Step]:
    """All steps that answer a question. Logs say more than token transfers, which are left alone beside them."""
    roles = {one.shape.role for one in lake.tables}
    needed = [one for one in lake.tables if not (one.shape.role == TOKENS and LOGS in roles)]
    order = sorted(needed, key=lambda one: (ROLES.index(one.shape.role), one.name))
    found = [Step(one, where) for one in order if (where := " or ".join(_words(question, one)))]
    if BLOCKS not in roles:
        found += [Step(one, f"{block(one)} is {question.last}") for one in map(_last, order) if one is not None]
    return found


def _last(table: Holding) -> Holding | None:
    """What a table tells of the last block's hash: its blocks and their hashes alone."""
    hashed = first(table.shape.block_hash, table.columns)
    return None if hashed is None else replace(table, format=LAST, columns=(block(table), hashed))


def _words(question: Question, table: Holding) -> Iterator[str]:
    shape = table.shape
    if question.accounts and shape.parties:
        parties = " or ".join(_parties(table))
        yield f"({parties} in accounts and {block(table)} from {_first(question, table)} to {question.last})"
    if question.transactions and shape.hash in table.columns:
        yield f"{shape.hash} in transactions"
    if shape.role == TRANSACTIONS:
        yield f"{shape.hash} in found"
    if shape.role == BLOCKS:
        yield f"{block(table)} in found"


def query(question: Question, step: Step, found: Sequence[tuple[Holding, Told]], most: int) -> Query:
    """A step as a query, after those before it were answered."""
    table, shape = step.table, step.table.shape
    if shape.role == LAST:
        return Query(table.columns, block(table), 0, 0, named=(Key(block(table), [question.last]),))
    also: tuple[Key, ...] = ()
    if shape.role == LOGS:
        also = (Key(SPLIT[0], EVENTS) if SPLIT[0] in table.columns else Key("topics", EVENTS, 0),)
    return Query(
        columns=table.columns,
        block=block(table),
        first=_first(question, table),
        last=question.last,
        touching=tuple(_touching(question, table)) if question.accounts else (),
        named=tuple(_named(question, table, found)),
        also=also,
        whole=_whole(table),
        most=None if shape.role == BLOCKS else most,
    )


def _first(question: Question, table: Holding) -> int:
    """Rows of our own kind ``opening`` stand in the block before the first one."""
    before = table.shape.role == TRANSFERS and "kind" in table.columns and question.first == question.since
    return max(question.first - 1, 0) if before else question.first


def _touching(question: Question, table: Holding) -> Iterator[Key]:
    if table.shape.role != LOGS:
        for name in _parties(table):
            yield Key(name, question.accounts)
        return
    topics = tuple(map(padded, question.accounts))
    for place in (1, 2):
        if "topics" in table.columns:
            yield Key("topics", topics, place)
        elif SPLIT[place] in table.columns:
            yield Key(SPLIT[place], topics)


def _named(question: Question, table: Holding, found: Sequence[tuple[Holding, Told]]) -> Iterator[Key]:
    shape = table.shape
    if shape.role == BLOCKS:
        numbers = {number for holding, told in found for number in numbers_of(told, block(holding))}
        yield Key(block(table), sorted(numbers | {question.last}))
    elif shape.hash in table.columns:
        wanted = dict.fromkeys(question.transactions)
        if shape.role == TRANSACTIONS:
            wanted |= dict.fromkeys(one for holding, told in found for one in hashes_of(holding, told))
        if wanted:
            yield Key(str(shape.hash), list(wanted))


def _parties(table: Holding) -> list[str]:
    return [name for name in table.shape.parties if name in table.columns]


def _whole(table: Holding) -> str | None:
    if table.shape.role == WITHDRAWALS:
        return block(table)
    return table.shape.hash if table.whole or table.shape.role == TRACES else None


def block(table: Holding) -> str:
    return first(table.shape.block, table.columns) or table.shape.block[0]


def hashes_of(holding: Holding, told: Told) -> dict[str, None]:
    """Transactions that rows name, but those of our own tables, which name what they like."""
    if holding.shape.hash is None or holding.shape.role == TRANSFERS:
        return {}
    return dict.fromkeys(one.lower() for one in told.columns.get(holding.shape.hash, []) if isinstance(one, str))


def numbers_of(told: Told, name: str) -> set[int]:
    return {number for one in told.columns.get(name, []) if (number := number_of(one)) is not None}


def number_of(cell: Cell) -> int | None:
    """A place that a cell says, None where it says none."""
    is_number = isinstance(cell, str) and cell.isascii() and cell.isdigit() and len(cell) < 20
    number = int(str(cell)) if is_number else MAX_PLACE + 1
    return number if number <= MAX_PLACE else None
