"""Words: the values of java-tron and TronGrid, read strictly.

Accounts are told in three forms and kept in one: ``0x`` and the twenty bytes that logs know. ``named`` is how people
write them.
"""

from __future__ import annotations

import re
from functools import lru_cache

from chaintrace.errors import AddressError
from chaintrace.fetch.words import FOREVER, Bad, matching, natural, placed, shown
from chaintrace.model.address import REMEMBERED, parse_address
from chaintrace.model.base58 import decode_check, encode_check

CHAIN = "tron"

_HASH = re.compile(r"[0-9a-fA-F]{64}")
_TWENTY = re.compile(r"[0-9a-fA-F]{40}")
_DATA = re.compile(r"(?:[0-9a-fA-F]{2})*")


def account(value: object) -> str:
    """T…, 41 and 40 digits, or those after 0x, as ``0x`` and 40 digits."""
    if not isinstance(value, str):
        raise Bad(f"{shown(value)} is no account")
    try:
        return twenty(parse_address(value, CHAIN))
    except AddressError as error:
        raise Bad(f"{shown(value)} is no account: {error.reason}") from None


@lru_cache(maxsize=REMEMBERED)
def twenty(address: str) -> str:
    """T… as ``0x`` and 40 digits."""
    return "0x" + decode_check(address)[1:].hex()


@lru_cache(maxsize=REMEMBERED)
def named(account: str) -> str:
    """``0x`` and 40 digits as T…"""
    return encode_check(b"\x41" + bytes.fromhex(account[2:]))


def contract(value: object) -> str:
    """The contract of a log: 40 digits, with or without 41 before them."""
    if isinstance(value, str) and len(value) == 40:
        return "0x" + matching(_TWENTY, value, "contract")
    return account(value)


def hash32(value: object) -> str:
    """64 digits without 0x, as Tron writes hashes."""
    return matching(_HASH, value, "hash")


def data(value: object) -> str:
    return matching(_DATA, value, "data")


def place(value: object) -> int:
    return placed(natural(value))


def millis(value: object) -> int:
    """A time in milliseconds."""
    number = natural(value)
    if number >= FOREVER * 1000:
        raise Bad(f"{shown(value)} is no time in milliseconds")
    return number


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Bad(f"{shown(value)} is neither true nor false")
    return value
