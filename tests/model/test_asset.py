"""Assets: one canonical CAIP-19 id for each thing that moves."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import AssetError, ChainError
from chaintrace.model.address import format_address
from chaintrace.model.asset import chain_of, contract_of, native, parse_asset
from chaintrace.model.base58 import encode_check
from chaintrace.model.chain import CHAINS, Chain, get_chain

USDC = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"
USDC_ASSET = "eip155:1/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
USDT_ON_TRON = "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"
LETTERS_ONLY = "TDhzhvYkExobkWGaKQrRKLpsnipkPSJVSg"  # one Tron address in some 200 has no digit
BITCOIN = "bip122:000000000019d6689c085ae165831e93"

bodies = st.binary(min_size=20, max_size=20).filter(lambda body: body not in (bytes(20), b"\xee" * 20))


@pytest.mark.parametrize(
    ("text", "chain", "expected"),
    [
        ("native", "ethereum", "eip155:1/slip44:60"),
        ("native", "bitcoin", BITCOIN + "/slip44:0"),
        ("native", "eip155:250", "eip155:250/slip44:60"),
        ("eip155:1/slip44:60", "ethereum", "eip155:1/slip44:60"),
        (USDC, "ethereum", USDC_ASSET),
        (USDC.lower(), "ethereum", USDC_ASSET),
        ("eip155:1/erc20:" + USDC, "ethereum", USDC_ASSET),
        (USDC_ASSET, "bitcoin", USDC_ASSET),
        (USDC, "base", USDC_ASSET.replace(":1/", ":8453/")),
        ("ronin:" + USDC[2:], "ronin", USDC_ASSET.replace(":1/", ":2020/")),
        (USDT_ON_TRON, "tron", "tron:0x2b6653dc/trc20:" + USDT_ON_TRON),
        ("tron:0x2b6653dc/trc20:" + USDT_ON_TRON, "ethereum", "tron:0x2b6653dc/trc20:" + USDT_ON_TRON),
        (LETTERS_ONLY, "tron", "tron:0x2b6653dc/trc20:" + LETTERS_ONLY),
        ("41a614f803b6fd780986a42c78ec9c7f77e6ded13c", "tron", "tron:0x2b6653dc/trc20:" + USDT_ON_TRON),
    ],
)
def test_every_written_form_has_one_canonical_id(text: str, chain: str, expected: str) -> None:
    assert parse_asset(text, chain) == expected
    assert parse_asset(expected) == expected


@pytest.mark.parametrize(
    ("text", "chain", "reason"),
    [
        ("", "ethereum", "it is empty"),
        ("ETH", "ethereum", "does not start with 0x"),
        ("USDC", "ethereum", "does not start with 0x"),
        ("NATIVE", "ethereum", "does not start with 0x"),
        (" native", "ethereum", "character 1 is U+0020"),
        ("eip155:1", "ethereum", "does not start with 0x"),
        ("eip155:1/erc20", "ethereum", "it is not a CAIP-19 id"),
        ("EIP155:1/erc20:" + USDC, "ethereum", "it is not a CAIP-19 id"),
        ("eip155:1/ERC20:" + USDC, "ethereum", "it is not a CAIP-19 id"),
        ("eip155:1/erc721:" + USDC + "/7", "ethereum", "it is not a CAIP-19 id"),
        ("\u0435ip155:1/slip44:60", "ethereum", "it is not a CAIP-19 id"),
        ("eip155:01/slip44:60", "ethereum", "unknown chain 'eip155:01'"),
        ("solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501", "ethereum", "unknown chain"),
        ("eip155:1/slip44:0", "ethereum", "the native coin of ethereum is eip155:1/slip44:60"),
        ("eip155:1/slip44:060", "ethereum", "the native coin of ethereum is"),
        ("eip155:1/erc721:" + USDC, "ethereum", "assets of ethereum are of slip44 and erc20, not erc721"),
        ("eip155:1/trc20:" + USDT_ON_TRON, "ethereum", "not trc20"),
        ("tron:0x2b6653dc/erc20:" + USDC, "ethereum", "assets of tron are of slip44 and trc20, not erc20"),
        ("tron:0x2B6653DC/trc20:" + USDT_ON_TRON, "ethereum", "did you mean 'tron:0x2b6653dc'?"),
        (BITCOIN + "/brc20:ordi", "ethereum", "assets of bitcoin are of slip44, not brc20"),
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "bitcoin", "bitcoin has no token contracts"),
        (USDC[:-1], "ethereum", "as a contract of ethereum, it has 39 hexadecimal digits"),
        ("eip155:1/erc20:" + USDC.replace("A0b", "a0b"), "ethereum", "wrong EIP-55 checksum"),
        ("0x" + "0" * 40, "ethereum", "write 'native'"),
        ("0xEeeeeEeeeEeEeeEeEeEeeEEEeeeeEeeeeeeeEEeE", "ethereum", "write 'native'"),
    ],
)
def test_refusals_name_the_rule_and_end_in_a_hint(text: str, chain: str, reason: str) -> None:
    with pytest.raises(AssetError) as caught:
        parse_asset(text, chain)
    assert reason in caught.value.reason
    assert repr(text) in caught.value.message
    assert "\nHint: use a CAIP-19 id" in str(caught.value)


@pytest.mark.parametrize("value", [None, 60, b"native"])
def test_what_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(AssetError, match="it is not text but"):
        parse_asset(value)  # type: ignore[arg-type]


def test_an_unknown_chain_is_an_error_of_its_own() -> None:
    for call in (native, lambda chain: parse_asset("native", chain)):
        with pytest.raises(ChainError):
            call("etherium")


def test_the_native_coin_of_every_chain() -> None:
    for chain in (*CHAINS, get_chain("eip155:250")):
        asset = native(chain)
        assert asset == parse_asset("native", chain) == parse_asset(asset) == chain.native
        assert (chain_of(asset), contract_of(asset)) == (chain.id, None)


@given(bodies, st.sampled_from([chain for chain in CHAINS if chain.family != "utxo"]))
def test_a_token_is_its_chain_and_contract(body: bytes, chain: Chain) -> None:
    contract = "0x" + body.hex() if chain.family == "evm" else encode_check(b"\x41" + body)
    asset = parse_asset(format_address(contract, chain), chain)
    assert (chain_of(asset), contract_of(asset)) == (chain.id, contract)
    assert parse_asset(asset) == asset


@given(st.text(max_size=40), st.sampled_from(CHAINS))
def test_no_text_ends_in_another_error(text: str, chain: Chain) -> None:
    with suppress(AssetError):
        asset = parse_asset(text, chain)
        assert parse_asset(asset) == asset


@pytest.mark.parametrize("text", ["", "native", "eip155:1"])
def test_the_parts_of_no_asset_are_refused(text: str) -> None:
    for call in (chain_of, contract_of):
        with pytest.raises(AssetError, match="not a CAIP-19 id"):
            call(text)
