"""Blocks: transactions put together with a coinbase, a commitment to witnesses and a proof of work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from chaintrace.testing.bitcoin.coins import FINAL, Tx, made_of, outs
from chaintrace.testing.bitcoin.locks import Lock, push

SUBSIDY = 50 * 10**8
HALVING = 150
"""Regtest halves the subsidy this often; the main network after 210,000 blocks."""
_BITS = 0x207FFFFF
_VERSION = 0x20000000
_NONCE = bytes(32)
_COMMITMENT = bytes.fromhex("6a24aa21a9ed")


@dataclass(frozen=True)
class Block:
    """A block as it was meant: its transactions with the coinbase first, ``time`` in seconds, and its bytes."""

    height: int
    hash: str
    time: int
    raw: bytes
    sent: tuple[Tx, ...]


def subsidy(height: int) -> int:
    """What a block of this height may make from nothing, in satoshi."""
    return SUBSIDY >> height // HALVING


def assemble(previous: str, height: int, time: int, sent: Sequence[Tx], to: Lock, reward: int, extra: bytes) -> Block:
    """A block upon ``previous`` whose coinbase pays ``reward`` satoshi to a lock. ``extra`` makes it unlike others.

    Rules: BIP-34, the height stands in the coinbase; BIP-141, a commitment where transactions have witnesses.
    """
    leaves = [_NONCE, *(_digest(tx.raw) for tx in sent)]
    outputs = [(to, reward)]
    if any(tx.raw[4] == 0 for tx in sent):
        outputs.append((Lock("commitment", "", _COMMITMENT + _digest(_root(leaves) + _NONCE)), 0))
    coinbase = _coinbase(height, outputs, extra)
    everything = (coinbase, *sent)
    root = _root([bytes.fromhex(tx.txid)[::-1] for tx in everything])
    header = _proven(_VERSION.to_bytes(4, "little") + bytes.fromhex(previous)[::-1] + root + time.to_bytes(4, "little"))
    raw = header + _count(len(everything)) + b"".join(tx.raw for tx in everything)
    return Block(height, _digest(header)[::-1].hex(), time, raw, everything)


def _coinbase(height: int, outputs: Sequence[tuple[Lock, int]], extra: bytes) -> Tx:
    from embit.script import Script, Witness
    from embit.transaction import Transaction, TransactionInput

    script = (bytes([0x50 + height]) if height <= 16 else push(_number(height))) + push(extra)
    source = TransactionInput(bytes(32), FINAL, Script(script), FINAL)
    if len(outputs) > 1:
        source.witness = Witness([_NONCE])
    return made_of(Transaction(2, [source], outs(outputs), 0), (), outputs)


def _proven(start: bytes) -> bytes:
    """A header whose hash, read from its end, is below half of all there are: what regtest's bits ask for."""
    nonce = 0
    while True:
        header = start + _BITS.to_bytes(4, "little") + nonce.to_bytes(4, "little")
        if _digest(header)[-1] < 0x7F:
            return header
        nonce += 1


def _root(leaves: Sequence[bytes]) -> bytes:
    """Of Bitcoin's tree: an odd one out is paired with itself."""
    level = list(leaves)
    while len(level) > 1:
        level += level[-1:] * (len(level) % 2)
        level = [_digest(level[n] + level[n + 1]) for n in range(0, len(level), 2)]
    return level[0]


def _number(value: int) -> bytes:
    """As scripts write numbers: little-endian, the highest bit is the sign."""
    return value.to_bytes(value.bit_length() // 8 + 1, "little")


def _count(value: int) -> bytes:
    return bytes([value]) if value < 0xFD else b"\xfd" + value.to_bytes(2, "little")


def _digest(data: bytes) -> bytes:
    return sha256(sha256(data).digest()).digest()
