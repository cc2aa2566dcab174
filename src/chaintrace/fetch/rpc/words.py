"""Words: the values of Ethereum's JSON-RPC, read strictly. Rule: execution-apis, "Quantities", "Unformatted data"."""

from __future__ import annotations

import re

from chaintrace.fetch.words import LARGEST, Bad, matching, placed, shown, timed

_QUANTITY = re.compile(r"0x[0-9a-fA-F]{1,64}")
_HASH = re.compile(r"0x[0-9a-fA-F]{64}")
_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_DATA = re.compile(r"0x(?:[0-9a-fA-F]{2})*")


def quantity(value: object) -> int:
    """A hexadecimal quantity, or a plain number, up to 2**256 - 1."""
    if isinstance(value, str) and _QUANTITY.fullmatch(value):
        return int(value, 16)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < LARGEST:
        return value
    raise Bad(f"{shown(value)} is no quantity")


def place(value: object) -> int:
    """A quantity that counts blocks, transactions or logs: below 2**63."""
    return placed(quantity(value))


def moment(value: object) -> int:
    """A quantity that is a time in unix seconds."""
    return timed(quantity(value))


def hash32(value: object) -> str:
    return matching(_HASH, value, "hash")


def address(value: object) -> str:
    return matching(_ADDRESS, value, "address")


def data(value: object) -> str:
    return matching(_DATA, value, "data")


def flag(value: object) -> bool:
    """``0x1`` and ``0x0``, or true and false."""
    if isinstance(value, bool):
        return value
    number = quantity(value)
    if number > 1:
        raise Bad(f"{shown(value)} is neither yes nor no")
    return bool(number)
