"""Moves of account chains in a few words, as rows of the one table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

import pyarrow as pa

from chaintrace.heuristics.findings import Findings, findings
from chaintrace.labels.label import Label
from chaintrace.labels.pools import tornado_pools
from chaintrace.model.amount import to_bytes
from chaintrace.model.chain import get_chain
from chaintrace.model.transfer import SCHEMA, Transfers
from chaintrace.model.wrapped import wrapper

ETHEREUM = get_chain("ethereum")
ETHER = 10**18
MINUTE, HOUR, DAY = 60, 3_600, 86_400
START, BLOCK, SECONDS = 1_650_000_000, 14_500_000, 12
CONTRACTS = (tornado_pools()[0].address, tornado_pools()[0].router, wrapper(ETHEREUM.id)[0])
"""A pool, a router and a wrapped coin, which are known without a label."""


def address(name: str) -> str:
    """The account of somebody; an address stands for itself."""
    return name if name.startswith("0x") else "0x" + sha256(name.encode()).hexdigest()[:40]


def token(name: str) -> str:
    """The token of some contract."""
    return f"{ETHEREUM.id}/erc20:{address(name)}"


@dataclass(frozen=True)
class Pay:
    """``at``: seconds after the start, in whole blocks. ``asset``: empty for ether, else the name of a token.
    ``tx``: rows of one name are of one transaction."""

    sender: str | None
    receiver: str | None
    amount: int
    at: int = 0
    asset: str = ""
    kind: str = ""
    tx: str = ""
    seq: int = 0
    block: bool = True
    time: bool = True
    order: str = "known"

    def row(self, number: int) -> dict[str, object]:
        kind = self.kind or ("token" if self.asset else "native")
        return {
            "chain": ETHEREUM.id,
            "block": BLOCK + self.at // SECONDS if self.block else None,
            "time": START + self.at if self.time else None,
            "tx_hash": "0x" + sha256((self.tx or f"transaction {number}").encode()).hexdigest(),
            "tx_index": number,
            "seq": self.seq,
            "order": self.order,
            "kind": kind,
            "sender": self.sender and address(self.sender),
            "receiver": self.receiver and address(self.receiver),
            "asset": token(self.asset) if self.asset else ETHEREUM.native,
            "amount": to_bytes(self.amount),
        }


def table(pays: Iterable[Pay], order: Iterable[int] | None = None) -> pa.Table:
    """Rows of payments, each at the place it has among them; ``order``: in which order they are read."""
    rows = [pay.row(number) for number, pay in enumerate(pays)]
    rows = rows if order is None else [rows[n] for n in order]
    made = [
        pa.array([row.get(one.name) for row in rows], pa.int64() if one.name == "time" else one.type).cast(one.type)
        for one in SCHEMA
    ]
    return pa.table(made, schema=SCHEMA)


def ask(pays: Iterable[Pay], **options: object) -> Findings:
    return findings(Transfers(table(pays)), **options)  # type: ignore[arg-type]


def label(name: str, category: str = "exchange", **more: str) -> Label:
    return Label(address(name), category, **more)


def crowd(hub: str, many: int, at: int = 0) -> list[Pay]:
    """``hub`` pays so many accounts that nobody else pays, all at once and each another amount."""
    return [Pay(hub, f"{hub}'s {n}", 31_415_926 + 7_919 * n * n, at, "crowd") for n in range(many)]
