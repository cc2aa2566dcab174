"""Coins: what transactions spend and make, and transactions with real signatures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from chaintrace.testing.bitcoin.locks import Lock, push

if TYPE_CHECKING:
    from embit.ec import PrivateKey
    from embit.transaction import Transaction

FINAL = 0xFFFFFFFF
REPLACEABLE = 0xFFFFFFFD
"""The sequence by which wallets say that they may pay more: BIP-125."""

_ALL = 1
_NOTHING = b""


class Coin(NamedTuple):
    """An output: the transaction that made it, its place there, satoshi, and who can spend it."""

    txid: str
    n: int
    value: int
    lock: Lock

    @property
    def outpoint(self) -> str:
        return f"{self.txid}:{self.n}"


@dataclass(frozen=True)
class Tx:
    """A transaction as it was meant: the coins it spends, none in a coinbase, those it makes, and its bytes."""

    txid: str
    raw: bytes
    spent: tuple[Coin, ...]
    made: tuple[Coin, ...]

    @property
    def fee(self) -> int:
        """Satoshi; what a coinbase makes counts as nothing."""
        return sum(coin.value for coin in self.spent) - sum(coin.value for coin in self.made) if self.spent else 0

    def to(self, name: str) -> tuple[Coin, ...]:
        """The coins that it makes for somebody."""
        return tuple(coin for coin in self.made if coin.lock.name == name)


def sign(
    spent: Sequence[Coin], outputs: Sequence[tuple[Lock, int]], *, sequence: int = REPLACEABLE, locktime: int = 0
) -> Tx:
    """A transaction that spends these coins in this order; ``outputs``: to whom, and how many satoshi. What they
    leave is the fee. The same arguments give the same bytes. Nothing is checked: that is what the kernel is for."""
    from embit.transaction import Transaction, TransactionInput

    inputs = [TransactionInput(bytes.fromhex(coin.txid), coin.n, sequence=sequence) for coin in spent]
    unsigned = Transaction(2, inputs, outs(outputs), locktime)
    for place, coin in enumerate(spent):
        _unlock(unsigned, place, coin, spent)
    return made_of(unsigned, spent, outputs)


def outs(outputs: Sequence[tuple[Lock, int]]) -> list[object]:
    """Outputs as embit writes them."""
    from embit.script import Script
    from embit.transaction import TransactionOutput

    return [TransactionOutput(value, Script(lock.script)) for lock, value in outputs]


def made_of(transaction: Transaction, spent: Sequence[Coin], outputs: Sequence[tuple[Lock, int]]) -> Tx:
    txid = transaction.txid().hex()
    coins = tuple(Coin(txid, n, value, lock) for n, (lock, value) in enumerate(outputs))
    return Tx(txid, transaction.serialize(), tuple(spent), coins)


def _unlock(unsigned: Transaction, place: int, coin: Coin, spent: Sequence[Coin]) -> None:
    """Puts script and witness into an input. Rules: BIP-143 for segwit, BIP-341 for taproot, older ones before."""
    from embit.script import Script, Witness, p2pkh_from_p2wpkh

    lock, keys, which = coin.lock, coin.lock.keys, unsigned.vin[place]

    def older(script: bytes, key: PrivateKey) -> bytes:
        return _signature(key, unsigned.sighash_legacy(place, Script(script)))

    def newer(script: bytes, key: PrivateKey) -> bytes:
        return _signature(key, unsigned.sighash_segwit(place, Script(script), coin.value))

    script, witness = b"", []
    match lock.kind:
        case "p2pk":
            script = push(older(lock.script, keys[0]))
        case "p2pkh":
            script = push(older(lock.script, keys[0])) + push(keys[0].sec())
        case "multisig":
            script = push(_NOTHING) + push(older(lock.script, keys[1]))
        case "p2sh":
            script = push(_NOTHING) + b"".join(push(older(lock.inner, key)) for key in keys[:2]) + push(lock.inner)
        case "p2wsh":
            witness = [_NOTHING, *(newer(lock.inner, key) for key in keys[:2]), lock.inner]
        case "p2wpkh" | "p2sh-p2wpkh":
            script = push(lock.inner) if lock.inner else b""
            program = Script(lock.inner or lock.script)
            witness = [newer(p2pkh_from_p2wpkh(program).data, keys[0]), keys[0].sec()]
        case "p2tr":
            scripts, values = [Script(one.lock.script) for one in spent], [one.value for one in spent]
            digest = unsigned.sighash_taproot(place, scripts, values)
            witness = [keys[0].taproot_tweak().schnorr_sign(digest).serialize()]
    which.script_sig, which.witness = Script(script), Witness(witness)


def _signature(key: PrivateKey, digest: bytes) -> bytes:
    return bytes(key.sign(digest).serialize()) + bytes([_ALL])
