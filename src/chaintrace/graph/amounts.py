"""Amounts: a column of exact integers, two 64-bit halves each, and the few that need more by themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
import pyarrow as pa

from chaintrace.fetch.buffers import fixed

Lanes = np.ndarray[tuple[int, int], np.dtype[np.uint64]]

_HALF = 64
_MASK = 2**_HALF - 1
_NARROW = 2 ** (2 * _HALF)
_BYTES = 32


class Amounts(Sequence[int]):
    """Base units. ``lanes[i]`` is the low and high half of amount i; ``wide`` holds those of 2^128 and more, whose
    lanes are 0. Indexing gives Python ints."""

    def __init__(self, lanes: Lanes, wide: Mapping[int, int] | None = None) -> None:
        self.lanes = lanes
        self.wide = dict(wide or {})

    @classmethod
    def of(cls, amounts: Iterable[int]) -> Amounts:
        amounts = list(amounts)
        wide = {i: amount for i, amount in enumerate(amounts) if amount >= _NARROW}
        narrow = [0 if amount >= _NARROW else amount for amount in amounts]
        lanes = np.array([(amount & _MASK, amount >> _HALF) for amount in narrow], dtype=np.uint64)
        return cls(lanes.reshape(len(amounts), 2), wide)

    @classmethod
    def of_bytes(cls, data: Any) -> Amounts:
        """32 big-endian bytes each, one after another (uint8)."""
        words = data.view(">u8").reshape(-1, 4)
        lanes = np.ascontiguousarray(words[:, [3, 2]]).astype(np.uint64)
        large = np.flatnonzero(words[:, :2].any(axis=1)).tolist()
        wide = {row: int.from_bytes(words[row].tobytes(), "big") for row in large}
        lanes[large] = 0
        return cls(lanes, wide)

    @classmethod
    def of_column(cls, column: pa.ChunkedArray) -> Amounts:
        """A column of 32 big-endian bytes each."""
        data = [fixed(chunk, _BYTES) for chunk in column.chunks if len(chunk)]
        return cls.of_bytes(np.concatenate(data) if data else np.zeros(0, np.uint8))

    def __len__(self) -> int:
        return len(self.lanes)

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> list[int]: ...
    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[i] for i in range(*at.indices(len(self)))]
        low, high = self.lanes[at].tolist()
        return low | high << _HALF or self.wide.get(at if at >= 0 else at + len(self), 0)

    def __iter__(self) -> Iterator[int]:
        return iter(self.tolist())

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Amounts):
            return bool(np.array_equal(self.lanes, other.lanes)) and self.wide == other.wide
        return isinstance(other, Sequence) and self.tolist() == list(other)

    __hash__ = None  # type: ignore[assignment]

    def tolist(self) -> list[int]:
        low, high = self.lanes.T.tolist() if len(self) else ([], [])
        amounts = [below | above << _HALF for below, above in zip(low, high, strict=True)]
        for row, amount in self.wide.items():
            amounts[row] = amount
        return amounts

    def positive(self) -> Any:
        """Where an amount is more than 0."""
        more = np.asarray(self.lanes.any(axis=1))
        more[list(self.wide)] = True
        return more

    def spliced(self, rows: Any, replaced: Any, amounts: Sequence[int]) -> Amounts:
        """The amounts of ``rows``, and ``amounts`` in turn where ``replaced``."""
        lanes = self.lanes[rows] if len(self) else np.zeros((len(rows), 2), np.uint64)
        at = np.flatnonzero(replaced)
        new = Amounts.of(amounts)
        lanes[at] = new.lanes
        wide = {int(at[i]): amount for i, amount in new.wide.items()}
        for row, amount in self.wide.items():
            wide.update(dict.fromkeys(np.flatnonzero(~replaced & (rows == row)).tolist(), amount))
        return Amounts(lanes, wide)
