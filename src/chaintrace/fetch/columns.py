"""Columns: one cell → one value, or a ``Bad`` with a reason. Numbers and times by ASCII grammar alone."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

from chaintrace.errors import AddressError, AmountError, AssetError, ChainError
from chaintrace.model.address import parse_account
from chaintrace.model.amount import MAX, parse_integer, parse_units
from chaintrace.model.asset import parse_asset
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.hash import is_hash, parse_hash
from chaintrace.model.transfer import KINDS

Parser = Callable[[object], object]

EXACT_FLOAT = 2**53
MAX_INDEX = 2**63 - 1
MAX_SECONDS = 10**11  # the year 5138; unix times above it are milliseconds
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_ISO = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.\d+)?( ?(?:Z|UTC)|[+-]\d\d(?::?\d\d)?)?", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DIGITS = re.compile(r"[0-9]+")
_GAPPED = re.compile(r"([0-9]{1,15})\.0")
_WORD = re.compile(r"[^\s\x00-\x1f\x7f](?:[^\x00-\x1f\x7f]{0,126}[^\s\x00-\x1f\x7f])?")
_OUTPOINT = re.compile(r"([0-9a-fA-F]{64}):([0-9]{1,10})")
_HEX_AMOUNT = re.compile(r"0x[0-9a-fA-F]{1,64}")
_PATH = re.compile(r"\[?\s*([0-9]+(?:\s*[,_]\s*[0-9]+)*)?\s*\]?")
_SCIENTIFIC = re.compile(r"([0-9]+)(?:\.([0-9]+))?[eE]([+-]?[0-9]{1,3})")


class Bad(ValueError):
    """A cell that is not what it should be. ``reason`` is short and stable."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def amount(value: object) -> int:
    """Base units: digits, an integer, 32 big-endian bytes, or a float that is certainly whole."""
    if isinstance(value, str):
        try:
            return parse_integer(value)
        except AmountError as error:
            raise Bad(error.reason) from None
    if isinstance(value, bytes):
        if len(value) != 32:
            raise Bad("not a number")
        return int.from_bytes(value, "big")
    return _within(_whole(value), MAX, "above uint256")


def hex_amount(value: object) -> int:
    """As ``amount``; texts are ``0x`` and hexadecimal digits."""
    if isinstance(value, str):
        if not _HEX_AMOUNT.fullmatch(value):
            raise Bad("not a number")
        return int(value, 16)
    return amount(value)


def units(value: object, decimals: int) -> int:
    """Base units of an amount in whole units: ``"1,234.5"`` or ``"1E-18"``, exactly."""
    text = str(value)
    scientific = _SCIENTIFIC.fullmatch(text)
    try:
        return parse_units(_spelled_out(*scientific.groups()) if scientific else text, decimals, thousands=True)
    except AmountError as error:
        raise Bad("fractional" if error.reason.startswith("more than") else error.reason) from None


def _spelled_out(whole: str, fraction: str | None, exponent: str) -> str:
    digits, point = whole + (fraction or ""), len(whole) + int(exponent)
    if point <= 0:
        return "0." + "0" * -point + digits
    return digits[:point].ljust(point, "0") + ("." + digits[point:] if digits[point:] else "")


def index(value: object) -> int:
    """A block number, an index within a block: 0 to 2**63 - 1. ``7.0`` is 7: so pandas writes a column with gaps."""
    if isinstance(value, str):
        value = amount(_without_zeros(value))
    return _within(_whole(value), MAX_INDEX, "out of range")


def seconds(value: object) -> int:
    """Unix seconds: as a number, or as ISO text that names its zone. Parts of a second are dropped."""
    if isinstance(value, str) and not _DIGITS.fullmatch(value := _without_zeros(value)):
        return _within(_iso(value), MAX_SECONDS - 1, "time out of range")
    if isinstance(value, float) and abs(value) < EXACT_FLOAT:
        value = value // 1
    try:
        number = amount(value) if isinstance(value, str) else _whole(value)
        return _within(number, MAX_SECONDS - 1, "time out of range")
    except Bad as error:
        reason = "time out of range" if error.reason in ("negative", "above uint256") else error.reason
        raise Bad("not a time" if reason == "not a number" else reason) from None


def _without_zeros(text: str) -> str:
    found = _GAPPED.fullmatch(text)
    return found[1] if found else text


def _iso(text: str) -> int:
    found = _ISO.fullmatch(text)
    if found is None:
        raise Bad("time without zone" if _DAY.fullmatch(text) else "not a time")
    day, clock, zone = found.groups()
    if zone is None:
        raise Bad("time without zone")
    offset = "+00:00" if zone.strip() in ("Z", "UTC") else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{offset}")
        return (moment - _EPOCH) // timedelta(seconds=1)
    except (ValueError, OverflowError):
        raise Bad("not a time") from None


