"""Things: blocks, transactions, receipts and logs as a node tells them. Rule: execution-apis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chaintrace.fetch.rpc import words
from chaintrace.fetch.rpc.words import Bad, Fields


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Of a validator, EIP-4895. ``amount`` in wei."""

    index: int
    address: str
    amount: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """``receiver`` is None where it creates a contract. ``gas_price`` None where none is told."""

    hash: str
    index: int
    block_hash: str
    sender: str
    receiver: str | None
    value: int
    gas_price: int | None


@dataclass(frozen=True, slots=True)
class Header:
    """A block. ``transactions`` where they were asked for; ``withdrawals`` None before Shanghai; ``mined``: by work,
    which issues coins that no transaction shows; ``since_cancun``: whether EIP-6780 is in force."""

    number: int
    hash: str
    parent: str
    time: int
    miner: str
    base_fee: int | None
    withdrawals: tuple[Withdrawal, ...] | None
    mined: bool
    since_cancun: bool
    transactions: tuple[Transaction, ...] | None


@dataclass(frozen=True, slots=True)
class Log:
    tx_hash: str
    tx_index: int
    index: int
    block: int
    block_hash: str
    time: int | None
    address: str
    topics: tuple[str, ...]
    data: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """``succeeded`` None before Byzantium, when receipts did not say. ``price`` of a unit of gas in wei; ``extra`` what
    was paid beside it, for blobs (EIP-4844) or a rollup's parent chain."""

    tx_hash: str
    tx_index: int
    block: int
    block_hash: str
    sender: str
    succeeded: bool | None
    gas_used: int
    price: int | None
    extra: int
    created: str | None
    logs: tuple[Log, ...]


GWEI = 10**9  # EIP-4895: withdrawals are told in Gwei


def header(told: Any) -> Header:
    block = Fields(told)
    withdrawals = block.maybe("withdrawals", words.items)
    number, digest = block.need("number", words.place), block.need("hash", words.hash32)
    listed = block.maybe("transactions", words.items) or []
    whole = all(isinstance(one, dict) for one in listed)
    transactions = tuple(map(transaction, listed)) if whole else None
    for one in transactions or ():
        if one.block_hash != digest:
            raise Bad("a transaction names another block than the one it stands in")
    return Header(
        number=number,
        hash=digest,
        parent=block.need("parentHash", words.hash32),
        time=block.need("timestamp", words.moment),
        miner=block.maybe("miner", words.address) or block.need("author", words.address),
        base_fee=block.maybe("baseFeePerGas", words.quantity),
        withdrawals=None if withdrawals is None else tuple(map(_withdrawal, withdrawals)),
        mined=bool(block.maybe("difficulty", words.quantity)),
        since_cancun=block.maybe("blobGasUsed", words.quantity) is not None,
        transactions=transactions,
    )


def _withdrawal(told: Any) -> Withdrawal:
    one = Fields(told)
    amount = one.need("amount", words.place) * GWEI
    return Withdrawal(one.need("index", words.place), one.need("address", words.address), amount)


def transaction(told: Any) -> Transaction:
    one = Fields(told)
    return Transaction(
        hash=one.need("hash", words.hash32),
        index=one.need("transactionIndex", words.place),
        block_hash=one.need("blockHash", words.hash32),
        sender=one.need("from", words.address),
        receiver=one.maybe("to", words.address),
        value=one.need("value", words.quantity),
        gas_price=one.maybe("gasPrice", words.quantity),
    )


def receipt(told: Any) -> Receipt:
    one = Fields(told)
    blobs = one.maybe("blobGasUsed", words.quantity) or 0
    blob_price = one.maybe("blobGasPrice", words.quantity) or 0
    found = tuple(log for log in map(log_of, one.need("logs", words.items)) if log is not None)
    block_hash, tx_hash = one.need("blockHash", words.hash32), one.need("transactionHash", words.hash32)
    if any((log.block_hash, log.tx_hash) != (block_hash, tx_hash) for log in found):
        raise Bad("a log names another transaction than the one whose receipt it stands in")
    return Receipt(
        tx_hash=tx_hash,
        tx_index=one.need("transactionIndex", words.place),
        block=one.need("blockNumber", words.place),
        block_hash=block_hash,
        sender=one.need("from", words.address),
        succeeded=one.maybe("status", words.flag),
        gas_used=one.need("gasUsed", words.quantity),
        price=one.maybe("effectiveGasPrice", words.quantity),
        extra=blobs * blob_price + (one.maybe("l1Fee", words.quantity) or 0),
        created=one.maybe("contractAddress", words.address),
        logs=found,
    )


def log_of(told: Any) -> Log | None:
    """A log; None where the node says that a reorg has removed it."""
    one = Fields(told)
    if one.maybe("removed", words.flag):
        return None
    return Log(
        tx_hash=one.need("transactionHash", words.hash32),
        tx_index=one.need("transactionIndex", words.place),
        index=one.need("logIndex", words.place),
        block=one.need("blockNumber", words.place),
        block_hash=one.need("blockHash", words.hash32),
        time=one.maybe("blockTimestamp", words.moment),
        address=one.need("address", words.address),
        topics=tuple(words.hash32(topic) for topic in one.need("topics", words.items)),
        data=one.need("data", words.data),
    )
