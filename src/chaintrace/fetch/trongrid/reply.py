"""Replies: a response's bytes as the one answer in it, or a fault."""

from __future__ import annotations

from typing import Any

from chaintrace.fetch.reply import Fault, Single, clean

ADVICE = "TronGrid, or something between it and here, answers wrongly; ask another provider"


class Reply(Single):
    """The answer of one response: an object, or a Fault. Malformed for bytes that are neither."""

    advice = ADVICE

    def __init__(self, provider: str, data: bytes) -> None:
        super().__init__(provider, data)
        told = self.loaded(data)
        if not isinstance(told, dict):
            raise self.malformed("the response is no object")
        self.told = _fault(told) or told


def _fault(told: dict[str, Any]) -> Fault | None:
    """java-tron says Error, TronGrid success and error, and its gate both with capitals."""
    names = {name.lower(): value for name, value in told.items()}
    if names.get("success") is not False and names.get("error") is None:
        return None
    code, message = names.get("statuscode"), names.get("error")
    return Fault(code if type(code) is int else 0, clean(message))
