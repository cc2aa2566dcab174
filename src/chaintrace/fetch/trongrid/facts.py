"""Facts: everything that the answers of one page say, by what was asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chaintrace.errors import Malformed
from chaintrace.fetch.call import parse
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.rpc import facts as node
from chaintrace.fetch.trongrid import things, words
from chaintrace.fetch.trongrid.call import (
    ACCOUNT,
    AGAIN,
    BALANCE_OF,
    BLOCK,
    CONSTANT,
    HEADER,
    INFO,
    INSIDE,
    NOW,
    SENT,
    TOKENS,
    TRANSACTION,
)
from chaintrace.fetch.trongrid.holding import holding
from chaintrace.fetch.trongrid.reply import ADVICE
from chaintrace.fetch.trongrid.things import Block, Header, Info, ListedInner, ListedSent, Moved, Sent
from chaintrace.fetch.words import Bad, Fields, items, text
from chaintrace.model.page import Asked

Item = ListedSent | ListedInner | Moved


class Want(NamedTuple):
    """A list: of which sort, of whom (0x…)."""

    method: str
    account: str


class Span(NamedTuple):
    """A page of a list between two times in milliseconds; where it goes on, by its fingerprint."""

    first: int
    last: int
    order: str
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a page of a list has, each row with its source. ``following``: the fingerprint of the next page, if any."""

    rows: tuple[tuple[Any, str], ...]
    following: str


@dataclass
class Facts(node.Facts):
    """``blocks`` and their ``tops`` by number; ``sent`` and ``infos`` by transaction; ``lists`` by what was asked;
    ``now``: the last block each time it was asked for; ``held``: what accounts have at a time of asking, coins under no
    contract."""

    blocks: dict[int, tuple[Block, str]] = field(default_factory=dict)
    tops: dict[int, tuple[Header, str]] = field(default_factory=dict)
    sent: dict[str, tuple[Sent, str]] = field(default_factory=dict)
    infos: dict[str, tuple[Info, str]] = field(default_factory=dict)
    lists: dict[tuple[Want, Span], tuple[Listed, str]] = field(default_factory=dict)
    now: dict[int, tuple[Header, str]] = field(default_factory=dict)
    held: dict[tuple[str, str, int], tuple[int | Fault, str]] = field(default_factory=dict)

    def top(self, header: Header, source: str) -> None:
        """A header; a block has one."""
        self.keep(self.tops, header.number, header, source)


def read(facts: Facts, asked: Asked, told: Any) -> None:
    """Adds what one answer (an object, or a Fault where the call may fail) says."""
    try:
        method, params = parse(asked.call)
        known = _READERS.get(method) or _READERS.get(method.partition("/")[2])
        if known is None:
            raise Bad("nothing is known of this method")
        known(facts, Fields(params[0] if params else {}), told, f"{asked.body}#{asked.place}")
    except Bad as error:
        name = asked.call[2:].partition('"')[0][:40]
        raise Malformed(facts.provider, f"{name} answered something else: {error}", ADVICE, asked.body) from None
    except ValueError as error:
        raise Malformed(facts.provider, f"a call that is none: {error}", ADVICE, asked.body) from None


def _result(told: Any) -> Any:
    if isinstance(told, Fault):
        raise Bad(f"an error, {told.code}: {told.message}")
    return told


def _block(facts: Facts, named: Fields, told: Any, source: str) -> None:
    one = things.block(_result(told))
    _same(one.header.number, named.told.get("num"))
    facts.top(one.header, source)
    facts.keep(facts.blocks, one.header.number, one, source)


def _header(facts: Facts, named: Fields, told: Any, source: str) -> None:
    one = things.header(_result(told))
    _same(str(one.number), named.told.get("id_or_num"))
    facts.top(one, source)


def _now(facts: Facts, named: Fields, told: Any, source: str) -> None:
    one = things.header(_result(told))
    facts.top(one, source)
    facts.keep(facts.now, _count(named), one, source)


def _count(named: Fields) -> int:
    return named.maybe(AGAIN, words.place) or 0


