"""Facts: everything that the answers of one page say, by what was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from chaintrace.fetch.blockscout import things
from chaintrace.fetch.blockscout.call import BLOCK, INNER, INSIDE, LISTS, MOVED, SENT, START, WITHDRAWN
from chaintrace.fetch.blockscout.things import Row
from chaintrace.fetch.blockscout.words import place
from chaintrace.fetch.explorer.facts import read_own
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.rpc import facts as node
from chaintrace.fetch.rpc.words import address, hash32
from chaintrace.fetch.words import LARGEST, Bad, Fields, items, shown
from chaintrace.model.page import Asked

LONGEST = 2_000
"""Letters of a page's key, as it stands in the url of the next request."""


class Want(NamedTuple):
    """A list: of which sort, and of which account or transaction."""

    method: str
    of: str


@dataclass(frozen=True, slots=True)
class Listed:
    """What a page of a list has, each row with its source, and the key of the next page; None: there is none."""

    rows: tuple[tuple[Any, str], ...]
    after: str | None


@dataclass
class Facts(node.Facts):
    """As of a node, with ``lists`` by what was asked, and ``indexed``: the hashes of blocks that the explorer's own
    tables have."""

    lists: dict[tuple[Want, str], tuple[Listed, str]] = field(default_factory=dict)
    indexed: dict[int, tuple[str, str]] = field(default_factory=dict)


def read(facts: Facts, asked: Asked, told: Any) -> None:
    """Adds what one answer (a page, a block, a result, or a Fault where the call may fail) says."""
    read_own(facts, asked, told, dict.fromkeys(LISTS, _list) | {BLOCK: _block})


def _list(facts: Facts, method: str, named: Fields, told: Any, source: str) -> None:
    who = named.need("of", hash32 if method == INSIDE else address)
    want, after = Want(method, who), key_of(named.told.get("after")) or START
    page = _told(told)
    if "next_page_params" not in page.told:
        raise Bad("nobody says whether there is a next page")
    listed = page.need("items", items)
    rows = tuple((_ITEMS[method](one, who), f"{source}/{n}") for n, one in enumerate(listed))
    for one, _ in rows:
        _was_asked(want, one)
    facts.keep(facts.lists, (want, after), Listed(rows, key_of(page.told["next_page_params"])), source)


def _block(facts: Facts, method: str, named: Fields, told: Any, source: str) -> None:
    number, page = named.need("number", place), _told(told)
    if page.need("height", place) != number:
        raise Bad(f"another block than {number}")
    facts.keep(facts.indexed, number, page.need("hash", hash32), source)


def _told(told: Any) -> Fields:
    if isinstance(told, Fault):
        raise Bad(f"an error: {told.message}")
    return Fields(told)


def _was_asked(want: Want, one: Row) -> None:
    if want.method == INSIDE:
        if one.name[0] != want.of:
            raise Bad("a call of another transaction")
    elif want.of not in one.parties:
        raise Bad(f"a row that does not touch {want.of}")


def key_of(told: Any) -> str | None:
    """The key of a page as canonical text. It may hold anything that can stand in a url; None and none: no key."""
    if told is None or told == {}:
        return None
    members = Fields(told).told
    for value in (*members, *members.values()):
        if isinstance(value, str):
            if not value.isascii() and value.encode("utf-8", "replace").decode() != value:
                raise Bad("the key of the next page is no text")
        elif not (value is None or (isinstance(value, int) and abs(value) < LARGEST)):
            raise Bad(f"the key of the next page holds {shown(value)}")
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    if len(text) > LONGEST:
        raise Bad("the key of the next page is too long")
    return text


_ITEMS: dict[str, Callable[[Any, str], Row]] = {
    SENT: things.payment,
    INNER: things.called,
    MOVED: things.transfer,
    WITHDRAWN: things.paid,
    INSIDE: things.called,
}
