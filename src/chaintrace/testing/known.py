"""Known: what a scenario takes from the real chains: contracts of tokens, and the pools of Tornado Cash."""

from __future__ import annotations

from functools import cache

from chaintrace.labels.pools import tornado_pools
from chaintrace.model.asset import TOKEN_NAMESPACES, contract_of, parse_asset
from chaintrace.model.chain import CHAINS, Chain, get_chain
from chaintrace.model.pool import Pool
from chaintrace.model.token import show
from chaintrace.model.wrapped import wrapped_token
from chaintrace.testing.amounts import Amount
from chaintrace.testing.impossible import ScenarioError
from chaintrace.testing.naming import address_of

TORNADO = "tornado"
_USDC = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"  # Circle's own list of contracts
_COINS = {chain.symbol for chain in CHAINS}


def asset_of(amount: int, chain: Chain) -> str:
    """What an amount is of on ``chain``: a plain int of its coin; a token by its contract, a known symbol, or else a
    contract that is made up for the symbol. ScenarioError for the coin of another chain."""
    symbol = amount.symbol if isinstance(amount, Amount) else chain.symbol
    if symbol == chain.symbol or (symbol == "BTC" and chain.family == "utxo"):
        return chain.native
    if symbol in _COINS or chain.family == "utxo":
        raise ScenarioError(f"an amount of {symbol}", f"is no coin of {chain.name}", f"its own is {chain.symbol}")
    if symbol.startswith(("0x", "T")) and len(symbol) > 30:
        return parse_asset(symbol, chain)
    return _tokens(chain).get(symbol) or parse_asset(address_of(f"token {symbol}", chain), chain)


def contract(asset: str) -> str:
    """The contract of a token."""
    found = contract_of(asset)
    if found is None:
        raise ScenarioError(asset, "is the coin of its chain", "name a token")
    return found


@cache
def _tokens(chain: Chain) -> dict[str, str]:
    """Known tokens by symbol."""
    found = {token.symbol: asset for asset, token in wrapped_token(chain.id).items()}
    for pool in pools(chain).values():
        found.setdefault(pool.symbol, pool.asset)
    if chain.id == get_chain("ethereum").id:
        found["USDC"] = f"{chain.id}/{TOKEN_NAMESPACES['evm']}:{_USDC}"
    return found


@cache
def pools(chain: Chain) -> dict[str, Pool]:
    """The pools of Tornado Cash on a chain, by the name that they have in a scenario: ``tornado 0.1 ETH``."""
    found = (pool for pool in tornado_pools() if pool.chain == chain.id)
    return {f"{TORNADO} {pool.written} {pool.symbol}": pool for pool in found}


def pool_for(amount: int, chain: Chain) -> str:
    """The name of the pool that takes exactly this amount. ScenarioError where there is none, with those there are."""
    asset, of_asset = asset_of(amount, chain), []
    for name, pool in pools(chain).items():
        if pool.asset == asset:
            if pool.denomination == amount:
                return name
            of_asset.append(pool.written)
    told = amount.written if isinstance(amount, Amount) else show(amount, asset)
    what = f"Tornado Cash of {told} on {chain.name}"
    raise ScenarioError(what, "there is no such pool", f"of this asset: {', '.join(of_asset) or 'none'}")
