"""Faults: what an explorer means by its messages. It says nearly all of them with HTTP's 200."""

from __future__ import annotations

from chaintrace.fetch.explorer.faults import has

EMPTY = frozenset(
    {
        "no transactions found", "no records found", "no token transfers found", "no internal transactions found",
        "no logs found", "no withdrawals found",
    }
)  # fmt: skip
"""The messages of an empty list; nothing else is one."""

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
    return has(message, _UNABLE)


def says_too_large(message: str) -> bool:
    """Fewer blocks at once may be answered."""
    return has(message, _LARGE)
