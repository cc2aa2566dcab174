"""Faults: what explorers mean by messages that ask for patience."""

from __future__ import annotations

_WAIT = ("rate limit", "too many requests", "calls per sec", "too busy", "temporarily", "try again later")
_SPENT = ("daily", "per day", "credits")


def says_wait(message: str) -> bool:
    """It is asked too often, and may answer in a moment."""
    return has(message, _WAIT) and not says_spent(message)


def says_spent(message: str) -> bool:
    """What a key may ask for is used up for longer than anybody waits."""
    return has(message, _SPENT) and has(message, ("limit", "exceed", "exhaust", "reached"))


def has(message: str, words: tuple[str, ...]) -> bool:
    """Whether a message has one of these words, whatever its case."""
    text = message.lower()
    return any(word in text for word in words)
