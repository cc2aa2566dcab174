"""Words: the values of Blockscout's lists, read strictly: plain numbers, amounts as decimal text, times in UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from chaintrace.fetch.rpc.words import address
from chaintrace.fetch.words import Bad, Fields, matching, natural, placed, shown, timed

_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.0{1,9})?[Zz]")


def place(value: object) -> int:
    """A plain number below 2**63."""
    return placed(natural(value))


def moment(value: object) -> int:
    """A time such as ``2022-03-23T13:29:09.000000Z``; blocks have whole seconds."""
    told = matching(_TIME, value, "time in UTC")
    try:
        found = datetime.strptime(told[:19], "%Y-%m-%dt%H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise Bad(f"{shown(value)} is no time in UTC") from None
    seconds = int(found.timestamp())
    if seconds < 0:
        raise Bad(f"{shown(value)} is before 1970")
    return timed(seconds)


def party(value: object) -> str:
    """The address in what is told about an account; names and tags there are text of strangers."""
    return Fields(value).need("hash", address)


def yes(value: object) -> bool:
    if not isinstance(value, bool):
        raise Bad(f"{shown(value)} is neither yes nor no")
    return value
