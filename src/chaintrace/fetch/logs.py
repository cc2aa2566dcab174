"""Logs of contracts, as ethereum-etl and cryo export them: transfers of tokens, and what wrapped coins issue."""

from __future__ import annotations

from collections import Counter

import numpy as np

from chaintrace.fetch import columns as cell
from chaintrace.fetch import ethereum_etl
from chaintrace.fetch.moves import ZERO_ADDRESS, Where
from chaintrace.fetch.rows import Cells, Options, Rows, filled
from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, WITHDRAWAL
from chaintrace.fetch.rpc.rows import parties
from chaintrace.fetch.rpc.things import Log
from chaintrace.model.asset import contract_of

SPLIT = ("topic0", "topic1", "topic2", "topic3")

Said = tuple[str, str, str, str | None, int]
Moved = tuple[str, str | None, str | None, int]
"""Kind, sender, receiver, amount."""


def read(rows: Rows, options: Options) -> None:
    """One transfer a log of ERC-20; deposits into and withdrawals from wrapped coins are mints and burns, unless a
    Transfer of the same says so already. NFTs and what cannot be decoded are rejected, other logs left alone."""
    at = ethereum_etl.place(rows, options, "transaction_hash")
    asset = rows.take("address", cell.of(cell.token, options.chain))
    topics, data = topics_of(rows), rows.take("data", cell.hexadecimal, required=False)
    seq = rows.take("log_index", cell.index)
    named = [_log(at, row, asset[row], topics[row], data[row], seq[row]) for row in np.flatnonzero(rows.good).tolist()]
    good = dict(zip(np.flatnonzero(rows.good).tolist(), named, strict=True))
    moved: dict[int, Moved] = {}
    issued: Counter[Said] = Counter()
    wrapped = []
    for row, log in good.items():
        if log.topics[:1] == (TRANSFER,):
            _transfer(rows, row, log, moved, issued)
        elif log.topics[:1] in ((DEPOSIT,), (WITHDRAWAL,)) and log.address in options.wrappers:
            wrapped.append(row)
    for row in sorted(wrapped, key=lambda row: (good[row].tx_hash, good[row].index)):
        _wrap(rows, row, good[row], moved, issued)
    _emit(rows, at, asset, seq, moved)
    rows.note("native transfers and fees are not in this export")


def topics_of(rows: Rows) -> Cells:
    """The topics of each log, from one column or from four."""
    if "topics" in rows:
        told = rows.take("topics", cell.topics, required=False)
        return filled((one or () for one in told.tolist()), rows.count)
    columns = [rows.take(name, cell.topics, required=False).tolist() for name in SPLIT if name in rows]
    return filled((sum((one for one in cells if one), ()) for cells in zip(*columns, strict=True)), rows.count)


def _log(at: Where, row: int, asset: str, topics: tuple[str, ...], data: str | None, seq: int) -> Log:
    contract = contract_of(asset) or ""
    return Log(at.tx_hash[row], 0, seq, at.block[row], "", None, contract, topics, data or "0x")


def _transfer(rows: Rows, row: int, log: Log, moved: dict[int, Moved], issued: Counter[Said]) -> None:
    reading = parties(log)
    if isinstance(reading, str):
        rows.reject_row(row, reading, _name(rows))
        return
    sender, receiver, amount = reading
    made, burnt = sender == ZERO_ADDRESS, receiver == ZERO_ADDRESS
    if made and burnt:
        rows.reject_row(row, "no party", _name(rows))
        return
    kind = "mint" if made else "burn" if burnt else "token"
    if kind != "token":
        issued[log.tx_hash, log.address, kind, receiver if made else sender, amount] += 1
    moved[row] = kind, None if made else sender, None if burnt else receiver, amount


def _wrap(rows: Rows, row: int, log: Log, moved: dict[int, Moved], issued: Counter[Said]) -> None:
    plain = len(log.topics) == 2 and log.topics[1].startswith("0x" + "0" * 24) and len(log.data) == 66
    if not plain:
        rows.reject_row(row, "undecodable log", _name(rows))
        return
    account, amount = "0x" + log.topics[1][26:], int(log.data, 16)
    made = log.topics[0] == DEPOSIT
    said = (log.tx_hash, log.address, "mint" if made else "burn", account, amount)
    if issued[said]:
        issued[said] -= 1
    else:
        moved[row] = said[2], None if made else account, account if made else None, amount


def _emit(rows: Rows, at: Where, asset: Cells, seq: Cells, moved: dict[int, Moved]) -> None:
    cells = [np.full(rows.count, None, dtype=object) for _ in range(4)]
    found = np.zeros(rows.count, dtype=bool)
    for row, said in moved.items():
        found[row] = True
        for column, value in zip(cells, said, strict=True):
            column[row] = value
    kind, sender, receiver, amount = cells
    other = int((rows.good & ~found).sum())
    if other:
        rows.note(f"{other:,} logs are no transfers, or repeat one")
    rows.emit(
        found & rows.good,
        **at.columns(),
        kind=kind,
        seq=seq,
        order=at.order(),
        sender=sender,
        receiver=receiver,
        asset=asset,
        amount=amount,
    )


def _name(rows: Rows) -> str:
    return "topics" if "topics" in rows else SPLIT[0]
