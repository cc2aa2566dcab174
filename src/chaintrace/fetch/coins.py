"""Coins: what a transaction of Bitcoin moves, in the order of the one table, whoever tells of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Protocol

from chaintrace.model.address import transaction_account
from chaintrace.model.script import account_of, is_unspendable


class Coin(Protocol):
    """``amount`` satoshi under a locking ``script``."""

    @property
    def amount(self) -> int: ...

    @property
    def script(self) -> bytes: ...


Move = tuple[str, str | None, str | None, int, str | None]
"""Kind, sender, receiver, satoshi, outpoint."""


def movements(
    chain: str, txid: str, spent: Iterable[tuple[str, Coin]], made: Iterable[tuple[str, Coin]]
) -> Iterator[Move]:
    """Inputs, or the reward of a coinbase, which spends nothing; outputs, as burns where nobody can ever spend them;
    the fee last. Coins come with their outpoints, in their order."""
    account, spent, made = transaction_account(txid), list(spent), list(made)
    left = sum(coin.amount for _, coin in spent) - sum(coin.amount for _, coin in made)
    for name, coin in spent:
        yield "input", account_of(coin.script, chain), account, coin.amount, name
    if not spent:
        yield "reward", None, account, -left, None
    for name, coin in made:
        if is_unspendable(coin.script):
            yield "burn", account, None, coin.amount, name
        else:
            yield "output", account, account_of(coin.script, chain), coin.amount, name
    if spent:
        yield "fee", account, None, left, None
