"""Ways: by which rows mass can leave a pot, forwards and backwards, and where it arrives.

A moment of a ranking is ``2·row + 1`` on a row and ``2·row`` just before it: rows have an order of their own even
within a second.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.pots import PASSING
from chaintrace.taint.book import Book


class Way(NamedTuple):
    """A row by which mass leaves at the moment ``at``, to arrive in ``pot`` at ``stamp``; ``amount`` in base units."""

    at: int
    pot: int
    stamp: int
    amount: int


class Count(NamedTuple):
    """How many rows leave or enter a pot, and how many pots are at their other ends (1 where there is none)."""

    rows: int
    pots: int


class Swap(NamedTuple):
    """The pot of the same account that a row's units became (or were), and the first and last row of that."""

    pot: int
    first: int
    last: int


class Ways:
    """Rows before ``until`` that bring something from one pot into another. With ``swaps``, what an account gives for
    another asset within one transaction stays with it, as that asset."""

    def __init__(self, graph: TransferGraph, book: Book, until: int, swaps: bool = False) -> None:
        self.graph, self.book, self.until, self.swaps = graph, book, until, swaps
        self._of: dict[int, tuple[list[Way], list[Way]]] = {}
        self._counts: dict[int, Count] = {}
        self._swaps: dict[str, dict[int, Swap]] = {}

    def count(self, pot: int) -> Count:
        if pot not in self._counts:
            rows = np.array(self._rows(pot), dtype=np.int64)
            ends = np.concatenate([self.book.rows.sender[rows], self.book.rows.receiver[rows]])
            self._counts[pot] = Count(len(rows), max(len(np.unique(ends[(ends >= 0) & (ends != pot)])), 1))
        return self._counts[pot]

    def passes(self, pot: int) -> bool:
        """Whether it is a transaction of a UTXO chain, which has nothing of its own."""
        nature = self.book.pots.nature
        return bool(len(nature)) and bool(nature[pot] == PASSING)

    def of(self, pot: int) -> tuple[list[Way], list[Way]]:
        """The ways out of it and the ways back, each in position order."""
        if pot not in self._of:
            sides: tuple[list[Way], list[Way]] = [], []
            for row in sorted(self._rows(pot)):
                sender, receiver = self.book.rows.parties(row)
                way = self._way(row, pot, receiver if sender == pot else sender, sender == pot)
                if way is not None:
                    sides[sender != pot].append(way)
            self._of[pot] = sides
        return self._of[pot]

    def _rows(self, pot: int) -> list[int]:
        return [row for row in self.book.lines.rows_of(pot) if row < self.until]

    def _way(self, row: int, pot: int, other: int, out: bool) -> Way | None:
        at, amount, swap = 2 * row + 1, self.book.rows.amount[row], self._swap(row, pot)
        if swap is not None:
            return Way(at, swap.pot, 2 * swap.last + 2 if out else 2 * swap.first, amount)
        return None if other < 0 else Way(at, other, at, amount)

    def _swap(self, row: int, pot: int) -> Swap | None:
        if not self.swaps or len(self.book.pots.nature):
            return None
        account = self.book.pots[pot].address
        if account not in self._swaps:
            pots = self.book.pots.of(account)
            self._swaps[account] = self._swapped(pots) if len(pots) > 1 else {}
        return self._swaps[account].get(row)

    def _swapped(self, pots: list[int]) -> dict[int, Swap]:
        """By row, what an account exchanged: transactions in which it loses one asset and gains one other, fees apart,
        and no third."""
        rows = sorted({row for pot in pots for row in self._rows(pot) if self.book.kind(row) != "fee"})
        found: dict[int, Swap] = {}
        by_tx: dict[str, list[int]] = {}
        for row, tx_hash in zip(rows, self.graph.take(rows, ["tx_hash"])["tx_hash"].to_pylist(), strict=True):
            if tx_hash is not None:
                by_tx.setdefault(tx_hash, []).append(row)
        for mine in by_tx.values():
            net: dict[int, int] = {}
            for row in mine:
                for pot, sign in zip(self.book.rows.parties(row), (-1, 1), strict=True):
                    if pot in pots:
                        net[pot] = net.get(pot, 0) + sign * self.book.rows.amount[row]
            lost, gained = ([pot for pot, sum_ in net.items() if sum_ * sign > 0] for sign in (-1, 1))
            if len(lost) == len(gained) == 1:
                for row in mine:
                    sender, receiver = self.book.rows.parties(row)
                    if sender == lost[0]:
                        found[row] = Swap(gained[0], mine[0], mine[-1])
                    elif receiver == gained[0]:
                        found[row] = Swap(lost[0], mine[0], mine[-1])
        return found
