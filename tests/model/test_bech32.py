"""The vectors of BIP-173 and BIP-350, and agreement with embit."""

from __future__ import annotations

import pytest
from embit import bech32 as embit_bech32
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.model.bech32 import BECH32, BECH32M, CHARSET, decode, decode_segwit, encode, encode_segwit

VALID_BECH32 = [
    "A12UEL5L",
    "a12uel5l",
    "an83characterlonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1tt5tgs",
    "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw",
    "11" + "q" * 82 + "c8247j",
    "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w",
    "?1ezyfcl",
]

VALID_BECH32M = [
    "A1LQFN3A",
    "a1lqfn3a",
    "an83characterlonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11sg7hg6",
    "abcdef1l7aum6echk45nj3s0wdvt2fg8x9yrzpqzd3ryx",
    "11" + "l" * 82 + "ludsr8",
    "split1checkupstagehandshakeupstreamerranterredcaperredlc445v",
    "?1v759aa",
]

INVALID = [
    # BIP-173
    ("\x201nwldj5", "printable"),
    ("\x7f1axkwrx", "printable"),
    ("\x801eym55h", "printable"),
    ("an84characterslonghumanreadablepartthatcontainsthenumber1andtheexcludedcharactersbio1569pvx", "91 characters"),
    ("pzry9x0s0muk", "prefix"),
    ("1pzry9x0s0muk", "prefix"),
    ("x1b4n0q5v", "character 3, 'b'"),
    ("li1dgmt3", "too short"),
    ("de1lg7wt\xff", "printable"),
    ("A1G7SGD8", "wrong bech32 checksum"),
    ("10a06t8", "prefix"),
    ("1qzzfhee", "prefix"),
    # BIP-350
    ("\x201xj0phk", "printable"),
    ("\x7f1g6xzxy", "printable"),
    ("\x801vctc34", "printable"),
    ("an84characterslonghumanreadablepartthatcontainsthetheexcludedcharactersbioandnumber11d6pts4", "91 characters"),
    ("qyrz8wqd2c9m", "prefix"),
    ("1qyrz8wqd2c9m", "prefix"),
    ("y1b0jsk6g", "character 3, 'b'"),
    ("lt1igcx5c0", "character 4, 'i'"),
    ("in1muywd", "too short"),
    ("mm1crxm3i", "character 9, 'i'"),
    ("au1s5cgom", "character 8, 'o'"),
    ("M1VUXWEZ", "wrong bech32 checksum"),
    ("16plkw9", "prefix"),
    ("1p2gdwpf", "prefix"),
    ("A12uEL5L", "mixed"),
]

VALID_SEGWIT = [
    ("BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4", "0014751e76e8199196d454941c45d1b3a323f1433bd6"),
    (
        "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
        "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
    ),
    (
        "bc1pw508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kt5nd6y",
        "5128751e76e8199196d454941c45d1b3a323f1433bd6751e76e8199196d454941c45d1b3a323f1433bd6",
    ),
    ("BC1SW50QGDZ25J", "6002751e"),
    ("bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs", "5210751e76e8199196d454941c45d1b3a323"),
    (
        "tb1qqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesrxh6hy",
        "0020000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    ),
    (
        "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c",
        "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
    ),
    (
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
        "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798",
    ),
]

INVALID_SEGWIT = [
    # BIP-350
    ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd", "version 1 needs a bech32m"),
    ("tb1z0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqglt7rf", "version 2 needs a bech32m"),
    ("BC1S0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL", "version 16 needs a bech32m"),
    ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "version 0 needs a bech32 "),
    ("tb1q0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq24jc47", "version 0 needs a bech32 "),
    ("bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4", "'o', is not a bech32 digit"),
    ("BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R", "version 17 does not exist"),
    ("bc1pw5dgrnzv", "1 bytes, allowed are 2 to 40"),
    ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav", "41 bytes"),
    ("BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P", "16 bytes, version 0 allows 20 or 32"),
    ("tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq", "mixed"),
    ("bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf", "padding"),
    ("tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j", "padding"),
    ("bc1gmk9yu", "no witness version"),
    # BIP-173, with BIP-350's second thoughts about versions above 0
    ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5", "wrong bech32 checksum"),
    ("BC13W508D6QEJXTDG4Y5R3ZARVARY0C5XW7KN40WF2", "version 17 does not exist"),
    ("bc1rw5uspcuh", "1 bytes, allowed are 2 to 40"),
    ("bc10w508d6qejxtdg4y5r3zarvary0c5xw7kw508d6qejxtdg4y5r3zarvary0c5xw7kw5rljs90", "41 bytes"),
    ("bc1zw508d6qejxtdg4y5r3zarvaryvqyzf3du", "padding"),
    ("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3pjxtptv", "padding"),
    ("BC1SW50QA3JX3S", "version 16 needs a bech32m"),
]

