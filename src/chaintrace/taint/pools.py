"""How a pot gives away the tainted units in it: one rule a class, shares of several seeds included."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from typing import Protocol

from chaintrace.graph.lines import Drawn

Parts = list[tuple[int, int]]
"""(seed, amount) pairs, in the order in which they travel."""


class Pool(Protocol):
    """The taint of one pot. ``total`` in base units."""

    total: int

    def add(self, parts: Iterable[tuple[int, int]]) -> None:
        """Tainted units come in."""

    def take(self, row: int, amount: int, balance: int) -> Parts:
        """The tainted units among ``amount`` that ``row`` takes from ``balance``."""

    def left(self) -> Parts:
        """The tainted units still in the pot."""


class Haircut:
    """In proportion: floor(taint·amount / balance) leaves, the pot keeps the remainder.

    The total is swept once; each row's total is divided among the seeds by cumulative floors in seed order, so that
    shares sum to the total exactly.
    """

    def __init__(self) -> None:
        self.total = 0
        self.by_seed: dict[int, int] = {}

    def add(self, parts: Iterable[tuple[int, int]]) -> None:
        for seed, amount in parts:
            self.by_seed[seed] = self.by_seed.get(seed, 0) + amount
            self.total += amount

    def take(self, row: int, amount: int, balance: int) -> Parts:
        parts = divide(self.total * amount // balance, sorted(self.by_seed.items()))
        for seed, part in parts:
            self.by_seed[seed] -= part
            self.total -= part
        return parts

    def left(self) -> Parts:
        return sorted(self.by_seed.items())


class DirtyFirst:
    """Tainted units leave first; among themselves first in, first out."""

    def __init__(self) -> None:
        self.total = 0
        self.queue: deque[tuple[int, int]] = deque()

    def add(self, parts: Iterable[tuple[int, int]]) -> None:
        for seed, amount in parts:
            self.queue.append((seed, amount))
            self.total += amount

    def take(self, row: int, amount: int, balance: int) -> Parts:
        parts: Parts = []
        left = min(amount, self.total)
        self.total -= left
        while left:
            seed, units = self.queue.popleft()
            part = min(units, left)
            if part < units:
                self.queue.appendleft((seed, units - part))
            parts.append((seed, part))
            left -= part
        return parts

    def left(self) -> Parts:
        return list(self.queue)


class HighestOut:
    """TIHO, for the pot that a UTXO transaction is: taint fills its outputs from the highest down, the fee last;
    equal outputs in output order, seeds in seed order. (Tironsakkul et al., arXiv 1906.05754; ties are our own rule.)
    """

    def __init__(self, lines: Drawn, pot: int, is_fee: Iterable[bool]) -> None:
        rows = lines.of(pot).out_rows
        ranked = sorted(zip(is_fee, rows, strict=True), key=lambda out: (out[0], -lines.amount[out[1]], out[1]))
        self.total = 0
        self.entered: dict[int, int] = {}
        self.unspent: dict[int, int] = {}
        self.begins: dict[int, int] = {}
        filled = 0
        for _, row in ranked:
            self.begins[row] = filled
            filled += lines.amount[row]

    def add(self, parts: Iterable[tuple[int, int]]) -> None:
        for seed, amount in parts:
            self.entered[seed] = self.entered.get(seed, 0) + amount
            self.unspent[seed] = self.unspent.get(seed, 0) + amount
            self.total += amount

    def take(self, row: int, amount: int, balance: int) -> Parts:
        first, last, at = self.begins[row], self.begins[row] + amount, 0
        parts: Parts = []
        for seed, units in sorted(self.entered.items()):
            part = min(last, at + units) - max(first, at)
            if part > 0:
                parts.append((seed, part))
                self.total -= part
                self.unspent[seed] -= part
            at += units
        return parts

    def left(self) -> Parts:
        return sorted(self.unspent.items())


def divide(total: int, weights: Iterable[tuple[int, int]]) -> Parts:
    """``total`` in proportion to the weights by cumulative floors: part k is floor(t·W_k/W) - floor(t·W_(k-1)/W)."""
    weights = list(weights)
    whole = sum(weight for _, weight in weights)
    parts, given, weighed = [], 0, 0
    for key, weight in weights:
        weighed += weight
        upto = total * weighed // whole if whole else 0
        if upto > given:
            parts.append((key, upto - given))
        given = upto
    return parts
