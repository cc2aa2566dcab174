"""Wrapped: the contracts that turn a chain's coin into a token and back, one for one."""

from __future__ import annotations

from chaintrace.model.address import parse_address
from chaintrace.model.asset import parse_asset
from chaintrace.model.chain import get_chain
from chaintrace.model.token import Token

WRAPPED = {
    "eip155:1": "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2",
    "eip155:10": "0x4200000000000000000000000000000000000006",
    "eip155:56": "0xbb4CdB9CBd36B01bD1cBaEBF2De08d9173bc095c",
    "eip155:100": "0xe91D153E0b41518A2Ce8Dd3D7944Fa863463a97d",
    "eip155:137": "0x0d500B1d8E8eF31E21C99d1Db9A6444d3ADf1270",
    "eip155:8453": "0x4200000000000000000000000000000000000006",
    "eip155:42161": "0x82aF49447D8a07e3bd95BD0d56f35241523fBab1",
    "eip155:43114": "0xB31f66AA3C1e785363F0875A1B74E27b85FD66c7",
    "tron:0x2b6653dc": "TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFR",
}
"""Chain to the address of its wrapped coin, with checksum; each is the address that the chain's own explorer and the
predeploys of the OP Stack (0x42…06) name."""


def wrapped_token(chain: str) -> dict[str, Token]:
    """How the chain's wrapped coin is shown, by its asset: the contract is known, so that its symbol is no claim."""
    coin = get_chain(chain)
    return {
        parse_asset(address, chain): Token(f"W{coin.symbol}", coin.decimals, "the chain") for address in wrapper(chain)
    }


def wrapper(chain: str) -> tuple[str, ...]:
    """The canonical address of the chain's wrapped coin, in a tuple; empty where none is known."""
    return (parse_address(WRAPPED[chain], chain),) if chain in WRAPPED else ()
