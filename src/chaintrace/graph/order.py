"""Positions: the total order in which transfers happened."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.errors import OrderError
from chaintrace.model.chain import get_chain

ABSENT = np.iinfo(np.int64).min
Ints = np.ndarray[tuple[int], np.dtype[np.int64]]


def positions(table: pa.Table) -> tuple[Ints | None, Ints]:
    """Indices that put ``table`` into position order (None where it is), and each row's clock (seconds) in that order.

    The order is (time, block, tx_index, seq), on UTXO chains, whose clock is not monotone, (block, tx_index, seq);
    absent values stand first, ``opening`` rows before all others, and ties keep the order of reading.
    Raises OrderError where a chain mixes rows that have only a block with rows that have only a time.
    """
    clock = np.full(table.num_rows, ABSENT, dtype=np.int64)
    block = integers(table["block"])
    opening = _mask(pc.equal(table["kind"], "opening"))
    tx_index, seq = integers(table["tx_index"]), integers(table["seq"])
    chain, names = _codes(table["chain"])
    for code, name in enumerate(names):
        here = (chain == code) & ~opening
        clock[here] = _clock(
            name, integers(table["time"].cast(pa.int64()))[here], block[here], tx_index[here], seq[here]
        )
    indices = np.lexsort((seq, tx_index, block, chain, clock, ~opening)).astype(np.int64)
    return (None if np.array_equal(indices, np.arange(len(indices))) else indices), clock[indices]


def _clock(name: str, time: Ints, block: Ints, tx_index: Ints, seq: Ints) -> Ints:
    """A time for every row of one chain that never contradicts the chain's own order."""
    timed, blocked = time != ABSENT, block != ABSENT
    if blocked.all() and (get_chain(name).family == "utxo" or not timed.all()):
        return _along_blocks(time, block, tx_index, seq)
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
    by_block = np.lexsort((seq, tx_index, block))
    clock = np.empty_like(time)
    clock[by_block] = np.maximum.accumulate(time[by_block])
    return clock


def _codes(column: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """Each value's number, and the values in order of first appearance."""
    names = pc.unique(column)
    return np.asarray(pc.index_in(column, names).to_numpy(), dtype=np.int64), names.to_pylist()


def integers(column: pa.ChunkedArray) -> Ints:
    """A column of int64, ABSENT where it has none."""
    filled = pc.fill_null(column, pa.scalar(int(ABSENT), pa.int64()))
    return np.asarray(filled.to_numpy(), dtype=np.int64)


def _mask(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return np.asarray(column.to_numpy(), dtype=np.bool_)
