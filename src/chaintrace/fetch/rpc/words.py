"""Words: the values of Ethereum's JSON-RPC, read strictly. Rule: execution-apis, "Quantities", "Unformatted data"."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")
MAX_PLACE = 2**63 - 1
FOREVER = 10**11

T = TypeVar("T")


class Bad(ValueError):
    """A value that is not what its place asks for."""


def quantity(value: object) -> int:
    """A hexadecimal quantity, or a plain number, up to 2**256 - 1."""
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return int(value, 16)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**256:
        return value
    raise Bad(f"{_shown(value)} is no quantity")


def place(value: object) -> int:
    """A quantity that counts blocks, transactions or logs: below 2**63."""
    number = quantity(value)
    if number > MAX_PLACE:
        raise Bad(f"{_shown(value)} is out of range")
    return number


def moment(value: object) -> int:
    """A quantity that is a time in unix seconds."""
    number = quantity(value)
    if number >= FOREVER:
        raise Bad(f"{_shown(value)} is no time in seconds")
    return number


def hash32(value: object) -> str:
    return _matching(_HASH, value, "hash")


def address(value: object) -> str:
    return _matching(_ADDRESS, value, "address")


def data(value: object) -> str:
    return _matching(_DATA, value, "data")


def flag(value: object) -> bool:
    """``0x1`` and ``0x0``, or true and false."""
    if isinstance(value, bool):
        return value
    number = quantity(value)
    if number > 1:
        raise Bad(f"{_shown(value)} is neither yes nor no")
    return bool(number)


def text(value: object) -> str:
    if not isinstance(value, str):
        raise Bad(f"{_shown(value)} is no text")
    return value


def items(value: object) -> list[Any]:
    if not isinstance(value, list):
        raise Bad(f"{_shown(value)} is no list")
    return value


class Fields:
    """The members of a JSON object, each asked for with what it has to be."""

    def __init__(self, told: object) -> None:
        if not isinstance(told, dict):
            raise Bad(f"{_shown(told)} is no object")
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


def _matching(pattern: re.Pattern[str], value: object, what: str) -> str:
    if isinstance(value, str) and pattern.fullmatch(value):
        return value.lower()
    raise Bad(f"{_shown(value)} is no {what}")


def _shown(value: object) -> str:
    return repr(value)[:80] if isinstance(value, (str, int, type(None))) else f"a {type(value).__name__}"
