"""Counterfeits: tokens that call themselves what another, known token is called."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import category, normalize

import numpy as np

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.parties import proof
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.model.asset import chain_of, contract_of, parse_asset
from chaintrace.model.chain import get_chain
from chaintrace.model.wrapped import wrapped_token

ISSUED = (
    ("eip155:1", "USDT", "0xdAC17F958D2ee523a2206206994597C13D831ec7"),
    ("eip155:1", "USDC", "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"),
    ("eip155:1", "DAI", "0x6B175474E89094C44Da98b954EedeAC495271d0F"),
    ("eip155:1", "WBTC", "0x2260FAC5E5542a773Aa44fBCfeDf7C193bc2C599"),
    ("tron:0x2b6653dc", "USDT", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),
)
"""Chain, symbol and contract, with checksum, of tokens that are often imitated. Those of Ethereum as the published data
of the Nomad incident name them, Tron's as its explorer does."""

_LIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТХУԌԚԜѴΑΒΕΖΗΙΚΜΝΟΡΤΥΧ015$₮|",  # noqa: RUF001
    "ABESIJKMHOPCTXYGQWVABEZHIKMNOPTYXOISSTI",
)
"""Letters and digits that look like Latin capitals: a small part of what Unicode TR39 lists."""


@dataclass(frozen=True)
class CounterfeitThresholds:
    """``known``: chain, symbol and contract of tokens that are what they say; the chains' coins and their wrapped coins
    are known too. ``longest``: letters of a symbol that are read. Our own."""

    known: tuple[tuple[str, str, str], ...] = ISSUED
    longest: int = 64


@heuristic(
    "counterfeit-token",
    CounterfeitThresholds(),
    doubt="Bridges make honest tokens of one symbol on one chain as well. Symbols that were not fetched are not known.",
)
def counterfeit_token(rows: Rows, labels: Known, at: CounterfeitThresholds) -> Iterator[Finding]:
    """A token whose symbol looks like that of a known one, and is another's."""
    moves = rows.moves
    genuine = _genuine(moves, at)
    # THRESHOLD
    for number, asset in enumerate(moves.assets.to_pylist()):
        contract = contract_of(asset)
        token = rows.tokens.get(asset)
        if contract is None or token is None or asset in genuine.values():
            continue
        shape = skeleton(token.symbol[: at.longest])
        imitated = genuine.get((chain_of(asset), shape))
        if imitated is not None:
            found = np.flatnonzero(moves.asset == number)
            # CLAIM, EVIDENCE
            yield Finding(
                subject=contract,
                claim="is a token that calls itself what another, known token is called",
                confidence=80,
                evidence={"symbol": token.symbol, "looks_like": shape, "known": imitated, "rows": len(found)},
                **proof(moves, found),
            )
    # DOUBT: of the rule


def skeleton(symbol: str) -> str:
    """What a symbol looks like in Latin capitals. Rule: after Unicode TR39, with a small table of our own."""
    shown = "".join(letter for letter in normalize("NFKD", symbol) if category(letter)[0] not in "CMZ")
    return shown.replace("l", "I").upper().translate(_LIKE)


def _genuine(moves: Moves, at: CounterfeitThresholds) -> dict[tuple[str, str], str]:
    """The known asset behind each chain and look."""
    found: dict[tuple[str, str], str] = {}
    for chain in sorted({chain_of(asset) for asset in moves.assets.to_pylist()}):
        coin = get_chain(chain)
        found |= {(chain, skeleton(token.symbol)): asset for asset, token in wrapped_token(chain).items()}
        found[chain, skeleton(coin.symbol)] = coin.native
    return found | {(chain, skeleton(symbol)): parse_asset(contract, chain) for chain, symbol, contract in at.known}
