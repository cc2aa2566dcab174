"""Calls: what a provider is asked, as canonical text without secrets."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from chaintrace.fetch.exact import NotExact, load


@dataclass(frozen=True, slots=True)
class Call:
    """One call. ``text`` is canonical JSON, ``[method, params]``. ``lasting``: its answer can never change.
    ``may_fail``: that the provider refuses it is an answer too."""

    text: str
    lasting: bool = False
    may_fail: bool = False

    @property
    def method(self) -> str:
        return str(json.loads(self.text)[0])

    @classmethod
    def of(cls, method: str, *params: Any, lasting: bool = False, may_fail: bool = False) -> Call:
        text = json.dumps([method, list(params)], separators=(",", ":"), sort_keys=True)
        return cls(text, lasting, may_fail)


def parse(text: str) -> tuple[str, list[Any]]:
    """Method and parameters of a kept call. ValueError where the text is none."""
    try:
        told = load(text.encode())
    except NotExact as error:
        raise ValueError(str(error)) from None
    if not (isinstance(told, list) and len(told) == 2 and isinstance(told[0], str) and isinstance(told[1], list)):
        raise ValueError("it is not [method, params]")
    return told[0], told[1]
