"""History: the lists of the accounts of a question, each read to its end."""

from __future__ import annotations

from collections.abc import Iterable

from chaintrace.fetch.call import Call
from chaintrace.fetch.etherscan_api.call import INSIDE, LOGS, SENT, TOKENS, WITHDRAWN
from chaintrace.fetch.etherscan_api.facts import Facts, Listed, Span, Want
from chaintrace.fetch.etherscan_api.reach import reach
from chaintrace.fetch.etherscan_api.walk import Look, Walk
from chaintrace.fetch.explorer.history import History
from chaintrace.fetch.explorer.things import Inner
from chaintrace.fetch.explorer.ways import PLAIN
from chaintrace.fetch.rpc.call import DEPOSIT, WITHDRAWAL
from chaintrace.model.page import Question


def wanted(question: Question) -> list[Want]:
    """The lists that a question needs."""
    found = []
    for account in question.accounts:
        found += [Want(method, account) for method in (SENT, INSIDE, TOKENS)]
        found += [Want(LOGS, account, one, topic) for one in question.wrappers for topic in (DEPOSIT, WITHDRAWAL)]
        if question.way != PLAIN:
            found.append(Want(WITHDRAWN, account))
    return found


def read_lists(question: Question, provider: str, look: Look) -> History:
    """The lists of all accounts, through whoever can show their pages."""
    history = History(provider)
    for want in wanted(question):
        for one, source in Walk(provider, want, look).run(question.first, question.last):
            history.add(want.account, one, source)
    return history


def kept(question: Question, facts: Facts) -> History:
    """The lists as the evidence has them, and the times that headers tell. Contradiction where a page is missing."""

    def look(want: Want, span: Span, offset: int | None) -> Listed | None:
        return facts.lists.get((want, span), (None, ""))[0]

    notes = reach(question, facts, _asked_before, look) if question.accounts else []
    history = read_lists(question, facts.provider, look)
    history.notes += notes
    history.inside = whole(facts)
    history.agree(facts)
    return history


def _asked_before(calls: Iterable[Call]) -> None:
    """What was asked is in the facts, or it is missing."""


def whole(facts: Facts) -> dict[str, tuple[tuple[Inner, str], ...]]:
    """The calls of whole transactions; each such list is one answer."""
    return {tx_hash: tuple((one, source) for one in calls) for tx_hash, (calls, source) in facts.inside.items()}
