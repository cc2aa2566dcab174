"""ethereum-etl's transactions, token_transfers and traces, which the public BigQuery dataset names alike."""

from __future__ import annotations

import numpy as np

from chaintrace.fetch import columns as cell
from chaintrace.fetch.calls import Calls, emit_calls
from chaintrace.fetch.moves import Where, emit_fees, emit_tokens, emit_transactions, note_unknowns, product
from chaintrace.fetch.rows import Cells, Options, Rows, absent, where

# Receipts joined to transactions keep the prefix in BigQuery and in ethereum-etl's stream, and lose it in a plain join.
STATUS = ("receipt_status", "status")
GAS_USED = ("receipt_gas_used", "gas_used")
GAS_PRICE = ("receipt_effective_gas_price", "effective_gas_price", "gas_price")
PARENT_FEE = ("receipt_l1_fee", "l1_fee")
CREATED = ("receipt_contract_address", "contract_address")
CANCUN = "since_cancun"
"""Whether a trace's block is under the rules of EIP-6780; what tables of blocks say, none of an export's columns."""


def transactions(rows: Rows, options: Options) -> None:
    """One native transfer a transaction, and its fee where receipts are joined to it."""
    account = cell.of(cell.account, options.chain)
    at = place(rows, options, "hash")
    sender = rows.take_accounts("from_address", account)
    receiver = rows.take_accounts("to_address", account, required=False)
    created, _ = rows.take_any(CREATED, account)
    amount = rows.take("value", cell.amount)
    succeeded, status = rows.take_any(STATUS, cell.status)
    used, used_name = rows.take_any(GAS_USED, cell.amount)
    price, price_name = _price(rows)
    fee = product(used, price, rows.take_any(PARENT_FEE, cell.amount)[0])
    emit_transactions(rows, at, sender, receiver, created, amount, succeeded, status)
    emit_fees(rows, at, sender, fee)
    note_unknowns(rows, succeeded, fee, bool(status), bool(used_name and price_name))
    rows.note("internal and token transfers are not in this export")


def token_transfers(rows: Rows, options: Options) -> None:
    """One token transfer a log."""
    account = cell.of(cell.account, options.chain)
    at = place(rows, options, "transaction_hash")
    asset = rows.take("token_address", cell.of(cell.token, options.chain))
    sender = rows.take_accounts("from_address", account)
    receiver = rows.take_accounts("to_address", account)
    amount, seq = rows.take("value", cell.amount), rows.take("log_index", cell.index)
    emit_tokens(rows, at, asset, sender, receiver, amount, seq, "from_address")
    rows.note("native transfers and fees are not in this export")
    rows.note("transfers of NFTs look like those of tokens here: their amount is a token id")


def traces(rows: Rows, options: Options) -> None:
    """One transfer a call that moves value, by its place in the transaction's tree of calls."""
    account = cell.of(cell.account, options.chain)
    at = place(rows, options, "transaction_hash")
    calls = Calls(
        kind=rows.take("trace_type", cell.text),
        call=_optional(rows, "call_type", cell.text),
        path=_optional(rows, "trace_address", cell.trace_path),
        sender=rows.take_accounts("from_address", account, required=False),
        receiver=rows.take_accounts("to_address", account, required=False),
        amount=rows.take("value", cell.amount, required=False),
        succeeded=_optional(rows, "status", cell.status),
        error=_optional(rows, "error", cell.text),
        reward=_optional(rows, "reward_type", cell.text),
        cancun=_optional(rows, CANCUN, cell.status),
    )
    emit_calls(rows, at, calls)
    if "status" not in rows and "error" not in rows:
        rows.note("there is neither status nor error, so failed calls cannot be told apart and count as transfers")
    rows.note("fees and token transfers are not in this export")


def _price(rows: Rows) -> tuple[Cells, str]:
    """What a unit of gas cost: as the receipt says, where it does not, as the transaction offered."""
    names = [name for name in GAS_PRICE if name in rows]
    price = np.full(rows.count, None, dtype=object)
    for name in names:
        price = where(absent(price), rows.take(name, cell.amount, required=False), price)
    return price, names[0] if names else ""


def place(rows: Rows, options: Options, hash_name: str) -> Where:
    """Where the transfers of an export stand; rows that name no transaction may do so, but in a list of these."""
    return Where(
        chain=np.full(rows.count, options.chain.id, dtype=object),
        tx_hash=rows.take(hash_name, cell.of(cell.tx_hash, options.chain), required=hash_name == "hash"),
        block=rows.take("block_number", cell.index),
        time=_optional(rows, "block_timestamp", cell.seconds),
        tx_index=_optional(rows, "transaction_index", cell.index),
        block_hash=_optional(rows, "block_hash", cell.block_hash),
    )


def _optional(rows: Rows, name: str, parse: cell.Parser) -> Cells:
    return rows.take_any([name], parse)[0]
