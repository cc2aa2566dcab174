"""Addresses: what is taken, what it becomes, and the exact rule that a refused text breaks."""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256

import pytest
from embit import script as embit_script
from eth_utils import is_address, is_checksum_address, to_checksum_address
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chaintrace.errors import AddressError, ChainError
from chaintrace.model import address as module
from chaintrace.model.address import (
    format_address,
    is_account,
    parse_account,
    parse_address,
    script_account,
    transaction_account,
)
from chaintrace.model.base58 import ALPHABET, encode_check
from chaintrace.model.bech32 import encode_segwit
from chaintrace.model.bitcoin import MAIN
from chaintrace.model.chain import CHAINS, Chain, get_chain
from chaintrace.model.script import account_of, address_of, is_unspendable

# https://eips.ethereum.org/EIPS/eip-55
EIP55 = [
    "0x52908400098527886E0F7030069857D2E4169EE7",
    "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77",
    "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
    "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
    "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
]
MIXED = EIP55[4]

P2PKH = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
P2SH = "3P14159f73E4gFr7JterCCQh9QjiTjiZrG"
P2WPKH = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
P2TR = "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0"
ANCHOR = "bc1pfeessrawgf"
USDT_ON_TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
USDT_ON_TRON_HEX = "41a614f803b6fd780986a42c78ec9c7f77e6ded13c"

bodies = st.binary(min_size=20, max_size=20)
bitcoin_addresses = st.one_of(
    bodies.map(lambda body: encode_check(b"\x00" + body)),
    bodies.map(lambda body: encode_check(b"\x05" + body)),
    (bodies | st.binary(min_size=32, max_size=32)).map(lambda program: encode_segwit("bc", 0, program)),
    st.binary(min_size=32, max_size=32).map(lambda program: encode_segwit("bc", 1, program)),
)
tron_addresses = bodies.map(lambda body: encode_check(b"\x41" + body))


def reason(text: str, chain: str = "ethereum") -> str:
    with pytest.raises(AddressError) as caught:
        parse_address(text, chain)
    error = caught.value
    assert (error.text, error.chain) == (text, get_chain(chain).name)
    assert repr(text) in error.message
    assert "\nHint: copy the address again" in str(error)
    return error.reason


# ---- EVM ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", EIP55)
def test_eip55_vectors(text: str) -> None:
    assert parse_address(text) == text.lower()
    assert format_address(text.lower()) == text
    assert parse_address("0x" + text[2:].upper()) == text.lower()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "it is empty"),
        (" " + MIXED, "character 1 is U+0020 (space)"),
        (MIXED + "\n", "character 43 is U+000A (a control character)"),
        (MIXED[:20] + " " + MIXED[20:], "character 21 is U+0020"),
        (MIXED[:41] + "\0", "character 42 is U+0000 (a control character)"),
        (MIXED[:41] + "\u0661", "character 42 is U+0661 (arabic-indic digit one)"),
        (MIXED[:41] + "\uff11", "character 42 is U+FF11 (fullwidth digit one)"),
        ("0\u0445" + MIXED[2:], "character 2 is U+0445 (cyrillic small letter ha)"),
        (MIXED + "\u200b", "character 43 is U+200B (zero width space)"),
        (MIXED[2:], "it does not start with 0x"),
        ("0X" + MIXED[2:], "it does not start with 0x"),
        ("ronin:" + MIXED[2:], "it does not start with 0x"),
        ("0x", "it has 0 hexadecimal digits after 0x, an address has 40"),
        (MIXED[:-1], "it has 39 hexadecimal digits"),
        (MIXED + "0", "it has 41 hexadecimal digits"),
        ("0x" + "ab" * 32, "64 make a transaction hash"),
        (MIXED[:-1] + "g", "character 42, 'g', is not a hexadecimal digit"),
        (MIXED[:-1] + "D", "wrong EIP-55 checksum"),
        ("0x0" + MIXED[3:], "wrong EIP-55 checksum"),
    ],
)
def test_evm_refusals_name_the_rule(text: str, expected: str) -> None:
    assert expected in reason(text)


@settings(settings.get_profile("many"))
@given(bodies)
def test_evm_round_trip_agrees_with_eth_utils(body: bytes) -> None:
    canonical = "0x" + body.hex()
    checksummed = format_address(canonical)
    assert checksummed == to_checksum_address(canonical)
    assert parse_address(checksummed) == parse_address(canonical) == canonical


