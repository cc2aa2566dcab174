"""Things: the rows of an explorer's lists. Rule: Etherscan's API V2, modules account and logs."""

from __future__ import annotations

from typing import Any

from chaintrace.fetch.etherscan_api import words
from chaintrace.fetch.explorer.things import Inner, Moved, Sent, Withdrawn, kind_of
from chaintrace.fetch.rpc import words as plain
from chaintrace.fetch.rpc.moves import Path
from chaintrace.fetch.rpc.things import GWEI, Log, Transaction
from chaintrace.fetch.rpc.words import address, data, hash32
from chaintrace.fetch.words import Bad, Fields, decimal, items, text


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
    told = one.need("type", text)
    return kind_of(told, one.maybe("callType", text) or told)


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
