"""Asset: what moves, as a canonical CAIP-19 string. Identity is chain and contract; a symbol is untrusted text."""

from __future__ import annotations

import re
from functools import lru_cache

from chaintrace.errors import AddressError, AssetError, ChainError
from chaintrace.model.address import REMEMBERED, parse_address
from chaintrace.model.chain import Chain, get_chain

TOKEN_NAMESPACES = {"evm": "erc20", "tron": "trc20"}

_CAIP19 = re.compile(r"([-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32})/([-a-z0-9]{3,8}):([^/]+)")

# Addresses that tables put where a contract belongs when they mean the native coin: no token lives there.
_PLACEHOLDERS = frozenset({"0x" + "0" * 40, "0x" + "e" * 40})


def native(chain: str | Chain) -> str:
    """The coin that pays the fees of ``chain``: ``eip155:1/slip44:60`` for ether on Ethereum."""
    return get_chain(chain).native


def parse_asset(text: str, chain: str | Chain = "ethereum") -> str:
    """The canonical CAIP-19 id that a text names.

    It may be a CAIP-19 id (``eip155:1/erc20:0x…``, ``tron:0x2b6653dc/trc20:T…``, ``…/slip44:…``), the word
    ``native``, or the address of a token contract. ``chain`` is for the latter two; a CAIP-19 id names its own.
    Raises ``AssetError``; ``ChainError`` for an unknown ``chain``. Rules: CAIP-19, SLIP-44.
    """
    if not isinstance(text, str):
        raise AssetError(repr(text), f"it is not text but {type(text).__name__}")
    return _parse(text, chain)


@lru_cache(maxsize=REMEMBERED)
def _parse(text: str, chain: str | Chain) -> str:
    chain = get_chain(chain)
    if text == "native":
        return chain.native
    named = _CAIP19.fullmatch(text)
    if named is None:
        if "/" in text:
            raise AssetError(text, "it is not a CAIP-19 id")
        return _token(text, text, chain)
    chain = _own_chain(text, named[1])
    if named[2] == "slip44":
        if text != chain.native:
            raise AssetError(text, f"the native coin of {chain.name} is {chain.native}")
        return text
    expected = TOKEN_NAMESPACES.get(chain.family)
    if named[2] != expected:
        kinds = " and ".join(kind for kind in ("slip44", expected) if kind)
        raise AssetError(text, f"assets of {chain.name} are of {kinds}, not {named[2]}")
    return _token(text, named[3], chain)


def _own_chain(text: str, chain_id: str) -> Chain:
    try:
        chain = get_chain(chain_id)
    except ChainError as error:
        raise AssetError(text, error.message) from None
    if chain.id != chain_id:
        raise AssetError(text, f"{chain_id!r} is not a CAIP-2 id, did you mean {chain.id!r}?")
    return chain


def _token(text: str, contract: str, chain: Chain) -> str:
    namespace = TOKEN_NAMESPACES.get(chain.family)
    if namespace is None:
        raise AssetError(text, f"{chain.name} has no token contracts")
    try:
        address = parse_address(contract, chain)
    except AddressError as error:
        raise AssetError(text, f"as a contract of {chain.name}, {error.reason}") from None
    if address in _PLACEHOLDERS:
        raise AssetError(text, "no token lives at this placeholder; if the native coin is meant, write 'native'")
    return f"{chain.id}/{namespace}:{address}"


def chain_of(asset: str) -> str:
    """The CAIP-2 part of a canonical asset."""
    chain_id, slash, _ = asset.partition("/")
    if not slash:
        raise AssetError(asset, "it is not a CAIP-19 id")
    return chain_id


def contract_of(asset: str) -> str | None:
    """The contract of a canonical asset that is a token, None for a native coin."""
    chain_id = chain_of(asset)
    namespace, _, reference = asset[len(chain_id) + 1 :].partition(":")
    return reference if namespace in TOKEN_NAMESPACES.values() else None
