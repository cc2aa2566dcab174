"""Span: from when until when something is said, and what that means at a moment."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import lru_cache

from chaintrace.errors import MethodError
from chaintrace.model.moment import Moment, parse_moment


class Standing(Enum):
    """What a label is at a moment. ``UNKNOWN``: its sources do not say."""

    IN_FORCE = "in force"
    UNKNOWN = "unknown"
    NOT_IN_FORCE = "not in force"


@lru_cache(maxsize=1 << 14)
def seconds(moment: Moment) -> int:
    """Unix seconds of a time or a date (its first second, UTC). MethodError for a block: lists are dated by days."""
    number, is_block = parse_moment(moment)
    if is_block:
        raise MethodError(f"moment {moment!r}", "is a block; a list says days", "write a time such as 2022-03-23")
    return number


def day(text: str) -> date:
    """The UTC day of a date or time."""
    return datetime.fromtimestamp(seconds(text), UTC).date()


def next_day(text: str) -> str:
    """The day after, as ISO text."""
    return (day(text) + timedelta(days=1)).isoformat()


def standing(since: str | None, until: str | None, at_latest: bool, last_seen: str | None, at: int) -> Standing:
    """From ``since`` (included) to ``until`` (excluded). ``at_latest``: it may have begun before ``since``, or, without
    one, at any time. ``last_seen``: the last day on which it was seen; it may have ended any time after that."""
    if until is not None and at >= seconds(until):
        return Standing.NOT_IN_FORCE
    if since is not None and at < seconds(since):
        return Standing.UNKNOWN if at_latest else Standing.NOT_IN_FORCE
    if since is None and at_latest:
        return Standing.UNKNOWN
    if last_seen is not None and at >= seconds(next_day(last_seen)):
        return Standing.UNKNOWN
    return Standing.IN_FORCE
