"""How an asset is shown: symbol and decimals, text that says nothing about identity."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chaintrace.model.amount import format_units
from chaintrace.model.chain import CHAINS


@dataclass(frozen=True, slots=True)
class Token:
    """``origin`` says who states the decimals."""

    symbol: str
    decimals: int
    origin: str = ""


NATIVES: Mapping[str, Token] = {chain.native: Token(chain.symbol, chain.decimals, "the chain") for chain in CHAINS}


def show(amount: int, asset: str, tokens: Mapping[str, Token] = NATIVES) -> str:
    """An exact amount for people: ``173,600 ETH``; ``1,234 raw units of eip155:1/erc20:0x…`` where the decimals are
    unknown."""
    token = tokens.get(asset)
    return format_units(amount, token.decimals, token.symbol) if token else f"{format_units(amount, None)} of {asset}"
