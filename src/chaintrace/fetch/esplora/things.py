"""Things: transactions, blocks and sums as Esplora tells them.

A transaction's id is the hash of what it spends and pays, and a block's that of its header, so both are computed and
have to be what is told. What a spent coin held is not in that hash: see ``proof``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import pack
from typing import Any

from chaintrace.fetch.esplora import words
from chaintrace.fetch.words import Bad, Fields, items, text
from chaintrace.model.script import address_of

NOWHERE = f"{'0' * 64}:{0xFFFFFFFF}"
"""What a coinbase spends."""


@dataclass(frozen=True, slots=True)
class Coin:
    """What an output holds: its locking script and satoshi."""

    script: bytes
    amount: int


@dataclass(frozen=True, slots=True)
class Input:
    """``outpoint``: the coin that is spent, ``txid:n``. ``coin`` None: a coinbase."""

    outpoint: str
    coin: Coin | None


@dataclass(frozen=True, slots=True)
class Standing:
    """The block that a transaction is in."""

    block: int
    block_hash: str
    time: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """``fee`` as told, in satoshi; None where it is not. ``standing`` None: in no block yet."""

    txid: str
    inputs: tuple[Input, ...]
    outputs: tuple[Coin, ...]
    fee: int | None
    standing: Standing | None

    @property
    def block(self) -> int:
        """The number of its block; -1 where it is in none."""
        return -1 if self.standing is None else self.standing.block

    @property
    def mints(self) -> bool:
        """Whether it is a coinbase."""
        return self.inputs[0].coin is None

    @property
    def spent(self) -> Iterable[tuple[str, Coin]]:
        """Coins that it spends, by outpoint."""
        return ((one.outpoint, one.coin) for one in self.inputs if one.coin is not None)

    @property
    def made(self) -> Iterable[tuple[str, Coin]]:
        """Coins that it makes, by outpoint."""
        return ((f"{self.txid}:{n}", coin) for n, coin in enumerate(self.outputs))

    @property
    def paid(self) -> int:
        """What is left for the fee; negative where it pays more than it spends, as a coinbase does."""
        return sum(coin.amount for _, coin in self.spent) - sum(coin.amount for coin in self.outputs)


@dataclass(frozen=True, slots=True)
class Header:
    """A block. ``median``: of the times of the last eleven blocks (BIP-113); None where it is not told. ``root``: over
    the ids of its transactions. ``parent`` of the first block is 64 zeros."""

    hash: str
    number: int
    time: int
    median: int | None
    parent: str
    root: str


@dataclass(frozen=True, slots=True)
class Sums:
    """How many transactions touch an account; how many coins it got and spent, and their sums in satoshi."""

    count: int
    funded: int
    funded_sum: int
    spent: int
    spent_sum: int


@dataclass(frozen=True, slots=True)
class Stats:
    """Of an account: in blocks, and not yet in one."""

    confirmed: Sums
    waiting: Sums


def transaction(told: Any, chain: str) -> Transaction:
    """A transaction of ``chain`` (CAIP-2). Bad where it is none, or its id is not the hash of what it says."""
    one = Fields(told)
    spends, pays = one.need("vin", items), one.need("vout", items)
    if not spends or not pays:
        raise Bad("a transaction that spends or pays nothing")
    outputs = tuple(_coin(each, chain) for each in pays)
    raw = [_spend(each) for each in spends]
    txid = _txid(one.need("version", words.version), raw, outputs, one.need("locktime", words.word))
    if (one.maybe("txid", words.hash32) or txid) != txid:
        raise Bad(f"its id is not the hash of what it says, {txid}")
    inputs = tuple(_input(each, chain) for each in spends)
    if len(inputs) > 1 and any(each.coin is None for each in inputs):
        raise Bad("a coinbase that spends coins")
    standing = one.maybe("status", _standing)
    return Transaction(txid, inputs, outputs, one.maybe("fee", words.satoshi), standing)


def _standing(told: object) -> Standing | None:
    one = Fields(told)
    if not one.need("confirmed", words.flag):
        return None
    return Standing(
        one.need("block_height", words.place),
        one.need("block_hash", words.hash32),
        one.need("block_time", words.moment),
    )


def _input(told: Any, chain: str) -> Input:
    one = Fields(told)
    outpoint = f"{one.need('txid', words.hash32)}:{one.need('vout', words.word)}"
    mints = outpoint == NOWHERE
    if one.maybe("is_coinbase", words.flag) not in (None, mints):
        raise Bad("an input that is a coinbase and is none")
    return Input(outpoint, None if mints else one.need("prevout", lambda coin: _coin(coin, chain)))


def _coin(told: object, chain: str) -> Coin:
    """The address is what the script says; a server that says another is of another network, or wrong."""
    one = Fields(told)
    script = one.need("scriptpubkey", words.script)
    named, address = one.maybe("scriptpubkey_address", text), address_of(script, chain)
    if address is not None and named not in (None, address):
        raise Bad(f"an output to {address} that is said to be to {str(named)[:90]!r}")
    return Coin(script, one.need("value", words.satoshi))


def header(told: Any) -> Header:
    """A block. Bad where its id is not the hash of its header."""
    one = Fields(told)
    parent = one.maybe("previousblockhash", words.hash32) or "0" * 64
    root, time = one.need("merkle_root", words.hash32), one.need("timestamp", words.moment)
    bits, nonce = one.need("bits", words.word), one.need("nonce", words.word)
    if time >= 2**32:
        raise Bad("a time that no header holds")
    data = pack("<I", one.need("version", words.version)) + _bytes(parent) + _bytes(root)
    digest = hashed(data + pack("<III", time, bits, nonce))
    if one.need("id", words.hash32) != digest:
        raise Bad(f"its id is not the hash of its header, {digest}")
    return Header(digest, one.need("height", words.place), time, one.maybe("mediantime", words.moment), parent, root)


def stats(told: Any) -> Stats:
    one = Fields(told)
    return Stats(one.need("chain_stats", _sums), one.need("mempool_stats", _sums))


def _sums(told: object) -> Sums:
    one = Fields(told)
    names = "tx_count", "funded_txo_count", "funded_txo_sum", "spent_txo_count", "spent_txo_sum"
    return Sums(*(one.need(name, words.place) for name in names))


# ---- hashes ------------------------------------------------------------------------------------------------------


def hashed(data: bytes) -> str:
    """SHA-256 twice, as Bitcoin writes it: the last byte first."""
    return _twice(data)[::-1].hex()


def _twice(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()


def root_of(txids: Sequence[str]) -> str:
    """The Merkle root over the ids of a block's transactions; an odd one out is paired with itself."""
    level = list(map(_bytes, txids))
    while len(level) > 1:
        level += level[-1:] * (len(level) % 2)
        level = [_twice(one + other) for one, other in zip(level[::2], level[1::2], strict=True)]
    return level[0][::-1].hex()


def _spend(told: Any) -> bytes:
    one = Fields(told)
    script = one.maybe("scriptsig", words.script) or b""
    where = _bytes(one.need("txid", words.hash32)) + pack("<I", one.need("vout", words.word))
    return where + _sized(script) + pack("<I", one.need("sequence", words.word))


def _txid(version: int, inputs: Sequence[bytes], outputs: Sequence[Coin], locktime: int) -> str:
    """BIP-141: witnesses are left out."""
    pays = [pack("<Q", one.amount) + _sized(one.script) for one in outputs]
    parts = pack("<I", version), _count(len(inputs)), *inputs, _count(len(pays)), *pays, pack("<I", locktime)
    return hashed(b"".join(parts))


def _sized(data: bytes) -> bytes:
    return _count(len(data)) + data


def _count(number: int) -> bytes:
    """CompactSize."""
    if number < 0xFD:
        return pack("<B", number)
    return pack("<BH", 0xFD, number) if number <= 0xFFFF else pack("<BI", 0xFE, number)


def _bytes(digest: str) -> bytes:
    return bytes.fromhex(digest)[::-1]
