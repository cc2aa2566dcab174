"""Deposits: addresses that an exchange gave to one customer, by which the accounts that pay into them are linked."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chaintrace.fetch.buffers import ABSENT
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.parties import EXCHANGE, by_asset, named, proof, received_by, services
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import Ints, Mask
from chaintrace.model.chain import get_chain


@dataclass(frozen=True)
class DepositThresholds:
    """Of addresses of deposit: Victor (FC'20), with the numbers of Tutela.

    ``most_kept``      wei that may stay behind of what is sent on. Of other coins and of tokens nothing may: our own.
    ``most_blocks``    between the payment in and the one on to the exchange.
    ``most_seconds``   the same where rows have no block: 3,200 blocks of 13.5 seconds; our own.
    ``most_senders``   accounts that pay in; ``least_swept`` percent of what the address sends, in each asset that it
                       sends on, goes to exchanges: tornado-demix.
    ``least_passed``   percent of all that it receives of such an asset that goes on to exchanges: our own, after
                       tornado-demix's ``least_swept``.
    ``most_degree``    an account that deals with as many others is a service, and left out: chainscope, of funders.
    ``least_accounts`` that share the address, for a finding: our own.
    """

    most_kept: int = 10**16
    most_blocks: int = 3_200
    most_seconds: int = 43_200
    most_senders: int = 50
    least_swept: int = 80
    least_passed: int = 80
    most_degree: int = 50
    least_accounts: int = 2


class Pair(NamedTuple):
    """A payment in, the one on to the exchange, and how sure Tutela's formula is, in percent."""

    paid: int
    sent_on: int
    confidence: int


class Use(NamedTuple):
    """Of one address and what it sends on: each account's surest pair, and all rows in, and on to exchanges."""

    best: dict[int, Pair]
    got: Ints
    swept: Ints


@heuristic(
    "deposit-reuse",
    DepositThresholds(),
    doubt="A wallet of one's own that pays its exchange looks like an address of deposit, and whoever pays somebody "
    "else's deposit shares it without being its owner. It rests on the exchange's label.",
)
def deposit_reuse(rows: Rows, labels: Known, at: DepositThresholds) -> Iterator[Finding]:
    """Accounts whose payments to one address are sent on to an exchange, each whole, soon, and by one of its own."""
    moves = rows.moves
    _, to_exchange = named(rows, labels, EXCHANGE)
    by_service, _ = services(rows, labels)
    onwards = moves.pays & to_exchange & ~by_service
    payer_fits = moves.pays & ~by_service & (moves.degree[moves.sender] < at.most_degree)
    # THRESHOLD
    likely = np.unique(moves.sender[onwards])
    for deposit in likely[moves.payers[likely] <= at.most_senders].tolist():
        best, got, swept = _use(moves, deposit, onwards, payer_fits, at)
        if len(best) >= at.least_accounts:
            received, sent_on = by_asset(moves, got), by_asset(moves, swept)
            used = [n for pair in best.values() for n in (pair.paid, pair.sent_on)]
            exchanges = sorted({moves.account(int(moves.receiver[pair.sent_on])) for pair in best.values()})
            # CLAIM, EVIDENCE
            yield Finding(
                subject=moves.account(deposit),
                claim=f"sends on to an exchange what {len(best)} accounts pay in: they share an address of deposit",
                confidence=min(pair.confidence for pair in best.values()),
                evidence={
                    "accounts": sorted(moves.account(one) for one in best),
                    "exchanges": exchanges,
                    "received": received,
                    "sent_on": sent_on,
                    "percent_sent_on": min(100 * sent_on[asset] // much for asset, much in received.items()),
                },
                **proof(moves, used),
            )
    # DOUBT: of the rule


def _use(moves: Moves, deposit: int, onwards: Mask, fits: Mask, at: DepositThresholds) -> Use:
    """Of each account that pays in, the pair that is surest, the first of several; and what came in and went on."""
    sent, got = moves.out_of(deposit), received_by(moves, deposit)
    best: dict[int, Pair] = {}
    all_got, all_swept = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)]
    for asset in np.unique(moves.asset[sent[onwards[sent]]]).tolist():
        out = sent[(moves.asset[sent] == asset) & moves.pays[sent]]
        swept = out[onwards[out]]
        into = got[moves.asset[got] == asset]
        passed = 100 * moves.amount[swept].sum()
        if passed < at.least_swept * moves.amount[out].sum() or passed < at.least_passed * moves.amount[into].sum():
            continue
        pairs = list(_pairs(moves, into[fits[into]], swept, at))
        if pairs:
            all_got.append(into)
            all_swept.append(swept)
        for pair in pairs:
            sender = int(moves.sender[pair.paid])
            if sender not in best or pair.confidence > best[sender].confidence:
                best[sender] = pair
    return Use(best, np.concatenate(all_got), np.concatenate(all_swept))


