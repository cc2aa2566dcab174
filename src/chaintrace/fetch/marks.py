"""Marks: 64 bits for a row. Rows with different marks are different; those with equal ones have to be compared."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import pyarrow as pa

from chaintrace.fetch.buffers import are_hex, fixed, texts, valid, windows

NAMELESS = 0

_HASH = 66  # 0x and 64 digits
_BYTES = 32
_ODD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(32)

Marks = np.ndarray[tuple[int], np.dtype[np.uint64]]


def mixed(*columns: Any) -> Marks:
    """One mark of several columns of numbers."""
    found: Any = np.uint64(0)
    for column in columns:
        found = (found ^ column.astype(np.uint64)) * _ODD
        found = found ^ (found >> _SHIFT)
    marks: Marks = found
    return marks


def of_hashes(array: pa.Array) -> tuple[Marks, Any]:
    """A mark of each transaction hash, NAMELESS where there is none, and which cells are spelled otherwise than
    ``0x`` and 64 small digits (or 32 bytes)."""
    there = valid(array)
    named = np.ones(len(array), bool) if there is None else there
    if pa.types.is_fixed_size_binary(array.type):
        words = fixed(array, _BYTES).reshape(-1, _BYTES)
        return np.where(named, _of_letters(words), NAMELESS), np.zeros(len(array), bool)
    offsets, letters = texts(array)
    length = np.diff(offsets)
    named = named & (length > 0)
    plain = np.flatnonzero(named & (length == _HASH))
    found = windows(letters, offsets[:-1][plain], _HASH)
    right = are_hex(found[:, 2:]) & (found[:, 0] == ord("0")) & (found[:, 1] == ord("x"))
    marks = np.full(len(array), NAMELESS, np.uint64)
    marks[plain] = _of_letters(found[:, 2:])
    odd = named.copy()
    odd[plain[right]] = False
    return marks, odd


def of_addresses(rows: Any) -> Marks:
    """A mark of each address; ``rows``: uint8 of shape (n, 20)."""
    first, second = (np.ascontiguousarray(rows[:, at : at + 8]).view(np.uint64).ravel() for at in (0, 8))
    return mixed(first, second, np.ascontiguousarray(rows[:, 16:]).view(np.uint32).ravel())


def of_name(name: str, as_text: bool) -> int:
    """The mark of one canonical hash, in a column of texts or of bytes, or of a name of the user's own."""
    if len(name) == _HASH and name.startswith("0x"):
        cell = pa.array([name]) if as_text else pa.array([bytes.fromhex(name[2:])], pa.binary(_BYTES))
        return int(of_hashes(cell)[0][0])
    return int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little") | 1


def _of_letters(rows: Any) -> Marks:
    return mixed(*np.ascontiguousarray(rows).view(np.uint64).T) | np.uint64(1)


def repeated(marks: Marks) -> Any:
    """Places of marks that stand several times."""
    order = np.argsort(marks, kind="stable")
    ordered = marks[order]
    same = ordered[1:] == ordered[:-1]
    return np.union1d(order[:-1][same], order[1:][same])


def any_repeated(marks: Marks) -> bool:
    ordered = np.sort(marks)
    return bool((ordered[1:] == ordered[:-1]).any())
