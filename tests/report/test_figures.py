"""Figures for people: the only place where a number is rounded, and never to something it is not."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.model.amount import share
from chaintrace.model.token import Token
from chaintrace.report.figures import name_of, sum_of
from tests.graph.money import ETH, MOST, USDC


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 100, "0.00 %"),
        (1, 3, "33.33 %"),
        (2, 3, "66.67 %"),
        (1, 8, "12.50 %"),
        (100, 100, "100.00 %"),
        (1, 10_000, "0.01 %"),
        (1, 20_000, "0.01 %"),  # half is rounded up
        (1, 20_001, "< 0.01 %"),
        (1, MOST, "< 0.01 %"),
        (MOST, MOST, "100.00 %"),
        (17_510_000, 18_216_286, "96.12 %"),
        (0, 0, "–"),
        (300, 100, "300.00 %"),
    ],
)
def test_share(part: int, whole: int, text: str) -> None:
    assert share(part, whole) == text


@given(st.integers(0, MOST), st.integers(1, MOST))
def test_a_share_is_the_nearest_hundredth(part: int, whole: int) -> None:
    text = share(part, whole)
    exact = Fraction(part, whole) * 100
    if text == "< 0.01 %":
        assert 0 < exact < Fraction(1, 200)
    else:
        assert abs(Fraction(text.removesuffix(" %")) - exact) <= Fraction(1, 200)


@given(st.integers(0, MOST), st.integers(1, MOST))
def test_something_is_never_shown_as_nothing(part: int, whole: int) -> None:
    assert (share(part, whole) == "0.00 %") == (part == 0)


def test_sum_of() -> None:
    tokens = {ETH: Token("ETH", 18), USDC: Token("USDC", 6)}
    assert sum_of({ETH: 173_600 * 10**18, USDC: 25_500_000 * 10**6}, tokens) == "173,600 ETH and 25,500,000 USDC"
    assert sum_of({USDC: 1_234}) == f"1,234 raw units of {USDC}"
    assert sum_of({}) == "nothing"


def test_name_of() -> None:
    assert name_of(ETH) == "ETH"
    assert name_of(USDC) == USDC
    assert name_of(USDC, {USDC: Token("USDC", 6)}) == "USDC"
