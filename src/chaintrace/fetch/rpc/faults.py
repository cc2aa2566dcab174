"""Faults: what a node means by its errors. Codes: JSON-RPC 2.0, EIP-1474; texts: of the nodes in use."""

from __future__ import annotations

from chaintrace.fetch.reply import Fault

METHOD_NOT_FOUND, METHOD_NOT_SUPPORTED, LIMIT_EXCEEDED = -32601, -32004, -32005
CROWDED = (-32002, -32003)  # geth, rpc/errors.go: the time, or the room, for a whole batch is used up
PAYLOAD_TOO_LARGE = 413  # of HTTP
_UNABLE = ("method not found", "does not exist", "not available", "not supported", "unsupported", "not implemented")
_IMPATIENT = ("rate limit", "too many requests", "requests per second", "compute units per second", "throttl")
_LARGE = (
    "too large", "too many", "too big", "block range", "range limit", "more than", "exceed", "limited to",
    "max results", "query timeout", "timed out", "timeout", "too wide", "out of range", "result window", "ranges over",
    "at most",
)  # fmt: skip
_NO_RANGE = ("per search position", "beyond", "in the future", "invalid block range")


def says_unable(fault: Fault) -> bool:
    """The node does not know the method."""
    return fault.code in (METHOD_NOT_FOUND, METHOD_NOT_SUPPORTED) or _has(fault, _UNABLE)


def says_wait(fault: Fault) -> bool:
    """The node is asked too often."""
    return fault.code == 429 or _has(fault, _IMPATIENT)


def says_too_large(fault: Fault) -> bool:
    """Fewer blocks at once may be answered."""
    if says_wait(fault) or _has(fault, _NO_RANGE):
        return False
    return fault.code == LIMIT_EXCEEDED or _has(fault, _LARGE)


def says_crowded(fault: Fault) -> bool:
    """The other calls of the batch have used up what there was for all."""
    return fault.code in CROWDED


def _has(fault: Fault, words: tuple[str, ...]) -> bool:
    text = fault.message.lower()
    return any(word in text for word in words)
