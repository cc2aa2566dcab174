"""Replies: a response's bytes as the one answer in it: a list, what a node says, or a fault."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

from chaintrace.fetch.reply import Fault, Single, clean

ADVICE = "the explorer, or something between it and here, answers wrongly; ask another one"


class Reply(Single, ABC):
    """The answer of one response. Malformed for bytes that are none. ``told``: a list, what a node says by
    JSON-RPC, or a Fault."""

    advice = ADVICE

    def __init__(self, provider: str, data: bytes) -> None:
        super().__init__(provider, data)
        whole = self.loaded(data)
        if not isinstance(whole, dict):
            raise self.malformed("the response is no object")
        self.told = self._proxied(whole) if "jsonrpc" in whole else self.listed(whole)

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
