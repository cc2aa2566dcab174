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
FALL = 0.5
"""Classes that a form's likeness to another takes to fall by e. Our own."""

Floats = NDArray[np.float64]


class Form(NamedTuple):
    """The class of a recipient's count and of its middle pause; a single note has the pause 0."""

    count: int
    pause: int

    def __str__(self) -> str:
        return f"{_between(self.count, COUNTS, 1)} notes, {_span(self.pause)} apart" if self.count else "1 note"


FORMS = (Form(0, 0), *(Form(count, pause) for count in range(1, len(COUNTS) + 1) for pause in range(len(PAUSES) + 1)))
"""Every form."""


def form(one: Recipient) -> Form:
    """The form of a recipient."""
    count = bisect_right(COUNTS, len(one))
    return Form(count, bisect_right(PAUSES, one.pause) if count else 0)


@lru_cache(maxsize=1)
def likeness() -> Floats:
    """How alike two forms are, n × n in the order of ``FORMS``; each column sums to 1. Neighbours are alike, for where
    a class ends is nothing that a recipient knows; a single note is like nothing else."""
    made = np.array([[_alike(one, other) for other in FORMS] for one in FORMS])
    return np.asarray(made / made.sum(axis=0), np.float64)


def _alike(one: Form, other: Form) -> float:
    if (one.count == 0) != (other.count == 0):
        return 0.0
    return float(np.exp(-(abs(one.count - other.count) + abs(one.pause - other.pause)) / FALL))


def _between(which: int, bounds: tuple[int, ...], least: int) -> str:
    low = least if which == 0 else bounds[which - 1]
    if which == len(bounds):
        return f"{low} or more"
    return f"{low}" if bounds[which] - low == 1 else f"{low} to {bounds[which] - 1}"


def _span(which: int) -> str:
    def told(seconds: int) -> str:
        return f"{seconds // 60} minutes" if seconds < 3600 else f"{seconds // 3600} hours"

    if which == 0:
        return f"less than {told(PAUSES[0])}"
    if which == len(PAUSES):
        return f"{told(PAUSES[-1])} or more"
    return f"{told(PAUSES[which - 1])} to {told(PAUSES[which])}"
