"""Metadata: what a contract says of itself, text of strangers."""

from __future__ import annotations

from chaintrace.fetch.rpc.call import DECIMALS, SYMBOL
from chaintrace.fetch.rpc.facts import Facts
from chaintrace.fetch.rpc.rows import token
from chaintrace.model.page import Metadata, Question

LONGEST = 32


def tell(question: Question, facts: Facts) -> tuple[Metadata, ...]:
    """Symbol and decimals of each contract that was asked, as it said them."""
    contracts = sorted({contract for contract, _ in facts.metadata})
    return tuple(
        Metadata(token(question, one), _symbol(_told(facts, one, SYMBOL)), _decimals(facts, one)) for one in contracts
    )


def _told(facts: Facts, contract: str, selector: str) -> str | None:
    return facts.metadata.get((contract, selector), (None, ""))[0]


def _decimals(facts: Facts, contract: str) -> int | None:
    told = _told(facts, contract, DECIMALS)
    number = int(told, 16) if told is not None and len(told) == 66 else None
    return number if number is not None and number <= 255 else None  # EIP-20: a uint8


def _symbol(told: str | None) -> str:
    """A string by the ABI, or, as early tokens have it, 32 bytes of text. Empty where it is neither."""
    raw = bytes.fromhex(told[2:]) if told else b""
    if len(raw) >= 64 and int.from_bytes(raw[:32], "big") == 32:
        length = int.from_bytes(raw[32:64], "big")
        raw = raw[64 : 64 + min(length, len(raw))]
    elif len(raw) != 32:
        return ""
    text = raw.rstrip(b"\0").decode("utf-8", "replace")
    return text[:LONGEST]
