"""Moments: block, time and clock of every row, kept by stretches of rows that share them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from chaintrace.fetch.buffers import ABSENT, Ints


@dataclass(frozen=True)
class Moments:
    """Rows in position order. Stretch i goes from row ``first[i]`` to the next. ``block``, ``time`` and ``clock``
    (seconds), one a stretch, take the least room; ``every`` and ``at`` give them as int64, ABSENT where there is none.
    The first ``opening`` rows are opening balances."""

    rows: int
    opening: int
    first: Any
    block: Any
    time: Any
    clock: Any

    @classmethod
    def of(cls, block: Ints, time: Ints, clock: Ints, opening: int) -> Moments:
        """From one entry a row."""
        rows = len(block)
        new = np.zeros(rows, bool)
        new[: min(rows, 1)] = True
        if 0 < opening < rows:
            new[opening] = True
        for column in _different(block, time, clock):
            new[1:] |= column[1:] != column[:-1]
        first = np.flatnonzero(new)
        kept = {id(column): _small(column[first]) for column in (block, time, clock)}
        columns = (kept[id(column)] for column in (block, time, clock))
        return cls(rows, opening, first.astype(np.uint32), *columns)

    def slice(self, first: int, last: int) -> Moments:
        """Of rows from ``first`` to ``last`` (excluded)."""
        block, time, clock = (self.every(column)[first:last] for column in (self.block, self.time, self.clock))
        return Moments.of(block, time, clock, min(max(self.opening - first, 0), last - first))

    def stretch(self, rows: Any) -> Any:
        """The number of each row's stretch."""
        return np.searchsorted(self.first, rows, "right") - 1

    def every(self, column: Any) -> Ints:
        """A column of stretches as one entry a row."""
        return np.repeat(_large(column), self._lengths)

    def at(self, column: Any, rows: Any) -> Ints:
        """A column of stretches for some rows."""
        return _large(column[self.stretch(rows)])

    def after_time(self, clock: int, inclusive: bool) -> int:
        """The first row after a second; of those within it, the last (``inclusive``) or none comes before."""
        return self._row(int(np.searchsorted(_large(self.clock), clock, "right" if inclusive else "left")))

    def after_block(self, block: int) -> int:
        """The first row, opening ones apart, of a later block."""
        later = self._real & (_large(self.block) > block)
        return self._row(int(later.argmax())) if later.any() else self.rows

    def without_block(self) -> int:
        """How many rows, opening ones apart, have no block."""
        bare = self._real & (_large(self.block) == ABSENT)
        return int(self._lengths[bare].sum())

    @cached_property
    def are_distinct(self) -> bool:
        """Whether no two stretches have the same block and time."""
        block, time = _large(self.block), _large(self.time)
        later = (block[1:] > block[:-1]) | ((block[1:] == block[:-1]) & (time[1:] > time[:-1]))
        return bool(later.all())

    def alike(self, stretches: Any) -> Any:
        """The stretches that have block and time of one of these, ascending."""
        table = pd.DataFrame({"block": _large(self.block), "time": _large(self.time)})
        number = table.groupby(list(table), sort=False).ngroup().to_numpy()
        return np.flatnonzero(np.isin(number, number[stretches]))

    @property
    def has_times(self) -> bool:
        """Whether the last row stands at a time; if it does not, none does."""
        return self.rows == 0 or _large(self.clock)[-1] != ABSENT

    @property
    def _lengths(self) -> Ints:
        ends = np.append(self.first, self.rows).astype(np.int64)
        return ends[1:] - ends[:-1]

    @property
    def _real(self) -> Any:
        return self.first >= self.opening

    def _row(self, stretch: int) -> int:
        return int(self.first[stretch]) if stretch < len(self.first) else self.rows


_NONE32 = 2**32 - 1


def _different(*columns: Ints) -> list[Ints]:
    """Each column once, those left out that say the same in every row."""
    return list({id(column): column for column in columns if column.strides != (0,)}.values())


def _small(column: Ints) -> Any:
    """A column in the least room."""
    if (column == ABSENT).all():
        return np.broadcast_to(np.int64(ABSENT), len(column))
    if column.max() >= _NONE32 or column.min(initial=0, where=column != ABSENT) < 0:
        return column
    return np.where(column == ABSENT, _NONE32, column).astype(np.uint32)


def _large(column: Any) -> Ints:
    if column.dtype == np.int64:
        return np.asarray(column)
    return np.where(column == _NONE32, ABSENT, column.astype(np.int64))
