"""Things: the rows of an explorer's lists. Rule: Etherscan's API V2, modules account and logs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from chaintrace.fetch.etherscan_api import words
from chaintrace.fetch.rpc import words as plain
from chaintrace.fetch.rpc.moves import BORROWED, CREATES, ENDS, Path, Step
from chaintrace.fetch.rpc.things import GWEI, Log, Transaction
from chaintrace.fetch.rpc.words import address, data, hash32
from chaintrace.fetch.words import Bad, Fields, decimal, items, text


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


def sent(told: Any) -> Sent:
    one = Fields(told)
    value = one.need("txreceipt_status", text) if "txreceipt_status" in one.told else ""
    failed = one.need("isError", words.flag)
    if value and words.flag(value) is failed:
        raise Bad("isError and txreceipt_status disagree")
    price = one.need("gasPrice", decimal)
    return Sent(
        one=Transaction(
            hash=one.need("hash", hash32),
            index=one.need("transactionIndex", words.place),
            block=one.need("blockNumber", words.place),
            block_hash=one.need("blockHash", hash32),
            sender=one.need("from", address),
            receiver=one.maybe("to", words.party),
            value=one.need("value", decimal),
            gas=one.need("gas", decimal),
            gas_price=price,
        ),
        time=one.need("timeStamp", words.moment),
        failed=failed,
        gas_used=one.need("gasUsed", decimal),
        price=price,
        created=one.maybe("contractAddress", words.party),
    )


def inner(told: Any) -> Inner:
    one = Fields(told)
    kind = _kind(one)
    receiver = one.maybe("contractAddress" if kind == "create" else "to", words.party)
    amount, failed = one.need("value", decimal), one.need("isError", words.flag)
    if receiver is None and amount and not failed:
        raise Bad("a call that pays nobody")
    return Inner(
        block=one.need("blockNumber", words.place),
        time=one.need("timeStamp", words.moment),
        tx_hash=one.maybe("hash", hash32) or one.maybe("transactionHash", hash32),
        path=one.maybe("traceId", _maybe_path) or one.maybe("index", words.path),
        kind=kind,
        sender=one.need("from", address),
        receiver=receiver,
        amount=amount,
        failed=failed,
    )


def _kind(one: Fields) -> str:
    """As ``Step`` has it."""
    told = one.need("type", text).lower()
    how = (one.maybe("callType", text) or told).lower()
    if told in BORROWED or how in BORROWED:
        return "borrowed"
    if told not in ("call", *CREATES, *ENDS):
        raise Bad(f"{told[:40]!r} is no type of call")
    return "create" if told in CREATES else "end" if told in ENDS else "call"


def _maybe_path(value: object) -> Path | None:
    return None if value == "" else words.path(value)


def moved(told: Any) -> Moved:
    one = Fields(told)
    digits = one.maybe("tokenDecimal", text) or ""
    decimals = decimal(digits) if digits else None
    return Moved(
        block=one.need("blockNumber", words.place),
        block_hash=one.need("blockHash", hash32),
        time=one.need("timeStamp", words.moment),
        tx_hash=one.need("hash", hash32),
        contract=one.need("contractAddress", address),
        sender=one.need("from", address),
        receiver=one.need("to", address),
        amount=one.need("value", decimal),
        symbol=(one.maybe("tokenSymbol", text) or "").encode("utf-8", "replace").decode(),
        decimals=decimals if decimals is not None and decimals <= 255 else None,
    )


def withdrawn(told: Any) -> Withdrawn:
    one = Fields(told)
    return Withdrawn(
        block=one.need("blockNumber", words.place),
        time=one.need("timestamp", words.moment),
        index=one.need("withdrawalIndex", words.place),
        address=one.need("address", address),
        amount=one.need("amount", words.place) * GWEI,
    )


def log(told: Any) -> Log:
    one = Fields(told)
    return Log(
        tx_hash=one.need("transactionHash", hash32),
        tx_index=one.need("transactionIndex", words.hexadecimal),
        index=one.need("logIndex", words.hexadecimal),
        block=one.need("blockNumber", words.hexadecimal),
        block_hash=one.need("blockHash", hash32),
        time=one.need("timeStamp", plain.moment),
        address=one.need("address", address),
        topics=tuple(hash32(topic) for topic in one.need("topics", items)),
        data=one.need("data", data),
    )
