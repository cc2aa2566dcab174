"""Doors: which decoder reads the evidence of which kind of fetcher."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module

from chaintrace.errors import Malformed
from chaintrace.fetch.cards import CARDS, Card
from chaintrace.model.page import Answer, Asked, Question

DOORS = {
    "blockscout": "blockscout",
    "etherscan": "etherscan_api",
    "rpc": "rpc",
}
"""Each door and the package of ``fetch`` whose ``decode`` reads what it brings."""


def decode(question: Question, asked: Sequence[Asked], body: Callable[[str], bytes]) -> Answer:
    """What kept evidence says. ``body`` gives a response by its SHA-256. A ProviderError for evidence that is none."""
    if question.door not in DOORS:
        raise _unknown(question)
    found: Answer = import_module(f"chaintrace.fetch.{DOORS[question.door]}.decode").decode(question, asked, body)
    return found


def card(question: Question) -> Card:
    """What the door of a question can see. Malformed for one that is not known."""
    if question.door not in CARDS:
        raise _unknown(question)
    return CARDS[question.door]


def _unknown(question: Question) -> Malformed:
    reason = f"nothing here reads what the door {question.door[:40]!r} brings"
    advice = f"use a version of chaintrace that does; this one knows: {', '.join(DOORS)}"
    return Malformed(question.provider, reason, advice)
