"""Withdrawals of validators, from a flat table of them."""

from __future__ import annotations

import numpy as np

from chaintrace.fetch import columns as cell
from chaintrace.fetch.moves import Where, natives
from chaintrace.fetch.rows import Cells, Options, Rows, filled

GWEI = 10**9  # EIP-4895: withdrawals are told in Gwei
INDEX = ("index", "withdrawal_index")
COUNT = "transaction_count"
"""How many transactions the block has, after which withdrawals stand; what a table of blocks says."""


def read(rows: Rows, options: Options) -> None:
    """One row a withdrawal, as a node tells it: named by its number, placed behind the block's transactions. All
    withdrawals of a block have to be there."""
    index, block = rows.take_any(INDEX, cell.index)[0], rows.take("block_number", cell.index)
    receiver = rows.take_accounts("address", cell.of(cell.account, options.chain))
    amount = rows.take("amount", cell.amount)
    at = Where(
        chain=np.full(rows.count, options.chain.id, dtype=object),
        tx_hash=filled((f"withdrawal:{one}" for one in index.tolist()), rows.count),
        block=block,
        time=rows.take_any(["block_timestamp"], cell.seconds)[0],
        tx_index=rows.take_any([COUNT], cell.index)[0],
        block_hash=rows.take_any(["block_hash"], cell.block_hash)[0],
    )
    rows.emit(
        rows.good,
        **at.columns(),
        kind="withdrawal",
        seq=_places(block, index),
        order=at.order(),
        receiver=receiver,
        asset=natives(at.chain),
        amount=filled((None if one is None else one * GWEI for one in amount.tolist()), rows.count),
    )


def _places(block: Cells, index: Cells) -> Cells:
    """Where each stands among those of its block. Indices are given one after another (EIP-4895)."""
    lowest: dict[object, int] = {}
    for number, one in zip(block.tolist(), index.tolist(), strict=True):
        if one is not None:
            lowest[number] = min(one, lowest.get(number, one))
    told = zip(block.tolist(), index.tolist(), strict=True)
    return filled((None if one is None else one - lowest[number] for number, one in told), len(block))
