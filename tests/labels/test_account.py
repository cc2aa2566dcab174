"""Accounts: every form of an address is one account, and a form that lost something is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import AddressError, ChainError
from chaintrace.labels.account import BITCOIN, TRON, canonical, chain_named, locate
from chaintrace.model.address import format_address
from chaintrace.model.base58 import encode_check

EVM = st.binary(min_size=20, max_size=20).map(lambda raw: "0x" + raw.hex())
BASE58 = st.tuples(st.sampled_from([b"\0", b"\5"]), st.binary(min_size=20, max_size=20)).map(
    lambda pair: encode_check(pair[0] + pair[1])
)
TICKERS = st.sampled_from(["ETH", "ETC", "ARB", "BSC", "USDC", "USDT", "XBT", "LTC", ""])


@given(EVM, TICKERS)
def test_an_evm_address_is_one_on_every_chain_whatever_its_ticker(address: str, ticker: str) -> None:
    for form in (address, format_address(address), "0x" + address[2:].upper(), f" {address}\n"):
        assert locate(form, ticker) == ("", address)


@given(BASE58)
def test_bitcoin_is_case_sensitive(address: str) -> None:
    assert locate(address, "XBT") == (BITCOIN, address)
    for form in (address.lower(), address.upper(), address.swapcase()):
        if form != address:
            with pytest.raises(AddressError):
                locate(form, "XBT")


@given(st.binary(min_size=20, max_size=20))
def test_a_wrong_ticker_is_put_right_by_the_checksum(raw: bytes) -> None:
    """The SDN list has a Tron address under XBT."""
    assert locate(encode_check(b"\x41" + raw), "XBT")[0] == TRON
    assert locate(encode_check(b"\0" + raw), "TRX")[0] == BITCOIN
    assert locate(encode_check(b"\0" + raw), "USDT")[0] == BITCOIN, "Omni"


@given(st.binary(min_size=20, max_size=20), st.sampled_from(["LTC", "DASH", "DOGE", "ZEC", "BCH", "BTG", "XVG", "BSV"]))
def test_chains_that_are_not_followed_keep_every_letter(raw: bytes, ticker: str) -> None:
    address = encode_check(b"\x30" + raw)
    assert locate(address, ticker) == (f"other:{ticker}", address)
    with pytest.raises(AddressError):
        locate(address.lower(), ticker)


@pytest.mark.parametrize(
    ("address", "ticker"),
    [
        ("qpusmp64rajses77x95g9ah825mtyyv74smwwkxhx3", "BCH"),
        ("bitcoincash:qptsxhxxuyww0a3s3gy2ee9cwdgjhz7pqyw9d2dwsl", "BCH"),
        ("ltc1qw508d6qejxtdg4y5r3zarvary0c5xw7kgmn4n9", "LTC"),
        ("rnXyVQzgxZe7TR1EPzTkGj2jxH4LMJYh66", "XRP"),
        ("bnb142q467df6jun6rt5u2ar58sp47hm5f9wvz2cvg", "BNB"),
    ],
)
def test_forms_without_capitals_are_none_that_lost_them(address: str, ticker: str) -> None:
    assert locate(address, ticker) == (f"other:{ticker}", address)


@pytest.mark.parametrize("ticker", ["SOL", "XMR", "XRP"])
def test_base58_without_a_capital_has_lost_them(ticker: str) -> None:
    with pytest.raises(AddressError, match="case of its letters was lost"):
        locate("rnxyvqzgxze7tr1epztkgj2jxh4lmjyh66", ticker)


def test_what_is_no_address() -> None:
    for text, ticker in (
        ("", "ETH"),
        ("0x12", "ETH"),
        ("x" * 129, "XMR"),
        ("a b", "XMR"),
        ("\u0430" * 30, "XMR"),
        ("0x12", ""),
    ):
        with pytest.raises(AddressError):
            locate(text, ticker)
    with pytest.raises(ChainError):
        locate("abc", "../../x")


def test_names_of_chains() -> None:
    assert [chain_named(name) for name in ("", "btc", "ethereum", "other:LTC")] == [
        "",
        BITCOIN,
        "eip155:1",
        "other:LTC",
    ]
    for name in ("other:", "other:ltc", "LTC", "other:" + "X" * 20):
        with pytest.raises(ChainError):
            chain_named(name)
    assert canonical("LTC-address", "other:NEW") == "LTC-address"
