"""Replies: a response's bytes as the answer in it: JSON, or a word of plain text."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from chaintrace.errors import Malformed
from chaintrace.fetch.exact import NotExact, load
from chaintrace.fetch.reply import clean

ADVICE = "the server, or something between it and here, answers wrongly; ask another one"


class Reply:
    """The answer of one response. What begins like an object or a list is JSON, Malformed where it is not; all else is
    text, of which the start is kept."""

    def __init__(self, provider: str, data: bytes) -> None:
        self.provider, self.digest = provider, sha256(data).hexdigest()
        self.told: Any = clean(data[:400].decode("utf-8", "replace").strip())
        if data.lstrip()[:1] in (b"{", b"["):
            try:
                self.told = load(data)
            except NotExact as error:
                raise self.malformed(f"the response is not JSON: {error}") from None

    def at(self, place: int) -> Any:
        if place:
            raise self.malformed("a response has one answer")
        return self.told

    def malformed(self, reason: str) -> Malformed:
        return Malformed(self.provider, reason, ADVICE, self.digest)
