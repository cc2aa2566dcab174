"""Chain: a network by its CAIP-2 id. Short names are aliases at the edge and never stored."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from chaintrace.errors import ChainError
from chaintrace.model.bitcoin import MAIN, TESTS, Network

Family = Literal["evm", "utxo", "tron"]

# CAIP-2: a reference has at most 32 characters; EIP-155 chain ids are positive and written without leading zeros.
_EIP155 = re.compile(r"eip155:[1-9][0-9]{0,31}")
_ETHER = 60


@dataclass(frozen=True, slots=True)
class Chain:
    """A network.

    ``id``        CAIP-2, such as ``eip155:1``.
    ``native``    CAIP-19 of the coin that pays its fees, such as ``eip155:1/slip44:60``.
    ``symbol``    that coin's ticker, for people only.
    ``decimals``  digits between the coin and its base unit: 18 for wei, 8 for satoshi, 6 for sun.
    """

    id: str
    name: str
    family: Family
    native: str
    symbol: str
    decimals: int
    aliases: tuple[str, ...] = ()

    def __hash__(self) -> int:
        return hash(self.id)


def _evm(number: int, name: str, symbol: str, coin: int, *aliases: str) -> Chain:
    chain_id = f"eip155:{number}"
    return Chain(chain_id, name, "evm", f"{chain_id}/slip44:{coin}", symbol, 18, aliases)


def _bitcoin(network: Network, symbol: str, *aliases: str) -> Chain:
    native = f"{network.id}/slip44:{network.coin}"
    return Chain(network.id, network.name, "utxo", native, symbol, 8, aliases)


_TRON = "tron:0x2b6653dc"

# Coin types: SLIP-44. The rollups pay in ether, so theirs is 60. For Ronin's RON no coin type of its own could be
# confirmed; it stands under 60 too, and the chain part of the id keeps it apart from ether.
CHAINS: tuple[Chain, ...] = (
    _evm(1, "ethereum", "ETH", _ETHER, "eth", "mainnet"),
    _bitcoin(MAIN, "BTC", "btc"),
    Chain(_TRON, "tron", "tron", f"{_TRON}/slip44:195", "TRX", 6, ("trx",)),
    _evm(56, "bnb", "BNB", 714, "bsc", "binance"),
    _evm(137, "polygon", "POL", 966, "matic", "pol"),
    _evm(42161, "arbitrum", "ETH", _ETHER, "arb"),
    _evm(10, "optimism", "ETH", _ETHER, "op"),
    _evm(8453, "base", "ETH", _ETHER),
    _evm(43114, "avalanche", "AVAX", 9005, "avax"),
    _evm(100, "gnosis", "xDAI", 700, "xdai"),
    _evm(2020, "ronin", "RON", _ETHER, "ron"),
    *(_bitcoin(network, "tBTC") for network in TESTS),
)

_BY_NAME = {name: chain for chain in CHAINS for name in (chain.id, chain.name, *chain.aliases)}


def get_chain(text: str | Chain) -> Chain:
    """The chain that a CAIP-2 id or an alias names, in any case; a ``Chain`` comes back as it is.

    An unknown ``eip155:N`` is a generic EVM chain: 18 decimals, coin ``eip155:N/slip44:60``, symbol ``native``.
    Anything else raises ``ChainError``. Rule: CAIP-2.
    """
    if isinstance(text, Chain):
        return text
    if isinstance(text, str):
        found = _BY_NAME.get(text) or _named(text)
        if found is not None:
            return found
    raise ChainError(str(text), tuple(chain.name for chain in CHAINS))


@lru_cache(maxsize=1024)
def _named(text: str) -> Chain | None:
    name = text.lower() if text.isascii() else text
    if name in _BY_NAME:
        return _BY_NAME[name]
    if _EIP155.fullmatch(name):
        return _evm(int(name.removeprefix("eip155:")), name, "native", _ETHER)
    return None
