"""Rows of several chains in a few words, and logs as bridges write them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import pyarrow as pa
from eth_abi.abi import encode

from chaintrace.heuristics.bridge_events import IN, OUT
from chaintrace.model.amount import to_bytes
from chaintrace.model.asset import native
from chaintrace.model.log import Call, Log
from chaintrace.model.transfer import SCHEMA
from tests.heuristics.ledger import START, address

ETHEREUM, OPTIMISM, ARBITRUM, AVALANCHE = "eip155:1", "eip155:10", "eip155:42161", "eip155:43114"
FEE_SEQ = 2**62


def name_of(tx: str) -> str:
    return "0x" + sha256(tx.encode()).hexdigest()


def token(chain: str, name: str) -> str:
    return f"{chain}/erc20:{address(name)}"


@dataclass(frozen=True)
class Move:
    """``at``: seconds after the start. ``asset``: empty for the chain's coin, else the name of a token. ``sent_by``
    adds a fee row, so that the rows say who sent the transaction."""

    chain: str
    tx: str
    sender: str | None
    receiver: str | None
    amount: int
    at: int
    asset: str = ""
    kind: str = ""
    seq: int = 1
    sent_by: str = ""

    def rows(self, number: int) -> list[dict[str, Any]]:
        place = {
            "chain": self.chain, "block": 1_000 + self.at // 2, "time": START + self.at, "tx_hash": name_of(self.tx),
            "tx_index": 0, "order": "known",
        }  # fmt: skip
        row = place | {
            "seq": self.seq,
            "kind": self.kind or ("token" if self.asset else "internal"),
            "sender": self.sender and address(self.sender),
            "receiver": self.receiver and address(self.receiver),
            "asset": token(self.chain, self.asset) if self.asset else native(self.chain),
            "amount": to_bytes(self.amount),
        }
        fee = {"seq": FEE_SEQ, "kind": "fee", "sender": address(self.sent_by), "receiver": None}
        paid = place | fee | {"asset": native(self.chain), "amount": to_bytes(0)}
        return [row, paid] if self.sent_by else [row]


def table(moves: Iterable[Move]) -> pa.Table:
    rows = [row for number, move in enumerate(moves) for row in move.rows(number)]
    made = [
        pa.array([row.get(one.name) for row in rows], pa.int64() if one.name == "time" else one.type).cast(one.type)
        for one in SCHEMA
    ]
    return pa.table(made, schema=SCHEMA)


def log(event: str, chain: str, tx: str, index: int = 0, **fields: Any) -> Log:
    """A log of an event of a bridge; parameters that are not given are zero."""
    one = next(one for one in (*IN, *OUT) if one.declared.startswith(f"{event}("))
    told = {name: fields.get(name, nothing(kind)) for name, kind, _ in one.parameters}
    assert fields.keys() <= told.keys()
    topics = [one.topic]
    topics += ["0x" + encode([kind], [told[name]]).hex() for name, kind, indexed in one.parameters if indexed]
    inside = [(kind, told[name]) for name, kind, indexed in one.parameters if not indexed]
    data = encode([kind for kind, _ in inside], [value for _, value in inside])
    return Log(chain, 1_000, None, name_of(tx), index, address("some bridge"), tuple(topics), data)


def call(chain: str, tx: str, sender: str, receiver: str, text: str) -> Call:
    return Call(chain, 1_000, None, name_of(tx), address(sender), address(receiver), text.encode())


def nothing(kind: str) -> Any:
    if kind.startswith("("):
        return tuple(nothing(each) for each in kind[1:-1].split(","))
    if kind == "address":
        return "0x" + "00" * 20
    return {"bytes": b"", "string": "", "bytes32": bytes(32)}.get(kind, 0)


def wide(account: str) -> bytes:
    """An address in 32 bytes."""
    return bytes(12) + bytes.fromhex(address(account)[2:])
