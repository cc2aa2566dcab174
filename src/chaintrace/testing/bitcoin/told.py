"""Told: the truth about a chain, written down from what its transactions were meant to be."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import pyarrow as pa

from chaintrace.model.amount import to_bytes
from chaintrace.model.chain import get_chain
from chaintrace.model.transfer import SCHEMA
from chaintrace.testing.bitcoin.blocks import Block
from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.bitcoin.coins import Coin, Tx
from chaintrace.testing.truth import Planted, Pot, Row, settled

BITCOIN = get_chain("bitcoin")
DATA = ("return", "commitment")
"""Locks that begin with OP_RETURN."""
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class PlantedCoins(Planted):
    """A story on a Bitcoin chain.

    ``rows`` are in the order of the chain; in a transaction inputs, outputs, the fee. ``balances`` are sums over coins.
    ``roles`` are the names of locks up to ``/``, each with the accounts that were used.
    ``named``   transactions by what they are in the story.
    ``blocks``  the chain that the story is told of, from height 1.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    blocks: tuple[Block, ...] = field(default=(), repr=False)

    @property
    def coins(self) -> Mapping[str, Coin]:
        """Every coin that was ever made, by its outpoint."""
        return {coin.outpoint: coin for block in self.blocks for tx in block.sent for coin in tx.made}

    def table(self) -> pa.Table:
        """The rows as a table of transfers, with every place known."""
        stamps = {block.height: (block.hash, block.time) for block in self.blocks}
        places = _places(self.rows)
        cells = [
            {
                **row._asdict(),
                "chain": BITCOIN.id,
                "block_hash": stamps[row.block][0],
                "time": stamps[row.block][1],
                "tx_index": tx_index,
                "seq": seq,
                "order": "known",
                "amount": to_bytes(row.amount),
            }
            for row, (tx_index, seq) in zip(self.rows, places, strict=True)
        ]
        return pa.Table.from_pylist(cells, schema=SCHEMA)


def told(
    chain: Regtest,
    thefts: Iterable[Tx] = (),
    *,
    victims: Iterable[str] = (),
    stops: Mapping[str, str] = _NOTHING,
    named: Mapping[str, Tx] = MappingProxyType({}),
) -> PlantedCoins:
    """The truth about a chain as it is now; what waits has not happened. ``stops``: categories by role."""
    blocks = tuple(chain.blocks)
    rows = tuple(row for block in blocks for tx in block.sent for row in rows_of_tx(tx, block.height))
    hashes = tuple(theft.txid for theft in thefts)
    first = min((row.block for row in rows if row.tx_hash in hashes), default=1)
    roles = _roles(blocks)
    return PlantedCoins(
        rows=rows,
        roles=roles,
        thefts=hashes,
        victims=tuple(victims),
        stops={account: category for role, category in stops.items() for account in roles[role]},
        first=first,
        last=chain.height,
        opening=_held(row for row in rows if row.block < first),
        balances=_held(rows),
        named={name: tx.txid for name, tx in named.items()},
        blocks=blocks,
    )


def rows_of_tx(tx: Tx, block: int) -> Iterator[Row]:
    """Rows of one transaction: ``input`` from whom to the transaction, ``output`` from it, or ``burn`` where nobody can
    ever spend it, ``fee`` to nobody; a coinbase has one ``reward`` from nobody instead of inputs and fee."""
    account, asset = f"tx:{tx.txid}", BITCOIN.native
    for coin in tx.spent:
        yield Row(tx.txid, block, "input", coin.lock.account, account, asset, coin.value, coin.outpoint)
    if not tx.spent:
        yield Row(tx.txid, block, "reward", None, account, asset, sum(coin.value for coin in tx.made))
    for coin in tx.made:
        kind, payee = ("burn", None) if coin.lock.kind in DATA else ("output", coin.lock.account)
        yield Row(tx.txid, block, kind, account, payee, asset, coin.value, coin.outpoint)
    if tx.spent:
        yield Row(tx.txid, block, "fee", account, None, asset, tx.fee)


def _places(rows: Collection[Row]) -> Iterator[tuple[int, int]]:
    """Each row's place: its transaction's in the block, and its own in the transaction."""
    block, tx, place, seq = 0, "", 0, 0
    for row in rows:
        place, seq = (place, seq + 1) if row.tx_hash == tx else (place + 1 if row.block == block else 0, 0)
        block, tx = row.block, row.tx_hash
        yield place, seq


def _roles(blocks: Iterable[Block]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for coin in (coin for block in blocks for tx in block.sent for coin in tx.made if coin.lock.name):
        found.setdefault(coin.lock.name.partition("/")[0], {})[coin.lock.account] = None
    return {role: tuple(accounts) for role, accounts in found.items()}


def _held(rows: Iterable[Row]) -> dict[Pot, int]:
    """What passes through a transaction leaves nothing there."""
    return {pot: amount for pot, amount in settled({}, rows).items() if amount}
