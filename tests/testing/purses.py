"""Purses: what was stolen, coin by coin, reckoned from a story's transactions without any code of ``taint``.

Two plain rules. First in, first out: a coin is a row of runs of units, each stolen or not; a transaction lays the rows
of its inputs end to end and cuts its outputs off the front, what is left is the fee; a reward is clean. Haircut: of
the stolen units in a transaction each output takes its share of what is there at that moment, rounded down; the fee
takes the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from math import floor

from chaintrace.testing.bitcoin.coins import Tx

Run = tuple[int, bool]


@dataclass
class Purse:
    """``through``: stolen units in every coin that ever had some. ``held``: those in coins that lie unspent.
    ``fees``: by transaction."""

    through: dict[str, int] = field(default_factory=dict)
    held: dict[str, int] = field(default_factory=dict)
    fees: dict[str, int] = field(default_factory=dict)

    def put(self, outpoint: str, stolen: int) -> None:
        if stolen:
            self.through[outpoint] = self.held[outpoint] = stolen


def fifo(sent: Iterable[Tx], stolen: Collection[str], stops: Collection[str] = ()) -> Purse:
    """``stolen``: outpoints of the coins that the theft made. ``stops``: accounts whose coins are not followed."""
    purse, runs = Purse(), dict[str, list[Run]]()
    for tx in sent:
        line: list[Run] = [] if tx.spent else [(sum(coin.value for coin in tx.made), False)]
        for coin in tx.spent:
            line += runs.pop(coin.outpoint, [(coin.value, False)])
            if coin.lock.account not in stops:
                purse.held.pop(coin.outpoint, None)
        for coin in tx.made:
            part, line = _cut(line, coin.value)
            if coin.outpoint in stolen:
                part = [(coin.value, True)]
            purse.put(coin.outpoint, sum(units for units, is_stolen in part if is_stolen))
            if coin.lock.account not in stops:
                runs[coin.outpoint] = part
        if fee := sum(units for units, is_stolen in line if is_stolen):
            purse.fees[tx.txid] = fee
    return purse


def haircut(sent: Iterable[Tx], stolen: Collection[str], stops: Collection[str] = ()) -> Purse:
    """As ``fifo``."""
    purse, inside = Purse(), dict[str, int]()
    for tx in sent:
        there, taint = sum(coin.value for coin in tx.spent or tx.made), 0
        for coin in tx.spent:
            taint += inside.pop(coin.outpoint, 0)
            if coin.lock.account not in stops:
                purse.held.pop(coin.outpoint, None)
        for coin in tx.made:
            part = floor(Fraction(taint, there) * coin.value) if there else 0
            taint, there = taint - part, there - coin.value
            if coin.outpoint in stolen:
                part = coin.value
            purse.put(coin.outpoint, part)
            if coin.lock.account not in stops:
                inside[coin.outpoint] = part
        if taint:
            purse.fees[tx.txid] = taint
    return purse


def _cut(line: list[Run], wanted: int) -> tuple[list[Run], list[Run]]:
    part = []
    line = list(line)
    while wanted:
        units, is_stolen = line.pop(0)
        taken = min(units, wanted)
        part.append((taken, is_stolen))
        if taken < units:
            line.insert(0, (units - taken, is_stolen))
        wanted -= taken
    return part, line
