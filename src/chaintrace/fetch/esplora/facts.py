"""Facts: everything that the answers of one page say, by what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from chaintrace.errors import AddressError, Contradiction, Malformed
from chaintrace.fetch.call import parse
from chaintrace.fetch.esplora import call, things, words
from chaintrace.fetch.esplora.reply import ADVICE
from chaintrace.fetch.esplora.things import Header, Stats, Transaction
from chaintrace.fetch.words import Bad, items, text
from chaintrace.model.address import parse_account
from chaintrace.model.page import Asked

T = TypeVar("T")
Told = tuple[T, str]
"""A thing and its source, ``<body>#<place>``."""
Listed = tuple[Told[Transaction], ...]


@dataclass
class Facts:
    """``heights``, ``headers`` and ``txids`` of blocks, ``transactions`` that were asked for whole, ``stats`` and
    ``pages`` of histories, by account and the transaction that a page comes after."""

    provider: str
    chain: str
    heights: dict[int, Told[str]] = field(default_factory=dict)
    headers: dict[str, Told[Header]] = field(default_factory=dict)
    txids: dict[str, Told[tuple[str, ...]]] = field(default_factory=dict)
    transactions: dict[str, Told[Transaction]] = field(default_factory=dict)
    stats: dict[str, Told[Stats]] = field(default_factory=dict)
    pages: dict[tuple[str, str], Told[Listed]] = field(default_factory=dict)

    def contradiction(self, reason: str) -> Contradiction:
        return Contradiction(self.provider, reason)

    def forget(self, account: str) -> None:
        """What was told of an account's history, so that it can be told anew."""
        self.stats.pop(account, None)
        for key in [key for key in self.pages if key[0] == account]:
            del self.pages[key]


def read(facts: Facts, asked: Asked, told: Any) -> None:
    """Adds what one answer says."""
    method, source = "a call", f"{asked.body}#{asked.place}"
    try:
        method, params = parse(asked.call)
        _READ[method](facts, params, told, source)
    except (Bad, KeyError, ValueError, IndexError) as error:
        reason = f"{method[:40]} answered something else: {error if isinstance(error, Bad) else 'no such call'}"
        raise Malformed(facts.provider, reason, ADVICE, asked.body) from None


def _height(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    _keep(facts, facts.heights, words.place(params[0]), words.hash32(told), source)


def _block(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    found = things.header(told)
    if found.hash != words.hash32(params[0]):
        raise Bad("another block")
    _keep(facts, facts.headers, found.hash, found, source)


def _txids(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    found = tuple(map(words.hash32, items(told)))
    if not found or len(set(found)) < len(found):
        raise Bad("a block without transactions, or with one twice")
    _keep(facts, facts.txids, words.hash32(params[0]), found, source)


def _transaction(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    found = things.transaction(told, facts.chain)
    if found.txid != words.hash32(params[0]):
        raise Bad("another transaction")
    _keep(facts, facts.transactions, found.txid, found, source)


def _stats(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    account = _account(facts, params)
    found = things.stats(told)
    named = told.get("scripthash" if account.startswith(call.SCRIPT) else "address")
    if named not in (None, account.removeprefix(call.SCRIPT)):
        raise Bad(f"another account, {str(named)[:90]!r}")
    _keep(facts, facts.stats, account, found, source)


def _page(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    account, after = _account(facts, params), text(params[1])
    found = tuple((things.transaction(one, facts.chain), f"{source}/{n}") for n, one in enumerate(items(told)))
    _keep(facts, facts.pages, (account, words.hash32(after) if after else ""), found, source)


def _account(facts: Facts, params: list[Any]) -> str:
    account = text(params[0])
    try:
        if parse_account(account, facts.chain) == account:
            return account
    except AddressError:
        pass
    raise Bad("no account")


def _keep(facts: Facts, table: dict[Any, Told[Any]], key: Any, found: Any, source: str) -> None:
    if table.setdefault(key, (found, source))[0] != found:
        raise facts.contradiction(f"{str(key)[:100]} is told in two ways")


_READ: dict[str, Callable[[Facts, list[Any], Any, str], None]] = {
    call.HEIGHT: _height,
    call.BLOCK: _block,
    call.TXIDS: _txids,
    call.TRANSACTION: _transaction,
    call.STATS: _stats,
    call.CHAINED: _page,
    call.AFTER: _page,
}
