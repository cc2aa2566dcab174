"""Words: the values of an explorer's lists, read strictly: decimal text, and hexadecimal text in logs."""

from __future__ import annotations

import re

from chaintrace.fetch.rpc import words
from chaintrace.fetch.words import Bad, decimal, placed, shown, timed

_PATH = re.compile(r"[0-9]{1,9}(?:_[0-9]{1,9}){0,1100}")


def place(value: object) -> int:
    """Decimal digits below 2**63."""
    return placed(decimal(value))


def moment(value: object) -> int:
    return timed(decimal(value))


def flag(value: object) -> bool:
    if value not in ("0", "1"):
        raise Bad(f"{shown(value)} is neither yes nor no")
    return value == "1"


def path(value: object) -> tuple[int, ...]:
    """A trace address, such as ``0_1``; some explorers number the calls instead."""
    if isinstance(value, str) and _PATH.fullmatch(value):
        return tuple(map(int, value.split("_")))
    raise Bad(f"{shown(value)} is no place among calls")


def hexadecimal(value: object) -> int:
    """A quantity below 2**63; logs write nought as ``0x``."""
    return 0 if value == "0x" else words.place(value)


def party(value: object) -> str | None:
    """An address, or nobody."""
    return None if value in ("", None) else words.address(value)
