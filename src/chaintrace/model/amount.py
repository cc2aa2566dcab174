"""Amount: a non-negative integer in the asset's base unit, up to 2**256 - 1. No float ever holds one."""

from __future__ import annotations

import operator
import re

from chaintrace.errors import AmountError

MAX = 2**256 - 1
WIDTH = 32

_MAX_DIGITS = len(str(MAX))
_MAX_DECIMALS = 255  # ERC-20: decimals() is a uint8

_INTEGER = re.compile(r"[0-9]+")
_UNITS = re.compile(r"([0-9]+)(?:\.([0-9]+))?")
_GROUPED = re.compile(r"([1-9][0-9]{0,2}(?:,[0-9]{3})+)(?:\.([0-9]+))?")
_NEGATIVE = re.compile(r"-[0-9]+(?:\.[0-9]+)?")
_FRACTIONAL = re.compile(r"[0-9]+\.[0-9]*|\.[0-9]+")


def to_bytes(amount: int) -> bytes:
    """32 bytes, big-endian, so that byte order is numeric order. ``AmountError`` outside 0 to ``MAX``."""
    try:
        return _whole(amount).to_bytes(WIDTH, "big")
    except OverflowError:
        raise AmountError(hex(amount), "negative" if amount < 0 else "above uint256") from None


def from_bytes(raw: bytes) -> int:
    """The inverse of ``to_bytes``. ``AmountError`` when there are not exactly 32 bytes."""
    if len(raw) != WIDTH:
        raise AmountError(raw.hex(), f"{len(raw)} bytes instead of {WIDTH}")
    return int.from_bytes(raw, "big")


def parse_integer(text: str) -> int:
    """Base units written as ASCII digits, nothing else: no sign, space, underscore, comma, point or exponent.

    ``AmountError`` with reason ``fractional``, ``negative``, ``above uint256`` or ``not a number``.
    """
    if _match(_INTEGER, text):
        return _bounded(text, text)
    raise AmountError(str(text), _why_no_integer(text))


def parse_units(text: str, decimals: int, *, thousands: bool = False) -> int:
    """Base units of an amount written in whole units: ``parse_units("0.1", 18)`` is 10**17, exactly.

    ``thousands`` also takes well-formed groups, ``1,234.5``. Digits beyond ``decimals`` must be zeros: nothing is
    rounded. ``AmountError`` otherwise, with the reasons of ``parse_integer`` or ``more than N decimals``.
    """
    _check_decimals(text, decimals)
    found = _match(_UNITS, text) or (_match(_GROUPED, text) if thousands else None)
    if found is None:
        raise AmountError(str(text), "negative" if _match(_NEGATIVE, text) else "not a number")
    fraction = (found[2] or "").rstrip("0")
    if len(fraction) > decimals:
        raise AmountError(text, f"more than {decimals} decimals")
    return _bounded(text, found[1].replace(",", "") + fraction.ljust(decimals, "0"))


def format_units(amount: int, decimals: int | None, symbol: str = "") -> str:
    """An amount for people: every digit, thousands in groups, no trailing zeros: ``173,600.000000000000000001 ETH``.

    Without ``decimals`` the base units themselves: ``1,234 raw units``. Sums above ``MAX`` are fine.
    """
    amount = _whole(amount)
    if amount < 0:
        raise AmountError(hex(amount), "negative")
    if decimals is None:
        return f"{amount:,} raw units" + (f" of {symbol}" if symbol else "")
    _check_decimals(hex(amount), decimals)
    whole, rest = divmod(amount, 10**decimals)
    fraction = f"{rest:0{decimals}d}".rstrip("0") if rest else ""
    return f"{whole:,}" + (f".{fraction}" if fraction else "") + (f" {symbol}" if symbol else "")


def _whole(amount: int) -> int:
    """Any integer type as ``int``; floats and booleans are none, whatever their value."""
    if isinstance(amount, bool):
        raise AmountError(str(amount), "not a number")
    try:
        return operator.index(amount)
    except TypeError:
        raise AmountError(repr(amount), "not a whole number") from None


def _bounded(text: str, digits: str) -> int:
    significant = digits.lstrip("0") or "0"
    # Counting digits first keeps Python's own limit on long integers out of sight.
    if len(significant) <= _MAX_DIGITS and (amount := int(significant)) <= MAX:
        return amount
    raise AmountError(text, "above uint256")


def _why_no_integer(text: object) -> str:
    if _match(_NEGATIVE, text):
        return "negative"
    return "fractional" if _match(_FRACTIONAL, text) else "not a number"


def _match(pattern: re.Pattern[str], text: object) -> re.Match[str] | None:
    return pattern.fullmatch(text) if isinstance(text, str) else None


def _check_decimals(text: str, decimals: int) -> None:
    if not 0 <= decimals <= _MAX_DECIMALS:
        raise AmountError(text, f"an asset has 0 to {_MAX_DECIMALS} decimals, not {decimals}")


def share(part: int, whole: int) -> str:
    """``96.12 %``, rounded half up; a part too small to show is ``< 0.01 %``; of nothing there is no share."""
    if not whole:
        return "–"
    if 0 < part * 20_000 < whole:
        return "< 0.01 %"
    hundredths = (part * 20_000 + whole) // (2 * whole)
    return f"{hundredths // 100}.{hundredths % 100:02d} %"