programs = st.one_of(
    st.tuples(st.just(0), st.binary(min_size=20, max_size=20) | st.binary(min_size=32, max_size=32)),
    st.tuples(st.integers(1, 16), st.binary(min_size=2, max_size=40)),
)


@pytest.mark.parametrize(
    ("text", "constant"),
    [(text, BECH32) for text in VALID_BECH32] + [(text, BECH32M) for text in VALID_BECH32M],
)
def test_valid_vectors(text: str, constant: int) -> None:
    prefix, values, found = decode(text)
    assert found == constant
    assert encode(prefix, values, constant) == text.lower()


@pytest.mark.parametrize(("text", "reason"), INVALID)
def test_invalid_vectors(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode(text)


@pytest.mark.parametrize(("text", "script"), VALID_SEGWIT)
def test_valid_segwit_vectors(text: str, script: str) -> None:
    prefix, version, program = decode_segwit(text)
    opcode = version + 0x50 if version else 0
    assert bytes([opcode, len(program)]) + program == bytes.fromhex(script)
    assert encode_segwit(prefix, version, program) == text.lower()


@pytest.mark.parametrize(("text", "reason"), INVALID_SEGWIT)
def test_invalid_segwit_vectors(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode_segwit(text)


@settings(settings.get_profile("many"))
@given(programs)
def test_round_trip_and_agreement_with_embit(program: tuple[int, bytes]) -> None:
    text = encode_segwit("bc", *program)
    assert text == embit_bech32.encode("bc", program[0], list(program[1]))
    assert decode_segwit(text) == decode_segwit(text.upper()) == ("bc", *program)


@settings(settings.get_profile("many"))
@given(
    st.sampled_from([BECH32, BECH32M]),
    st.integers(0, 31),
    st.lists(st.integers(0, 31), max_size=70),
)
def test_the_same_texts_are_addresses_as_for_embit(constant: int, version: int, values: list[int]) -> None:
    text = encode("bc", [version, *values], constant)
    expected_version, expected_program = embit_bech32.decode("bc", text)
    try:
        found = decode_segwit(text)
    except ValueError:
        assert expected_version is None
    else:
        assert found == ("bc", expected_version, bytes(expected_program))


@given(programs, st.data())
def test_up_to_four_wrong_characters_are_always_noticed(program: tuple[int, bytes], data: st.DataObject) -> None:
    """BIP-173 guarantees it for substitutions behind the prefix."""
    text = encode_segwit("bc", *program)
    places = data.draw(st.lists(st.integers(3, len(text) - 1), min_size=1, max_size=4, unique=True))
    wrong = list(text)
    for place in places:
        wrong[place] = data.draw(st.sampled_from([c for c in CHARSET if c != text[place]]))
    with pytest.raises(ValueError, match="bech32"):
        decode("".join(wrong))


@pytest.mark.parametrize(("version", "length"), [(0, 19), (0, 40), (1, 1), (1, 41), (17, 32), (-1, 32)])
def test_no_address_is_made_that_does_not_exist(version: int, length: int) -> None:
    with pytest.raises(ValueError, match="witness"):
        encode_segwit("bc", version, bytes(length))
