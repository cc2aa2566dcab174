"""Forms: how many notes a recipient takes out, and in what rhythm."""

from __future__ import annotations

from bisect import bisect_right
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from chaintrace.heuristics.demix.recipient import Recipient

COUNTS = (2, 3, 4, 6, 10)
"""Where classes of counts begin, after the first, which is a single note. Our own."""
PAUSES = (5 * 60, 15 * 60, 60 * 60, 4 * 3600, 24 * 3600)
"""Where classes of the middle pause begin, in seconds, after the first. Our own."""
_COUNTED = ("1", "2", "3", "4–5", "6–9", "10+")
_PAUSED = ("< 5 min", "5–15 min", "15–60 min", "1–4 h", "4–24 h", "> 24 h")
FALL = 0.5
"""Classes that a form's likeness to another takes to fall by e. Our own."""

Floats = NDArray[np.float64]


class Form(NamedTuple):
    """The class of a recipient's count and of its middle pause; a single note has the pause 0."""

    many: int
    apart: int

    def __str__(self) -> str:
        return f"{_COUNTED[self.many]} notes, {_PAUSED[self.apart]} apart" if self.many else "1 note"


FORMS = (Form(0, 0), *(Form(many, apart) for many in range(1, len(COUNTS) + 1) for apart in range(len(PAUSES) + 1)))
"""Every form."""


def form(one: Recipient) -> Form:
    """The form of a recipient."""
    many = bisect_right(COUNTS, len(one))
    return Form(many, bisect_right(PAUSES, one.pause) if many else 0)


@lru_cache(maxsize=1)
def likeness() -> Floats:
    """How alike two forms are, n × n in the order of ``FORMS``; each column sums to 1. Neighbours are alike, for where
    a class ends is nothing that a recipient knows; a single note is like nothing else."""
    made = np.array([[_alike(one, other) for other in FORMS] for one in FORMS])
    return np.asarray(made / made.sum(axis=0), np.float64)


def _alike(one: Form, other: Form) -> float:
    if (one.many == 0) != (other.many == 0):
        return 0.0
    return float(np.exp(-(abs(one.many - other.many) + abs(one.apart - other.apart)) / FALL))