def _pairs(moves: Moves, paid: Ints, swept: Ints, at: DepositThresholds) -> Iterator[Pair]:
    """Each payment on with the payment in that fits it best, the first of several, and that none before it has."""
    kept = _may_stay(moves, paid, at)
    clock, most = _clock(moves, np.concatenate([paid, swept]), at)
    waiting = _Waiting(moves, clock, most, kept)
    coming = deque(paid[clock[paid] != ABSENT].tolist())
    for n in swept[clock[swept] != ABSENT].tolist():
        while coming and moves.place[coming[0]] < moves.place[n]:
            waiting.add(coming.popleft())
        if best := waiting.best(n):
            waiting.drop(best.paid)
            yield best


class _Waiting:
    """Payments in that none on has yet, of each amount in position order, so that the newest is the last."""

    def __init__(self, moves: Moves, clock: Ints, most: int, kept: int) -> None:
        self.moves, self.clock, self.most, self.kept = moves, clock, most, kept
        self.rows: dict[int, list[int]] = {}
        self.amounts: list[int] = []

    def add(self, row: int) -> None:
        amount = self.moves.amount[row]
        if amount not in self.rows:
            insort(self.amounts, amount)
        self.rows.setdefault(amount, []).append(row)

    def drop(self, *rows: int) -> None:
        for row in rows:
            amount = self.moves.amount[row]
            same = self.rows[amount]
            del same[bisect_left(same, row)]
            if not same:
                del self.rows[amount], self.amounts[bisect_left(self.amounts, amount)]

    def best(self, n: int) -> Pair | None:
        """Of each amount that fits the surest, the first of several; and of these."""
        sent = self.moves.amount[n]
        fits = self.amounts[bisect_left(self.amounts, sent) : bisect_right(self.amounts, sent + self.kept)]
        for amount in fits:
            same = self.rows[amount]
            self.drop(*same[: bisect_left(same, -self.most, key=lambda row: -self._age(row, n))])
        found = []
        for same in (self.rows[amount] for amount in fits if amount in self.rows):
            if self._age(same[-1], n) < 0:
                continue
            sure = self._sure(same[-1], n)
            first = bisect_left(same, sure, key=lambda row: self._sure(row, n))
            found.append(Pair(same[first], n, sure))
        return max(found, key=lambda pair: (pair.confidence, -pair.paid), default=None)

    def _age(self, row: int, n: int) -> int:
        return int(self.clock[n] - self.clock[row])

    def _sure(self, row: int, n: int) -> int:
        close = 100 - 100 * self._age(row, n) // max(self.most, 1)
        whole = 100 - 100 * (self.moves.amount[row] - self.moves.amount[n]) // max(self.kept, 1)
        return int(close + whole) // 2


def _may_stay(moves: Moves, rows: Ints, at: DepositThresholds) -> int:
    if not len(rows):
        return 0
    chain = get_chain(str(moves.table["chain"][int(rows[0])].as_py()))
    is_ether = chain.family == "evm" and moves.asset_id(int(moves.asset[rows[0]])) == chain.native
    return at.most_kept if is_ether else 0


def _clock(moves: Moves, rows: Ints, at: DepositThresholds) -> tuple[Ints, int]:
    """What ages are counted in, and how much is allowed: blocks, or seconds where some of the rows have no block."""
    if (moves.block[rows] == ABSENT).any():
        return moves.time, at.most_seconds
    return moves.block, at.most_blocks
