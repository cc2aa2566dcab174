"""Amounts in a few words are exact, and know what they are of."""

from __future__ import annotations

import pickle
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import AmountError
from chaintrace.testing import Amount, btc, eth, token, usdc
from chaintrace.testing.strategies import amounts


@given(amounts(most=10**30))
def test_what_is_written_out_is_read_back(units: int) -> None:
    text = f"{units // 10**18}.{units % 10**18:018d}"
    assert eth(text) == eth(Decimal(text)) == units
    assert eth(Amount(units, "ETH", 18).written.removesuffix(" ETH")) == units


def test_whole_units_texts_and_decimals_are_taken() -> None:
    assert eth(1) == 10**18
    assert eth("0.000000000000000001") == 1
    assert btc(Decimal("1E+2")) == 100 * 10**8
    assert usdc("1,234.5") == 1_234_500_000
    assert token("X", "7", 0) == 7


@pytest.mark.parametrize("amount", [0.1, 1.0, True, None, "0.1e3", "-1", Decimal("-1"), Decimal("NaN"), "", b"1"])
def test_what_is_not_exact_is_refused(amount: Any) -> None:
    with pytest.raises(AmountError):
        eth(amount)


def test_more_decimals_than_there_are_are_refused() -> None:
    with pytest.raises(AmountError, match="more than 8 decimals"):
        btc("0.000000001")
    with pytest.raises(AmountError, match="an amount already"):
        eth(eth(1))


@given(st.integers(0, 10**20), st.integers(0, 10**20), st.integers(1, 9))
def test_sums_and_multiples_are_of_the_same_asset(one: int, other: int, times: int) -> None:
    a, b = Amount(one, "ETH", 18), Amount(other, "ETH", 18)
    found = [a + b, a - b, a + other, one + b, one - b, a * times, times * a, a // times, sum([a, b])]
    assert found == [one + other, one - other, one + other, one + other, one - other, *[one * times] * 2, one // times,
                     one + other]  # fmt: skip
    assert {(type(each), getattr(each, "symbol", "")) for each in found} == {(Amount, "ETH")}


def test_two_assets_have_no_sum() -> None:
    with pytest.raises(AmountError, match="ETH and USDC"):
        eth(1) + usdc(1)
    with pytest.raises(AmountError, match="whole numbers"):
        eth(1) * 0.5  # type: ignore[operator]


def test_an_amount_survives_copying() -> None:
    kept = pickle.loads(pickle.dumps(usdc("1.5")))  # noqa: S301
    assert (kept, kept.symbol, kept.decimals, kept.written) == (1_500_000, "USDC", 6, "1.5 USDC")
