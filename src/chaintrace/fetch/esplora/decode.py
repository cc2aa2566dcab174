"""Decode: the evidence of a page as its answer. Pure: the same bytes always say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaintrace.errors import Malformed
from chaintrace.fetch.esplora.facts import Facts, read
from chaintrace.fetch.esplora.history import histories
from chaintrace.fetch.esplora.proof import Histories, prove, transactions
from chaintrace.fetch.esplora.reply import ADVICE, Reply
from chaintrace.fetch.esplora.rows import write
from chaintrace.fetch.reply import replies
from chaintrace.fetch.talk import gather
from chaintrace.model.asset import native
from chaintrace.model.bitcoin import NETWORKS
from chaintrace.model.page import Answer, Asked, Balance, Question


def decode(question: Question, asked: Sequence[Asked], body: Callable[[str], bytes]) -> Answer:
    """What ``asked`` answers to ``question``; ``body`` gives a response by its SHA-256.

    Raises a ProviderError (Malformed: an answer that is none; Contradiction: answers that are incomplete or cannot all
    be true), whatever the bytes are, and nothing else.
    """
    if question.chain not in NETWORKS:
        raise Malformed(question.provider, f"{question.chain[:40]!r} is no network of Bitcoin", ADVICE)
    return tell(
        question, gather(Facts(question.provider, question.chain), asked, replies(question.provider, body, Reply), read)
    )


def tell(question: Question, facts: Facts) -> Answer:
    """What facts say to a question."""
    told = histories(question.accounts, facts)
    covered, missing = prove(question, facts, told)
    shown = transactions(question, facts, told)
    hashes = {one.block: one.standing.block_hash for one, _ in shown.values() if one.standing is not None}
    hashes[question.last] = question.last_hash
    return Answer(
        rows=write(question, facts, told, shown),
        covered=covered,
        missing=missing,
        balances=_balances(question, told),
        hashes=dict(sorted(hashes.items())),
    )


def _balances(question: Question, told: Histories) -> tuple[Balance, ...]:
    """At the end of the last block, and of the one before the first."""
    blocks = [number for number in (question.since - 1, question.last) if number >= 0]
    asset = native(question.chain)
    return tuple(Balance(one, asset, number, told[one].balance(number)) for one in sorted(told) for number in blocks)
