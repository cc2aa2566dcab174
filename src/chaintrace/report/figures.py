"""Figures for people: shares and short amounts."""

from __future__ import annotations

from collections.abc import Mapping

from chaintrace.model.token import NATIVES, Token, show


def sum_of(amounts: Mapping[str, int], tokens: Mapping[str, Token] = NATIVES) -> str:
    """``173,600 ETH and 25,500,000 USDC``; ``nothing`` of nothing."""
    return " and ".join(show(amount, asset, tokens) for asset, amount in amounts.items()) or "nothing"


def count(number: int, noun: str) -> str:
    """``1 account``, ``1,234 accounts``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def name_of(asset: str, tokens: Mapping[str, Token] = NATIVES) -> str:
    """The symbol by which a known asset is shown, else its CAIP-19 id."""
    return tokens[asset].symbol if asset in tokens else asset
