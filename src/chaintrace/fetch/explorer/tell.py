"""Tell: what the answers of an explorer and of its node say to a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from chaintrace.errors import Malformed
from chaintrace.fetch.explorer.history import History
from chaintrace.fetch.explorer.proof import prove
from chaintrace.fetch.explorer.reply import ADVICE
from chaintrace.fetch.explorer.rows import write
from chaintrace.fetch.rpc import metadata
from chaintrace.fetch.rpc.decode import balances
from chaintrace.fetch.rpc.facts import Facts
from chaintrace.fetch.rpc.rows import token
from chaintrace.fetch.words import Bad
from chaintrace.model.page import Answer, Metadata, Question

F = TypeVar("F", bound=Facts)


def tell(question: Question, facts: F, kept: Callable[[Question, F], History]) -> Answer:
    """``kept`` puts the lists together that a door's evidence holds. Contradiction where answers are incomplete or
    cannot all be true."""
    try:
        history = kept(question, facts)
        covered, missing = prove(question, facts, history)
        rows, rejected = write(question, facts, history)
    except Bad as error:
        raise Malformed(question.provider, str(error), ADVICE) from None
    standing = set(rows["block"].to_pylist()) | {question.last}
    return Answer(
        rows=rows,
        covered=covered,
        missing=missing,
        balances=balances(question, facts),
        metadata=_metadata(question, facts, history),
        hashes={number: digest for number, digest in sorted(_hashes(facts, history).items()) if number in standing},
        rejected=rejected,
        notes=tuple(history.notes),
    )


def _hashes(facts: Facts, history: History) -> dict[int, str]:
    told = {log.block: log.block_hash for log, _ in history.logs.values()}
    told |= {one.block: one.block_hash for one, _ in facts.transactions.values()}
    told |= {one.block: one.block_hash for one, _ in facts.receipts.values()}
    return told | facts.by_number


def _metadata(question: Question, facts: Facts, history: History) -> tuple[Metadata, ...]:
    """As the lists of transfers say it, else as the contract itself."""
    found = {one.asset: one for one in metadata.tell(question, facts)}
    for told in history.moved.values():
        for one in (row for rows in told.values() for row in rows):
            asset = token(question, one.contract)
            found.setdefault(asset, Metadata(asset, one.symbol[: metadata.LONGEST], one.decimals))
    return tuple(sorted(found.values()))
