"""Decode: the evidence of a page as its answer. Pure: the same bytes always say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaintrace.errors import Malformed
from chaintrace.fetch.etherscan_api.facts import Facts, gather
from chaintrace.fetch.etherscan_api.history import History, kept
from chaintrace.fetch.etherscan_api.proof import prove
from chaintrace.fetch.etherscan_api.reply import ADVICE, Reply
from chaintrace.fetch.etherscan_api.rows import write
from chaintrace.fetch.reply import replies
from chaintrace.fetch.rpc import metadata
from chaintrace.fetch.rpc.decode import balances
from chaintrace.fetch.rpc.rows import token
from chaintrace.fetch.words import Bad
from chaintrace.model.page import Answer, Asked, Metadata, Question


def decode(question: Question, asked: Sequence[Asked], body: Callable[[str], bytes]) -> Answer:
    """What ``asked`` answers to ``question``; ``body`` gives a response by its SHA-256.

    Raises a ProviderError (Malformed: an answer that is none; Contradiction: answers that are incomplete or cannot all
    be true), whatever the bytes are, and nothing else.
    """
    return tell(question, gather(question.provider, asked, replies(question.provider, body, Reply)))


def tell(question: Question, facts: Facts) -> Answer:
    """What facts say to a question."""
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
