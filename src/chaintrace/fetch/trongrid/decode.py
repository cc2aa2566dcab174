"""Decode: the evidence of a page as its answer. Pure: the same bytes always say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from chaintrace.errors import Malformed
from chaintrace.fetch.reply import replies
from chaintrace.fetch.rpc import metadata
from chaintrace.fetch.talk import gather
from chaintrace.fetch.trongrid.balances import reckon
from chaintrace.fetch.trongrid.facts import Facts, read
from chaintrace.fetch.trongrid.history import kept
from chaintrace.fetch.trongrid.proof import prove
from chaintrace.fetch.trongrid.reply import ADVICE, Reply
from chaintrace.fetch.trongrid.rows import write
from chaintrace.fetch.trongrid.things import Moved
from chaintrace.fetch.trongrid.words import account, named
from chaintrace.fetch.words import Bad
from chaintrace.model.page import Answer, Asked, Metadata, Question


def decode(question: Question, asked: Sequence[Asked], body: Callable[[str], bytes]) -> Answer:
    """What ``asked`` answers to ``question``; ``body`` gives a response by its SHA-256.

    Raises a ProviderError (Malformed: an answer that is none; Contradiction: answers that are incomplete or cannot all
    be true), whatever the bytes are, and nothing else.
    """
    return tell(question, gather(Facts(question.provider), asked, replies(question.provider, body, Reply), read))


def inside(question: Question) -> Question:
    """The question with every account as twenty bytes, as transactions have them."""
    accounts, wrappers, tokens = (
        tuple(map(account, told)) for told in (question.accounts, question.wrappers, question.tokens)
    )
    return replace(question, accounts=accounts, wrappers=wrappers, tokens=tokens)


def tell(question: Question, facts: Facts) -> Answer:
    """What facts say to a question."""
    try:
        asked = inside(question)
        histories = kept(asked, facts) if asked.accounts else {}
        covered, missing = prove(asked, facts, histories)
        balances = reckon(asked, facts, histories)
        opened = {one: source for one, source in balances.items() if one.block == asked.since - 1 and one.amount}
        rows, rejected = write(asked, facts, histories, opened)
    except Bad as error:
        raise Malformed(question.provider, str(error), ADVICE) from None
    standing = set(rows["block"].to_pylist()) | {question.last}
    return Answer(
        rows=rows,
        covered=tuple(replace(one, account=named(one.account)) for one in covered),
        missing=tuple(replace(one, account=named(one.account)) for one in missing),
        balances=tuple(balances),
        metadata=_metadata(question, facts),
        hashes={number: one.id for number, (one, _) in sorted(facts.tops.items()) if number in standing},
        rejected=rejected,
    )


def _metadata(question: Question, facts: Facts) -> tuple[Metadata, ...]:
    """As the lists of transfers say it."""
    found: dict[str, Metadata] = {}
    for page, _ in facts.lists.values():
        for one, _ in page.rows:
            if isinstance(one, Moved):
                asset = f"{question.chain}/trc20:{named(one.contract)}"
                found.setdefault(asset, Metadata(asset, one.symbol[: metadata.LONGEST], one.decimals))
    return tuple(sorted(found.values(), key=lambda one: one.asset))
