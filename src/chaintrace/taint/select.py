"""Choosing rows of a graph by number, transaction hash, or identity."""

from __future__ import annotations

from numbers import Integral

from chaintrace.errors import SeedError
from chaintrace.graph.graph import TransferGraph

UNSELECTED = "fee"


def select_rows(graph: TransferGraph, ref: object) -> list[int]:
    """Row numbers that ``ref`` names: a row number, a transaction hash (its transfers, fees excluded), or the
    identity ``(tx_hash, kind, seq)``. Raises SeedError where nothing answers to it."""
    if isinstance(ref, str):
        return [row for row in transaction(graph, ref) if graph.rows.kind(row) != UNSELECTED]
    if isinstance(ref, tuple) and len(ref) == 3:
        tx_hash, kind, seq = ref
        rows = [row for row in transaction(graph, tx_hash) if graph.rows.kind(row) == kind]
        seqs = graph.take(rows, ["seq"])["seq"].to_pylist()
        rows = [row for row, found in zip(rows, seqs, strict=True) if found == seq]
        if rows:
            return rows
        raise SeedError(repr(ref), "the transaction has no such row", "see graph.to_pandas() for its kinds and seqs")
    if type(ref) is bool or not isinstance(ref, Integral):
        raise SeedError(repr(ref), "is not a row number, transaction hash or (tx_hash, kind, seq)")
    row = int(ref)
    if not 0 <= row < len(graph):
        raise SeedError(
            str(row), f"the graph has rows 0 to {len(graph) - 1}", "row numbers are those of graph.to_pandas()"
        )
    return [row]


def transaction(graph: TransferGraph, tx_hash: str) -> list[int]:
    """Row numbers of a transaction, in position order. SeedError if the graph has none of it."""
    if not isinstance(tx_hash, str):
        raise SeedError(repr(tx_hash), "is not a transaction hash", "give its hash as text, as in graph.to_pandas()")
    rows = graph.find_tx(tx_hash, tx_hash.lower(), f"0x{tx_hash.lower()}")
    if rows:
        return rows
    where = f"no transfer of it among the {len(graph):,} of the graph"
    if not len(graph.rejected):
        raise SeedError(tx_hash, where)
    reasons = ", ".join(f"{count:,} {reason}" for reason, count in graph.rejected.counts.items())
    advice = "its row may be among the rejected: strict=True (--strict) stops at the first of them; or check the hash"
    raise SeedError(tx_hash, f"{where}; rejected while reading: {reasons}", advice)
