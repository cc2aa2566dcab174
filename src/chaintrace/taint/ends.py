"""Ends: where units of an outcome ended, as columns, so that many can be summed at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from chaintrace.taint.question import BUCKETS, Outcome

CODES = {bucket: code for code, bucket in enumerate(BUCKETS)}
_HALF, _MASK = np.uint64(32), np.uint64(2**32 - 1)


class Ends(NamedTuple):
    """One entry a rest: ``bucket`` (its place in ``BUCKETS``), ``pot``, ``row`` (-1: none), ``amount`` (Python ints, or
    lines of little-endian 64-bit words)."""

    bucket: Any
    pot: Any
    row: Any
    amount: Any

    def total(self, chosen: Any) -> int:
        """The sum of some entries, exact."""
        part = self.amount[chosen]
        if part.dtype == object:
            return int(part.sum()) if len(part) else 0
        low, high = (part & _MASK).sum(axis=0), (part >> _HALF).sum(axis=0)
        return sum(
            (int(first) + (int(second) << 32)) << 64 * word
            for word, (first, second) in enumerate(zip(low, high, strict=True))
        )


def ends_of(outcome: Outcome) -> Ends:
    """The rests of an outcome, of whichever kernel."""
    columns = getattr(outcome, "rest_columns", None)
    if columns is not None:
        return Ends(*columns())
    rests = outcome.rests
    amounts = np.empty(len(rests), dtype=object)
    amounts[:] = [rest.amount for rest in rests]
    return Ends(
        np.array([CODES[rest.bucket] for rest in rests], dtype=np.uint8),
        np.array([rest.pot for rest in rests], dtype=np.int64),
        np.array([rest.row for rest in rests], dtype=np.int64),
        amounts,
    )
