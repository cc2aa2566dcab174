"""Buffers: what Arrow holds in memory, as NumPy arrays of the same memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

ABSENT = np.iinfo(np.int64).min

Ints = np.ndarray[tuple[int], np.dtype[np.int64]]
Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]
Matrix = np.ndarray[tuple[int, int], np.dtype[Any]]


def texts(array: pa.Array) -> tuple[Any, Bytes]:
    """Offsets (one more than rows) and letters of a string array."""
    width = np.int64 if pa.types.is_large_string(array.type) else np.int32
    _, offsets, letters = array.buffers()
    begins = np.frombuffer(offsets, width)[array.offset : array.offset + len(array) + 1]
    return begins, np.frombuffer(letters, np.uint8) if letters is not None else np.zeros(0, np.uint8)


def fixed(array: pa.Array, width: int, dtype: Any = np.uint8) -> Any:
    """The values of an array whose rows are ``width`` items of ``dtype`` each, one after another."""
    items = np.frombuffer(array.buffers()[1], dtype)
    return items[width * array.offset : width * (array.offset + len(array))]


def valid(array: pa.Array) -> Any:
    """Where the array is not null, as bools; None where it is nowhere."""
    return array.is_valid().to_numpy(zero_copy_only=False) if array.null_count else None


def integers(column: pa.Array | pa.ChunkedArray) -> Ints:
    """A column of int64, ABSENT where it has none."""
    filled = pc.fill_null(column, pa.scalar(int(ABSENT), pa.int64())) if column.null_count else column
    return np.asarray(filled.to_numpy(), dtype=np.int64)


def windows(letters: Bytes, starts: Any, width: int) -> Matrix:
    """``width`` letters from each start on, a row each."""
    count = len(starts)
    if count and starts[-1] - starts[0] == (count - 1) * width and (np.diff(starts) == width).all():
        return letters[starts[0] : starts[0] + count * width].reshape(count, width)
    if not count:
        return np.zeros((0, width), np.uint8)
    found: Matrix = np.lib.stride_tricks.sliding_window_view(letters, width)[starts]
    return found


_HIGH = np.uint64(0x8080808080808080)
_FROM_0, _AFTER_9, _FROM_A, _AFTER_F = (np.uint64((0x80 - ord(c)) * 0x0101010101010101) for c in "0:ag")


def are_hex(digits: Matrix) -> Any:
    """Which rows are small hexadecimal digits alone; their number is a multiple of eight. Eight bytes at a time: the
    highest bit of each says, after an addition, whether it was as high as a bound."""
    words = np.ascontiguousarray(digits).view(np.uint64)
    right = ((words + _FROM_0) & ~(words + _AFTER_9)) | ((words + _FROM_A) & ~(words + _AFTER_F))
    return ((right & ~words & _HIGH) == _HIGH).all(axis=1)


_NIBBLES = np.full(256, 255, np.uint8)
_NIBBLES[np.frombuffer(b"0123456789abcdef", np.uint8)] = np.arange(16)


def from_hex(digits: Matrix) -> tuple[Matrix, Any]:
    """The bytes that rows of small hexadecimal digits write, and which rows are written so."""
    nibbles = _NIBBLES[digits]
    right = nibbles.max(axis=1, initial=0) < 16
    return nibbles[:, ::2] << 4 | nibbles[:, 1::2], right
