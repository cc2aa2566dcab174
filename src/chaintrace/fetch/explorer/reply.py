"""Replies: a response's bytes as the one answer in it: a list, what a node says, or a fault."""

from __future__ import annotations

from abc import ABC, abstractmethod
from hashlib import sha256
from typing import Any

from chaintrace.errors import Malformed
from chaintrace.fetch.exact import NotExact, load
from chaintrace.fetch.reply import Fault, clean

ADVICE = "the explorer, or something between it and here, answers wrongly; ask another one"


class Reply(ABC):
    """The answer of one response. Malformed for bytes that are none. ``told``: a list, what a node says by
    JSON-RPC, or a Fault."""

    def __init__(self, provider: str, data: bytes) -> None:
        self.provider, self.digest = provider, sha256(data).hexdigest()
        try:
            whole = load(data)
        except NotExact as error:
            raise self.malformed(f"the response is not JSON: {error}") from None
        if not isinstance(whole, dict):
            raise self.malformed("the response is no object")
        self.told: Any = self._proxied(whole) if "jsonrpc" in whole else self.listed(whole)

    @abstractmethod
    def listed(self, whole: dict[str, Any]) -> Any:
        """What an answer of the explorer's own says. Only what is known to have gone well is no Fault."""

    def _proxied(self, whole: dict[str, Any]) -> Any:
        error = whole.get("error")
        if ("result" in whole) == (error is not None):
            raise self.malformed("the response is neither a result nor an error")
        if error is None:
            return whole["result"]
        if not isinstance(error, dict):
            return Fault(0, clean(error))
        code = error.get("code")
        return Fault(code if type(code) is int else 0, clean(error.get("message")))

    def at(self, place: int) -> Any:
        if place:
            raise self.malformed("a response has one answer")
        return self.told

    def malformed(self, reason: str) -> Malformed:
        return Malformed(self.provider, reason, ADVICE, self.digest)
