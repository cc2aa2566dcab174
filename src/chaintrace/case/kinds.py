"""Kinds: which transfers the history of an account has to be complete in."""

from __future__ import annotations

from chaintrace.model.chain import get_chain

ACCOUNTS = frozenset({"native", "fee", "token", "mint", "burn"})
COINS = frozenset({"input", "output"})


def basic(chain: str) -> frozenset[str]:
    """The kinds without which a history is none; what else a provider cannot show is in doubt."""
    return COINS if get_chain(chain).family == "utxo" else ACCOUNTS