def _transaction(facts: Facts, named: Fields, told: Any, source: str) -> None:
    one = things.sent(_result(told))
    _same(one.id, named.told.get("value"))
    facts.keep(facts.sent, one.id, one, source)


def _info(facts: Facts, named: Fields, told: Any, source: str) -> None:
    one = things.info(_result(told))
    _same(one.id, named.told.get("value"))
    facts.keep(facts.infos, one.id, one, source)


def _same(found: int | str, wanted: object) -> None:
    if found != wanted:
        raise Bad(f"{found} was not asked for")


# ---- what accounts hold ------------------------------------------------------------------------------------------


def _account(facts: Facts, named: Fields, told: Any, source: str) -> None:
    who = named.need("address", words.account)
    if not isinstance(told, Fault) and told and Fields(told).need("address", words.account) != who:
        raise Bad("another account")
    facts.keep(facts.held, (who, "", _count(named)), told if isinstance(told, Fault) else holding(told), source)


def _constant(facts: Facts, named: Fields, told: Any, source: str) -> None:
    word = named.need("parameter", words.hash32)
    if named.need("function_selector", text) != BALANCE_OF or word[:24].strip("0"):
        raise Bad("nothing is known of this function")
    who = "0x" + word[24:]
    held = told if isinstance(told, Fault) else _returned(told)
    facts.keep(facts.held, (who, named.need("contract_address", words.account), _count(named)), held, source)


def _returned(told: Any) -> int | Fault:
    """The number that a function returned; what it says instead is a fault."""
    one = Fields(told)
    how = one.need("result", Fields)
    if how.maybe("result", words.flag) is not True or how.told.get("message") is not None:
        return Fault(0, f"the contract says no: {how.maybe('code', text) or 'it was reverted'}"[:80])
    found = one.maybe("constant_result", items) or []
    number = words.data(found[0]) if found else ""
    return int(number[:64], 16) if len(number) >= 64 else Fault(0, "it returned no number")


# ---- lists -------------------------------------------------------------------------------------------------------


_ITEMS: dict[str, Callable[[Any], Item]] = {
    SENT: things.listed_sent,
    INSIDE: things.listed_inner,
    TOKENS: things.moved,
}


def _reader(method: str) -> Callable[[Facts, Fields, Any, str], None]:
    def run(facts: Facts, named: Fields, told: Any, source: str) -> None:
        _list(facts, method, named, told, source)

    return run


def _list(facts: Facts, method: str, named: Fields, told: Any, source: str) -> None:
    want = Want(method, named.need("account", words.account))
    first, last = named.need("min_timestamp", words.place), named.need("max_timestamp", words.place)
    span = Span(first, last, named.need("order_by", text), named.maybe("fingerprint", text) or "")
    one = Fields(_result(told))
    if one.need("success", words.flag) is not True:
        raise Bad("it did not succeed")
    listed, limit = one.need("data", items), named.need("limit", words.place)
    if len(listed) > limit:
        raise Bad(f"{len(listed)} rows where {limit} were asked for")
    following = one.need("meta", Fields).maybe("fingerprint", text) or ""
    rows = tuple((_ITEMS[method](each), f"{source}/{n}") for n, each in enumerate(listed))
    for row, _ in rows:
        _was_asked(want, span, row)
    facts.keep(facts.lists, (want, span), Listed(rows, following), source)


def _was_asked(want: Want, span: Span, one: Item) -> None:
    if not span.first <= one.time <= span.last:
        raise Bad(f"a row of another time, {one.time}")
    if isinstance(one, ListedSent):
        contract = one.one.contract
        wrong = contract.receiver is not None and want.account not in contract.parties
    elif isinstance(one, ListedInner):
        wrong = want.account not in (one.call.sender, one.call.receiver)
    else:
        wrong = want.account not in (one.sender, one.receiver)
    if wrong:
        raise Bad(f"a row that does not touch {words.named(want.account)}")


_READERS: dict[str, Callable[[Facts, Fields, Any, str], None]] = {
    BLOCK: _block,
    HEADER: _header,
    TRANSACTION: _transaction,
    INFO: _info,
    NOW: _now,
    ACCOUNT: _account,
    CONSTANT: _constant,
    **{method: _reader(method) for method in _ITEMS},
}
