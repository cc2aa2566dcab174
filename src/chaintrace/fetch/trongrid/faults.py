"""Faults: what TronGrid and java-tron mean by their messages, many of which come with HTTP's 200."""

from __future__ import annotations

_WAIT = ("frequency limit", "rate limit", "too many requests", "suspended", "try again later", "lack of computing")
_SPENT = ("daily", "per day")


def says_wait(message: str) -> bool:
    """It is asked too often, and may answer in a moment."""
    return _has(message, _WAIT) and not says_spent(message)


def says_spent(message: str) -> bool:
    """What may be asked in a day is used up."""
    return _has(message, _SPENT) and _has(message, ("limit", "exceed", "usage"))


def _has(message: str, words: tuple[str, ...]) -> bool:
    text = message.lower()
    return any(word in text for word in words)
