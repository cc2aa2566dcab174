"""Words: the values of Esplora's answers, read strictly. Rule: Esplora's API.md, and Bitcoin's own bounds."""

from __future__ import annotations

import re

from chaintrace.fetch.words import Bad, matching, natural, placed, shown, timed

MONEY = 21_000_000 * 10**8
"""MAX_MONEY of Bitcoin Core: no amount is larger, in satoshi."""
_WORD = 2**32

_HASH = re.compile(r"[0-9a-fA-F]{64}")
_SCRIPT = re.compile(r"(?:[0-9a-fA-F]{2})*")


def hash32(value: object) -> str:
    return matching(_HASH, value, "hash")


def script(value: object) -> bytes:
    return bytes.fromhex(matching(_SCRIPT, value, "script"))


def satoshi(value: object) -> int:
    amount = natural(value)
    if amount > MONEY:
        raise Bad(f"{shown(value)} is more than there is")
    return amount


def word(value: object) -> int:
    """A number of 32 bits."""
    number = natural(value)
    if number >= _WORD:
        raise Bad(f"{shown(value)} has more than 32 bits")
    return number


def version(value: object) -> int:
    """A number of 32 bits that some write with a sign."""
    if isinstance(value, int) and not isinstance(value, bool) and -_WORD // 2 <= value < 0:
        return value + _WORD
    return word(value)


def place(value: object) -> int:
    return placed(natural(value))


def moment(value: object) -> int:
    return timed(natural(value))


def flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise Bad(f"{shown(value)} is neither true nor false")
