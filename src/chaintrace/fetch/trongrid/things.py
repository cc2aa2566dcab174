"""Things: blocks, transactions and what they did, as java-tron tells them, and rows of TronGrid's lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chaintrace.fetch.reply import clean
from chaintrace.fetch.rpc.things import Log
from chaintrace.fetch.trongrid import words
from chaintrace.fetch.trongrid.contracts import Contract, contract
from chaintrace.fetch.words import Bad, Fields, decimal, items, natural, text

SUCCESS = "SUCCESS"
CALLS = {"call": "call", "create": "create", "suicide": "end"}
"""Notes of inner calls, and what they are called where the calls of a node are read."""
PAYS = "withdrawReward"
_STAKES = ("freeze", "unfreeze", "withdrawexpire", "cancelall", "delegate", "undelegate", "vote")
"""How the notes of inner calls begin that stake, lend, take back and vote: they move nothing."""
TOKEN = "Transfer"


@dataclass(frozen=True, slots=True)
class Header:
    """``time`` in milliseconds."""

    number: int
    id: str
    parent: str
    time: int


@dataclass(frozen=True, slots=True)
class Sent:
    """A transaction. ``went``: how it ended, None where that is not told."""

    id: str
    contract: Contract
    went: str | None


@dataclass(frozen=True, slots=True)
class Block:
    header: Header
    sent: tuple[Sent, ...]


@dataclass(frozen=True, slots=True)
class Inner:
    """A call inside of a transaction, in the order in which they were made. ``kind`` as ``Step`` has it, else its note.
    ``assets``: whether it moves assets of TRC-10 as well."""

    kind: str
    sender: str
    receiver: str
    amount: int
    rejected: bool
    assets: bool

    @property
    def said(self) -> tuple[str, str, str, int]:
        return self.kind, self.sender, self.receiver, self.amount


@dataclass(frozen=True, slots=True)
class Info:
    """What a transaction did. ``fee`` in sun; ``made``: the contract that was called or made; ``withdrawn``: rewards
    that its owner was paid. Logs are numbered within the transaction."""

    id: str
    block: int
    time: int
    fee: int
    made: str | None
    went: str | None
    failed: bool
    withdrawn: int
    logs: tuple[Log, ...]
    calls: tuple[Inner, ...]


@dataclass(frozen=True, slots=True)
class ListedSent:
    """A row of an account's transactions. ``fee`` None where none is told."""

    one: Sent
    block: int
    time: int
    fee: int | None

    @property
    def tx_hash(self) -> str:
        return self.one.id


@dataclass(frozen=True, slots=True)
class ListedInner:
    """A row of an account's inner calls. ``id``: its own."""

    tx_hash: str
    id: str
    time: int
    call: Inner


@dataclass(frozen=True, slots=True)
class Moved:
    """A row of an account's token transfers; ``symbol`` and ``decimals`` as TronGrid tells them. ``kind``: Transfer, or
    what moves nothing."""

    tx_hash: str
    time: int
    kind: str
    contract: str
    sender: str
    receiver: str
    amount: int
    symbol: str
    decimals: int | None

    @property
    def said(self) -> tuple[str, str, str, int]:
        return self.contract, self.sender, self.receiver, self.amount


def header(told: Any) -> Header:
    """A block's own id begins with its number. Protobuf leaves out what is nought: of block 0, number and time."""
    one = Fields(told)
    raw = one.need("block_header", Fields).need("raw_data", Fields)
    number, digest = raw.maybe("number", words.place) or 0, one.need("blockID", words.hash32)
    if int(digest[:16], 16) != number:
        raise Bad(f"block {number} has the id of another, {digest}")
    time = raw.need("timestamp", words.millis) if number else raw.maybe("timestamp", words.millis) or 0
    return Header(number, digest, raw.need("parentHash", words.hash32), time)


def block(told: Any) -> Block:
    return Block(header(told), tuple(map(sent, Fields(told).maybe("transactions", items) or ())))


def sent(told: Any) -> Sent:
    one = Fields(told)
    return Sent(one.need("txID", words.hash32), one.need("raw_data", contract), _result(one).maybe("contractRet", text))


def _result(one: Fields) -> Fields:
    """Old blocks say nothing of how a transaction ended."""
    told = one.maybe("ret", items) or [{}]
    return Fields(told[0])


