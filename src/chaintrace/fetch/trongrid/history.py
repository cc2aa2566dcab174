"""History: the lists of the accounts of a question, each read to its end: what stands between its blocks, and what
stands before and after them, which only balances are reckoned from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chaintrace.fetch.trongrid.call import INSIDE, SENT, TOKENS
from chaintrace.fetch.trongrid.contracts import REWARD
from chaintrace.fetch.trongrid.facts import Facts, Listed, Span, Want
from chaintrace.fetch.trongrid.things import TOKEN, Inner, ListedInner, ListedSent, Moved
from chaintrace.fetch.trongrid.walk import Walk
from chaintrace.model.page import Question

LISTS = (SENT, INSIDE, TOKENS)
MARGIN = 1
"""Milliseconds between the time of a block and the bound of what is asked; blocks are three seconds apart."""


@dataclass
class History:
    """What one account's lists say. ``early``: before block ``since``; ``sent``, ``inner`` and ``moved``: between the
    blocks of the question, by transaction; ``late``: after them. ``restless``: something came in the meantime."""

    early: list[tuple[Any, str]] = field(default_factory=list)
    sent: dict[str, tuple[ListedSent, str]] = field(default_factory=dict)
    inner: dict[str, list[Inner]] = field(default_factory=dict)
    moved: dict[str, list[Moved]] = field(default_factory=dict)
    late: list[tuple[Any, str]] = field(default_factory=list)
    restless: bool = False

    def add(self, one: Any, source: str) -> None:
        """A row between the blocks of the question. What moves nothing is left out."""
        if isinstance(one, ListedSent):
            self.sent[one.tx_hash] = one, source
        elif isinstance(one, ListedInner):
            if moves(one.call):
                self.inner.setdefault(one.tx_hash, []).append(one.call)
        elif one.kind == TOKEN:
            self.moved.setdefault(one.tx_hash, []).append(one)


def moves(call: Inner) -> bool:
    """Whether an inner call moves anything."""
    return not call.rejected and (call.amount > 0 or call.assets)


def attempt(facts: Facts) -> int:
    """How often what accounts hold was asked for, from 0: each time between two looks at the last block."""
    if len(facts.now) < 2 or set(facts.now) != set(range(len(facts.now))) or len(facts.now) % 2:
        raise facts.contradiction("the last block is not told before and after")
    return len(facts.now) // 2 - 1


def heads(facts: Facts) -> tuple[int, int]:
    """The times of the last block before what accounts hold was asked for, and after."""
    n = 2 * attempt(facts)
    before, after = facts.now[n][0], facts.now[n + 1][0]
    if after.number < before.number or after.time < before.time:
        raise facts.contradiction(f"the last block was {before.number}, and then {after.number}")
    return before.time + MARGIN, after.time + MARGIN


def walks(question: Question, facts: Facts) -> Iterator[tuple[str, Walk]]:
    """The walks that a question needs, through the lists as the evidence has them."""

    def look(want: Want, span: Span) -> Listed:
        if (want, span) not in facts.lists:
            raise facts.contradiction(f"a page of {want.method} is missing")
        return facts.lists[want, span][0]

    for account in question.accounts:
        for method in LISTS:
            yield account, Walk(facts.provider, Want(method, account), look)


def kept(question: Question, facts: Facts) -> dict[str, History]:
    """The history of each account. Contradiction where a page is missing or a transaction is listed twice."""
    found = {account: History() for account in question.accounts}
    until, later = heads(facts)
    for account, walk in walks(question, facts):
        walk.run(until, later)
        found[account].restless |= walk.restless
        _once(facts, walk)
        for one, source in walk.rows:
            _sort(question, facts, found[account], one, source)
    return found


def _once(facts: Facts, walk: Walk) -> None:
    """Transactions and inner calls have names of their own; transfers of tokens have none."""
    names = [one.id if isinstance(one, ListedInner) else one.tx_hash for one, _ in walk.rows]
    if walk.want.method != TOKENS and len(set(names)) < len(names):
        raise facts.contradiction(f"{walk.want.method} shows one thing twice")


def _sort(question: Question, facts: Facts, history: History, one: Any, source: str) -> None:
    since, first, last = (time_of(facts, number) for number in (question.since, question.first, question.last))
    if one.time < since:
        history.early.append((one, source))
    if first <= one.time <= last:
        history.add(one, source)
    elif one.time > last:
        history.late.append((one, source))


def time_of(facts: Facts, number: int) -> int:
    """When a block was, in milliseconds."""
    if number not in facts.tops:
        raise facts.contradiction(f"block {number} is not told")
    return facts.tops[number][0].time


def needs_info(question: Question, history: History) -> dict[str, None]:
    """Transactions between the blocks of which more has to be seen than the lists say."""
    lists = [one for one, _ in history.sent.values()]
    found = dict.fromkeys(one.tx_hash for one in lists if one.one.contract.runs_code or is_unclear(one))
    return found | dict.fromkeys(history.inner) | dict.fromkeys(history.moved)


def is_unclear(one: Any) -> bool:
    """Whether a row does not say by itself what it cost or paid."""
    return isinstance(one, ListedSent) and (one.fee is None or one.one.contract.kind == REWARD)


def needs_more(question: Question, history: History) -> dict[str, None]:
    """The same for transactions before and after the blocks: for what they cost or paid, and what was wrapped."""
    outside = [one for one, _ in (*history.early, *history.late)]
    wrappers = set(question.wrappers)
    return dict.fromkeys(one.tx_hash for one in outside if is_unclear(one) or wrappers & set(parties_of(one)))


def parties_of(one: object) -> tuple[str, ...]:
    """Whom a row about coins touches."""
    if isinstance(one, ListedInner):
        return one.call.sender, one.call.receiver
    return one.one.contract.parties if isinstance(one, ListedSent) else ()
