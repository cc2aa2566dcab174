"""Intensity: how much of what two accounts pay passes between them, where one paid in and the other was paid later."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.parties import gathered
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.tornado.chance import dealt, measured
from chaintrace.heuristics.tornado.couples import Couples, acts_for_many, coupled, holders
from chaintrace.heuristics.tornado.links import finding
from chaintrace.heuristics.tornado.notes import Columns
from chaintrace.heuristics.transactions import NOBODY, Ints, Mask
from chaintrace.model.asset import native

MILLE = 1_000


@dataclass(frozen=True)
class IntensityThresholds:
    """In thousandths, of ShuxunoO's VATI: the ``weight`` of what passes, and the largest ``share`` of it in what either
    pays, at least. With ``strong`` weight it is surer: by the number of transactions between the two from which each
    counts. One transaction is never strong."""

    weight: int = 100
    share: int = 100
    strong: tuple[tuple[int, int], ...] = ((2, 900), (3, 500), (11, 400))


@dataclass(frozen=True)
class Way:
    """What one pays the other: ``count`` transactions and ``amount``, of all that it pays."""

    count: int
    amount: int
    all_count: int
    all_amount: int

    @property
    def shares(self) -> tuple[Fraction, Fraction]:
        return Fraction(self.count, max(self.all_count, 1)), Fraction(self.amount, max(self.all_amount, 1))

    @property
    def strength(self) -> Fraction:
        count, amount = self.shares
        return (3 * count + 7 * amount) / 10


@dataclass(frozen=True)
class Between:
    """What passes both ways, and in how many ``transactions``. ``rows``: the payments."""

    ways: tuple[Way, Way]
    transactions: int
    rows: tuple[int, ...]

    @property
    def weight(self) -> int:
        """In thousandths, rounded down: VATI's W, with amounts of the chain's coin where VATI has dollars."""
        passes = sum(way.amount for way in self.ways)
        strength = sum((way.strength * way.amount / passes for way in self.ways), Fraction())
        mutual = all(way.count for way in self.ways)
        return int(MILLE * (Fraction(85, 100) * strength + Fraction(15, 100) * mutual))

    @property
    def share(self) -> int:
        """The largest of the four, in thousandths, rounded down."""
        return int(MILLE * max(one for way in self.ways for one in way.shares))


@heuristic(
    "tornado-intensity",
    IntensityThresholds(),
    doubt="Accounts that deal with each other may be two people's. Rows may show a part of what they pay, and make "
    "what passes between them seem more. Tokens are not counted.",
)
def intensity(rows: Rows, labels: Known, at: IntensityThresholds) -> Iterator[Finding]:
    """An account that paid into a pool, and one that was paid by it later, between whom much of their coin passes."""
    columns, moves = rows.notes.columns, rows.moves
    if not len(moves) or not len(columns):
        return
    numbers = moves.numbers(list(columns.accounts))
    # THRESHOLD
    near = {
        ends: one for ends, one in _between(rows, numbers).items() if one.weight >= at.weight and one.share >= at.share
    }

    def ask(some: Columns) -> tuple[int, int]:
        takers = numbers[some.account]
        return holders(some, takers, (pairs[0][1] for pairs, _ in coupled(some, takers, takers, near))), holders(
            some, takers
        )

    chance = rows.once(("chance", intensity, at), lambda: measured(ask, columns, dealt(columns)))
    own = numbers[columns.account]
    for pairs, one in coupled(columns, own, own, near):
        paid, taken = columns.notes[pairs[0][0]], columns.notes[pairs[0][1]]
        if any(acts_for_many(labels, note.account, note) for note in (paid, taken)):
            continue
        strong = is_strong(one.weight, one.transactions, at)
        # CLAIM, EVIDENCE, DOUBT
        claim = f"was paid by {taken.pool.name}, into which an account had paid with which it shares much of its coin"
        evidence = {"pool": paid.pool.address, "paid_in": paid.account, "weight": one.weight, "share": one.share}
        evidence |= {"transactions": one.transactions, "strong": strong, "notes": len(pairs)} | chance.evidence
        notes = [n for pair in pairs for n in pair]
        yield finding(
            rows, taken.account, claim, notes, 60 if strong else 20, evidence,
            pairs=pairs if strong else (), also=map(moves.row, one.rows), doubt=chance.doubt,
        )  # fmt: skip


def is_strong(weight: int, transactions: int, at: IntensityThresholds) -> bool:
    """Whether a weight is enough for so many transactions."""
    needed = [limit for least, limit in sorted(at.strong) if transactions >= least]
    return bool(needed) and weight >= needed[-1]


def _between(rows: Rows, numbers: Ints) -> Couples[Between]:
    """What passes between accounts that paid in and accounts that were paid, of the coin of each pool's chain."""
    columns, moves = rows.notes.columns, rows.moves
    mine = numbers[columns.account]
    payers, takers = (set(mine[way].tolist()) - {NOBODY} for way in (columns.deposit, ~columns.deposit))
    ours = np.zeros(len(moves.accounts) + 1, bool)
    ours[list(payers | takers)] = True
    found: dict[tuple[str, int, int], Between] = {}
    for chain in sorted({pool.chain for pool in columns.pools}):
        coin = moves.pays & (moves.asset == moves.assets.index(native(chain)).as_py())
        here = coin & ours[moves.sender] & ours[moves.receiver]
        low, high = np.minimum(moves.sender, moves.receiver), np.maximum(moves.sender, moves.receiver)
        totals: dict[int, tuple[int, int]] = {}
        for some in gathered(moves, here, low, high):
            both = int(low[some[0]]), int(high[some[0]])
            wanted = [ends for ends in (both, both[::-1]) if ends[0] in payers and ends[1] in takers]
            if wanted:
                one, other = (_way(moves, coin, some, who, totals) for who in both)
                told = Between((one, other), len(np.unique(moves.tx[some])), tuple(some.tolist()))
                found |= {(chain, *ends): told for ends in wanted}
    return found


def _way(moves: Moves, coin: Mask, some: Ints, sender: int, totals: dict[int, tuple[int, int]]) -> Way:
    if sender not in totals:
        sent = moves.out_of(sender)
        totals[sender] = _paid(moves, sent[coin[sent]])
    return Way(*_paid(moves, some[moves.sender[some] == sender]), *totals[sender])


def _paid(moves: Moves, some: Ints) -> tuple[int, int]:
    """How many transactions some rows are of, and what they bring."""
    return len(np.unique(moves.tx[some])), sum(moves.amount[some].tolist())
