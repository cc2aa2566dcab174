"""Events of bridges: what is paid in on one chain and out on another, with the identifier that both sides write.

Declarations are the bridges' published contracts as remembered: each gives the first topic that is known of it, which
says nothing of which parameters are indexed. They are untried on real logs. Any contract can write any event: one is no
evidence before rows of the same transaction move what it says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chaintrace.heuristics.event import Event
from chaintrace.model.log import Call, Log

CCTP_DOMAINS = {"eip155:1": 0, "eip155:43114": 1, "eip155:10": 2, "eip155:42161": 3, "eip155:8453": 6, "eip155:137": 7}
"""Circle's numbers of chains, as remembered."""
WORMHOLE_CHAINS = {
    "eip155:1": 2, "eip155:56": 4, "eip155:137": 5, "eip155:43114": 6, "eip155:42161": 23, "eip155:10": 24,
    "eip155:8453": 30,
}  # fmt: skip
"""Wormhole's numbers of chains, as remembered."""

_OUT = re.compile(r"OUT:([0-9A-Fa-f]{64})")
_SWAP = re.compile(r"(?:SWAP|=|s):[A-Za-z0-9./~-]{1,60}:(?P<to>[0-9A-Za-z]{20,100})(?::.*)?", re.DOTALL)
MAX_MEMO = 250
"""THORChain's own limit on the bytes of a memo."""

Key = tuple[object, ...]
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """One side of a crossing, as an event or a memo tells it.

    ``key``      what names the crossing on both sides. ``account``: who pays in or is paid, where it is said.
    ``amount``   in base units of this chain, None where it is not said. ``expected``: what a way in says the other side
                 pays; ``to``: the account there.
    """

    bridge: str
    key: Key
    chain: str
    tx_hash: str
    account: str | None = None
    amount: int | None = None
    expected: int | None = None
    to: str | None = None


Reader = Callable[[Log, Fields], Told | None]


def paid_in(logs: Iterable[Log], calls: Iterable[Call]) -> Iterator[Told]:
    """What events and memos say was paid into bridges."""
    yield from _read(logs, IN)
    for call in calls:
        found = _SWAP.fullmatch(memo(call.input))
        if found:
            yield Told("thorchain", _thor(call.tx_hash), call.chain, call.tx_hash, call.sender, to=found["to"])


def paid_out(logs: Iterable[Log], calls: Iterable[Call]) -> Iterator[Told]:
    """What events and memos say that bridges paid out."""
    yield from _read(logs, OUT)
    for call in calls:
        found = _OUT.fullmatch(memo(call.input))
        if found:
            yield Told("thorchain", _thor(found[1]), call.chain, call.tx_hash, call.receiver)


def memo(data: bytes) -> str:
    """A call's input as text, where it is nothing but printable ASCII; empty otherwise."""
    text = data.decode("ascii", "replace") if len(data) <= MAX_MEMO else ""
    return text if text.isascii() and text.isprintable() else ""


def _read(logs: Iterable[Log], readers: Mapping[Event, Reader]) -> Iterator[Told]:
    by_topic = {event.topic: (event, read) for event, read in readers.items()}
    for log in logs:
        event, read = by_topic.get(log.topics[0], (None, None)) if log.topics else (None, None)
        fields = event.read(log) if event else None
        told = read(log, fields) if read and fields is not None else None
        if told is not None:
            yield told


def _account(word: bytes) -> str | None:
    """An address of an EVM chain in 32 bytes; None for what is none, such as an account of Solana."""
    return "0x" + word[12:].hex() if len(word) == 32 and not any(word[:12]) else None


# ---- Circle's CCTP, version 1: the nonce of the source's domain ----


def _burnt(log: Log, told: Fields) -> Told | None:
    domain, amount = CCTP_DOMAINS.get(log.chain), told["amount"]
    if domain is None:
        return None
    key, to = (domain, told["nonce"]), _account(told["mintRecipient"])
    return Told("cctp", key, log.chain, log.tx_hash, told["depositor"], amount, amount, to)


def _received(log: Log, told: Fields) -> Told | None:
    """The body is a burn message: version (4 bytes), token, recipient, amount, sender (32 bytes each)."""
    body = told["messageBody"]
    if len(body) != 132:
        return None
    to, amount = _account(body[36:68]), int.from_bytes(body[68:100], "big")
    return Told("cctp", (told["sourceDomain"], told["nonce"]), log.chain, log.tx_hash, to, amount)


# ---- Across, version 3, with addresses and later with bytes32 for them: the deposit's number on its chain ----


def _funded(log: Log, told: Fields) -> Told:
    """Sum and account on the other side may be changed after the deposit, so what is said of them here is not kept."""
    key = int(log.chain.partition(":")[2]), told["depositId"]
    return Told("across", key, log.chain, log.tx_hash, _either(told["depositor"]), told["inputAmount"])


def _filled(log: Log, told: Fields) -> Told:
    key, (account, _, amount, _) = (told["originChainId"], told["depositId"]), told["relayExecutionInfo"]
    return Told("across", key, log.chain, log.tx_hash, _either(account), amount)


def _either(account: str | bytes) -> str | None:
    return account if isinstance(account, str) else _account(account)


# ---- LayerZero 2, tokens of all chains in one (OFT; Stargate 2): the message's guid ----


