"""Ways: by which rows mass can leave a pot, forwards and backwards, and where it arrives.

A moment of a ranking is ``2·row + 1`` on a row and ``2·row`` just before it: rows have an order of their own even
within a second.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.pots import ACCOUNT, PASSING
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
            swaps = self._swaps_at(pot)
            for row in sorted(self._rows(pot)):
                sender, receiver = self.book.rows.parties(row)
                out, at, amount = sender == pot, 2 * row + 1, self.book.rows.amount[row]
                if swap := swaps.get(row):
                    sides[not out].append(Way(at, swap.pot, 2 * swap.last + 2 if out else 2 * swap.first, amount))
                elif (other := receiver if out else sender) >= 0:
                    sides[not out].append(Way(at, other, at, amount))
            self._of[pot] = sides
        return self._of[pot]

    def _rows(self, pot: int) -> list[int]:
        return [row for row in self.book.lines.rows_of(pot) if row < self.until]

    def _swaps_at(self, pot: int) -> dict[int, Swap]:
        """What the account of a pot exchanged, by row."""
        nature = self.book.pots.nature
        if not self.swaps or (len(nature) and nature[pot] != ACCOUNT):
            return {}
        account = self.book.pots[pot].address
        if account not in self._swaps:
            pots = self.book.pots.of(account)
            self._swaps[account] = self._swapped(set(pots)) if len(pots) > 1 else {}
        return self._swaps[account]

    def _swapped(self, pots: set[int]) -> dict[int, Swap]:
        """Where pots of one account lose one asset and gain one other in a transaction, fees apart, and no third."""
        rows = sorted({row for pot in pots for row in self._rows(pot) if self.book.kind(row) != "fee"})
        found: dict[int, Swap] = {}
        by_tx: dict[tuple[str, str], list[int]] = {}
        told = self.graph.take(rows, ["chain", "tx_hash"])
        for row, chain, tx_hash in zip(rows, told["chain"].to_pylist(), told["tx_hash"].to_pylist(), strict=True):
            if tx_hash is not None:
                by_tx.setdefault((chain, tx_hash), []).append(row)
        for mine in by_tx.values():
            lost, gained = self._net(pots, mine)
            if len(lost) == len(gained) == 1:
                for row in mine:
                    sender, receiver = self.book.rows.parties(row)
                    if sender == lost[0] or receiver == gained[0]:
                        other = gained[0] if sender == lost[0] else lost[0]
                        found[row] = Swap(other, mine[0], mine[-1])
        return found

    def _net(self, pots: set[int], rows: list[int]) -> tuple[list[int], list[int]]:
        """Those of the pots that have less after these rows, and those that have more."""
        net: dict[int, int] = {}
        for row in rows:
            for pot, sign in zip(self.book.rows.parties(row), (-1, 1), strict=True):
                if pot in pots:
                    net[pot] = net.get(pot, 0) + sign * self.book.rows.amount[row]
        return [pot for pot, gain in net.items() if gain < 0], [pot for pot, gain in net.items() if gain > 0]
