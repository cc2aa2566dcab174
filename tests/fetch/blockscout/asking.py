"""Asking a local Blockscout about a planted scenario, and the node behind it about the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import chaintrace as ct
from chaintrace.fetch.blockscout.decode import decode
from chaintrace.model.page import Answer, Archive, Nothing, Page, Question
from chaintrace.testing.scout import Scout
from tests.fetch.etherscan_api.asking import NOTHING, ask_node
from tests.fetch.rpc.asking import Kept, Stage, by_identity
from tests.fetch.rpc.asking import question as node_question

KEY = "c4n4ryK3y0fbl0ck5c0ut"

__all__ = ["KEY", "NOTHING", "Kept", "Stage", "again", "ask_node", "asked_of", "blockscout", "by_identity", "question"]


@contextmanager
def blockscout(scout: Scout, **how: Any) -> Iterator[ct.Blockscout]:
    """A fetcher that never really waits."""
    told: dict[str, Any] = {"key": KEY, "limits": ct.Limits(tries=2, patience=0, silence=20)}
    found = ct.Blockscout(scout.url, **(told | how))
    found._desk.sleep = lambda seconds: None
    try:
        yield found
    finally:
        found.close()


def question(stage: Stage, accounts: Sequence[str] | None = None, **other: Any) -> Question:
    """About everybody and all blocks, unless told otherwise."""
    told = {"door": "blockscout", "provider": "blockscout test"} | other
    return node_question(stage, told.pop("way", "lists"), accounts, **told)


def asked_of(scout: Scout, asked: Question, archive: Archive | None = None, **how: Any) -> Page:
    with blockscout(scout, **how) as fetcher:
        return fetcher.ask(asked, archive or Nothing())


def again(page: Page, archive: Kept | None = None) -> Answer:
    """What the page's evidence says when it is read anew."""
    kept = dict(archive.bodies) if archive else {}
    kept |= {digest: body.data for digest, body in page.bodies.items()}
    return decode(page.question, page.asked, kept.__getitem__)
