"""Etherscan's CSV exports of one address: transactions, internal transactions, ERC-20 transfers."""

from __future__ import annotations

from functools import partial

import numpy as np

from chaintrace.fetch import columns as cell
from chaintrace.fetch.columns import Bad
from chaintrace.fetch.moves import Where, emit_fees, emit_tokens, emit_transactions, natives, note_unknowns
from chaintrace.fetch.rows import Cells, Mask, Options, Rows, absent, filled, mapped

HASHES = ("Transaction Hash", "Txhash")
TIMES = ("UnixTimestamp", "DateTime (UTC)", "DateTime")


def transactions(rows: Rows, options: Options) -> None:
    """One native transfer a transaction of the address, and the fee its sender paid."""
    at, (sender, receiver, created) = _where(rows, options), _parties(rows, options, "From", "To")
    amount = _amount(rows, options)
    succeeded, status = _succeeded(rows)
    name = next((name for name in rows.frame.names() if _is_fee(name)), "")
    fee, _ = rows.take_any([name], partial(cell.units, decimals=options.chain.decimals))
    emit_transactions(rows, at, sender, receiver, created, amount, succeeded, status)
    emit_fees(rows, at, sender, fee)
    note_unknowns(rows, succeeded, fee, bool(status), bool(name))
    rows.note("internal and token transfers are not in this export; each has one of its own")
    _note_order(rows)


def internal_transactions(rows: Rows, options: Options) -> None:
    """One transfer a call that the address took part in. The export does not say where in its transaction it stands."""
    at, (sender, receiver, created) = _where(rows, options), _parties(rows, options, "From", "TxTo")
    amount = _amount(rows, options)
    succeeded, status = _succeeded(rows)
    rows.reject(succeeded == False, "reverted", status)  # noqa: E712  (an array of True, False and None)
    target = np.where(absent(receiver), created, receiver)
    rows.reject(absent(target), "missing receiver", "TxTo")
    rows.emit(
        rows.good,
        **at.columns(),
        kind="internal",
        order="unknown",
        sender=sender,
        receiver=target,
        asset=natives(at.chain),
        amount=amount,
    )
    if not status:
        rows.note("there is no status column, so failed calls cannot be told apart and count as transfers")
    rows.note("native and token transfers and fees are not in this export; each has one of its own")
    _note_order(rows)


def token_transfers(rows: Rows, options: Options) -> None:
    """One token transfer a line. Values are in whole tokens, so the token's decimals are asked of the caller."""
    at = _where(rows, options)
    account = cell.of(cell.account, options.chain)
    sender, receiver = rows.take_accounts("From", account), rows.take_accounts("To", account)
    asset = rows.take("ContractAddress", cell.of(cell.token, options.chain))
    values = rows.take("TokenValue", str)
    rows.reject(~absent(asset) & ~_known(asset, options), "decimals unknown", "ContractAddress")
    amount = _token_amounts(rows, asset, values, options)
    nothing = np.full(rows.count, None, dtype=object)
    emit_tokens(rows, at, asset, sender, receiver, amount, nothing, "From")
    rows.note("native transfers and fees are not in this export; each has one of its own")
    _note_order(rows)


def _where(rows: Rows, options: Options) -> Where:
    hashes = next(name for name in HASHES if name in rows)
    times = next(name for name in TIMES if name in rows)
    nothing = np.full(rows.count, None, dtype=object)
    return Where(
        chain=np.full(rows.count, options.chain.id, dtype=object),
        tx_hash=rows.take(hashes, cell.of(cell.tx_hash, options.chain)),
        block=rows.take("Blockno", cell.index),
        time=rows.take(times, _utc if times == "DateTime (UTC)" else cell.seconds),
        tx_index=nothing,
        block_hash=nothing,
    )


def _utc(value: object) -> int:
    """A time whose zone stands in the column's name."""
    return cell.seconds(f"{value} UTC")


def _parties(rows: Rows, options: Options, sender: str, receiver: str) -> tuple[Cells, Cells, Cells]:
    account = cell.of(cell.account, options.chain)
    return (
        rows.take_accounts(sender, account),
        rows.take_accounts(receiver, account, required=False),
        rows.take_any(["ContractAddress"], account)[0],
    )


def _amount(rows: Rows, options: Options) -> Cells:
    """What came in or went out: one of the two columns, or the same in both when the address paid itself."""
    parse = partial(cell.units, decimals=options.chain.decimals)
    names = [next(n for n in rows.frame.names() if n.startswith(start)) for start in ("Value_IN(", "Value_OUT(")]
    came, went = (rows.take(name, parse) for name in names)
    pairs = list(zip(came.tolist(), went.tolist(), strict=True))
    both = np.fromiter((bool(i and o and i != o) for i, o in pairs), dtype=bool, count=rows.count)
    rows.reject(both, "two values", names[0])
    return filled((i or o for i, o in pairs), rows.count)


def _succeeded(rows: Rows) -> tuple[Cells, str]:
    """Status is empty, or says Error and a number; ErrCode gives the reason."""
    names = [name for name in ("Status", "ErrCode") if name in rows]
    failed = np.zeros(rows.count, dtype=bool)
    for name in names:
        column = rows.take(name, str, required=False)
        failed |= mapped(column, partial(_says_error, name)) == True  # noqa: E712  (an array of True, False and None)
    succeeded = np.where(failed, False, True).astype(object) if names else np.full(rows.count, None, dtype=object)
    return succeeded, names[0] if names else ""


def _says_error(name: str, text: str) -> bool:
    return text.lower().startswith("error") or (name == "ErrCode" and text != "0")


def _is_fee(name: str) -> bool:
    return name.startswith("TxnFee(") and name != "TxnFee(USD)"


def _known(asset: Cells, options: Options) -> Mask:
    return np.fromiter((name in options.decimals for name in asset.tolist()), dtype=bool, count=len(asset))


def _token_amounts(rows: Rows, asset: Cells, values: Cells, options: Options) -> Cells:
    amounts = np.full(rows.count, None, dtype=object)
    for row in np.flatnonzero(rows.good).tolist():
        try:
            amounts[row] = cell.units(values[row], options.decimals[asset[row]])
        except Bad as error:
            rows.reject_row(row, error.reason, "TokenValue")
    return amounts


def _note_order(rows: Rows) -> None:
    rows.note("the export does not say where in its block a transfer stands, so order within a block is as read")
