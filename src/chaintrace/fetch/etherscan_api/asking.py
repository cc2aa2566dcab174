"""Asking: which calls answer a question, in which order. What was asked is decided by the question and the answers."""

from __future__ import annotations

from collections.abc import Iterator

from chaintrace.errors import TooLong
from chaintrace.fetch.call import Call
from chaintrace.fetch.etherscan_api import call as own
from chaintrace.fetch.etherscan_api.call import LOGS
from chaintrace.fetch.etherscan_api.facts import Facts, Listed, Span, Want
from chaintrace.fetch.etherscan_api.faults import says_too_large
from chaintrace.fetch.etherscan_api.history import History, read_lists
from chaintrace.fetch.etherscan_api.proof import burns_itself, held, needs_receipts
from chaintrace.fetch.rpc import call
from chaintrace.fetch.rpc.call import DECIMALS, SYMBOL
from chaintrace.fetch.talk import Talk
from chaintrace.model.page import Question


class Asking:
    """Puts one question through a talk. ``size``: of a page, in rows; ``most``: the longest history, in rows of lists,
    that is taken."""

    def __init__(self, question: Question, talk: Talk[Facts], size: int, most: int) -> None:
        self.question, self.talk, self.facts, self.size, self.most = question, talk, talk.facts, size, most
        self._found = 0

    def run(self) -> None:
        question = self.question
        self.talk.need([call.block(question.last, lasting=self._lasting(question.last))])
        final = question.last <= question.final
        for tx_hash in question.transactions:
            self.talk.need([call.transaction(tx_hash, final), call.receipt(tx_hash, final), own.inside(tx_hash, final)])
            block = self.facts.receipts[tx_hash][0].block
            self.talk.need([call.block(block, lasting=self._lasting(block))])
        if not question.accounts:
            return
        history = read_lists(question, self.facts.provider, self._look)
        self._transactions(history)
        self._blocks(history)
        self._balances(history)

    def _lasting(self, block: int) -> bool:
        return block <= self.question.final

    def _look(self, want: Want, span: Span, offset: int | None) -> Listed | None:
        known = self.facts.lists.get((want, span))
        if known is not None:
            return known[0]
        page = *span, offset or self.size
        if want.method == LOGS:
            one = own.logs(want.contract, want.topic, want.account, *page)
        else:
            one = own.listed(want.method, want.account, *page)
        fault = self.talk.ask([one])[0]
        if fault is None:
            self._count(len(self.facts.lists[want, span][0].rows))
            return self.facts.lists[want, span][0]
        if not says_too_large(fault.message) or (span.first == span.last and span.page == 1):
            raise self.talk.desk.refused(one, fault)
        return None

    def _count(self, more: int) -> None:
        self._found += more
        if self._found > self.most:
            reason = f"{self._found:,} rows and perhaps more, and {self.most:,} are taken"
            advice = "a service with many customers: name it as a stop, or allow more with most="
            raise TooLong(self.facts.provider, reason, advice, tuple(self.question.accounts), self._found)

    # ---- what lists leave open ----

    def _transactions(self, history: History) -> None:
        for tx_hash in needs_receipts(self.question, self.facts, history):
            self.talk.need([call.receipt(tx_hash, self.question.last <= self.question.final)])
        for tx_hash in history.called:
            self.talk.need([own.inside(tx_hash, self.question.last <= self.question.final)])

    def _blocks(self, history: History) -> None:
        whole = {one.block for told in history.withdrawn.values() for one in told}
        plain = {block for block in history.times if not self._lasting(block)}
        plain |= {self.facts.receipts[one][0].block for one, told in self.facts.inside.items() if burns_itself(told[0])}
        self.talk.need(call.block(number, True, self._lasting(number)) for number in sorted(whole))
        self.talk.need(call.block(number, lasting=self._lasting(number)) for number in sorted(plain - whole))

    # ---- what is asked to compare ----

    def _balances(self, history: History) -> None:
        blocks = [number for number in (self.question.since - 1, self.question.last) if number >= 0]
        for account in self.question.accounts:
            self.talk.need(call.balance(account, number, self._lasting(number)) for number in blocks)
        holdings = held(self.question, self.facts, history)
        for account, contract in holdings:
            self.talk.need(call.balance_of(contract, account, number, self._lasting(number)) for number in blocks)
        named = {one.contract for told in history.moved.values() for rows in told.values() for one in rows}
        self.talk.need(self._views(dict.fromkeys(contract for _, contract in holdings if contract not in named)))

    def _views(self, contracts: dict[str, None]) -> Iterator[Call]:
        last = self.question.last
        for contract in contracts:
            for selector in (DECIMALS, SYMBOL):
                yield call.view(contract, selector, last, self._lasting(last))
