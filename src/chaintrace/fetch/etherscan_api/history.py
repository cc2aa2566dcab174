"""History: the lists of the accounts of a question, each read to its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chaintrace.errors import Contradiction
from chaintrace.fetch.etherscan_api.call import INSIDE, LOGS, SENT, TOKENS, WITHDRAWN
from chaintrace.fetch.etherscan_api.facts import Facts, Listed, Span, Want
from chaintrace.fetch.etherscan_api.things import Inner, Moved, Sent, Withdrawn
from chaintrace.fetch.etherscan_api.walk import Look, Walk
from chaintrace.fetch.etherscan_api.ways import PLAIN
from chaintrace.fetch.rpc.call import DEPOSIT, WITHDRAWAL
from chaintrace.fetch.rpc.things import Log
from chaintrace.model.page import Question


@dataclass
class History:
    """``sent`` by hash; ``inner`` and ``moved`` by account and hash, in the order told; ``logs`` of wrapped coins;
    ``own``: the hashes in each account's list. ``times`` of blocks."""

    provider: str
    sent: dict[str, tuple[Sent, str]] = field(default_factory=dict)
    inner: dict[str, dict[str, list[Inner]]] = field(default_factory=dict)
    moved: dict[str, dict[str, list[Moved]]] = field(default_factory=dict)
    logs: dict[tuple[str, int], tuple[Log, str]] = field(default_factory=dict)
    withdrawn: dict[str, list[Withdrawn]] = field(default_factory=dict)
    own: dict[str, set[str]] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)

    def add(self, want: Want, one: Any, source: str) -> None:
        """A row of a list."""
        if one.time is not None:
            self.see(one.block, one.time)
        if isinstance(one, Sent):
            self._add_sent(want.account, one, source)
        elif isinstance(one, Log):
            if (one.tx_hash, one.index) in self.logs:
                raise self.contradiction(f"log {one.index} of {one.tx_hash} is listed twice")
            self.logs[one.tx_hash, one.index] = one, source
        elif isinstance(one, Withdrawn):
            self.withdrawn.setdefault(want.account, []).append(one)
        else:
            table: dict[str, dict[str, list[Any]]] = self.inner if isinstance(one, Inner) else self.moved
            table.setdefault(want.account, {}).setdefault(one.tx_hash, []).append(one)

    def _add_sent(self, account: str, one: Sent, source: str) -> None:
        digest, own = one.one.hash, self.own.setdefault(account, set())
        if digest in own:
            raise self.contradiction(f"{digest} is listed twice")
        own.add(digest)
        if self.sent.setdefault(digest, (one, source))[0] != one:
            raise self.contradiction(f"{digest} is told in two ways")

    def see(self, block: int, time: int) -> None:
        if self.times.setdefault(block, time) != time:
            raise self.contradiction(f"block {block} has two times")

    def contradiction(self, reason: str) -> Contradiction:
        return Contradiction(self.provider, reason)

    @property
    def moving(self) -> dict[str, None]:
        """Transactions that move tokens of the accounts, or have calls that touch them."""
        tables: tuple[Mapping[str, Mapping[str, Any]], ...] = (self.moved, self.inner)
        return dict.fromkeys(digest for table in tables for told in table.values() for digest in told)

    @property
    def called(self) -> dict[str, None]:
        """Transactions that have calls which touch the accounts."""
        return dict.fromkeys(digest for told in self.inner.values() for digest in told)


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
            history.add(want, one, source)
    return history


def kept(question: Question, facts: Facts) -> History:
    """The lists as the evidence has them, and the times that headers tell. Contradiction where a page is missing."""

    def look(want: Want, span: Span, offset: int | None) -> Listed | None:
        return facts.lists.get((want, span), (None, ""))[0]

    history = read_lists(question, facts.provider, look)
    for header, _ in facts.headers.values():
        history.see(header.number, header.time)
    for tx_hash, (one, source) in history.sent.items():
        known = facts.transactions.get(tx_hash)
        if known is None:
            facts.transactions[tx_hash] = one.one, source
        elif replace(known[0], gas_price=None) != replace(one.one, gas_price=None):
            raise facts.contradiction(f"{tx_hash} is told in two ways")
    return history
