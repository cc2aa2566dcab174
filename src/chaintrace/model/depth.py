"""Depth: how deeply JSON is nested, before a parser finds out by running out of stack."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

DEEPEST = 4096
"""EVM calls nest 1,024 deep, and each is an object in a list."""
FLAT = 100
_STEADY = 400
_ROOM = 1_000

_QUOTE = ord('"')
_STEPS = np.zeros(256, np.int8)
_STEPS[list(b"[{")] = 1
_STEPS[list(b"]}")] = -1
_OTHERS = bytes(set(range(256)) - set(b'[]{}"\\'))
_STRING = re.compile(rb'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)


def depth(data: bytes) -> int:
    """How many lists and objects are open at once, strings left out; of what is no JSON some number or other."""
    marks = data.translate(None, _OTHERS)
    if b"\\" in marks:
        marks = _STRING.sub(b"", data).translate(None, _OTHERS)
    found = np.frombuffer(marks, np.uint8)
    inside = np.cumsum(found == _QUOTE, dtype=np.uint8) & 1  # 256 is even: wrapping keeps what is odd
    steps = _STEPS[found]
    steps = steps[(steps != 0) & (inside == 0)]
    return int(np.cumsum(steps, dtype=np.int32).max(initial=0))


def nests(text: str) -> bool:
    """Whether JSON, as text, is nested more deeply than the flat lists and objects that people write."""
    return depth(text.encode("utf-8", "surrogatepass")) > FLAT


@contextmanager
def room_for(levels: int) -> Iterator[None]:
    """Python's own limit on recursion lets a parser go so deep; RecursionError where that is beyond ``DEEPEST``.

    The limit may have been raised out of sight by others, beyond what the stack bears, so it is no protection.
    """
    if levels > DEEPEST:
        raise RecursionError(f"{levels:,} levels")
    if levels < _STEADY:
        yield
        return
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, levels + _ROOM))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)
