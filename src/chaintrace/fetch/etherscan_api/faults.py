"""Faults: what an explorer means by its messages. It says nearly all of them with HTTP's 200."""

from __future__ import annotations

EMPTY = frozenset(
    {
        "no transactions found", "no records found", "no token transfers found", "no internal transactions found",
        "no logs found", "no withdrawals found",
    }
)  # fmt: skip
"""The messages of an empty list; nothing else is one."""

_WAIT = ("rate limit", "too many requests", "calls per sec", "too busy", "temporarily", "try again later")
_SPENT = ("daily", "per day", "credits")
_LARGE = ("result window is too large", "query timeout", "timeout occur", "smaller result", "timed out")
_UNABLE = (
    "invalid action",
    "unknown action",
    "invalid module",
    "unknown module",
    "not supported",
    "pro plan",
    "api pro",
)


def says_unable(message: str) -> bool:
    """It has no such list, or not for this key."""
    return _has(message, _UNABLE)


def says_wait(message: str) -> bool:
    """It is asked too often, and may answer in a moment."""
    return _has(message, _WAIT) and not says_spent(message)


def says_spent(message: str) -> bool:
    """What a key may ask for is used up for longer than anybody waits."""
    return _has(message, _SPENT) and _has(message, ("limit", "exceed", "exhaust", "reached"))


def says_too_large(message: str) -> bool:
    """Fewer blocks at once may be answered."""
    return _has(message, _LARGE)


def _has(message: str, words: tuple[str, ...]) -> bool:
    text = message.lower()
    return any(word in text for word in words)
