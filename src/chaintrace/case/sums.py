"""Sums: what accounts hold by the rows, as of a block."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import pyarrow as pa

from chaintrace.model.amount import from_bytes

Pair = tuple[str, str]


class Entry(NamedTuple):
    """One row, as one of its two accounts sees it: ``amount`` is negative where it pays."""

    account: str
    asset: str
    block: int
    amount: int
    kind: str


def entries(table: pa.Table, accounts: Collection[str]) -> Iterator[Entry]:
    """Every row of ``table`` from the side of each of ``accounts`` that it touches."""
    names = ("block", "kind", "sender", "receiver", "asset", "amount")
    columns = [table.column(name).to_pylist() for name in names]
    for block, kind, sender, receiver, asset, raw in zip(*columns, strict=True):
        if receiver in accounts:
            yield Entry(receiver, asset, block, from_bytes(raw), kind)
        if sender in accounts:
            yield Entry(sender, asset, block, -from_bytes(raw), kind)


def held(found: Iterable[Entry], at: dict[Pair, int]) -> dict[Pair, int]:
    """What the rows up to and including a block leave each pair of ``at`` with; negative where they do not explain what
    was spent."""
    sums = dict.fromkeys(at, 0)
    for account, asset, block, amount, _ in found:
        pair = (account, asset)
        if pair in at and block <= at[pair]:
            sums[pair] += amount
    return sums