@settings(settings.get_profile("many"))
@given(bodies, st.integers(2, 41), st.sampled_from("0123456789abcdefABCDEFgGxX _"))
def test_a_changed_character_is_judged_as_eth_utils_does(body: bytes, place: int, character: str) -> None:
    checksummed = format_address("0x" + body.hex())
    text = checksummed[:place] + character + checksummed[place + 1 :]
    accepted = is_account(text, "ethereum")
    uniform = text[2:] in (text[2:].lower(), text[2:].upper())
    assert accepted == (is_address(text) and (uniform or is_checksum_address(text)))


@given(bodies, st.data())
def test_a_changed_capital_is_always_noticed(body: bytes, data: st.DataObject) -> None:
    checksummed = format_address("0x" + body.hex())
    letters = [place for place in range(2, 42) if checksummed[place].isalpha()]
    assume(letters)
    place = data.draw(st.sampled_from(letters))
    text = checksummed[:place] + checksummed[place].swapcase() + checksummed[place + 1 :]
    assume(text[2:] not in (text[2:].lower(), text[2:].upper()))
    assert "wrong EIP-55 checksum" in reason(text)


def test_every_evm_chain_reads_alike() -> None:
    for chain in (*CHAINS, get_chain("eip155:250")):
        if chain.family == "evm":
            assert parse_address(MIXED, chain) == parse_address(MIXED, chain.id) == MIXED.lower()
            assert format_address(MIXED.lower(), chain) == MIXED


def test_ronin_has_a_prefix_of_its_own() -> None:
    assert parse_address("ronin:" + MIXED[2:], "ronin") == MIXED.lower()
    assert parse_address(MIXED, "ronin") == MIXED.lower()
    assert "0x or ronin:" in reason("RONIN:" + MIXED[2:], "ronin")
    assert "39 hexadecimal digits after ronin:" in reason("ronin:" + MIXED[2:-1], "ronin")
    assert "character 46, 'g'" in reason("ronin:" + MIXED[2:-1] + "g", "ronin")
    assert "wrong EIP-55 checksum" in reason("ronin:" + MIXED[2:-1] + "D", "ronin")
    assert "character 8, 'x', is not a hexadecimal digit" in reason("ronin:0x" + MIXED[2:], "ronin")


# ---- Bitcoin -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [P2PKH, P2SH, P2WPKH, P2TR, ANCHOR, "1111111111111111111114oLvT2"])
def test_bitcoin_addresses_are_their_own_canonical_form(text: str) -> None:
    assert parse_address(text, "bitcoin") == format_address(text, "bitcoin") == text


def test_upper_case_bech32_becomes_lower_case() -> None:
    assert parse_address(P2TR.upper(), "bitcoin") == P2TR


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "it is empty"),
        (P2PKH + " ", "character 35 is U+0020"),
        (MIXED, "it does not start with 1, 3 or bc1"),
        ("tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7", "it does not start with 1, 3 or bc1"),
        ("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn", "it does not start with 1, 3 or bc1"),
        ("2MzQwSSnBHWHqSAqtTVQ6v47XtaisrJa1Vc", "it does not start with 1, 3 or bc1"),
        (P2PKH[:-1] + "b", "wrong base58check checksum"),
        (P2PKH[:-1] + "0", "character 34, '0', is not a base58 digit"),
        (P2PKH[:-1], "wrong base58check checksum"),
        ("1" + P2PKH, "wrong base58check checksum"),
        (encode_check(b"\x00" + bytes(21)), "it holds 22 bytes, an address holds 21"),
        ("1" * 91, "it has 91 characters"),
        (P2WPKH[:-1] + "5", "wrong bech32 checksum"),
        ("B" + P2WPKH[1:], "mixed"),
        (P2WPKH[:-1] + "b", "character 42, 'b', is not a bech32 digit"),
        ("bc1" + "q" * 88, "it has 91 characters, bech32 allows 90"),
        ("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kemeawh", "version 0 needs a bech32 checksum"),
        ("bc1pw5dgrnzv", "1 bytes"),
    ],
)
def test_bitcoin_refusals_name_the_rule(text: str, expected: str) -> None:
    assert expected in reason(text, "bitcoin")


def test_a_version_byte_that_only_shares_the_first_character_is_refused() -> None:
    text = next(
        text for low in range(256) if (text := encode_check(b"\x06" + bytes([low]) + bytes(19))).startswith("3")
    )
    assert "its version byte is 0x06, expected 0x00 or 0x05" in reason(text, "bitcoin")


