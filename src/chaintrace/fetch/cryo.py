"""cryo's transactions, erc20_transfers and native_transfers."""

from __future__ import annotations

import numpy as np

from chaintrace.fetch import columns as cell
from chaintrace.fetch.moves import (
    ZERO_ADDRESS,
    Where,
    emit_fees,
    emit_tokens,
    emit_transactions,
    natives,
    note_unknowns,
    product,
)
from chaintrace.fetch.rows import Cells, Mask, Options, Rows, absent, where
from chaintrace.model.chain import get_chain

# cryo writes each uint256 in up to three ways. The third, value_f64, cannot hold one and is never read.
VALUES = ("value_binary", "value_string", "value")


def transactions(rows: Rows, options: Options) -> None:
    """One native transfer a transaction, and its fee."""
    at = _where(rows, options)
    account = cell.of(cell.account, options.chain)
    sender = rows.take_accounts("from_address", account)
    receiver = rows.take_accounts("to_address", account, required=False)
    amount = _amount(rows)
    succeeded, status = rows.take_any(["success"], cell.status)
    used, used_name = rows.take_any(["gas_used"], cell.amount)
    price, price_name = rows.take_any(["gas_price"], cell.amount)
    nothing = np.full(rows.count, None, dtype=object)
    fee = product(used, price, nothing)
    emit_transactions(rows, at, sender, receiver, nothing, amount, succeeded, status)
    emit_fees(rows, at, sender, fee)
    note_unknowns(rows, succeeded, fee, bool(status), bool(used_name and price_name))
    rows.note("internal and token transfers are not in this export")


def erc20_transfers(rows: Rows, options: Options) -> None:
    """One token transfer a log."""
    at = _where(rows, options)
    account = cell.of(cell.account, options.chain)
    asset = rows.take_by(at.chain, "erc20", lambda chain: cell.of(cell.token, get_chain(chain)))
    sender = rows.take_accounts("from_address", account)
    receiver = rows.take_accounts("to_address", account)
    amount, seq = _amount(rows), rows.take("log_index", cell.index)
    emit_tokens(rows, at, asset, sender, receiver, amount, seq, "from_address")
    rows.note("native transfers and fees are not in this export")


def native_transfers(rows: Rows, options: Options) -> None:
    """One transfer a call. Without a transaction it is a block reward.

    The first call of a transaction is its top call where ``transfer_index`` shows that none before it is missing.
    """
    at = _where(rows, options, required=False)
    account = cell.of(cell.account, options.chain)
    sender = rows.take_accounts("from_address", account)
    receiver = rows.take_accounts("to_address", account)
    amount, place = _amount(rows), rows.take("transfer_index", cell.index)
    reward = absent(at.tx_hash)
    rows.reject(reward & (sender != ZERO_ADDRESS), "missing field", "transaction_hash")
    top, proven = _top_calls(at, place)
    common = {**at.columns(), "receiver": receiver, "asset": natives(at.chain), "amount": amount}
    rows.emit(rows.good & reward, **common, kind="reward", order="unknown")
    rows.emit(rows.good & ~reward & top, **common, kind="native", seq=0, order=at.order(), sender=sender)
    inner = rows.good & ~reward & ~top & (amount != 0)
    seq = _ranks(at, place, inner)
    rows.emit(inner, **common, kind="internal", seq=seq, order=at.order(), sender=sender)
    doubtful = int((inner & ~proven).sum())
    if doubtful:
        rows.note(
            f"{doubtful:,} calls follow a gap in transfer_index and count as internal, though some may be top calls"
        )
    rows.note("failed calls and delegate calls cannot be told apart and count as transfers")
    rows.note("fees and token transfers are not in this export")


def _amount(rows: Rows) -> Cells:
    """The exact value, from the first of its columns that has one in the row."""
    result = np.full(rows.count, None, dtype=object)
    names = [name for name in VALUES if name in rows]
    for name in names:
        parse = cell.hex_amount if name == "value_binary" else cell.amount
        result = where(absent(result), rows.take(name, parse, required=False), result)
    rows.reject(absent(result), "missing field", names[0])
    return result


def _where(rows: Rows, options: Options, *, required: bool = True) -> Where:
    chains, _ = rows.take_any(["chain_id"], cell.chain_id)
    return Where(
        chain=where(absent(chains), options.chain.id, chains),
        tx_hash=rows.take("transaction_hash", cell.of(cell.tx_hash, options.chain), required=required),
        block=rows.take("block_number", cell.index),
        time=rows.take_any(["timestamp", "block_timestamp"], cell.seconds)[0],
        tx_index=rows.take_any(["transaction_index"], cell.index)[0],
        block_hash=rows.take_any(["block_hash"], cell.block_hash)[0],
    )


def _top_calls(at: Where, place: Cells) -> tuple[Mask, Mask]:
    """Which rows are top calls, and for which rows that is proven either way."""
    keys = list(zip(at.chain.tolist(), at.block.tolist(), place.tolist(), strict=True))
    owner = dict(zip(keys, at.tx_hash.tolist(), strict=True))
    top, proven = np.zeros(len(keys), dtype=bool), np.zeros(len(keys), dtype=bool)
    for row, ((chain, block, index), tx_hash) in enumerate(zip(keys, at.tx_hash.tolist(), strict=True)):
        if index is None:
            continue
        before = (chain, block, index - 1)
        proven[row] = index == 0 or before in owner
        top[row] = index == 0 or (before in owner and owner[before] != tx_hash)
    return top, proven


def _ranks(at: Where, place: Cells, inner: Mask) -> Cells:
    ranks = np.full(len(place), None, dtype=object)
    found: dict[object, int] = {}
    for row in sorted(np.flatnonzero(inner).tolist(), key=lambda row: place[row]):
        ranks[row] = found[at.tx_hash[row]] = found.get(at.tx_hash[row], 0) + 1
    return ranks
