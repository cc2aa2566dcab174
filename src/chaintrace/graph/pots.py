"""Pots: what one account holds of one asset; on UTXO chains one coin, or one transaction in passing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.graph.accounts import Accounts, ListedAccounts

COIN_IN, COIN_OUT = "input", "output"
TRANSACTION = "tx:"
ACCOUNT, COIN, PASSING = 0, 1, 2
_NONE = -1
_FEW = 8

Ints = Any


class Pot(NamedTuple):
    """``outpoint`` names the coin on UTXO chains and is None elsewhere."""

    address: str
    asset: str
    outpoint: str | None = None


@dataclass
class Pots:
    """Pots numbered in order of first appearance.

    ``account``, ``asset``, ``coin``  arrays, one entry a pot, of numbers in ``accounts``, ``assets``, ``outpoints``
    (-1: no coin; ``coin`` is None where there are none at all). ``more``  pots that only legs of links name.
    """

    accounts: Accounts
    assets: list[str]
    account: Ints
    asset: Ints
    coin: Ints | None = None
    outpoints: Sequence[str] = ()
    more: list[Pot] = field(default_factory=list)
    _lookups: int = 0

    def __len__(self) -> int:
        return len(self.account) + len(self.more)

    def __iter__(self) -> Iterator[Pot]:
        return (self[number] for number in range(len(self)))

    def __getitem__(self, number: int) -> Pot:
        if number >= len(self.account):
            return self.more[number - len(self.account)]
        coin = _NONE if self.coin is None else self.coin[number]
        outpoint = None if coin == _NONE else self.outpoints[coin]
        return Pot(self.accounts[int(self.account[number])], self.assets[self.asset[number]], outpoint)

    def asset_of(self, number: int) -> str:
        if number >= len(self.account):
            return self.more[number - len(self.account)].asset
        return str(self.assets[self.asset[number]])

    def of(self, address: str) -> list[int]:
        """Numbers of the pots of one account."""
        account = self.accounts.number(address)
        found = [] if account is None else self._of(account).tolist()
        return found + [len(self.account) + n for n, pot in enumerate(self.more) if pot.address == address]

    def with_more(self, wanted: Sequence[tuple[str, str]]) -> tuple[Pots, list[int]]:
        """Pots that have one for each wanted (address, asset), and its number; these pots stay as they are."""
        more, numbers = list(self.more), []
        for address, asset in wanted:
            known = [n for n in self.of(address) if self[n] == Pot(address, asset)]
            known = known or [len(self.account) + n for n, pot in enumerate(more) if pot == Pot(address, asset)]
            if not known:
                known = [len(self.account) + len(more)]
                more.append(Pot(address, asset))
            numbers.append(known[0])
        return Pots(self.accounts, self.assets, self.account, self.asset, self.coin, self.outpoints, more), numbers

    @cached_property
    def asset_numbers(self) -> tuple[list[str], Ints]:
        """Every asset that a pot is of, and each pot's number among them; ``more`` included."""
        names = list(dict.fromkeys([*self.assets, *(pot.asset for pot in self.more)]))
        added = np.array([names.index(pot.asset) for pot in self.more], dtype=np.uint32)
        return names, np.concatenate([self.asset.astype(np.uint32), added])

    @cached_property
    def nature(self) -> Ints:
        """ACCOUNT, COIN or PASSING for each pot, as uint8; empty where all are accounts."""
        if self.coin is None:
            return np.zeros(0, np.uint8)
        passing = [pot.address.startswith(TRANSACTION) for pot in self]
        coins = np.append(self.coin != _NONE, np.zeros(len(self.more), bool))
        return np.where(coins, COIN, np.where(passing, PASSING, ACCOUNT)).astype(np.uint8)

    def _of(self, account: int) -> Ints:
        self._lookups += 1
        if self._lookups <= _FEW:
            return np.flatnonzero(self.account == account)
        first, last = np.searchsorted(self._by_account[1], [account, account + 1])
        return self._by_account[0][first:last]

    @cached_property
    def _by_account(self) -> tuple[Ints, Ints]:
        order = np.argsort(self.account, kind="stable")
        return order, self.account[order]


def number_pots(table: pa.Table) -> tuple[Pots, Ints, Ints]:
    """The pots of the rows, and for each row the pot it leaves and the pot it enters (int32, -1 where there is none).
    A coin is the same coin whoever is said to hold it."""
    addresses, sender, receiver = _pair(table["sender"], table["receiver"])
    assets, asset = _coded(table["asset"])
    outpoints, outpoint = _coded(table["outpoint"])
    spends = np.asarray(pc.equal(table["kind"], COIN_IN).to_numpy())
    coins = [np.where(spends, outpoint, _NONE), np.where(spends, _NONE, outpoint)]
    ends = (_identity(account, coin, len(addresses)) for account, coin in zip((sender, receiver), coins, strict=True))
    leaves, enters, at = number_ends(ends, asset)
    coin = _woven(*coins)[at] if len(outpoints) else None
    pots = Pots(
        ListedAccounts(addresses),
        assets,
        _woven(sender, receiver)[at].astype(np.uint32),
        np.repeat(asset, 2)[at].astype(np.uint32),
        coin,
        outpoints,
    )
    return pots, leaves, enters


def number_ends(ends: Iterable[Ints], asset: Ints) -> tuple[Ints, Ints, Ints]:
    """Pots numbered in order of first appearance, the sender before the receiver: for each row the pot that it leaves
    and the one that it enters (int32, -1 where there is none), and for each pot, 2·row or 2·row + 1 where it appears.
    ``ends``: for senders and for receivers (int64), what that end of the row is, -1 for none."""
    keys = _woven(*ends)
    there = keys != _NONE
    if (kinds := int(asset.max(initial=0)) + 1) > 1:
        keys = np.where(there, keys * kinds + np.repeat(asset, 2), _NONE)
    numbers, first = pd.factorize(keys[there])[0], np.full(len(keys), _NONE, dtype=np.int32)
    first[there] = numbers
    before = np.append(_NONE, np.maximum.accumulate(numbers)[:-1]) if len(numbers) else numbers
    at = np.flatnonzero(there)[numbers > before]
    return np.ascontiguousarray(first[::2]), np.ascontiguousarray(first[1::2]), at


def _identity(account: Ints, coin: Ints, accounts: int) -> Ints:
    """A number for what a row's end is: a coin, else an account, else none."""
    return np.where(account == _NONE, _NONE, np.where(coin == _NONE, account, accounts + coin))


def _woven(first: Ints, second: Ints) -> Ints:
    """first[0], second[0], first[1], …"""
    return np.stack([first, second], axis=1).ravel()


def _pair(first: pa.ChunkedArray, second: pa.ChunkedArray) -> tuple[list[str], Ints, Ints]:
    """Both columns by the numbers of their distinct texts."""
    texts, codes = _coded(pa.chunked_array([*first.chunks, *second.chunks], first.type))
    return texts, codes[: len(first)], codes[len(first) :]


def _coded(column: pa.ChunkedArray) -> tuple[list[str], Ints]:
    """The distinct texts of a column, and each row's number among them, -1 for none."""
    encoded = column.combine_chunks().dictionary_encode()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = encoded.combine_chunks()
    codes = pc.fill_null(encoded.indices, _NONE).to_numpy(zero_copy_only=False)
    return encoded.dictionary.to_pylist(), np.asarray(codes, dtype=np.int64)