def test_a_prefix_that_only_begins_like_the_right_one_is_refused() -> None:
    assert "its prefix is bc1q, expected bc" in reason(encode_segwit("bc1q", 0, bytes(20)), "bitcoin")


# BIP-173 (tb1…), Bitcoin Core's key_io_valid.json (the others).
TESTNET = {
    "mo9ncXisMeAoXwqcV5EWuyncbmCcQN4rVs": "76a91453c0307d6851aa0ce7825ba883c6bd9ad242b48688ac",
    "2N2JD6wb56AfK4tfmM6PwdVmoYk2dCKf4Br": "a9146349a418fc4578d10a372b54b45c280cc8c4382f87",
    "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7":
        "00201863143c14c5166804bd19203356da136c985678cd4d27a1b8c6329604903262",
    "tb1pqqqqp399et2xygdj5xreqhjjvcmzhxw4aywxecjdzew6hylgvsesf3hn0c":
        "5120000000c4a5cad46221b2a187905e5266362b99d5e91c6ce24d165dab93e86433",
}  # fmt: skip
REGTEST = "bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080"


@pytest.mark.parametrize("text", TESTNET)
def test_an_address_belongs_to_its_networks_only(text: str) -> None:
    segwit = text.startswith("tb1")
    for chain in ("bitcoin-testnet", "bitcoin-testnet4", "bitcoin-signet"):
        assert parse_address(text, chain) == text
        assert address_of(bytes.fromhex(TESTNET[text]), get_chain(chain).id) == text
    assert "as every address of the main network does" in reason(text, "bitcoin")
    assert is_account(text, "bitcoin-regtest") != segwit
    assert parse_address(REGTEST.upper(), "bitcoin-regtest") == REGTEST
    assert "it does not start with m, n, 2 or tb1" in reason(REGTEST, "bitcoin-testnet")
    assert "its version byte" in reason(encode_check(b"\x70" + bytes(20)), "bitcoin-testnet")


@given(
    st.binary(max_size=45)
    | st.builds(lambda op, program: bytes([op, len(program)]) + program, st.integers(0, 0x61), st.binary(max_size=42))
    | bodies.map(lambda body: b"\x76\xa9\x14" + body + b"\x88\xac")
    | bodies.map(lambda body: b"\xa9\x14" + body + b"\x87")
)
def test_a_script_pays_the_address_that_embit_says(script: bytes) -> None:
    """But for versions of witness programs that embit does not know."""
    assert account_of(script, MAIN.id) == (address_of(script, MAIN.id) or script_account(script))
    found = address_of(script, MAIN.id)
    if found is not None:
        assert parse_address(found, "bitcoin") == found
    if not 0x52 <= script[:1].ljust(1, b"\0")[0] <= 0x60 and (script[:1] != b"\x51" or len(script) == 34):
        assert found == _by_embit(script)


def _by_embit(script: bytes) -> str | None:
    try:
        return str(embit_script.Script(script).address())
    except (ValueError, embit_script.EmbitError):
        return None


def test_what_returns_at_once_or_is_too_long_is_never_spent() -> None:
    assert is_unspendable(b"\x6a")
    assert is_unspendable(bytes(10_001))
    assert not is_unspendable(bytes(10_000))
    assert not is_unspendable(b"")


@settings(settings.get_profile("many"))
@given(bitcoin_addresses)
def test_bitcoin_agrees_with_embit(text: str) -> None:
    assert parse_address(text, "bitcoin") == text
    assert embit_script.address_to_scriptpubkey(text).address() == text


@given(bitcoin_addresses | tron_addresses, st.data())
def test_a_wrong_character_is_always_noticed(text: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from([c for c in ALPHABET + "0l" if c != text[place]]))
    chain = "tron" if text.startswith("T") else "bitcoin"
    reason(text[:place] + wrong + text[place + 1 :], chain)


