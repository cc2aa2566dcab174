"""When to ask again: how long to wait after a failure, and what Retry-After says."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime

# RFC 9110 (408, 500, 502, 503, 504), RFC 8470 (425), RFC 6585 (429): the same question may be answered later.
AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
TOO_MANY = 429
FIRST_WAIT = 0.2
PRICE = 20
"""Credits that a call costs, by Blockscout's price list; with fewer left it is of no use to ask again soon."""


def backoff(tried: int, patience: float) -> float:
    """Seconds to wait after the try number ``tried`` (from 0): 0.2, 0.4, 0.8, … up to ``patience``."""
    return min(patience, FIRST_WAIT * 2.0 ** min(tried, 60))


def retry_after(header: str | None, clock: Callable[[], float] = time.time) -> float | None:
    """The seconds that a Retry-After header asks for (RFC 9110, 10.2.3): a number, or a date to be waited for.

    None where there is no such header or it says nothing; 0 for a date gone by.
    """
    text = (header or "").strip()
    if re.fullmatch(r"[0-9]{1,18}", text):
        return float(text)
    try:
        date = parsedate_to_datetime(text)
        return max(0.0, date.replace(tzinfo=date.tzinfo or UTC).timestamp() - clock())
    except (ValueError, TypeError, OverflowError):
        return None


def credits_left(header: str | None) -> int | None:
    """How many credits a header such as Blockscout's ``x-credits-remaining`` says are left; None where it says none."""
    text = (header or "").strip()
    return int(text) if re.fullmatch(r"[0-9]{1,18}", text) else None
