"""Facts: everything that the answers of one page say, by what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chaintrace.fetch.etherscan_api import things
from chaintrace.fetch.etherscan_api.call import INSIDE, LOGS, OF_TRANSACTION, SENT, TOKENS, WITHDRAWN
from chaintrace.fetch.explorer.facts import read_own
from chaintrace.fetch.explorer.things import Inner, Item, Moved, Sent, Withdrawn
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.rpc import facts as node
from chaintrace.fetch.rpc import words
from chaintrace.fetch.rpc.things import Log
from chaintrace.fetch.words import Bad, Fields, items
from chaintrace.model.page import Asked


class Want(NamedTuple):
    """A list: of which sort, of whom, and of logs of which contract and kind."""

    method: str
    account: str
    contract: str = ""
    topic: str = ""


class Span(NamedTuple):
    """A page of a list between two blocks, both included. Pages count from 1."""

    first: int
    last: int
    page: int


@dataclass(frozen=True, slots=True)
class Listed:
    """What a page of a list has, each row with its source. ``offset``: how many rows were asked for."""

    offset: int
    rows: tuple[tuple[Any, str], ...]


@dataclass
class Facts(node.Facts):
    """As of a node, with ``lists`` by what was asked, and ``inside``: the calls of whole transactions."""

    lists: dict[tuple[Want, Span], tuple[Listed, str]] = field(default_factory=dict)
    inside: dict[str, tuple[tuple[Inner, ...], str]] = field(default_factory=dict)


def read(facts: Facts, asked: Asked, told: Any) -> None:
    """Adds what one answer (a list, a result, or a Fault where the call may fail) says."""
    read_own(facts, asked, told, dict.fromkeys(_ITEMS, _own))


def _own(facts: Facts, method: str, named: Fields, told: Any, source: str) -> None:
    if OF_TRANSACTION in named.told:
        _inside(facts, named.need(OF_TRANSACTION, words.hash32), told, source)
    else:
        _list(facts, method, named, told, source)


def _inside(facts: Facts, tx_hash: str, told: Any, source: str) -> None:
    found = tuple(map(things.inner, items(told)))
    if any(one.tx_hash not in (None, tx_hash) for one in found):
        raise Bad("a call of another transaction")
    facts.keep(facts.inside, tx_hash, found, source)


def _list(facts: Facts, method: str, named: Fields, told: Any, source: str) -> None:
    want, span, offset = _wanted(method, named)
    if isinstance(told, Fault):
        raise Bad(f"an error: {told.message}")
    listed = items(told)
    if len(listed) > offset:
        raise Bad(f"{len(listed)} rows where {offset} were asked for")
    rows = tuple((_ITEMS[method](one), f"{source}/{n}") for n, one in enumerate(listed))
    for one, _ in rows:
        _was_asked(want, span, one)
    facts.keep(facts.lists, (want, span), Listed(offset, rows), source)


def _wanted(method: str, named: Fields) -> tuple[Want, Span, int]:
    page, offset = named.need("page", words.place), named.need("offset", words.place)
    account = named.need("address", words.address)
    if method != LOGS:
        first, last = named.need("startblock", words.place), named.need("endblock", words.place)
        return Want(method, account), Span(first, last, page), offset
    holder = "0x" + named.need("topic1", words.hash32)[26:]
    first, last = named.need("fromBlock", words.place), named.need("toBlock", words.place)
    if named.told.get("topic0_1_opr") != "and":
        raise Bad("the topics are not asked for together")
    return Want(method, holder, account, named.need("topic0", words.hash32)), Span(first, last, page), offset


def _was_asked(want: Want, span: Span, one: Item) -> None:
    if not span.first <= one.block <= span.last:
        raise Bad(f"a row of block {one.block}, which was not asked for")
    if isinstance(one, Log):
        if one.address != want.contract or one.topics[:1] != (want.topic,):
            raise Bad("a log that was not asked for")
        parties: tuple[str | None, ...] = tuple("0x" + topic[26:] for topic in one.topics[1:2])
    elif isinstance(one, Withdrawn):
        parties = (one.address,)
    elif isinstance(one, Sent):
        parties = one.one.sender, one.one.receiver, one.created
    elif isinstance(one, (Inner, Moved)):
        parties = one.sender, one.receiver
        if one.tx_hash is None:
            raise Bad("a row that names no transaction")
    if want.account not in parties:
        raise Bad(f"a row that does not touch {want.account}")


_ITEMS: dict[str, Callable[[Any], Item]] = {
    SENT: things.sent,
    INSIDE: things.inner,
    TOKENS: things.moved,
    WITHDRAWN: things.withdrawn,
    LOGS: things.log,
}