# ---- Tron --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [USDT_ON_TRON, USDT_ON_TRON_HEX, "0x" + USDT_ON_TRON_HEX, USDT_ON_TRON_HEX.upper()],
)
def test_tron_becomes_base58(text: str) -> None:
    assert parse_address(text, "tron") == USDT_ON_TRON
    assert format_address(USDT_ON_TRON, "tron") == USDT_ON_TRON


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (USDT_ON_TRON[:-1] + "u", "wrong base58check checksum"),
        (USDT_ON_TRON_HEX[:-1], "neither T"),
        ("0X" + USDT_ON_TRON_HEX, "neither T"),
        ("0x" + USDT_ON_TRON_HEX[2:], "neither T"),
        ("0x40" + USDT_ON_TRON_HEX[2:], "neither T"),
        (USDT_ON_TRON_HEX + "\n", "character 43 is U+000A"),
        (P2PKH, "neither T"),
        ("T" * 91, "it has 91 characters"),
    ],
)
def test_tron_refusals_name_the_rule(text: str, expected: str) -> None:
    assert expected in reason(text, "tron")


@given(bodies)
def test_tron_round_trip(body: bytes) -> None:
    text = encode_check(b"\x41" + body)
    assert text.startswith("T")
    assert len(text) == 34
    assert parse_address(text, "tron") == parse_address("41" + body.hex(), "tron") == text


# ---- all chains --------------------------------------------------------------------------------------------------


@settings(settings.get_profile("many"))
@given(
    st.text(max_size=50) | st.text("0xX123456789abcdefABCDEFTbcq", max_size=64) | st.from_regex("0x[0-9a-fA-F]{40}"),
    st.sampled_from(CHAINS),
)
def test_parsing_is_idempotent_and_knows_one_error(text: str, chain: Chain) -> None:
    with suppress(AddressError):
        canonical = parse_address(text, chain)
        assert parse_address(canonical, chain) == canonical
        assert parse_address(format_address(canonical, chain), chain) == canonical
        return
    assert reason(text, chain.id)


@pytest.mark.parametrize("value", [None, 5, 0.5, b"0x", bytearray(2), ["0x"], float("nan")])
def test_what_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(AddressError, match="it is not text but"):
        parse_address(value)  # type: ignore[arg-type]
    assert not is_account(value, "bitcoin")  # type: ignore[arg-type]


def test_an_unknown_chain_is_an_error_of_its_own() -> None:
    for call in (parse_address, format_address, parse_account):
        with pytest.raises(ChainError):
            call(MIXED, "etherium")


def test_repeats_are_remembered_and_bounded() -> None:
    module._parse.cache_clear()
    for _ in range(3):
        parse_address(MIXED)
    assert module._parse.cache_info().hits == 2
    assert module._parse.cache_info().maxsize == module.REMEMBERED


# ---- accounts that are not addresses -----------------------------------------------------------------------------


def test_a_transaction_is_an_account() -> None:
    txid = "4A5E1E4BAAB89F3A32518A88C31BC87F618F76673E2CC77AB2127B7AFDEDA33B"
    assert transaction_account(txid) == "tx:" + txid.lower()


@pytest.mark.parametrize("text", ["", "ab", "0x" + "ab" * 32, "ab" * 31 + "ag", "ab" * 32 + "\n", "\uff11" * 64])
def test_a_transaction_id_is_checked(text: str) -> None:
    with pytest.raises(AddressError, match="64 hexadecimal digits") as caught:
        transaction_account(text)
    assert "\nHint: copy the whole id" in str(caught.value)


@given(st.binary(max_size=80))
def test_a_script_is_an_account(script: bytes) -> None:
    assert script_account(script) == "script:" + sha256(script).hexdigest()


def test_accounts_are_known_on_utxo_chains_only() -> None:
    accounts = [transaction_account("ab" * 32), script_account(b"\x6a")]
    for account in accounts:
        assert parse_account(account, "bitcoin") == format_address(account, "bitcoin") == account
        assert format_address(account) == account
        assert is_account(account, "bitcoin")
        assert is_account(account)
        assert not is_account(account, "ethereum")
        assert not is_account(account.upper(), "bitcoin")
        assert not is_account(account[:-1], "bitcoin")
        with pytest.raises(AddressError):
            parse_address(account, "bitcoin")


@pytest.mark.parametrize("text", [MIXED, "ronin:" + MIXED[2:], P2PKH, P2TR, USDT_ON_TRON])
def test_is_account_without_a_chain_asks_all(text: str) -> None:
    assert is_account(text)
    assert not is_account(text + "!")


def test_parse_account_takes_addresses_too() -> None:
    assert parse_account(MIXED) == MIXED.lower()
    assert parse_account(P2TR.upper(), "bitcoin") == P2TR
