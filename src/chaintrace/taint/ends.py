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

    def at(self, chosen: Any) -> Ends:
        """Some of the entries."""
        return Ends(self.bucket[chosen], self.pot[chosen], self.row[chosen], self.amount[chosen])

    def total(self, chosen: Any) -> int:
        """The sum of some entries, exact."""
        amount = self.amount[chosen]
        if amount.dtype == object:
            return sum(amount.tolist())
        low, high = (amount & _MASK).sum(axis=0), (amount >> _HALF).sum(axis=0)
        pairs = zip(low.tolist(), high.tolist(), strict=True)
        return sum((first + (second << 32)) << 64 * word for word, (first, second) in enumerate(pairs))

    def sums(self, keys: Any) -> list[tuple[int, int]]:
        """(key, sum of its entries), exact, by key; ``keys``: one an entry."""
        if not len(keys):
            return []
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        first = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
        amount = self.amount[order]
        if amount.dtype == object:
            return list(zip(ordered[first].tolist(), np.add.reduceat(amount, first).tolist(), strict=True))
        halves = np.concatenate([amount & _MASK, amount >> _HALF], axis=1)
        words = amount.shape[1]
        shifts = [64 * word for word in range(words)] + [64 * word + 32 for word in range(words)]
        parts = np.add.reduceat(halves, first, axis=0).tolist()
        told = [sum(part << shift for part, shift in zip(line, shifts, strict=True)) for line in parts]
        return list(zip(ordered[first].tolist(), told, strict=True))


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
