"""Amounts: exact, bounded, and read by one ASCII grammar."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.errors import AmountError
from chaintrace.model.amount import MAX, format_units, from_bytes, parse_integer, parse_units, to_bytes

BOUNDARIES = [0, 1, 2, 9, 10, 2**53 - 1, 2**53 + 1, 2**63 - 1, 2**64, 2**128 + 1, 10**77, MAX - 1, MAX]

amounts = st.sampled_from(BOUNDARIES) | st.integers(0, MAX) | st.integers(0, 10**24)
decimals = st.sampled_from([0, 6, 8, 18, 77, 78, 255]) | st.integers(0, 255)


# ---- bytes -------------------------------------------------------------------------------------------------------


@given(amounts, amounts)
def test_bytes_round_trip_and_keep_the_order(one: int, other: int) -> None:
    assert from_bytes(to_bytes(one)) == one
    assert len(to_bytes(one)) == 32
    assert (to_bytes(one) < to_bytes(other)) == (one < other)


def test_numpy_integers_are_integers() -> None:
    assert to_bytes(np.int64(7)) == to_bytes(np.uint8(7)) == to_bytes(7)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (-1, "negative"),
        (MAX + 1, "above uint256"),
        (1.0, "not a whole number"),
        (Decimal(1), "not a whole number"),
        ("1", "not a whole number"),
        (None, "not a whole number"),
        (True, "not a number"),
    ],
)
def test_what_is_no_amount_has_no_bytes(value: int, reason: str) -> None:
    with pytest.raises(AmountError) as caught:
        to_bytes(value)
    assert caught.value.reason == reason
    assert "\nHint: amounts are whole numbers" in str(caught.value)


def test_an_integer_too_long_to_print_is_refused_all_the_same() -> None:
    with pytest.raises(AmountError, match="above uint256"):
        to_bytes(2**20000)
    with pytest.raises(AmountError, match="negative"):
        to_bytes(-(2**20000))


@pytest.mark.parametrize("raw", [b"", bytes(31), bytes(33)])
def test_an_amount_has_32_bytes(raw: bytes) -> None:
    with pytest.raises(AmountError, match=f"{len(raw)} bytes instead of 32"):
        from_bytes(raw)


# ---- integers ----------------------------------------------------------------------------------------------------


@given(amounts, st.integers(0, 100))
def test_integers_round_trip_with_any_leading_zeros(amount: int, zeros: int) -> None:
    assert parse_integer("0" * zeros + str(amount)) == amount


def test_long_texts_never_meet_python_s_own_limit() -> None:
    assert parse_integer("0" * 5000 + "7") == 7
    assert parse_units("0" * 5000 + "7." + "0" * 5000, 18) == 7 * 10**18
    for text in ("9" * 5000, str(MAX + 1), str(MAX) + "0"):
        with pytest.raises(AmountError, match="above uint256"):
            parse_integer(text)
    with pytest.raises(AmountError, match="above uint256"):
        parse_units("9" * 5000, 0)
    with pytest.raises(AmountError, match="above uint256"):
        parse_units("1", 78)
    with pytest.raises(AmountError, match="more than 18 decimals"):
        parse_units("0." + "9" * 5000, 18)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1.0", "fractional"),
        ("1.", "fractional"),
        (".5", "fractional"),
        ("-1", "negative"),
        ("-0", "negative"),
        ("-1.5", "negative"),
        *((text, "not a number") for text in ("", " ", "1 ", " 1", "1 0", "+1", "1_000", "1,000", "1e18", "1E3", ".")),
        *(
            (text, "not a number")
            for text in ("0x10", "\u0661", "\uff11", "²", "Ⅷ", "1\n", "1\0", "--1", "- 1", "1.2.3")
        ),
        *((text, "not a number") for text in ("nan", "NaN", "inf", "Infinity", "None", "null", "-", "1.0e3", "1/2")),
    ],
)
def test_integer_refusals_name_the_reason(text: str, reason: str) -> None:
    with pytest.raises(AmountError) as caught:
        parse_integer(text)
    assert (caught.value.text, caught.value.reason) == (text, reason)
    assert "\nHint: amounts are whole numbers" in str(caught.value)


@pytest.mark.parametrize("value", [None, 1, 1.0, b"1", True])
def test_what_is_not_text_is_not_parsed(value: object) -> None:
    with pytest.raises(AmountError, match="not a number"):
        parse_integer(value)  # type: ignore[arg-type]
    with pytest.raises(AmountError, match="not a number"):
        parse_units(value, 18)  # type: ignore[arg-type]


@settings(settings.get_profile("many"))
@given(st.text("0123456789.,-+_eE \n\0\u0661\uff11²x", max_size=12) | st.text(max_size=12))
def test_only_ascii_digits_are_an_integer(text: str) -> None:
    grammatical = text != "" and set(text) <= set("0123456789")
    try:
        assert parse_integer(text) == int(text)
    except AmountError:
        assert not grammatical
    else:
        assert grammatical


# ---- units -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "places", "amount"),
    [
        ("0.1", 18, 10**17),
        ("0", 18, 0),
        ("1", 0, 1),
        ("1.0", 0, 1),
        ("1.500000", 1, 15),
        ("007.50", 2, 750),
        ("173600.000000000000000001", 18, 173_600 * 10**18 + 1),
        ("21000000.00000000", 8, 21 * 10**14),
        (str(MAX), 0, MAX),
    ],
)
def test_units_are_exact(text: str, places: int, amount: int) -> None:
    assert parse_units(text, places) == parse_units(text, places, thousands=True) == amount


@settings(settings.get_profile("many"))
@given(amounts, decimals)
def test_units_round_trip(amount: int, places: int) -> None:
    text = format_units(amount, places)
    assert parse_units(text, places, thousands=True) == amount
    assert parse_units(text.replace(",", ""), places) == amount


@settings(settings.get_profile("many"))
@given(st.from_regex(r"[0-9]{1,40}(\.[0-9]{1,40})?", fullmatch=True), st.integers(0, 36))
def test_units_agree_with_decimal(text: str, places: int) -> None:
    with localcontext() as context:
        context.prec = 200
        scaled = Decimal(text).scaleb(places)
        exact = scaled == scaled.to_integral_value()
    if exact and scaled <= MAX:
        assert parse_units(text, places) == scaled
        return
    with pytest.raises(AmountError, match="above uint256" if exact else f"more than {places} decimals"):
        parse_units(text, places)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("0.1234567", "more than 6 decimals"),
        ("-1.5", "negative"),
        *(
            (text, "not a number")
            for text in ("", ".5", "1.", ".", "+1", "1 ", "1e6", "1_0.5", "1,000", "\u0661.\u0665", "1.5\n")
        ),
        *((text, "not a number") for text in ("1.5 ETH", "$1", "1.2.3", "1.-5", "nan", "1.5e-3")),
    ],
)
def test_unit_refusals_name_the_reason(text: str, reason: str) -> None:
    with pytest.raises(AmountError) as caught:
        parse_units(text, 6)
    assert (caught.value.text, caught.value.reason) == (text, reason)


@pytest.mark.parametrize(
    ("text", "amount"), [("1,234.5", 12345), ("1,234,567", 12345670), ("999", 9990), ("1234.5", 12345)]
)
def test_well_formed_groups_are_taken_when_asked_for(text: str, amount: int) -> None:
    assert parse_units(text, 1, thousands=True) == amount


@pytest.mark.parametrize(
    "text", ["1,23", "1234,567", "0,123", "01,234", ",123", "1,,234", "1,234,", "1.234,5", "1,234.5,6"]
)
def test_groups_that_could_mean_something_else_are_refused(text: str) -> None:
    with pytest.raises(AmountError, match="not a number"):
        parse_units(text, 6, thousands=True)


@pytest.mark.parametrize(
    ("amount", "places", "symbol", "expected"),
    [
        (173_600 * 10**18 + 1, 18, "ETH", "173,600.000000000000000001 ETH"),
        (10**18, 18, "ETH", "1 ETH"),
        (0, 18, "", "0"),
        (1, 8, "BTC", "0.00000001 BTC"),
        (1234, 0, "", "1,234"),
        (1234, None, "", "1,234 raw units"),
        (1234, None, "XYZ", "1,234 raw units of XYZ"),
        (2 * MAX, None, "", f"{2 * MAX:,} raw units"),
    ],
)
def test_amounts_for_people(amount: int, places: int | None, symbol: str, expected: str) -> None:
    assert format_units(amount, places, symbol) == expected


@pytest.mark.parametrize(("amount", "reason"), [(-1, "negative"), (1.5, "not a whole number"), (True, "not a number")])
def test_what_is_no_amount_is_not_formatted(amount: int, reason: str) -> None:
    with pytest.raises(AmountError, match=reason):
        format_units(amount, 18)


@pytest.mark.parametrize("places", [-1, 256])
def test_decimals_are_a_uint8(places: int) -> None:
    with pytest.raises(AmountError, match="0 to 255 decimals"):
        parse_units("1", places)
    with pytest.raises(AmountError, match="0 to 255 decimals"):
        format_units(1, places)
