"""Bitcoin transactions as JSON lines: one whole transaction a line, the coins that it spends written out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import numpy as np

from chaintrace.fetch import columns as cell
from chaintrace.fetch.coins import Move, movements
from chaintrace.fetch.columns import Bad
from chaintrace.fetch.rows import Cells, Options, Rows, absent, where
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.depth import nests

MAX_MONEY = 21_000_000 * 10**8
"""Satoshi that there can ever be: Bitcoin Core, amount.h."""
_SCRIPT = re.compile(r"(?:[0-9a-fA-F]{2})*")


class Coin(NamedTuple):
    """``amount`` satoshi under ``script``; ``name``, its outpoint, of a coin that is spent."""

    amount: int
    script: bytes
    name: str = ""


Coins = tuple[Coin, ...]


def transactions(rows: Rows, options: Options) -> None:
    """Objects of ``txid, inputs, outputs`` and, where known, ``block, block_hash, time, tx_index``. An input is an
    object of ``txid, vout, value, script``, an output one of ``value, script``: satoshi and hexadecimal.

    A transaction is an account: inputs pay it, it pays outputs and the fee. An output that nobody can ever spend is a
    ``burn``; what has no inputs is a coinbase, whose new coins are a ``reward``.
    """
    chain = options.chain if options.chain.family == "utxo" else get_chain("bitcoin")
    if chain is not options.chain:
        rows.note(f"read as transactions of {chain.name}; {options.chain.name} has none like these")
    txid = rows.take("txid", cell.of(cell.tx_hash, chain))
    spent, made = _inputs(rows), rows.take("outputs", _made)
    place = {
        "block": rows.take_any(["block"], cell.index)[0],
        "block_hash": rows.take_any(["block_hash"], cell.block_hash)[0],
        "time": rows.take_any(["time"], cell.seconds)[0],
        "tx_index": rows.take_any(["tx_index"], cell.index)[0],
    }
    rows.reject(absent(place["block"]) & absent(place["time"]), "missing field", "time")
    rows.reject(_overdrawn(rows, spent, made), "outputs exceed inputs", "outputs")
    moves = [
        (row, seq, *move)
        for row in np.flatnonzero(rows.good).tolist()
        for seq, move in enumerate(told_moves(chain, txid[row], spent[row], made[row]))
    ]
    _emit(rows, chain, txid, place, moves)
    if (absent(place["block"]) & rows.good).any():
        rows.note("without block numbers the order of blocks is that of their clocks, which is not proven")


def _inputs(rows: Rows) -> Cells:
    """What is spent; of a coinbase nothing, which a list without coins says, and no missing one."""
    told = rows.frame.column("inputs")
    missing = np.array([value is None for value in told.values], dtype=bool)[told.codes]
    spent = rows.take("inputs", _spent, required=False)
    rows.reject(missing, "missing field", "inputs")
    nothing = np.full(len(spent), None, dtype=object)
    nothing[:] = [()] * len(spent)
    return where(absent(spent), nothing, spent)


def told_moves(chain: Chain, txid: str, spent: Coins, made: Coins) -> Iterator[Move]:
    """Everything a transaction does, in the order of the one table."""
    coins = ((f"{txid}:{n}", coin) for n, coin in enumerate(made))
    return movements(chain.id, txid, ((coin.name, coin) for coin in spent), coins)


def _emit(rows: Rows, chain: Chain, txid: Cells, place: Mapping[str, Cells], moves: list[Any]) -> None:
    if not moves:
        return
    proven = ~absent(place["block"]) & ~absent(place["tx_index"])
    source, *cells = zip(*moves, strict=True)
    indices = np.array(source, dtype=np.int64)
    names = ("seq", "kind", "sender", "receiver", "amount", "outpoint")
    told = {name: _objects(values) for name, values in zip(names, cells, strict=True)}
    rows.emit_from(
        indices,
        chain=chain.id,
        tx_hash=txid[indices],
        order=where(proven, "known", "unknown")[indices],
        asset=chain.native,
        **{name: column[indices] for name, column in place.items()},
        **told,
    )


def _objects(values: tuple[Any, ...]) -> Cells:
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _overdrawn(rows: Rows, spent: Cells, made: Cells) -> Any:
    pairs = zip(rows.good.tolist(), spent.tolist(), made.tolist(), strict=True)
    found = (
        bool(good and inputs and sum(c.amount for c in inputs) < sum(c.amount for c in outputs))
        for good, inputs, outputs in pairs
    )
    return np.fromiter(found, dtype=bool, count=rows.count)


def _spent(value: object) -> Coins:
    coins = tuple(
        Coin(*_coin(one), name=cell.outpoint(f"{_field(one, 'txid')}:{_field(one, 'vout')}"))
        for one in _objects_in(value)
    )
    if len({coin.name for coin in coins}) < len(coins):
        raise Bad("coin spent twice")
    return coins


def _made(value: object) -> Coins:
    return tuple(Coin(*_coin(one)) for one in _objects_in(value))


def _coin(one: Mapping[str, Any]) -> tuple[int, bytes]:
    amount, script = cell.amount(_field(one, "value")), _field(one, "script")
    if amount > MAX_MONEY:
        raise Bad("more than there is")
    if not isinstance(script, str) or not _SCRIPT.fullmatch(script):
        raise Bad("bad script")
    return amount, bytes.fromhex(script)


def _field(one: Mapping[str, Any], name: str) -> Any:
    value = one.get(name)
    if value is None or isinstance(value, (bool, dict, list)):
        raise Bad("coin without a field")
    return value


def _objects_in(value: object) -> list[Mapping[str, Any]]:
    """The list of objects that a cell of JSON text is."""
    if isinstance(value, str) and nests(value):
        raise Bad("not a list of coins")
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except ValueError:
        raise Bad("not a list of coins") from None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Bad("not a list of coins")
    return found
