"""Asking: which calls answer a question, in which order. What was asked is decided by the question and the answers."""

from __future__ import annotations

from collections.abc import Iterable

from chaintrace.errors import TooLong
from chaintrace.fetch.rpc.call import padded
from chaintrace.fetch.talk import Talk
from chaintrace.fetch.trongrid import call
from chaintrace.fetch.trongrid.facts import Facts, Listed, Span, Want
from chaintrace.fetch.trongrid.history import MARGIN, History, heads, kept, needs_info, needs_more, walks
from chaintrace.fetch.trongrid.proof import held
from chaintrace.fetch.trongrid.walk import Walk
from chaintrace.fetch.trongrid.words import named
from chaintrace.model.page import Question

ATTEMPTS = 3
"""How often accounts are looked at that move something while they are looked at."""


class Asking:
    """Puts one question, its accounts in twenty bytes, through a talk. ``size``: of a page, in rows; ``most``: the
    longest history, in rows of lists, that is taken."""

    def __init__(self, question: Question, talk: Talk[Facts], size: int, most: int) -> None:
        self.question, self.talk, self.facts, self.size, self.most = question, talk, talk.facts, size, most
        self.final = question.last <= question.final
        self.state = call.SOLID if self.final else call.YOUNG
        self._found = 0

    def run(self) -> None:
        question = self.question
        numbers = dict.fromkeys((question.last, question.first, question.since))
        self.talk.need(call.header(number, self._lasting(number)) for number in numbers)
        for tx_hash in question.transactions:
            self.talk.need([call.transaction(tx_hash, self.final), call.info(tx_hash, self.final)])
        if question.accounts:
            self._accounts()
        found = {self.facts.infos[one][0].block for one in question.transactions}
        self.talk.need(call.block(number, self._lasting(number)) for number in sorted(found))

    def _lasting(self, block: int) -> bool:
        return block <= self.question.final

    def _accounts(self) -> None:
        for count in range(ATTEMPTS):
            self._lists(count)
            histories = kept(self.question, self.facts)
            if not any(history.restless for history in histories.values()):
                break
        for history in histories.values():
            self._details(history)

    def _lists(self, count: int) -> None:
        """Lists, then what is held, then lists once more: so that it is known what is held when."""
        self.talk.need([call.now(self.state, 2 * count)])
        until = self.facts.now[2 * count][0].time + MARGIN
        for _, walk in self._walks():
            walk.look_ahead(until)
        self._balances(count)
        self.talk.need([call.now(self.state, 2 * count + 1)])
        until, later = heads(self.facts)
        for _, walk in self._walks():
            walk.run(until, later)

    def _walks(self) -> Iterable[tuple[str, Walk]]:
        for account, walk in walks(self.question, self.facts):
            walk.look = self._look
            yield account, walk

    def _look(self, want: Want, span: Span) -> Listed:
        if (want, span) not in self.facts.lists:
            who = named(want.account)
            asked = call.listed(
                want.method, who, span.first, span.last, span.order, self.size, self.final, span.fingerprint
            )
            self.talk.need([asked])
            self._count(len(self.facts.lists[want, span][0].rows))
        return self.facts.lists[want, span][0]

    def _count(self, more: int) -> None:
        self._found += more
        if self._found > self.most:
            reason = f"{self._found:,} rows and perhaps more, and {self.most:,} are taken"
            advice = "a service with many customers: name it as a stop, or allow more with most="
            accounts = tuple(map(named, self.question.accounts))
            raise TooLong(self.facts.provider, reason, advice, accounts, self._found)

    def _balances(self, count: int) -> None:
        self.talk.need(call.held(self.state, named(account), count) for account in self.question.accounts)
        for account, contract in held(self.question, self.facts):
            word = padded(account)[2:]
            self.talk.need([call.balance_of(self.state, named(contract), named(account), word, count)])

    def _details(self, history: History) -> None:
        wanted = needs_info(self.question, history)
        self.talk.need(call.info(tx_hash, self.final) for tx_hash in (*wanted, *needs_more(self.question, history)))
        blocks = {one.block for one, _ in history.sent.values()}
        blocks |= {self.facts.infos[tx_hash][0].block for tx_hash in wanted}
        self.talk.need(call.block(number, self._lasting(number)) for number in sorted(blocks))
