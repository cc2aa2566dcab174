"""Typed columns: cells of one Arrow type as numbers and codes, where nothing about them is in doubt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.fetch import columns as cell
from chaintrace.fetch.buffers import ABSENT, integers
from chaintrace.fetch.frame import Column, seconds_of
from chaintrace.fetch.plan import is_text
from chaintrace.fetch.rows import Mask


class NotPlain(Exception):
    """The source holds something that only the slow way understands."""


def parsed(
    column: Column, parse: cell.Parser, code: Callable[[Any], int], default: Callable[[], int]
) -> tuple[Any, Mask]:
    """Codes of what cells say, each distinct value parsed once; bad cells get code 0 and are marked."""
    codes, bad = np.zeros(len(column.values), np.int64), np.zeros(len(column.values), bool)
    there = np.zeros(len(column.values), bool)
    there[column.codes] = True
    for n in np.flatnonzero(there).tolist():
        value = column.values[n]
        try:
            codes[n] = default() if value is None or value == "" else code(parse(value))
        except cell.Bad:
            bad[n] = True
    return codes[column.codes], bad[column.codes]


def numbers(name: str, column: pa.Array) -> Any:
    """Numbers as int64, ABSENT for null. NotPlain if one of them is out of range."""
    kind = column.type
    if pa.types.is_timestamp(kind):
        column = seconds_of(column, kind)
    elif pa.types.is_floating(kind):
        column = _of_floats(column.cast(pa.float64()), whole=name != "time")
    found = integers(column.cast(pa.int64()))
    given = found[found != ABSENT] if column.null_count else found
    top = cell.MAX_SECONDS - 1 if name == "time" else cell.MAX_INDEX
    if len(found) - len(given) != column.null_count or (len(given) and not (given.min() >= 0 and given.max() <= top)):
        raise NotPlain(f"a {name} out of range")
    return found


def _of_floats(column: pa.Array, whole: bool) -> pa.Array:
    values = column.to_numpy(zero_copy_only=False)
    there = ~np.isnan(values)
    floors = np.floor(np.where(there, values, 0))
    if (np.abs(floors) >= cell.EXACT_FLOAT).any() or (whole and (floors != values)[there].any()):
        raise NotPlain("floats that are no whole numbers")
    return pa.array(floors.astype(np.int64), mask=~there)


def absent(column: pa.Array) -> Mask:
    return np.asarray(column.is_null().to_numpy(zero_copy_only=False))


def simple(column: pa.Array) -> pa.Array:
    """The column with texts and bytes in a form that ``buffers`` knows."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return simple(column.dictionary_decode())
    if pa.types.is_string_view(kind):
        return column.cast(pa.large_string())
    return column.cast(pa.large_binary()) if pa.types.is_binary_view(kind) else column


def fitting(column: pa.Array, width: int) -> pa.Array:
    """Bytes of any length as bytes of one; those of another are null, and so read by the slow reader."""
    kind = column.type
    if pa.types.is_fixed_size_binary(kind) or is_text(kind):
        return column
    fits = pc.equal(pc.binary_length(column), width)
    return pc.if_else(fits, column, pa.scalar(None, kind)).cast(pa.binary(width))
