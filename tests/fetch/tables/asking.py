"""Asking tables about a planted scenario, or about rows of a test's own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chaintrace.fetch.doors import decode
from chaintrace.fetch.tables.fetcher import Tables
from chaintrace.model.page import Answer, Nothing, Page, Question
from tests.fetch.rpc.asking import Stage
from tests.fetch.rpc.asking import question as node_question


def question(stage: Stage, tables: Tables, accounts: Sequence[str] | None = None, **other: Any) -> Question:
    """About everybody and all blocks, unless told otherwise."""
    told = {"door": tables.door, "provider": tables.name} | other
    return node_question(stage, tables.way(), accounts, **told)


def about(tables: Tables, accounts: Sequence[str], first: int, last: int, **other: Any) -> Question:
    """About rows that stand on no stage."""
    told: dict[str, Any] = {
        "door": tables.door,
        "provider": tables.name,
        "chain": tables.chain,
        "accounts": tuple(accounts),
        "transactions": (),
        "first": first,
        "last": last,
        "last_hash": tables.hashes([last]).get(last, ""),
        "final": last,
        "since": first,
        "way": tables.way(),
        "wrappers": (),
    }
    return Question(**(told | other))


def asked_of(tables: Tables, asked: Question) -> Page:
    return tables.ask(asked, Nothing())


def again(page: Page) -> Answer:
    """What the page's evidence says when it is read anew."""
    return decode(page.question, page.asked, lambda digest: page.bodies[digest].data)
