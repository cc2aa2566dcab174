"""Small histories of a chain, and the pages that a truthful provider gives of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
from hypothesis import Phase, settings
from hypothesis import strategies as st

from chaintrace.model.amount import to_bytes
from chaintrace.model.page import Answer, Asked, Balance, Body, Covered, Metadata, Missing, Page, Question
from chaintrace.model.transfer import SCHEMA, Rejected, Rejection
from chaintrace.store.base import Base, Con
from chaintrace.store.store import Store

CHAIN = "eip155:1"
COIN = "eip155:1/slip44:60"
KINDS = ("native", "internal", "token", "fee", "mint")
ACCOUNTS = tuple(f"0x{letter * 40}" for letter in "abcd")
TOP = 12
PARTS = ("covered", "missing", "balances", "metadata", "hashes", "notes", "rejected")


@dataclass(frozen=True)
class World:
    """What happened: one row a line, in order of position; ``fork`` names its blocks."""

    rows: tuple[dict[str, Any], ...]
    fork: str = ""

    def block_hash(self, block: int) -> str:
        return f"0xb{block}{self.fork}"

    def page(
        self, accounts: Sequence[str], first: int, last: int, provider: str = "rpc one", kinds: Sequence[str] = KINDS
    ) -> Page:
        """What the provider says of these accounts between these blocks."""
        question = Question(
            "rpc", provider, CHAIN, tuple(accounts), (), first, last, self.block_hash(last), last, first, "trace"
        )
        rows = [row for row in self.rows if self._told(row, accounts, first, last, kinds)]
        head = Body(b'{"head":true}', 1_700_000_000)
        body = Body(json.dumps([provider, accounts, first, last, rows], default=str).encode() * 3, 1_700_000_000 + last)
        asked = (
            Asked("eth_chainId", head.sha256, 0, True),
            Asked(f"logs {accounts} {first}-{last} {self.fork}", body.sha256, 0, last <= 6),
        )
        answer = Answer(
            table([row | {"evidence": f"{body.sha256}#{n}"} for n, row in enumerate(rows)]),
            tuple(Covered(account, tuple(kinds), first, last) for account in accounts),
            (Missing(accounts[0], "reward", "not \x00 to be had\u202e"),),
            (
                Balance(accounts[0], COIN, last, self.held(accounts[0], last)),
                Balance(accounts[0], "x", last, None, "?"),
            ),
            (Metadata("eip155:1/erc20:0x1", "USD\u0422 <b>", None), Metadata("eip155:1/erc20:0x2", "", 255)),
            {row["block"]: row["block_hash"] for row in rows} | {last: self.block_hash(last)},
            Rejected.of([Rejection("logs", last, "not a number", "value", "0xzz")], [accounts[-1]]),
            (f"{provider} shows no traces before block {first}", "fees are complete"),
        )
        return Page(question, asked, {head.sha256: head, body.sha256: body}, answer)

    def held(self, account: str, block: int) -> int:
        return 2**200 * sum(row["block"] for row in self.rows if row["receiver"] == account and row["block"] <= block)

    def _told(self, row: dict[str, Any], accounts: Sequence[str], first: int, last: int, kinds: Sequence[str]) -> bool:
        touches = row["sender"] in accounts or row["receiver"] in accounts
        return touches and row["kind"] in kinds and first <= row["block"] <= last


def row(
    block: int, n: int, sender: str | None, receiver: str | None, amount: int, kind: str, fork: str
) -> dict[str, Any]:
    return {
        "chain": CHAIN,
        "block": block,
        "block_hash": f"0xb{block}{fork}",
        "time": 1_650_000_000 + 12 * block,
        "tx_hash": f"0xt{block}.{n // 2}{fork}",
        "tx_index": n // 2,
        "seq": n % 2,
        "order": "exact",
        "kind": kind,
        "sender": None if kind == "mint" else sender,
        "receiver": None if kind == "fee" else receiver,
        "asset": COIN,
        "amount": to_bytes(amount),
        "outpoint": None,
    }


def table(rows: Sequence[dict[str, Any]]) -> pa.Table:
    columns = [pa.array([row.get(field.name) for row in rows], field.type) for field in SCHEMA]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def made(moves: Sequence[tuple[int, str, str, int, str]], fork: str = "") -> World:
    """A world of moves: block, sender, receiver, amount, kind."""
    counted: dict[int, int] = {}
    rows = []
    for block, sender, receiver, amount, kind in sorted(moves, key=lambda move: move[0]):
        n = counted[block] = counted.get(block, -1) + 1
        rows.append(row(block, n, sender, receiver, amount, kind, fork))
    return World(tuple(rows), fork)


def forked(old: World, new: World, block: int) -> World:
    """A world that is the old one up to ``block`` and the new one above it."""
    rows = [row for row in old.rows if row["block"] <= block] + [row for row in new.rows if row["block"] > block]
    return replace(new, rows=tuple(rows))


ACCOUNT = st.sampled_from(ACCOUNTS)
MOVES = st.lists(
    st.tuples(
        st.integers(1, TOP), ACCOUNT, ACCOUNT, st.sampled_from((0, 1, 2**64, 2**256 - 1)), st.sampled_from(KINDS)
    ),
    max_size=12,
)


def worlds(fork: str = "") -> st.SearchStrategy[World]:
    return MOVES.map(lambda moves: made(moves, fork))


SPAN = st.tuples(st.integers(0, TOP), st.integers(0, TOP)).map(lambda ends: (min(ends), max(ends)))
FEW = settings(max_examples=max(8, settings.default.max_examples // 20), phases=(Phase.explicit, Phase.generate))

ASKED = st.tuples(st.lists(ACCOUNT, min_size=1, max_size=2, unique=True), SPAN, st.sampled_from(("rpc one", "rpc two")))


@st.composite
def histories(draw: st.DrawFn, most: int = 3) -> list[Page]:
    """Pages that agree with each other, no question twice."""
    world = draw(worlds())
    asked = draw(st.lists(ASKED, min_size=1, max_size=most))
    pages = [world.page(accounts, *span, provider) for accounts, span, provider in asked]
    return list({page.question.id: page for page in pages}.values())


def everything(store: Store) -> dict[str, Any]:
    """All that a store tells, through one connection."""
    told = store._base.read(lambda con: _everything(_shared(store, con)))
    calls = {(page.question.provider, one.call) for page in told["pages"] for one in page.asked}
    return told | {"found": {call: store.find(*call) for call in calls}}


def _everything(store: Store) -> dict[str, Any]:
    providers, pages = store.providers(), store.pages()
    bodies = {one.body for page in pages for one in page.asked}
    return {
        "providers": providers,
        "digest": store.digest(),
        "pages": pages,
        "settings": store.settings(),
        "rows": {provider: store.rows(provider).to_pylist() for provider in providers},
        "bodies": {body: (store.body(body), store.asked_at(body)) for body in bodies},
    } | {part: {provider: getattr(store, part)(provider) for provider in providers} for part in PARTS}


class _Open(Base):
    def __init__(self, con: Con) -> None:
        self._con = con

    def read(self, work: Callable[[Con], Any]) -> Any:
        return work(self._con)


def _shared(store: Store, con: Con) -> Store:
    view = copy(store)
    view._base = _Open(con)
    return view


def filled(store: Store, pages: Sequence[Page]) -> Store:
    """The store, with each page in a commit of its own."""
    with store.writing():
        for page in pages:
            store.commit([page])
    return store


FOUR = made(
    [
        (1, ACCOUNTS[0], ACCOUNTS[1], 10**18, "native"),
        (1, ACCOUNTS[0], ACCOUNTS[0], 21_000, "fee"),
        (3, ACCOUNTS[1], ACCOUNTS[2], 5, "token"),
        (7, ACCOUNTS[2], ACCOUNTS[3], 2**255, "internal"),
        (9, ACCOUNTS[3], ACCOUNTS[0], 7, "native"),
    ]
)
PAGES = [FOUR.page([account], 0, TOP) for account in ACCOUNTS]