def _oft_sent(log: Log, told: Fields) -> Told:
    sent, expected = told["amountSentLD"], told["amountReceivedLD"]
    return Told("layerzero", (told["guid"],), log.chain, log.tx_hash, told["fromAddress"], sent, expected)


def _oft_received(log: Log, told: Fields) -> Told:
    return Told("layerzero", (told["guid"],), log.chain, log.tx_hash, told["toAddress"], told["amountReceivedLD"])


# ---- Wormhole's token bridge: chain, emitter and sequence ----


def _published(log: Log, told: Fields) -> Told | None:
    """The payload of a transfer: kind (1 byte: 1 or 3), amount of 8 decimals at most (32), token (32), its chain (2),
    recipient (32)."""
    source, payload = WORMHOLE_CHAINS.get(log.chain), told["payload"]
    if source is None or payload[:1] not in (b"\x01", b"\x03") or len(payload) < 99:
        return None
    key = source, told["sender"], told["sequence"]
    return Told("wormhole", key, log.chain, log.tx_hash, to=_account(payload[67:99]))


def _redeemed(log: Log, told: Fields) -> Told:
    key = told["emitterChainId"], _account(told["emitterAddress"]), told["sequence"]
    return Told("wormhole", key, log.chain, log.tx_hash)


# ---- THORChain: the way out names the transaction of the way in ----


def _thor_in(log: Log, told: Fields) -> Told | None:
    found = _SWAP.fullmatch(told["memo"][:MAX_MEMO])
    to = found["to"] if found else None
    return Told("thorchain", _thor(log.tx_hash), log.chain, log.tx_hash, None, told["amount"], to=to)


def _thor_out(log: Log, told: Fields) -> Told | None:
    found = _OUT.fullmatch(told["memo"])
    return Told("thorchain", _thor(found[1]), log.chain, log.tx_hash, told["to"], told["amount"]) if found else None


def _thor(tx_hash: str) -> Key:
    return (tx_hash.lower().removeprefix("0x"),)


IN: dict[Event, Reader] = {
    Event(
        "DepositForBurn(uint64 indexed nonce, address indexed burnToken, uint256 amount, address indexed depositor, "
        "bytes32 mintRecipient, uint32 destinationDomain, bytes32 destinationTokenMessenger, bytes32 destinationCaller)"
    ): _burnt,
    Event(
        "V3FundsDeposited(address inputToken, address outputToken, uint256 inputAmount, uint256 outputAmount, "
        "uint256 indexed destinationChainId, uint32 indexed depositId, uint32 quoteTimestamp, uint32 fillDeadline, "
        "uint32 exclusivityDeadline, address indexed depositor, address recipient, address exclusiveRelayer, "
        "bytes message)"
    ): _funded,
    Event(
        "FundsDeposited(bytes32 inputToken, bytes32 outputToken, uint256 inputAmount, uint256 outputAmount, "
        "uint256 indexed destinationChainId, uint256 indexed depositId, uint32 quoteTimestamp, uint32 fillDeadline, "
        "uint32 exclusivityDeadline, bytes32 indexed depositor, bytes32 recipient, bytes32 exclusiveRelayer, "
        "bytes message)"
    ): _funded,
    Event(
        "OFTSent(bytes32 indexed guid, uint32 dstEid, address indexed fromAddress, uint256 amountSentLD, "
        "uint256 amountReceivedLD)"
    ): _oft_sent,
    Event(
        "LogMessagePublished(address indexed sender, uint64 sequence, uint32 nonce, bytes payload, "
        "uint8 consistencyLevel)"
    ): _published,
    Event("Deposit(address indexed to, address indexed asset, uint256 amount, string memo)"): _thor_in,
}
OUT: dict[Event, Reader] = {
    Event(
        "MessageReceived(address indexed caller, uint32 sourceDomain, uint64 indexed nonce, bytes32 sender, "
        "bytes messageBody)"
    ): _received,
    Event(
        "FilledV3Relay(address inputToken, address outputToken, uint256 inputAmount, uint256 outputAmount, "
        "uint256 repaymentChainId, uint256 indexed originChainId, uint32 indexed depositId, uint32 fillDeadline, "
        "uint32 exclusivityDeadline, address exclusiveRelayer, address indexed relayer, address depositor, "
        "address recipient, bytes message, (address,bytes,uint256,uint8) relayExecutionInfo)"
    ): _filled,
    Event(
        "FilledRelay(bytes32 inputToken, bytes32 outputToken, uint256 inputAmount, uint256 outputAmount, "
        "uint256 repaymentChainId, uint256 indexed originChainId, uint256 indexed depositId, uint32 fillDeadline, "
        "uint32 exclusivityDeadline, bytes32 exclusiveRelayer, bytes32 indexed relayer, bytes32 depositor, "
        "bytes32 recipient, bytes32 messageHash, (bytes32,bytes32,uint256,uint8) relayExecutionInfo)"
    ): _filled,
    Event(
        "OFTReceived(bytes32 indexed guid, uint32 srcEid, address indexed toAddress, uint256 amountReceivedLD)"
    ): _oft_received,
    Event(
        "TransferRedeemed(uint16 indexed emitterChainId, bytes32 indexed emitterAddress, uint64 indexed sequence)"
    ): _redeemed,
    Event(
        "TransferOut(address indexed vault, address indexed to, address asset, uint256 amount, string memo)"
    ): _thor_out,
}
