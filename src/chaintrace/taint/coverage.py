"""Coverage: whose history is in the graph, as a caller says it, and which pots that leaves out."""

from __future__ import annotations

from collections.abc import Container, Iterable
from itertools import product
from typing import Any

import numpy as np

from chaintrace.errors import MethodError
from chaintrace.graph.names import accounts_named, assets_named
from chaintrace.graph.pots import PASSING, Pots
from chaintrace.model.asset import chain_of

Coverage = Iterable[str | tuple[str, str]]


class Unfetched(Container[int]):
    """The pots whose account's history is not in the graph. ``mask``: one boolean a pot."""

    def __init__(self, mask: Any) -> None:
        self.mask = mask

    def __contains__(self, pot: object) -> bool:
        return bool(self.mask[pot])

    def __bool__(self) -> bool:
        return bool(self.mask.any())


def unfetched(pots: Pots, coverage: Coverage) -> Unfetched:
    """Every pot that ``coverage`` does not name; a UTXO transaction is always whole.
    Raises MethodError, AddressError or AssetError for an entry that names no account."""
    chains = sorted({chain_of(asset) for asset in pots.asset_numbers[0]})
    mask = np.ones(len(pots), dtype=bool)
    if len(pots.nature):
        mask[pots.nature == PASSING] = False
    for entry in coverage:
        text, asset = _covered(entry)
        assets = [None] if asset is None else assets_named(asset, chains)
        for account, one in product(accounts_named(text, chains), assets):
            mask[[pot for pot in pots.of(account) if one is None or pots.asset_of(pot) == one]] = False
    return Unfetched(mask)


def _covered(entry: object) -> tuple[str, str | None]:
    match entry:
        case str():
            return entry, None
        case (str() as address, str() as asset):
            return address, asset
    raise MethodError(f"coverage {entry!r}", "names no account", "use an address, or (address, asset)")
