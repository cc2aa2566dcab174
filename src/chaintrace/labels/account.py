"""Account: the one form in which a list's address is kept, whatever form the list wrote it in.

Chains that chaintrace does not follow (Litecoin, Monero …) are named ``other:LTC``, by the list's own ticker; their
addresses are kept letter by letter.
"""

from __future__ import annotations

import re

from chaintrace.errors import AddressError, ChainError
from chaintrace.model.address import parse_account
from chaintrace.model.base58 import decode_check
from chaintrace.model.chain import CHAINS, get_chain

OTHER = "other:"
LONGEST = 128

BITCOIN, TRON = get_chain("bitcoin").id, get_chain("tron").id


# Tickers of coins and of tokens that live on several chains, as lists write them.
FAMILIES = {
    "XBT": ("bitcoin",), "BTC": ("bitcoin",), "TRX": ("tron",), "TRON": ("tron",),
    "USDT": ("ethereum", "tron", "bitcoin"), "USDC": ("ethereum", "tron"),
    "ETH": ("ethereum",), "ETC": ("ethereum",), "ARB": ("ethereum",), "BSC": ("ethereum",), "BEP20": ("ethereum",),
}  # fmt: skip

_EVM = re.compile(r"0x[0-9a-f]{40}")
_EVM_LIKE = re.compile(r"0[xX][0-9a-fA-F]{40}")
_TICKER = re.compile(r"[A-Z0-9-]{1,12}")
_VISIBLE = re.compile(r"[!-~]+")
_LOWERED = re.compile(r"[1-9a-z]{26,}")
# Their plain addresses are base58check, as Bitcoin's are, and shorter than their bech32 and CashAddr forms.
_SHORT = re.compile(r"[0-9A-Za-z]{1,36}")
_CHECKED = frozenset({"BCH", "BSV", "BTG", "DASH", "DOGE", "LTC", "XVG", "ZEC"})
# base58 without that checksum
_CASED = frozenset({"SOL", "XMR", "XRP"})


def canonical(text: str, chain: str = "") -> str:
    """The canonical form of an account on ``chain``, or on the first known chain on which it is one; EVM chains share
    their addresses. AddressError if on none, or if it is no text."""
    if not isinstance(text, str):
        raise AddressError(repr(text)[:LONGEST], chain or "any chain", f"it is {type(text).__name__}, not text")
    if _EVM.fullmatch(text) and not chain:
        return text
    if chain.startswith(OTHER):
        return _elsewhere(text, chain)
    problem: AddressError | None = None
    for one in (chain,) if chain else CHAINS:
        try:
            return parse_account(text, one)
        except AddressError as error:
            problem = problem or error
    raise problem or AddressError(text, chain, "no chain is known")


def chain_named(text: str) -> str:
    """The CAIP-2 id of a known chain, ``other:`` and a ticker as it is; empty stays empty. ChainError otherwise."""
    if not text or (text.startswith(OTHER) and _TICKER.fullmatch(text.removeprefix(OTHER))):
        return text
    return get_chain(text).id


def locate(text: str, ticker: str) -> tuple[str, str]:
    """(chain, address) of an address that a list gives with a ticker.

    What has the form of an EVM address is one on every EVM chain, so its chain is empty: one key holds all of them.
    AddressError where it is no address of the ticker's chain, or where base58 has lost its capitals: such a row is
    unusable, since another address, or none, would be matched.
    """
    text, ticker = text.strip(" \t\r\n"), ticker.strip().upper()
    if _EVM_LIKE.fullmatch(text):
        return "", canonical(text)
    if not ticker:
        return "", canonical(text)
    families = FAMILIES.get(ticker)
    if families is not None:
        return _followed(text, families)
    if not _TICKER.fullmatch(ticker):
        raise ChainError(ticker, tuple(FAMILIES))
    return OTHER + ticker, _elsewhere(text, OTHER + ticker)


def _followed(text: str, families: tuple[str, ...]) -> tuple[str, str]:
    """On the chain that the ticker stands for, or, where a list took the wrong ticker, on the one whose checksum it
    has. The error is that of the ticker's own chain."""
    problem: AddressError | None = None
    for family in dict.fromkeys((*families, "bitcoin", "tron")):
        try:
            return (get_chain(family).id if family != "ethereum" else ""), parse_account(text, family)
        except AddressError as error:
            problem = problem or error
    assert problem is not None
    raise problem


def _elsewhere(text: str, chain: str) -> str:
    ticker = chain.removeprefix(OTHER)
    if not _VISIBLE.fullmatch(text) or len(text) > LONGEST:
        raise AddressError(text[:LONGEST], ticker, f"an address has 1 to {LONGEST} visible ASCII characters")
    if ticker in _CHECKED and _SHORT.fullmatch(text):
        try:
            decode_check(text)
        except ValueError as error:
            raise AddressError(text, ticker, str(error)) from None
    # Of 26 random base58 digits at least one is a capital, but once in a million.
    if ticker in _CASED and _LOWERED.fullmatch(text):
        raise AddressError(text, ticker, "it has no capital, so the case of its letters was lost")
    return text
