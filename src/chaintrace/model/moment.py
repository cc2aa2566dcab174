"""Moments: a block number, or a point in time that says its zone."""

from __future__ import annotations

import re
from calendar import timegm
from datetime import UTC, datetime

from chaintrace.errors import MethodError

Moment = int | str | datetime
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_YEAR = re.compile(r"20\d{2}", re.ASCII)
_BLOCK = re.compile(r"\d{1,18}", re.ASCII)


SECONDS = 10**9
"""No chain has as many blocks; unix seconds passed it in 2001."""


def parse_moment(moment: Moment) -> tuple[int, bool]:
    """``(block, True)`` or ``(unix seconds, False)``.

    Takes an int or digits (a block), an aware datetime, ISO-8601 text with a zone, or a date alone (its first second,
    UTC). Refused are a time without a zone, which is a different second in every country; unix seconds, which would
    be taken for a block; and, as text, four digits that may be a year.
    """
    if isinstance(moment, bool) or not isinstance(moment, int | str | datetime):
        raise _refused(moment, "is neither a block nor a time")
    if isinstance(moment, str) and _BLOCK.fullmatch(moment):
        if _YEAR.fullmatch(moment):
            raise _refused(moment, "may be a year or a block")
        moment = int(moment)
    if isinstance(moment, int):
        if moment >= SECONDS:
            raise _refused(moment, "is no block of any chain; it looks like unix seconds")
        return moment, True
    when = _read(moment) if isinstance(moment, str) else moment
    if when.tzinfo is None:
        raise _refused(moment, "is a time without a zone")
    return timegm(when.utctimetuple()), False


def is_later(one: Moment, other: Moment) -> bool | None:
    """Whether ``one`` is after ``other``; None where one is a block and the other a time, which say nothing of each
    other."""
    (first, first_is_block), (second, second_is_block) = parse_moment(one), parse_moment(other)
    return first > second if first_is_block == second_is_block else None


def _read(text: str) -> datetime:
    try:
        when = datetime.fromisoformat(text)
    except ValueError:
        raise _refused(text, "is neither a block nor an ISO-8601 time") from None
    return when.replace(tzinfo=UTC) if _DATE.fullmatch(text) else when


def _refused(moment: object, reason: str) -> MethodError:
    return MethodError(f"moment {moment!r}", reason, "write a block number, or a time such as 2022-03-23T13:29:09Z")
