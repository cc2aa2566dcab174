"""Replies: a response's bytes as the one answer in it, or a fault."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from chaintrace.errors import Malformed
from chaintrace.fetch.exact import NotExact, load
from chaintrace.fetch.reply import Fault, clean

ADVICE = "TronGrid, or something between it and here, answers wrongly; ask another provider"


class Reply:
    """The answer of one response: an object, or a Fault. Malformed for bytes that are neither."""

    def __init__(self, provider: str, data: bytes) -> None:
        self.provider, self.digest = provider, sha256(data).hexdigest()
        try:
            told = load(data)
        except NotExact as error:
            raise self.malformed(f"the response is not JSON: {error}") from None
        if not isinstance(told, dict):
            raise self.malformed("the response is no object")
        self.told: Any = _fault(told) or told

    def at(self, place: int) -> Any:
        if place:
            raise self.malformed("a response has one answer")
        return self.told

    def malformed(self, reason: str) -> Malformed:
        return Malformed(self.provider, reason, ADVICE, self.digest)


def _fault(told: dict[str, Any]) -> Fault | None:
    """java-tron says Error, TronGrid success and error, and its gate both with capitals."""
    names = {name.lower(): value for name, value in told.items()}
    if names.get("success") is not False and names.get("error") is None:
        return None
    code, message = names.get("statuscode"), names.get("error")
    return Fault(code if type(code) is int else 0, clean(message))
