"""Esplored: a local Bitcoin chain read from its bytes into what an Esplora server tells, without the fetchers' code."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.outputs import address_of, asm, kind_of

if TYPE_CHECKING:
    from embit.transaction import Transaction, TransactionInput, TransactionOutput

Item = dict[str, Any]

MAIN_GENESIS = bytes.fromhex(
    "01000000"
    + "00" * 32
    + "3ba3edfd7a7b12b27ac72c3e67768f617fc81bc3888a51323a9fb8aa4b1e5e4a"
    + "29ab5f49ffff001d1dac2b7c"
)
"""The header of the main network's block 0; its only transaction is regtest's too."""
_HEADER = 80
_MEDIAN = 11


@dataclass(eq=False)
class Seen:
    """A transaction: its bytes, what they say, and where it stands; ``block`` None: it waits."""

    raw: bytes
    said: Transaction
    block: SeenBlock | None = None
    place: int = 0

    @cached_property
    def txid(self) -> str:
        return str(self.said.txid().hex())

    @property
    def is_coinbase(self) -> bool:
        return not any(self.said.vin[0].txid)

    @cached_property
    def weight(self) -> int:
        """Rule: BIP-141, what is not witness counts four times."""
        witness = sum(len(one.witness.serialize()) for one in self.said.vin) + 2 if self.said.is_segwit else 0
        return 4 * len(self.raw) - 3 * witness


@dataclass(eq=False)
class SeenBlock:
    height: int
    hash: str
    raw: bytes
    sent: list[Seen] = field(default_factory=list)

    @property
    def header(self) -> bytes:
        return self.raw[:_HEADER]

    def number(self, first: int) -> int:
        """Four bytes of the header."""
        return int.from_bytes(self.raw[first : first + 4], "little")

    @property
    def time(self) -> int:
        return self.number(68)


class Esplored:
    """The chain as it was when ``look`` was last called, and what waits.

    ``main``: the main network's first block stands in the place of regtest's, and addresses are the main network's.
    """

    def __init__(self, chain: Regtest, main: bool = True) -> None:
        self.chain, self.main = chain, main
        self.blocks: list[SeenBlock] = []
        self.waiting: list[Seen] = []
        self.sent: dict[str, Seen] = {}
        self.spent: dict[str, tuple[Seen, int]] = {}
        self.by_script: dict[str, list[Seen]] = {}
        self.scripts: dict[str, bytes] = {}
        self._read: dict[str, SeenBlock] = {}
        self._last: Any = None

    def look(self) -> None:
        """Reads what is new, in the kernel's own words."""
        now = self.chain.kernel.tip, [tx.raw for tx in self.chain.waiting.values()]
        if now == self._last:
            return
        self.blocks = [self._block(height, one) for height, one in enumerate(self.chain.kernel.hashes)]
        self.waiting = [_parsed(raw) for raw in now[1]]
        everything = [*(tx for block in self.blocks for tx in block.sent), *self.waiting]
        self.sent = {tx.txid: tx for tx in everything}
        self.spent = {
            f"{one.txid.hex()}:{one.vout}": (tx, n)
            for tx in everything
            if not tx.is_coinbase
            for n, one in enumerate(tx.said.vin)
        }
        self._index(everything)
        self._last = now

    def _block(self, height: int, name: str) -> SeenBlock:
        if name not in self._read:
            raw = self.chain.kernel.raw(name)
            shown = name
            if not height and self.main:
                raw = MAIN_GENESIS + raw[_HEADER:]
                shown = sha256(sha256(MAIN_GENESIS).digest()).digest()[::-1].hex()
            block = SeenBlock(height, shown, raw)
            stream = BytesIO(raw[_HEADER:])
            for place in range(_count(stream)):
                block.sent.append(_next(stream, block, place))
            self._read[name] = block
        return self._read[name]

    def _index(self, everything: list[Seen]) -> None:
        found: dict[str, list[Seen]] = defaultdict(list)
        for tx in everything:
            scripts = [self.source(one).script_pubkey.data for one in tx.said.vin if not tx.is_coinbase]
            scripts += [out.script_pubkey.data for out in tx.said.vout]
            for script in dict.fromkeys(scripts):
                if script[:1] == b"\x6a":  # an Esplora server keeps no history of what can never be spent
                    continue
                name = sha256(script).hexdigest()
                self.scripts[name] = script
                found[name].append(tx)
        self.by_script = dict(found)

    def source(self, one: TransactionInput) -> TransactionOutput:
        """The output that an input spends."""
        return self.sent[one.txid.hex()].said.vout[one.vout]

    # ---- what is told ----

    def block(self, block: SeenBlock) -> Item:
        below = self.blocks[max(block.height - _MEDIAN + 1, 0) : block.height + 1]
        weight = 4 * (_HEADER + len(_written(len(block.sent)))) + sum(tx.weight for tx in block.sent)
        bits = block.number(72)
        return {
            "id": block.hash,
            "height": block.height,
            "version": block.number(0),
            "timestamp": block.time,
            "tx_count": len(block.sent),
            "size": len(block.raw),
            "weight": weight,
            "merkle_root": block.raw[36:68][::-1].hex(),
            "previousblockhash": self.blocks[block.height - 1].hash if block.height else None,
            "mediantime": sorted(one.time for one in below)[len(below) // 2],
            "nonce": block.number(76),
            "bits": bits,
            "difficulty": _difficulty(bits),
        }

    def status(self, tx: Seen) -> Item:
        if tx.block is None:
            return {"confirmed": False}
        return {
            "confirmed": True,
            "block_height": tx.block.height,
            "block_hash": tx.block.hash,
            "block_time": tx.block.time,
        }

    def transaction(self, tx: Seen) -> Item:
        made = sum(out.value for out in tx.said.vout)
        return {
            "txid": tx.txid,
            "version": tx.said.version,
            "locktime": tx.said.locktime,
            "vin": [self._input(tx, one) for one in tx.said.vin],
            "vout": [self._output(out) for out in tx.said.vout],
            "size": len(tx.raw),
            "weight": tx.weight,
            "fee": 0 if tx.is_coinbase else sum(self.source(one).value for one in tx.said.vin) - made,
            "status": self.status(tx),
        }

    def _input(self, tx: Seen, one: TransactionInput) -> Item:
        told: Item = {
            "txid": one.txid.hex(),
            "vout": one.vout,
            "prevout": None if tx.is_coinbase else self._output(self.source(one)),
            "scriptsig": one.script_sig.data.hex(),
            "scriptsig_asm": asm(one.script_sig.data),
        }
        if one.witness.items:
            told["witness"] = [item.hex() for item in one.witness.items]
        return told | {"is_coinbase": tx.is_coinbase, "sequence": one.sequence}

    def _output(self, out: TransactionOutput) -> Item:
        script = out.script_pubkey.data
        told: Item = {
            "scriptpubkey": script.hex(),
            "scriptpubkey_asm": asm(script),
            "scriptpubkey_type": kind_of(script),
        }
        address = address_of(script, self.main)
        if address is not None:
            told["scriptpubkey_address"] = address
        return told | {"value": out.value}

    def outspend(self, tx: Seen, n: int) -> Item:
        if (spender := self.spent.get(f"{tx.txid}:{n}")) is None:
            return {"spent": False}
        return {"spent": True, "txid": spender[0].txid, "vin": spender[1], "status": self.status(spender[0])}

    def stats(self, script: bytes, history: list[Seen]) -> Item:
        """Counts and sums of one script over some of its transactions."""
        made = [out.value for tx in history for out in tx.said.vout if out.script_pubkey.data == script]
        sources = [self.source(one) for tx in history if not tx.is_coinbase for one in tx.said.vin]
        gone = [out.value for out in sources if out.script_pubkey.data == script]
        return {
            "funded_txo_count": len(made),
            "funded_txo_sum": sum(made),
            "spent_txo_count": len(gone),
            "spent_txo_sum": sum(gone),
            "tx_count": len(history),
        }

    def unspent(self, script: bytes, history: list[Seen]) -> list[Item]:
        return [
            {"txid": tx.txid, "vout": n, "status": self.status(tx), "value": out.value}
            for tx in history
            for n, out in enumerate(tx.said.vout)
            if out.script_pubkey.data == script and f"{tx.txid}:{n}" not in self.spent
        ]


def _parsed(raw: bytes) -> Seen:
    return _next(BytesIO(raw), None, 0)


def _next(stream: BytesIO, block: SeenBlock | None, place: int) -> Seen:
    from embit.transaction import Transaction

    start = stream.tell()
    said = Transaction.read_from(stream)
    return Seen(stream.getvalue()[start : stream.tell()], said, block, place)


def _count(stream: BytesIO) -> int:
    from embit import compact

    return int(compact.read_from(stream))


def _written(count: int) -> bytes:
    from embit import compact

    return bytes(compact.to_bytes(count))


def _difficulty(bits: int) -> float:
    """How many times harder than the easiest of the main network."""
    easiest = 0xFFFF << 8 * (0x1D - 3)
    return easiest / ((bits & 0xFFFFFF) << 8 * ((bits >> 24) - 3))
