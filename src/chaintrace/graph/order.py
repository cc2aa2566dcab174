"""Positions: the total order in which transfers happened."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.errors import OrderError
from chaintrace.fetch.buffers import ABSENT, Ints, integers
from chaintrace.graph.kernel import NATIVE, kernel, native
from chaintrace.model.chain import get_chain

Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]


def positions(table: pa.Table) -> tuple[Any, Ints]:
    """Indices that put ``table`` into position order (None where it is), and each row's clock (seconds) in that order.

    The order is (time, block, tx_index, seq), on UTXO chains, whose clock is not monotone, (block, tx_index, seq);
    absent values stand first, ``opening`` rows before all others, and ties keep the order of reading.
    Raises OrderError where a chain mixes rows that have only a block with rows that have only a time.
    """
    block, time = integers(table["block"]), integers(table["time"].cast(pa.int64()))
    chain, names = _codes(table["chain"])
    opening = _mask(pc.equal(table["kind"], "opening"))
    return place(names, chain, opening, block, time, integers(table["tx_index"]), integers(table["seq"]))


def place(
    names: list[str], chain: Ints, opening: Mask, block: Ints, time: Ints, tx_index: Ints, seq: Ints
) -> tuple[Any, Ints]:
    """As ``positions``, from arrays; ``chain`` numbers ``names``. A column that says the same in every row may be one
    value, broadcast."""
    clock = clocks(names, chain, opening, block, time, tx_index, seq)
    indices = sort((~opening).astype(np.int64) if opening.any() else _ALIKE, clock, chain, block, tx_index, seq)
    return indices, clock if indices is None else clock[indices]


def clocks(names: list[str], chain: Ints, opening: Mask, block: Ints, time: Ints, tx_index: Ints, seq: Ints) -> Ints:
    """A time for every row that never contradicts its chain's own order; ABSENT for opening rows."""
    if len(names) == 1 and not opening.any():
        return _clock(names[0], time, block, tx_index, seq)
    clock = np.full(len(block), ABSENT, dtype=np.int64)
    for code, name in enumerate(names):
        here = (chain == code) & ~opening
        clock[here] = _clock(name, time[here], block[here], tx_index[here], seq[here])
    return clock


def sort(*keys: Ints) -> Any:
    """Indices of rows in the order of their keys, the most significant first; ties stay. None if they are in it."""
    telling = [key for key in keys if key.strides != (0,)]
    if not telling or len(telling[0]) < 2:
        return None
    if kernel() == NATIVE:
        return native().order([np.ascontiguousarray(key) for key in telling])
    return None if _is_sorted(telling) else np.lexsort(telling[::-1]).astype(np.uint32)


def _is_sorted(keys: list[Ints]) -> bool:
    """Whether no row stands before the one above it."""
    tied = np.ones(len(keys[0]) - 1, bool)
    for key in keys:
        if (tied & (key[1:] < key[:-1])).any():
            return False
        tied &= key[1:] == key[:-1]
    return True


_ALIKE = np.broadcast_to(np.int64(0), 2)


def _clock(name: str, time: Ints, block: Ints, tx_index: Ints, seq: Ints) -> Ints:
    timed, blocked = time != ABSENT, block != ABSENT
    if blocked.all() and (get_chain(name).family == "utxo" or not timed.all()):
        return _along_blocks(time, block, tx_index, seq) if timed.any() else time
    if timed.all():
        return time
    known = dict(zip(block[timed & blocked].tolist(), time[timed & blocked].tolist(), strict=True))
    filled = [known.get(b, ABSENT) if t == ABSENT else t for t, b in zip(time.tolist(), block.tolist(), strict=True)]
    result = np.array(filled, dtype=np.int64)
    if (result == ABSENT).any():
        raise OrderError(name, f"{int((~timed).sum())} rows have no time and {int((~blocked).sum())} have no block")
    return result


def _along_blocks(time: Ints, block: Ints, tx_index: Ints, seq: Ints) -> Ints:
    """The latest time seen so far, in block order."""
    by_block = sort(block, tx_index, seq)
    if by_block is None:
        return np.maximum.accumulate(time)
    clock = np.empty(len(time), dtype=np.int64)
    clock[by_block] = np.maximum.accumulate(time[by_block])
    return clock


def _codes(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """Each value's number, and the values in order of first appearance."""
    names = pc.unique(column)
    codes = np.asarray(pc.index_in(column, names).to_numpy(), dtype=np.int64)
    return codes if len(names) > 1 else np.broadcast_to(np.int64(0), len(codes)), names.to_pylist()


def _mask(column: pa.ChunkedArray) -> Mask:
    return np.asarray(column.to_numpy(), dtype=np.bool_)
