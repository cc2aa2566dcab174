"""History: the lists of the accounts of a question, put together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from chaintrace.errors import Contradiction
from chaintrace.fetch.explorer.things import Inner, Moved, Sent, Withdrawn
from chaintrace.fetch.rpc.facts import Facts
from chaintrace.fetch.rpc.things import Log


@dataclass
class History:
    """``sent`` by hash; ``inner`` and ``moved`` by account and hash, in the order told; ``logs`` of wrapped coins;
    ``own``: the hashes in each account's list; ``inside``: all calls of whole transactions, with their sources.
    ``times`` of blocks; ``notes``: what else is to be said."""

    provider: str
    sent: dict[str, tuple[Sent, str]] = field(default_factory=dict)
    inner: dict[str, dict[str, list[Inner]]] = field(default_factory=dict)
    moved: dict[str, dict[str, list[Moved]]] = field(default_factory=dict)
    logs: dict[tuple[str, int], tuple[Log, str]] = field(default_factory=dict)
    withdrawn: dict[str, list[Withdrawn]] = field(default_factory=dict)
    own: dict[str, set[str]] = field(default_factory=dict)
    inside: dict[str, tuple[tuple[Inner, str], ...]] = field(default_factory=dict)
    times: dict[int, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def add(self, account: str, one: Any, source: str) -> None:
        """A row of a list."""
        if one.time is not None:
            self.see(one.block, one.time)
        if isinstance(one, Sent):
            self._add_sent(account, one, source)
        elif isinstance(one, Log):
            if (one.tx_hash, one.index) in self.logs:
                raise self.contradiction(f"log {one.index} of {one.tx_hash} is listed twice")
            self.logs[one.tx_hash, one.index] = one, source
        elif isinstance(one, Withdrawn):
            self.withdrawn.setdefault(account, []).append(one)
        else:
            table: dict[str, dict[str, list[Any]]] = self.inner if isinstance(one, Inner) else self.moved
            table.setdefault(account, {}).setdefault(one.tx_hash, []).append(one)

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

    def agree(self, facts: Facts) -> None:
        """Headers tell times too; a transaction that both a list and a node tell is one."""
        for header, _ in facts.headers.values():
            self.see(header.number, header.time)
        for tx_hash, (one, source) in self.sent.items():
            known = facts.transactions.get(tx_hash)
            if known is None:
                facts.transactions[tx_hash] = one.one, source
            elif replace(known[0], **_OFFERS) != replace(one.one, **_OFFERS):
                raise facts.contradiction(f"{tx_hash} is told in two ways")


_OFFERS: dict[str, Any] = {"gas_price": None}
"""What lists and nodes tell differently: the price that was paid, or that was offered."""
