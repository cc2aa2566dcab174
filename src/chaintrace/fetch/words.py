"""Words: values in the answers of providers, read strictly; each door adds what its own API writes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

MAX_PLACE = 2**63 - 1
FOREVER = 10**11
LARGEST = 2**256

_DECIMAL = re.compile(r"[0-9]{1,78}")

T = TypeVar("T")


class Bad(ValueError):
    """A value that is not what its place asks for."""


def natural(value: object) -> int:
    """A plain number from 0 to 2**256 - 1."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST:
        return value
    raise Bad(f"{shown(value)} is no whole number")


def decimal(value: object) -> int:
    """Decimal digits up to 2**256 - 1."""
    if isinstance(value, str) and _DECIMAL.fullmatch(value) and (number := int(value)) < LARGEST:
        return number
    raise Bad(f"{shown(value)} is no decimal number")


def placed(number: int) -> int:
    """A number that counts blocks, transactions or logs: below 2**63."""
    if number > MAX_PLACE:
        raise Bad(f"{shown(number)} is out of range")
    return number


def timed(number: int) -> int:
    """A number that is a time in unix seconds."""
    if number >= FOREVER:
        raise Bad(f"{shown(number)} is no time in seconds")
    return number


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Bad(f"{shown(value)} is no text")
    return value


def items(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise Bad(f"{shown(value)} is no list")
    return value


def matching(pattern: re.Pattern[str], value: object, what: str) -> str:
    """A text of a form, in lower case."""
    if isinstance(value, str) and pattern.fullmatch(value):
        return value.lower()
    raise Bad(f"{shown(value)} is no {what}")


def shown(value: object) -> str:
    """The start of a value, for errors."""
    return repr(value)[:80] if isinstance(value, (str, int, type(None))) else f"a {type(value).__name__}"


class Fields:
    """The members of a JSON object, each asked for with what it has to be."""

    def __init__(self, told: object) -> None:
        if not isinstance(told, dict):
            raise Bad(f"{shown(told)} is no object")
        self.told = told

    def need(self, name: str, read: Callable[[object], T]) -> T:
        if self.told.get(name) is None:
            raise Bad(f"{name} is missing")
        return self._read(name, read)

    def maybe(self, name: str, read: Callable[[object], T]) -> T | None:
        return None if self.told.get(name) is None else self._read(name, read)

    def _read(self, name: str, read: Callable[[object], T]) -> T:
        try:
            return read(self.told[name])
        except Bad as error:
            raise Bad(f"{name}: {error}") from None
