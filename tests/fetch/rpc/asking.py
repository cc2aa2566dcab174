"""Asking a node about a planted scenario, and its answers in a form that can be compared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from chaintrace.fetch.rpc.decode import decode
from chaintrace.fetch.rpc.fetcher import Rpc
from chaintrace.fetch.rpc.ways import LOGS
from chaintrace.fetch.transport import Limits
from chaintrace.model.page import Answer, Archive, Asked, Nothing, Page, Question
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.truth import Planted, Row

NATIVE = "eip155:1/slip44:60"


@dataclass
class Stage:
    node: Anvil
    planted: Planted
    head: str
    """The hash of the last planted block."""


@dataclass
class Kept(Archive):
    """An archive in memory."""

    asked: dict[tuple[str, str], Asked] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)

    def add(self, page: Page) -> None:
        self.bodies |= {digest: body.data for digest, body in page.bodies.items()}
        self.asked |= {(page.question.provider, one.call): one for one in page.asked if one.lasting}

    def find(self, provider: str, call: str) -> Asked | None:
        return self.asked.get((provider, call))

    def body(self, digest: str) -> bytes:
        return self.bodies[digest]


@contextmanager
def rpc(url: str, way: str = "auto") -> Iterator[Rpc]:
    """A fetcher that never really waits."""
    found = Rpc(url, way=way, limits=Limits(tries=2, patience=0, silence=20))
    found._desk.sleep = lambda seconds: None
    try:
        yield found
    finally:
        found.close()


def question(stage: Stage, way: str, accounts: Sequence[str] | None = None, **other: Any) -> Question:
    """About everybody and all blocks, unless told otherwise."""
    planted = stage.planted
    told: dict[str, Any] = {
        "door": "rpc",
        "provider": "rpc test",
        "chain": "eip155:1",
        "accounts": tuple(planted.accounts if accounts is None else accounts),
        "transactions": (),
        "first": 0,
        "last": planted.last,
        "last_hash": stage.head,
        "final": planted.last,
        "since": planted.first,
        "way": way,
        "wrappers": (planted.one("weth"),),
    }
    return Question(**(told | other))


def ask(url: str, asked: Question, archive: Archive | None = None) -> Page:
    with rpc(url, asked.way) as fetcher:
        return fetcher.ask(asked, archive or Nothing())


def again(page: Page, archive: Kept | None = None) -> Answer:
    """What the page's evidence says when it is read anew."""
    kept = dict(archive.bodies) if archive else {}
    kept |= {digest: body.data for digest, body in page.bodies.items()}
    return decode(page.question, page.asked, kept.__getitem__)


def shown(rows: Sequence[Row], way: str) -> tuple[Row, ...]:
    """Those rows that a way can show."""
    if way != LOGS:
        return tuple(rows)
    return tuple(row for row in rows if row.kind != "internal" and (row.kind != "burn" or row.asset != NATIVE))


def by_identity(table: pa.Table) -> dict[tuple[str, str, int], dict[str, Any]]:
    """Rows without their evidence by what names them; no two have one name."""
    found: dict[tuple[str, str, int], dict[str, Any]] = {}
    for row in table.drop_columns(["evidence"]).to_pylist():
        key = row["tx_hash"], row["kind"], row["seq"]
        assert key not in found
        found[key] = row
    return found
