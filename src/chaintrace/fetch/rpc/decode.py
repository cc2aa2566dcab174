"""Decode: the evidence of a page as its answer. Pure: the same bytes always say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaintrace.errors import Malformed
from chaintrace.fetch.reply import Fault, replies
from chaintrace.fetch.rpc import metadata
from chaintrace.fetch.rpc.facts import Facts, read
from chaintrace.fetch.rpc.proof import prove
from chaintrace.fetch.rpc.reply import ADVICE, Reply
from chaintrace.fetch.rpc.rows import token, write
from chaintrace.fetch.talk import gather
from chaintrace.fetch.words import Bad
from chaintrace.model.asset import native
from chaintrace.model.page import Answer, Asked, Balance, Question


def decode(question: Question, asked: Sequence[Asked], body: Callable[[str], bytes]) -> Answer:
    """What ``asked`` answers to ``question``; ``body`` gives a response by its SHA-256.

    Raises a ProviderError (Malformed: an answer that is none; Contradiction: answers that are incomplete or cannot all
    be true), whatever the bytes are, and nothing else.
    """
    return decode_replies(question, asked, replies(question.provider, body, Reply))


def decode_replies(question: Question, asked: Sequence[Asked], reply: Callable[[str], Reply]) -> Answer:
    """As ``decode``, of responses that were read before."""
    return tell(question, gather(Facts(question.provider), asked, reply, read))


def tell(question: Question, facts: Facts) -> Answer:
    """What facts say to a question."""
    try:
        covered, missing = prove(question, facts)
        rows, rejected = write(question, facts)
    except Bad as error:
        raise Malformed(question.provider, str(error), ADVICE) from None
    standing = set(rows["block"].to_pylist()) | {question.last}
    numbers = _numbers(facts)
    return Answer(
        rows=rows,
        covered=covered,
        missing=missing,
        balances=balances(question, facts),
        metadata=metadata.tell(question, facts),
        hashes={number: digest for number, digest in sorted(numbers.items()) if number in standing},
        rejected=rejected,
    )


def _numbers(facts: Facts) -> dict[int, str]:
    told = {log.block: log.block_hash for log, _ in facts.logs.values()}
    return told | facts.by_number


def balances(question: Question, facts: Facts) -> tuple[Balance, ...]:
    accounts = set(question.accounts)
    told = [
        Balance(
            account,
            token(question, contract) if contract else native(question.chain),
            number,
            None if isinstance(held, Fault) else held,
            f"{held.code}: {held.message}" if isinstance(held, Fault) else "",
        )
        for (account, contract, number), (held, _) in facts.balances.items()
        if account in accounts
    ]
    return tuple(sorted(told, key=lambda one: (one.account, one.asset, one.block)))