def info(told: Any) -> Info:
    one = Fields(told)
    digest, number, time = one.need("id", words.hash32), one.need("blockNumber", words.place), one.need(
        "blockTimeStamp", words.millis
    )  # fmt: skip
    receipt, fee = one.maybe("receipt", Fields) or Fields({}), one.maybe("fee", natural) or 0
    burnt = (receipt.maybe("net_fee", natural) or 0) + (receipt.maybe("energy_fee", natural) or 0)
    if burnt > fee:
        raise Bad(f"{burnt} were burnt, and the fee is {fee}")
    return Info(
        id=digest,
        block=number,
        time=time,
        fee=fee,
        made=one.maybe("contract_address", words.account),
        went=receipt.maybe("result", text),
        failed=one.maybe("result", text) == "FAILED",
        withdrawn=one.maybe("withdraw_amount", natural) or 0,
        logs=tuple(_log(each, n, digest, number) for n, each in enumerate(one.maybe("log", items) or ())),
        calls=tuple(map(_inner, one.maybe("internal_transactions", items) or ())),
    )


def _log(told: Any, index: int, tx_hash: str, number: int) -> Log:
    """As a node's log, 0x before each word; where the transaction stands is not told here."""
    one = Fields(told)
    return Log(
        tx_hash=tx_hash,
        tx_index=0,
        index=index,
        block=number,
        block_hash="",
        time=None,
        address=one.need("address", words.contract),
        topics=tuple("0x" + words.hash32(topic) for topic in one.maybe("topics", items) or ()),
        data="0x" + (one.maybe("data", words.data) or ""),
    )


def _note(value: object) -> str:
    """A note in hexadecimal; what it says is untrusted text unless it is known."""
    note = bytes.fromhex(words.data(value)).decode("utf-8", "replace")
    return CALLS.get(note, note[:40])


def _inner(told: Any) -> Inner:
    one = Fields(told)
    paid = [Fields(each) for each in one.maybe("callValueInfo", items) or ()]
    plain = [each for each in paid if not each.told.get("tokenId")]
    return Inner(
        kind=one.need("note", _note),
        sender=one.need("caller_address", words.account),
        receiver=one.need("transferTo_address", words.account),
        amount=sum(each.maybe("callValue", natural) or 0 for each in plain),
        rejected=one.maybe("rejected", words.flag) or False,
        assets=len(plain) < len(paid),
    )


def is_staking(call: Inner) -> bool:
    return call.kind.lower().startswith(_STAKES)


# ---- lists -------------------------------------------------------------------------------------------------------


def listed_sent(told: Any) -> ListedSent:
    one = Fields(told)
    fee = _result(one).maybe("fee", natural)
    burnt = (one.maybe("net_fee", natural) or 0) + (one.maybe("energy_fee", natural) or 0)
    if fee is not None and burnt > fee:
        raise Bad(f"{burnt} were burnt, and the fee is {fee}")
    return ListedSent(
        one=sent(told),
        block=one.need("blockNumber", words.place),
        time=one.need("block_timestamp", words.millis),
        fee=fee,
    )


def listed_inner(told: Any) -> ListedInner:
    """``call_value`` has ``_`` for coins, and ids of TRC-10 for their assets."""
    one = Fields(told)
    said = one.need("data", Fields)
    paid = said.need("call_value", Fields)
    call = Inner(
        kind=said.need("note", _note),
        sender=one.need("from_address", words.account),
        receiver=one.need("to_address", words.account),
        amount=paid.maybe("_", natural) or 0,
        rejected=said.need("rejected", words.flag),
        assets=bool(paid.told.keys() - {"_"}),
    )
    return ListedInner(
        tx_hash=one.need("tx_id", words.hash32),
        id=one.need("internal_tx_id", words.hash32),
        time=one.need("block_timestamp", words.millis),
        call=call,
    )


def moved(told: Any) -> Moved:
    """What a token says of itself may be anything, and stops nobody."""
    one = Fields(told)
    about = one.need("token_info", Fields)
    symbol, decimals = about.told.get("symbol"), about.told.get("decimals")
    return Moved(
        tx_hash=one.need("transaction_id", words.hash32),
        time=one.need("block_timestamp", words.millis),
        kind=one.need("type", text),
        contract=about.need("address", words.account),
        sender=one.need("from", words.account),
        receiver=one.need("to", words.account),
        amount=one.need("value", decimal),
        symbol=clean(symbol),
        decimals=decimals if type(decimals) is int and 0 <= decimals <= 255 else None,
    )
