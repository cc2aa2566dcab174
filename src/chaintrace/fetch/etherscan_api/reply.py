"""Replies: a response's bytes as the answer in it: a list, a result of the proxy, or a fault."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from chaintrace.errors import Malformed
from chaintrace.fetch.etherscan_api.faults import EMPTY
from chaintrace.fetch.exact import NotExact, load
from chaintrace.fetch.reply import Fault, clean

ADVICE = "the explorer, or something between it and here, answers wrongly; ask another one"
DONE, NOT_DONE = "1", "0"


class Reply:
    """The answer of one response. Malformed for bytes that are none. ``told``: a list, what the proxy says, or a
    Fault."""

    def __init__(self, provider: str, data: bytes) -> None:
        self.provider, self.digest = provider, sha256(data).hexdigest()
        try:
            whole = load(data)
        except NotExact as error:
            raise self.malformed(f"the response is not JSON: {error}") from None
        if not isinstance(whole, dict):
            raise self.malformed("the response is no object")
        self.told: Any = self._proxied(whole) if "jsonrpc" in whole else self._listed(whole)

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

    def _listed(self, whole: dict[str, Any]) -> Any:
        """Only what is known to be empty is empty; what is not known to have gone well is a fault."""
        status, message, result = whole.get("status"), whole.get("message"), whole.get("result")
        if status == DONE and isinstance(result, list) and result:
            return result
        if status == NOT_DONE and isinstance(message, str) and message.lower() in EMPTY and result in ([], None):
            return []
        if status not in (DONE, NOT_DONE, "2") or not isinstance(message, str):
            raise self.malformed("the response has no status that is known")
        return Fault(0, clean(result if isinstance(result, str) and result else message))

    def at(self, place: int) -> Any:
        if place:
            raise self.malformed("a response has one answer")
        return self.told

    def malformed(self, reason: str) -> Malformed:
        return Malformed(self.provider, reason, ADVICE, self.digest)