def account(value: object, chain: Chain) -> str:
    """A canonical address of the chain; 20 bytes are one on EVM chains."""
    if isinstance(value, bytes):
        if len(value) != 20 or chain.family != "evm":
            raise Bad("bad address")
        return "0x" + value.hex()
    try:
        return parse_account(str(value), chain)
    except AddressError as error:
        raise Bad("bad checksum" if "checksum" in error.reason else "bad address") from None


def tx_hash(value: object, chain: Chain) -> str:
    """A transaction hash in the chain's spelling: with ``0x`` on EVM chains, without elsewhere."""
    found = parse_hash(value.hex() if isinstance(value, bytes) else str(value), chain)
    if found is None:
        raise Bad("bad transaction hash")
    return found


def tx_name(value: object, chain: Chain) -> str:
    """A transaction hash, or a name of the user's own. What starts like a hash must be one."""
    text = value if isinstance(value, str) else ""
    if text.startswith("0x") or isinstance(value, bytes) or is_hash(text):
        return tx_hash(value, chain)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not _WORD.fullmatch(text):
        raise Bad("bad transaction hash")
    return _encodable(text, "bad transaction hash")


def asset(value: object, chain: Chain, names: Mapping[str, str]) -> str:
    """The asset that a text names: one of the caller's own ``names``, else CAIP-19, ``native`` or a contract."""
    text = "0x" + value.hex() if isinstance(value, bytes) else str(value)
    try:
        return names[text] if text in names else parse_asset(text, chain)
    except AssetError:
        raise Bad("unknown asset") from None


def token(value: object, chain: Chain) -> str:
    """The asset that a token's contract address names."""
    contract = account(value, chain)
    try:
        return parse_asset(contract, chain)
    except AssetError:
        raise Bad("no token contract") from None


def chain_id(value: object) -> str:
    """The CAIP-2 id of the chain that a text names; a bare number is an EVM chain id."""
    text = str(value)
    try:
        return get_chain(f"eip155:{text}" if _DIGITS.fullmatch(text) else text).id
    except ChainError:
        raise Bad("unknown chain") from None


def kind(value: object) -> str:
    return _one_of(value, KINDS, "unknown kind")


def order(value: object) -> str:
    return _one_of(value, ("known", "unknown"), "unknown order")


def _one_of(value: object, known: tuple[str, ...], reason: str) -> str:
    if value not in known:
        raise Bad(reason)
    return str(value)


def status(value: object) -> bool:
    """Whether a transaction or call succeeded: 1, true; 0, false."""
    text = str(value).lower()
    if text in ("1", "true", "1.0"):
        return True
    if text in ("0", "false", "0.0"):
        return False
    raise Bad("bad status")


def outpoint(value: object) -> str:
    found = _OUTPOINT.fullmatch(str(value))
    if found is None:
        raise Bad("bad outpoint")
    return f"{found[1].lower()}:{int(found[2])}"


def text(value: object) -> str:
    return _encodable(value.hex() if isinstance(value, bytes) else str(value), "not text")


def block_hash(value: object) -> str:
    return "0x" + value.hex() if isinstance(value, bytes) else text(value)


def trace_path(value: object) -> tuple[int, ...]:
    """Where a call stands in its transaction's tree of calls: ``"0,2"`` is the third call of the first call."""
    found = _PATH.fullmatch(str(_whole(value) if isinstance(value, float) else value))
    if found is None:
        raise Bad("bad trace address")
    return tuple(int(step) for step in re.split(r"\s*[,_]\s*", found[1])) if found[1] else ()


def of(parse: Callable[[object, Chain], object], where: Chain) -> Parser:
    """A parser for cells of one chain."""
    return partial(_on, parse, where)


def _on(parse: Callable[[object, Chain], object], where: Chain, value: object) -> object:
    return parse(value, where)


def _encodable(value: str, reason: str) -> str:
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError:
            raise Bad(reason) from None
    return value


def _whole(value: object) -> int:
    if isinstance(value, bool):
        raise Bad("not a number")
    if isinstance(value, int):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise Bad("not a number")
        if value != value.to_integral_value():
            raise Bad("fractional")
        return int(value)
    if not isinstance(value, float):
        raise Bad("not a number")
    if abs(value) >= EXACT_FLOAT:
        raise Bad("not a number" if value in (float("inf"), float("-inf")) else "inexact (float)")
    if not value.is_integer():
        raise Bad("fractional")
    return int(value)


def _within(number: int, top: int, reason: str) -> int:
    if number < 0:
        raise Bad("time out of range" if reason == "time out of range" else "negative")
    if number > top:
        raise Bad(reason)
    return number
