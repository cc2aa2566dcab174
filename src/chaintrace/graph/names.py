"""Accounts and assets by the text that names them, on one chain or on several."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from chaintrace.errors import AddressError, AssetError
from chaintrace.model.address import parse_account
from chaintrace.model.asset import parse_asset


def accounts_named(text: str, chains: Iterable[str]) -> list[str]:
    """The accounts that ``text`` names on those of ``chains`` on which it is an address. AddressError if on none."""
    return _named(parse_account, text, chains)


def assets_named(text: str, chains: Iterable[str]) -> list[str]:
    """The assets that ``text`` (CAIP-19, "native" or a contract) names on ``chains``. AssetError if on none."""
    return _named(parse_asset, text, chains)


def _named(parse: Callable[[str, str], str], text: str, chains: Iterable[str]) -> list[str]:
    found: dict[str, None] = {}
    problem: AddressError | AssetError | None = None
    for chain in chains:
        try:
            found[parse(text, chain)] = None
        except (AddressError, AssetError) as error:
            problem = problem or error
    if problem is not None and not found:
        raise problem
    return list(found)
