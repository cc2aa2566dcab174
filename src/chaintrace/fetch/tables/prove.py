"""Proof: that rows of several tables belong together. That a table is whole is its giver's word; that no row is missing
which another table or row speaks of can be seen."""

from __future__ import annotations

from collections.abc import Sequence

from chaintrace.errors import Contradiction
from chaintrace.fetch import columns as cell
from chaintrace.fetch.tables.body import Cell, Told
from chaintrace.fetch.tables.fill import Known
from chaintrace.fetch.tables.lake import Holding
from chaintrace.fetch.tables.shape import BLOCKS, TRACES, TRANSACTIONS
from chaintrace.fetch.tables.step import block, hashes_of, numbers_of
from chaintrace.model.page import Question

ADVICE = "the tables are not whole, or not of one chain: load them again"
NO_HASH = "no hash of block {}"
"""What stands for the hash of a block of which no table tells one: nobody can find out that it is another by now."""


def prove(question: Question, found: Sequence[tuple[Holding, Told]], facts: Known) -> None:
    """Contradiction where rows that speak of each other are not both there."""
    _last(question, facts)
    roles = {holding.shape.role for holding, _ in found}
    sent = {one for holding, told in found if holding.shape.role == TRANSACTIONS for one in hashes_of(holding, told)}
    blocks = {n for holding, told in found if holding.shape.role == BLOCKS for n in numbers_of(told, block(holding))}
    for holding, told in found:
        if TRANSACTIONS in roles:
            for tx_hash in hashes_of(holding, told):
                if tx_hash not in sent:
                    raise _missing(question, f"{tx_hash[:70]} of {holding.name} stands in no table of transactions")
        if BLOCKS in roles:
            lacking = numbers_of(told, block(holding)) - blocks
            if lacking:
                raise _missing(question, f"block {min(lacking)} of {holding.name} stands in no table of blocks")
        if holding.shape.role == TRACES:
            _whole(question, told)


def _last(question: Question, facts: Known) -> None:
    hashed = facts.hashes.get(question.last, NO_HASH.format(question.last))
    if hashed != question.last_hash:
        reason = f"block {question.last} is {hashed[:70]!r}, not {question.last_hash[:70]!r}"
        advice = "the tables are of another chain, or lack its hash: a table of blocks tells it"
        raise Contradiction(question.provider, reason, advice)


def _whole(question: Question, told: Told) -> None:
    """The calls of each transaction are one tree: what failed above a call undoes it."""
    paths: dict[str, set[tuple[int, ...]]] = {}
    for tx_hash, path in zip(told.columns["transaction_hash"], told.columns["trace_address"], strict=True):
        if isinstance(tx_hash, str) and (steps := _path(path)) is not None:
            paths.setdefault(tx_hash.lower(), set()).add(steps)
    for tx_hash, known in paths.items():
        orphan = next((path for path in sorted(known) if path and path[:-1] not in known), None)
        if orphan is not None or () not in known:
            raise _missing(question, f"the call above {list(orphan or ())} of {tx_hash[:70]} is not told")


def _path(value: Cell) -> tuple[int, ...] | None:
    try:
        return () if value is None or value == "" else cell.trace_path(value)
    except (cell.Bad, ValueError):
        return None


def _missing(question: Question, reason: str) -> Contradiction:
    return Contradiction(question.provider, reason, ADVICE)
