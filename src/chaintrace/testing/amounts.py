"""Amounts in a few words: ``eth("0.1")`` is 10**17, exactly, and remembers that it is ether."""

from __future__ import annotations

from decimal import Decimal

from chaintrace.errors import AmountError
from chaintrace.model.amount import format_units, parse_units

Exact = int | str | Decimal


class Amount(int):
    """Base units of something: an int, and wherever an int is taken. Sums and multiples keep what they are of.

    ``symbol``    what it is of, as people write it; a scenario takes the asset from it.
    ``decimals``  digits between it and its base unit.
    """

    symbol: str
    decimals: int

    def __new__(cls, units: int, symbol: str, decimals: int) -> Amount:
        made = super().__new__(cls, units)
        made.symbol, made.decimals = symbol, decimals
        return made

    def __add__(self, other: int) -> Amount:
        return self._like(int(self) + self._same(other))

    def __sub__(self, other: int) -> Amount:
        return self._like(int(self) - self._same(other))

    def __rsub__(self, other: int) -> Amount:
        return self._like(self._same(other) - int(self))

    def __mul__(self, times: int) -> Amount:
        return self._like(int(self) * _times(times))

    def __floordiv__(self, parts: int) -> Amount:
        return self._like(int(self) // _times(parts))

    __radd__, __rmul__ = __add__, __mul__

    def __reduce__(self) -> tuple[type[Amount], tuple[int, str, int]]:
        return Amount, (int(self), self.symbol, self.decimals)

    @property
    def written(self) -> str:
        """For people: ``10.5 ETH``."""
        return format_units(int(self), self.decimals, self.symbol)

    def _like(self, units: int) -> Amount:
        return Amount(units, self.symbol, self.decimals)

    def _same(self, other: int) -> int:
        if isinstance(other, Amount) and other.symbol != self.symbol:
            raise AmountError(f"{self.symbol} and {other.symbol}", "they are two assets, and have no sum")
        return _times(other)


def eth(amount: Exact) -> Amount:
    """Ether, in wei. An int, digits (``"0.1"``, ``"1,234.5"``) or a Decimal. AmountError for a float, whose last digits
    nobody chose, and for more than 18 decimals."""
    return token("ETH", amount, 18)


def btc(amount: Exact) -> Amount:
    """Bitcoin, in satoshi; as ``eth``, with 8 decimals."""
    return token("BTC", amount, 8)


def usdc(amount: Exact) -> Amount:
    """USD Coin, in millionths; as ``eth``, with 6 decimals."""
    return token("USDC", amount, 6)


def token(symbol: str, amount: Exact, decimals: int = 18) -> Amount:
    """An amount of any token, in its base unit. ``symbol``: its contract, or a name that a scenario finds or makes one
    for."""
    if not isinstance(amount, int | str | Decimal):
        raise AmountError(repr(amount), "it is not exact; write it as text, such as '0.1', or as a whole number")
    if isinstance(amount, Amount):
        raise AmountError(amount.written, "it is an amount already")
    text = format(amount, "f") if isinstance(amount, Decimal) else str(amount)
    return Amount(parse_units(text, decimals, thousands=True), symbol, decimals)


def _times(number: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise AmountError(repr(number), "amounts are reckoned with whole numbers")
    return int(number)
