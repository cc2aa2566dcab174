"""Moves: what a transaction, a token transfer and a fee are as rows of the one table, whatever the format."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chaintrace.fetch.rows import FEE_SEQ, Cells, Mask, Rows, absent, filled, mapped, where
from chaintrace.model.asset import native

ZERO_ADDRESS = "0x" + "0" * 40
ZERO_ADDRESSES = frozenset({ZERO_ADDRESS, "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"})  # the same 20 bytes on Tron


@dataclass(frozen=True)
class Where:
    """Where transfers stand: arrays over the rows of a frame."""

    chain: Cells
    tx_hash: Cells
    block: Cells
    time: Cells
    tx_index: Cells
    block_hash: Cells

    def columns(self) -> dict[str, Cells]:
        return {name: getattr(self, name) for name in ("chain", "tx_hash", "block", "time", "tx_index", "block_hash")}

    def order(self) -> Cells:
        """``known`` where block (or time) and index within the block are."""
        known = ~absent(self.tx_index) & ~(absent(self.block) & absent(self.time))
        return where(known, "known", "unknown")


def natives(chain: Cells) -> Cells:
    return mapped(chain, native)


def emit_transactions(
    rows: Rows, at: Where, sender: Cells, receiver: Cells, created: Cells, amount: Cells, succeeded: Cells, status: str
) -> None:
    """The value of transactions. A failed one moves nothing; one that creates a contract pays the contract."""
    rows.reject(failed(succeeded), "reverted", status, fee_stays=True)
    target = where(absent(receiver), created, receiver)
    rows.reject(absent(target), "missing receiver", "to_address" if "to_address" in rows else "To", fee_stays=True)
    rows.emit(
        rows.good,
        **at.columns(),
        kind="native",
        seq=0,
        order=at.order(),
        sender=sender,
        receiver=target,
        asset=natives(at.chain),
        amount=amount,
    )


def emit_fees(rows: Rows, at: Where, sender: Cells, fee: Cells) -> None:
    """The fee of every transaction that has one, last in its transaction. Failed ones pay as well."""
    rows.emit(
        rows.paying & ~absent(fee),
        **at.columns(),
        kind="fee",
        seq=FEE_SEQ,
        order=at.order(),
        sender=sender,
        asset=natives(at.chain),
        amount=fee,
    )


def emit_tokens(
    rows: Rows, at: Where, asset: Cells, sender: Cells, receiver: Cells, amount: Cells, seq: Cells, party: str
) -> None:
    """Token transfers. From the zero address is a mint, to it a burn, so that it is never a party."""
    made, burnt = sender == ZERO_ADDRESS, receiver == ZERO_ADDRESS
    rows.reject(made & burnt, "no party", party)
    rows.emit(
        rows.good,
        **at.columns(),
        kind=where(made, "mint", where(burnt, "burn", "token")),
        seq=seq,
        order=where(absent(seq), "unknown", at.order()),
        sender=where(made, None, sender),
        receiver=where(burnt, None, receiver),
        asset=asset,
        amount=amount,
    )


def product(used: Cells, price: Cells, extra: Cells) -> Cells:
    """Gas used times its price, plus what a rollup charges for its parent chain; None where either is not given."""
    pairs = zip(used.tolist(), price.tolist(), extra.tolist(), strict=True)
    return filled((None if u is None or p is None else u * p + (e or 0) for u, p, e in pairs), len(used))


def failed(succeeded: Cells) -> Mask:
    return np.fromiter((value is False for value in succeeded.tolist()), dtype=bool, count=len(succeeded))


def note_unknowns(rows: Rows, succeeded: Cells, fee: Cells, has_status: bool, has_fees: bool) -> None:
    """Says which transactions may have failed unseen, and which fees are not in this export."""
    silent = int((absent(succeeded) & rows.good).sum())
    if not has_status:
        rows.note("there is no status column, so failed transactions cannot be told apart and count as transfers")
    elif silent:
        rows.note(f"{silent:,} transactions have no status, so failed ones among them count as transfers")
    free = int((absent(fee) & rows.paying).sum())
    if not has_fees:
        rows.note("fees are not in this export: gas used and its price are not both there")
    elif free:
        rows.note(f"{free:,} transactions have no gas data, so their fees are missing")
