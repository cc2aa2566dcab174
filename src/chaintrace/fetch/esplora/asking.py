"""Asking: which calls answer a question, in which order. What was asked is decided by the question and the answers."""

from __future__ import annotations

from chaintrace.errors import Contradiction, Refused, TooLong
from chaintrace.fetch.call import Call
from chaintrace.fetch.esplora import call
from chaintrace.fetch.esplora.facts import Facts, Listed
from chaintrace.fetch.esplora.history import History, read
from chaintrace.fetch.esplora.proof import edges, standing, transactions, young_blocks
from chaintrace.fetch.talk import Talk
from chaintrace.model.page import Question

TRIES = 3
"""How often a history is read that a block changes meanwhile."""
_ENDLESS = ("too many history", "history too large", "too long")
"""How servers refuse to tell of an account with more transactions than they look through."""


class Asking:
    """Puts one question through a talk. ``most``: the longest history, in transactions, that is taken."""

    def __init__(self, question: Question, talk: Talk[Facts], most: int) -> None:
        self.question, self.talk, self.facts, self.most = question, talk, talk.facts, most

    def run(self) -> None:
        question = self.question
        self.talk.need([call.height(question.last), call.txids(question.last_hash)])
        first, *_ = self.facts.txids[question.last_hash][0]
        self.talk.need([call.transaction(first)])
        self.talk.need(call.transaction(one, question.last <= question.final) for one in question.transactions)
        for account in question.accounts:
            self._of(account, call.stats(account))
        self._count(sum(told.confirmed.count for told, _ in self.facts.stats.values()))
        self._blocks({account: self._history(account) for account in question.accounts})

    # ---- histories ----

    def _history(self, account: str) -> History:
        """Read anew where a block comes between the sums and the list."""
        tries = 1
        while True:
            try:
                return read(account, self.facts, self._look)
            except Contradiction:
                if tries == TRIES:
                    raise
            tries += 1
            self._again(account)

    def _again(self, account: str) -> None:
        pages = [self._page(*key) for key in self.facts.pages if key[0] == account]
        self.talk.forget([call.stats(account), *pages])
        self.facts.forget(account)
        self._of(account, call.stats(account))

    def _look(self, account: str, after: str) -> Listed:
        if (account, after) not in self.facts.pages:
            self._of(account, self._page(account, after))
            self._count(sum(len(told) for told, _ in self.facts.pages.values()))
        return self.facts.pages[account, after][0]

    def _page(self, account: str, after: str) -> Call:
        return call.page(self.question.way, account, after)

    def _of(self, account: str, one: Call) -> None:
        try:
            self.talk.need([one])
        except Refused as error:
            if not any(words in error.reason.lower() for words in _ENDLESS):
                raise
            raise self._too_long(f"its server tells no more: {error.reason}", (account,), 0) from None

    def _count(self, found: int) -> None:
        if found > self.most:
            reason = f"{found:,} transactions, and {self.most:,} are taken"
            raise self._too_long(reason, self.question.accounts, found)

    def _too_long(self, reason: str, accounts: tuple[str, ...], found: int) -> TooLong:
        advice = "a service with many customers: name it as a stop, or allow more with most="
        return TooLong(self.facts.provider, reason, advice, accounts, found)

    # ---- blocks ----

    def _blocks(self, told: dict[str, History]) -> None:
        """Those that may still change, from the last one down, and those that transactions stand in."""
        shown = transactions(self.question, self.facts, told)
        digest = self.question.last_hash
        for _ in range(young_blocks(self.question, shown)):
            self.talk.need([call.block(digest)])
            digest = self.facts.headers[digest][0].parent
        within = dict.fromkeys(standing(self.facts, one).block_hash for one, _ in shown.values())
        around = dict.fromkeys(standing(self.facts, one).block_hash for one in edges(self.question, told))
        self.talk.need(call.block(one) for one in within | around)
        self.talk.need(call.txids(one) for one in within)
