"""Pots: what one account holds of one asset; on UTXO chains one coin, or one transaction in passing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa

COIN_IN, COIN_OUT = "input", "output"


class Pot(NamedTuple):
    """``outpoint`` names the coin on UTXO chains and is None elsewhere."""

    address: str
    asset: str
    outpoint: str | None = None


class Pots:
    """Pots numbered in order of first appearance."""

    def __init__(self, pots: Iterable[Pot] = ()) -> None:
        self.all: list[Pot] = list(pots)
        self._number = {
            (pot.address if pot.outpoint is None else pot.outpoint, pot.asset): number
            for number, pot in enumerate(self.all)
        }
        self._by_address: dict[str, list[int]] = {}
        for number, pot in enumerate(self.all):
            self._by_address.setdefault(pot.address, []).append(number)

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, number: int) -> Pot:
        return self.all[number]

    def number(self, address: str, asset: str, outpoint: str | None = None) -> int:
        """The number of a pot, a new one if it has none. A coin is the same coin whoever is said to hold it."""
        identity = (address if outpoint is None else outpoint, asset)
        number = self._number.get(identity)
        if number is None:
            number = self._number[identity] = len(self.all)
            self.all.append(Pot(address, asset, outpoint))
            self._by_address.setdefault(address, []).append(number)
        return number

    def of(self, address: str) -> list[int]:
        """Numbers of the pots of one account."""
        return self._by_address.get(address, [])

    def copy(self) -> Pots:
        return Pots(self.all)


def number_pots(table: pa.Table) -> tuple[Pots, list[int], list[int]]:
    """The pots of the rows, and for each row the pot it leaves and the pot it enters (-1 where there is none)."""
    pots = Pots()
    senders, receivers = [], []
    columns = (table[name].to_pylist() for name in ("kind", "sender", "receiver", "asset", "outpoint"))
    for kind, sender, receiver, asset, outpoint in zip(*columns, strict=True):
        coin_spent = outpoint if kind == COIN_IN else None
        coin_made = outpoint if kind != COIN_IN else None
        senders.append(-1 if sender is None else pots.number(sender, asset, coin_spent))
        receivers.append(-1 if receiver is None else pots.number(receiver, asset, coin_made))
    return pots, senders, receivers
