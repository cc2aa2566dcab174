"""Base58Check against its own inverse, and against embit."""

from __future__ import annotations

import pytest
from embit import base58 as embit_base58
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.model.base58 import ALPHABET, decode_check, encode_check


@settings(settings.get_profile("many"))
@given(st.binary(max_size=40) | st.binary(max_size=20).map(lambda body: bytes(5) + body))
def test_round_trip_and_agreement_with_embit(payload: bytes) -> None:
    text = encode_check(payload)
    assert decode_check(text) == payload
    assert text == embit_base58.encode_check(payload)


@given(st.text(ALPHABET + "0OIl", max_size=50))
def test_what_embit_refuses_is_refused(text: str) -> None:
    try:
        expected = embit_base58.decode_check(text)
    except Exception:
        expected = None
    try:
        found = decode_check(text)
    except ValueError:
        found = None
    assert found == expected


@pytest.mark.parametrize("character", [*"0OIl", " ", "\0", "\n", "\u0661", "é", "-"])
def test_the_character_that_is_no_digit_is_named(character: str) -> None:
    with pytest.raises(ValueError, match=r"character 3, .* is not a base58 digit"):
        decode_check("11" + character)


@pytest.mark.parametrize("text", ["", "1", "111", "3QJmni"])
def test_too_short_for_a_checksum_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="checksum"):
        decode_check(text)
