"""Asking a local explorer about a planted scenario, and the node behind it about the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import chaintrace as ct
from chaintrace.fetch.etherscan_api.decode import decode
from chaintrace.model.page import Answer, Archive, Nothing, Page, Question
from chaintrace.testing.explorer import Explorer
from tests.fetch.rpc.asking import Kept, Stage, ask, by_identity
from tests.fetch.rpc.asking import question as node_question

KEY = "c4n4ryK3y0f7h3c0a1m1n3"
NOTHING = ((), ())

__all__ = ["KEY", "NOTHING", "Kept", "Stage", "again", "ask_node", "asked_of", "by_identity", "etherscan", "question"]


@contextmanager
def etherscan(explorer: Explorer, **how: Any) -> Iterator[ct.Etherscan]:
    """A fetcher that never really waits."""
    told: dict[str, Any] = {"key": KEY, "limits": ct.Limits(tries=2, patience=0, silence=20)}
    found = ct.Etherscan(explorer.url, **(told | how))
    found._desk.sleep = lambda seconds: None
    try:
        yield found
    finally:
        found.close()


def question(stage: Stage, accounts: Sequence[str] | None = None, **other: Any) -> Question:
    """About everybody and all blocks, unless told otherwise."""
    told = {"door": "etherscan", "provider": "etherscan test"} | other
    return node_question(stage, told.pop("way", "lists"), accounts, **told)


def asked_of(explorer: Explorer, asked: Question, archive: Archive | None = None, **how: Any) -> Page:
    with etherscan(explorer, **how) as fetcher:
        return fetcher.ask(asked, archive or Nothing())


def ask_node(stage: Stage, accounts: Sequence[str] | None = None, way: str = "trace_filter", **other: Any) -> Answer:
    return ask(stage.node.url, node_question(stage, way, accounts, **other)).answer


def again(page: Page, archive: Kept | None = None) -> Answer:
    """What the page's evidence says when it is read anew."""
    kept = dict(archive.bodies) if archive else {}
    kept |= {digest: body.data for digest, body in page.bodies.items()}
    return decode(page.question, page.asked, kept.__getitem__)
