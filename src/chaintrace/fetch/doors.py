"""Doors: which decoder reads the evidence of which kind of fetcher."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaintrace.errors import Malformed
from chaintrace.model.page import Answer, Asked, Question

DOORS = ("etherscan", "rpc", "trongrid")


def decode(question: Question, asked: Sequence[Asked], body: Callable[[str], bytes]) -> Answer:
    """What kept evidence says. ``body`` gives a response by its SHA-256. A ProviderError for evidence that is none."""
    if question.door == "rpc":
        from chaintrace.fetch.rpc.decode import decode as rpc

        return rpc(question, asked, body)
    if question.door == "etherscan":
        from chaintrace.fetch.etherscan_api.decode import decode as etherscan

        return etherscan(question, asked, body)
    if question.door == "trongrid":
        from chaintrace.fetch.trongrid.decode import decode as trongrid

        return trongrid(question, asked, body)
    reason = f"nothing here reads what the door {question.door[:40]!r} brings"
    raise Malformed(
        question.provider, reason, f"use a version of chaintrace that does; this one knows: {', '.join(DOORS)}"
    )
