"""Asking: which calls answer a question, in which order. What was asked is decided by the question and the answers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Generic, TypeVar

from chaintrace.errors import TooLong
from chaintrace.fetch.call import Call
from chaintrace.fetch.explorer.history import History
from chaintrace.fetch.explorer.proof import burns_itself, held
from chaintrace.fetch.rpc import call
from chaintrace.fetch.rpc.call import DECIMALS, SYMBOL
from chaintrace.fetch.rpc.facts import Facts
from chaintrace.fetch.talk import Talk
from chaintrace.model.page import Question

F = TypeVar("F", bound=Facts)


class Asking(ABC, Generic[F]):
    """Puts one question through a talk. ``most``: the longest history, in rows of lists, that is taken."""

    def __init__(self, question: Question, talk: Talk[F], most: int) -> None:
        self.question, self.talk, self.facts, self.most = question, talk, talk.facts, most
        self._found = 0

    def run(self) -> None:
        question = self.question
        self.talk.need([call.block(question.last, lasting=self.lasting(question.last))])
        for tx_hash in question.transactions:
            self.talk.need([call.transaction(tx_hash, self.final), call.receipt(tx_hash, self.final)])
            self.inside(tx_hash)
            block = self.facts.receipts[tx_hash][0].block
            self.talk.need([call.block(block, lasting=self.lasting(block))])
        if not question.accounts:
            return
        history = self.history()
        self._blocks(history)
        self._balances(history)

    @abstractmethod
    def inside(self, tx_hash: str) -> None:
        """Asks for all calls of a transaction."""

    @abstractmethod
    def history(self) -> History:
        """Asks for the lists of the accounts, and for receipts and calls of the transactions that need them."""

    @property
    def final(self) -> bool:
        return self.question.last <= self.question.final

    def lasting(self, block: int) -> bool:
        return block <= self.question.final

    def count(self, more: int) -> None:
        """Rows of a list that was read."""
        self._found += more
        if self._found > self.most:
            reason = f"{self._found:,} rows and perhaps more, and {self.most:,} are taken"
            advice = "a service with many customers: name it as a stop, or allow more with most="
            raise TooLong(self.facts.provider, reason, advice, tuple(self.question.accounts), self._found)

    def _blocks(self, history: History) -> None:
        whole = {one.block for told in history.withdrawn.values() for one in told}
        plain = {block for block in history.times if not self.lasting(block)}
        for tx_hash, told in history.inside.items():
            if burns_itself([one for one, _ in told]):
                plain.add(self.facts.receipts[tx_hash][0].block)
        self.talk.need(call.block(number, True, self.lasting(number)) for number in sorted(whole))
        self.talk.need(call.block(number, lasting=self.lasting(number)) for number in sorted(plain - whole))

    # ---- what is asked to compare ----

    def _balances(self, history: History) -> None:
        blocks = [number for number in (self.question.since - 1, self.question.last) if number >= 0]
        for account in self.question.accounts:
            self.talk.need(call.balance(account, number, self.lasting(number)) for number in blocks)
        holdings = held(self.question, history)
        for account, contract in holdings:
            self.talk.need(call.balance_of(contract, account, number, self.lasting(number)) for number in blocks)
        named = {one.contract for told in history.moved.values() for rows in told.values() for one in rows}
        self.talk.need(self._views(dict.fromkeys(contract for _, contract in holdings if contract not in named)))

    def _views(self, contracts: dict[str, None]) -> Iterator[Call]:
        last = self.question.last
        for contract in contracts:
            for selector in (DECIMALS, SYMBOL):
                yield call.view(contract, selector, last, self.lasting(last))
