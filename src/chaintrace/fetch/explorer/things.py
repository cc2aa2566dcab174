"""Things: what the lists of explorers are about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from chaintrace.fetch.rpc.moves import BORROWED, CREATES, ENDS, Path, Step
from chaintrace.fetch.rpc.things import Transaction
from chaintrace.fetch.words import Bad


class Item(Protocol):
    """A row of a list."""

    @property
    def block(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction. ``price`` in wei, what a unit of gas did cost; ``created``: the contract that it made."""

    one: Transaction
    time: int
    failed: bool
    gas_used: int
    price: int
    created: str | None

    @property
    def block(self) -> int:
        return self.one.block


@dataclass(frozen=True, slots=True)
class Inner:
    """A call inside of a transaction. ``tx_hash`` None where it was asked for by that. ``path``: its place among the
    calls; None where the explorer does not tell it."""

    block: int
    time: int
    tx_hash: str | None
    path: Path | None
    kind: str
    sender: str
    receiver: str | None
    amount: int
    failed: bool

    @property
    def moves(self) -> bool:
        """Whether it moves something, if it lasts."""
        return self.amount > 0 and self.kind != "borrowed"

    @property
    def said(self) -> tuple[Any, ...]:
        """What two lists have to say alike about a call."""
        return self.block, self.time, self.kind, self.sender, self.receiver, self.amount, self.failed

    def step(self, place: Path) -> Step:
        return Step(place, self.kind, self.sender, self.receiver, self.amount, self.failed)


@dataclass(frozen=True, slots=True)
class Moved:
    """A transfer of a token; ``symbol`` and ``decimals`` as the explorer tells them."""

    block: int
    block_hash: str
    time: int
    tx_hash: str
    contract: str
    sender: str
    receiver: str
    amount: int
    symbol: str
    decimals: int | None

    @property
    def said(self) -> tuple[str, str, str, int]:
        return self.contract, self.sender, self.receiver, self.amount


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """A withdrawal of a validator. ``amount`` in wei."""

    block: int
    time: int
    index: int
    address: str
    amount: int


def kind_of(*words: str) -> str:
    """What a call is by what explorers call it, as ``Step`` has it."""
    first, *_ = told = [word.lower() for word in words]
    if BORROWED.intersection(told):
        return "borrowed"
    if first not in ("call", *CREATES, *ENDS):
        raise Bad(f"{first[:40]!r} is no type of call")
    return "create" if first in CREATES else "end" if first in ENDS else "call"
