"""Things: blocks, transactions, receipts and logs as a node tells them. Rule: execution-apis."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from chaintrace.fetch.rpc import words
from chaintrace.fetch.words import FOREVER, Bad, Fields, items


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Of a validator, EIP-4895. ``amount`` in wei."""

    index: int
    address: str
    amount: int


@dataclass(frozen=True, slots=True)
class Transaction:
    """``receiver`` is None where it creates a contract. ``gas`` is the most it may use; ``gas_price`` None where none
    is told."""

    hash: str
    index: int
    block: int
    block_hash: str
    sender: str
    receiver: str | None
    value: int
    gas: int
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

    def bare(self) -> Header:
        return replace(self, transactions=None)


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

    def agrees(self, other: Log) -> bool:
        """Whether both are one log; not every answer says its time."""
        same = self.time == other.time or self.time is None or other.time is None
        return same and self._timeless() == other._timeless()

    def _timeless(self) -> tuple[Any, ...]:
        place = self.tx_hash, self.tx_index, self.index, self.block, self.block_hash
        return *place, self.address, self.topics, self.data


@dataclass(frozen=True, slots=True)
class Receipt:
    """``receiver`` None where none is told. ``succeeded`` None before Byzantium, when receipts did not say. ``price``
    of a unit of gas in wei; ``extra`` what was paid beside it, for blobs (EIP-4844) or a rollup's parent chain."""

    tx_hash: str
    tx_index: int
    block: int
    block_hash: str
    sender: str
    receiver: str | None
    succeeded: bool | None
    gas_used: int
    price: int | None
    extra: int
    created: str | None
    logs: tuple[Log, ...]


GWEI = 10**9  # EIP-4895: withdrawals are told in Gwei


def header(told: Any) -> Header:
    block = Fields(told)
    withdrawals = block.maybe("withdrawals", items)
    number, digest = block.need("number", words.place), block.need("hash", words.hash32)
    if withdrawals is None and block.told.get("withdrawalsRoot") is not None:
        raise Bad("withdrawals are missing")
    transactions = _listed(block)
    for one in transactions or ():
        if (one.block, one.block_hash) != (number, digest):
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


def _listed(block: Fields) -> tuple[Transaction, ...] | None:
    """The transactions of a block; None where it has only their hashes."""
    told = block.maybe("transactions", items)
    if told is None or not all(isinstance(one, dict) for one in told):
        return None
    gas = block.maybe("gasUsed", words.quantity)
    if not told and gas:
        raise Bad("gas was used, and there are no transactions")
    return tuple(map(transaction, told))


def _withdrawal(told: Any) -> Withdrawal:
    one = Fields(told)
    amount = one.need("amount", words.place) * GWEI
    return Withdrawal(one.need("index", words.place), one.need("address", words.address), amount)


def transaction(told: Any) -> Transaction:
    one = Fields(told)
    return Transaction(
        hash=one.need("hash", words.hash32),
        index=one.need("transactionIndex", words.place),
        block=one.need("blockNumber", words.place),
        block_hash=one.need("blockHash", words.hash32),
        sender=one.need("from", words.address),
        receiver=one.maybe("to", words.address),
        value=one.need("value", words.quantity),
        gas=one.need("gas", words.quantity),
        gas_price=one.maybe("gasPrice", words.quantity),
    )


def receipt(told: Any) -> Receipt:
    one = Fields(told)
    blobs = one.maybe("blobGasUsed", words.quantity) or 0
    blob_price = one.maybe("blobGasPrice", words.quantity) or 0
    return Receipt(
        tx_hash=one.need("transactionHash", words.hash32),
        tx_index=one.need("transactionIndex", words.place),
        block=one.need("blockNumber", words.place),
        block_hash=one.need("blockHash", words.hash32),
        sender=one.need("from", words.address),
        receiver=one.maybe("to", words.address),
        succeeded=one.maybe("status", words.flag),
        gas_used=one.need("gasUsed", words.quantity),
        price=one.maybe("effectiveGasPrice", words.quantity),
        extra=blobs * blob_price + (one.maybe("l1Fee", words.quantity) or 0),
        created=one.maybe("contractAddress", words.address),
        logs=logs_in(told),
    )


def logs_in(told: Any) -> tuple[Log, ...]:
    """The logs of a receipt."""
    one = Fields(told)
    found = tuple(map(log_of, one.need("logs", items)))
    place = one.need("blockHash", words.hash32), one.need("transactionHash", words.hash32)
    if any((log.block_hash, log.tx_hash) != place for log in found):
        raise Bad("a log names another transaction than the one whose receipt it stands in")
    return found


_HEX = "[0-9a-fA-F]"
_HASH, _COUNT = f"0x{_HEX}{{64}}", f"0x{_HEX}{{1,15}}"
_LOG = re.compile(rf"(?:{_HASH}\n){{2}}(?:{_COUNT}\n){{4}}0x{_HEX}{{40}}\n0x(?:{_HEX}{{2}})*(?:\n{_HASH})*")


def log_of(told: Any) -> Log:
    return _plain_log(told) or _any_log(told)


def _plain_log(told: Any) -> Log | None:
    """A log that is written as nodes mostly do, looked at as one text: most of what is read are logs. None where it
    is not; it may be one all the same."""
    if type(told) is not dict or told.get("removed") or type(told.get("topics")) is not list:
        return None
    try:
        stamp = told.get("blockTimestamp")
        place = told["transactionIndex"], told["logIndex"], told["blockNumber"], "0x0" if stamp is None else stamp
        words_of = told["transactionHash"], told["blockHash"], *place, told["address"], told["data"], *told["topics"]
        text = "\n".join(words_of)
    except (KeyError, TypeError):
        return None
    read = text.lower().split("\n")
    if not _LOG.fullmatch(text) or len(read) != len(words_of):
        return None
    time = int(read[5], 16)
    if time >= FOREVER:
        return None
    return Log(
        tx_hash=read[0],
        tx_index=int(read[2], 16),
        index=int(read[3], 16),
        block=int(read[4], 16),
        block_hash=read[1],
        time=None if stamp is None else time,
        address=read[6],
        topics=tuple(read[8:]),
        data=read[7],
    )


def _any_log(told: Any) -> Log:
    one = Fields(told)
    if one.maybe("removed", words.flag):
        raise Bad("a log that a reorganisation has removed")
    return Log(
        tx_hash=one.need("transactionHash", words.hash32),
        tx_index=one.need("transactionIndex", words.place),
        index=one.need("logIndex", words.place),
        block=one.need("blockNumber", words.place),
        block_hash=one.need("blockHash", words.hash32),
        time=one.maybe("blockTimestamp", words.moment),
        address=one.need("address", words.address),
        topics=tuple(words.hash32(topic) for topic in one.need("topics", items)),
        data=one.need("data", words.data),
    )
