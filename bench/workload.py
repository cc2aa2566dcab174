"""A seeded workload shaped like Ethereum: the same transfers for the same number of rows, on every machine.

Accounts are numbered; ``addresses`` gives each its 20 bytes. Money comes from a treasury (rows at the head), lies with
exchanges, and is paid out, passed on and paid in:

- Somebody is paid in proportion to how often he was paid before, or is new: degrees follow a power law.
- Somebody pays who has been paid before, rather lately, out of what he has. Exchanges pay heavy-tailed amounts.
- One row in fifty is paid by an account of which nothing else is known: its units are unexplained.
- Circles pay among themselves only, once they were funded.
- The heist: a bridge is drained in many transfers, each of which is split among mules and paid into exchanges.

Nobody but the treasury and the unknown spends what he has not received.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

SEED = 20220323
VERSION = 1
ETHER = 1e18

TREASURY, BRIDGE, HUBS = 0, 1, 2  # account numbers; HUBS is the first exchange
WITHDRAWAL, DEPOSIT, PAYMENT, CIRCLE, UNKNOWN = range(5)
SHARES = (0.29, 0.27, 0.30, 0.12, 0.02)
NEW_AT_WITHDRAWAL, NEW_AT_PAYMENT = 0.39, 0.29
FOUNDERS = 32
MULES, DEPOSITS = 8, 4  # of one theft: mules, and payments of each mule into exchanges
MEDIAN, SIGMA = 0.3 * ETHER, 2.5  # of what exchanges pay out, before caps
ROUND = 1e16
DUST = 1e12
FIRST_BLOCK = 14_000_000
ROWS_PER_BLOCK = 150

Floats = np.ndarray[tuple[int], np.dtype[np.float64]]
Ids = np.ndarray[tuple[int], np.dtype[np.uint32]]
Lanes = np.ndarray[tuple[int, int], np.dtype[np.uint64]]


class Batch(NamedTuple):
    """Rows from ``first`` on: account numbers, and amounts in wei as (low, high) lanes of 64 bits."""

    first: int
    sender: Ids
    receiver: Ids
    amount: Lanes


class Plan(NamedTuple):
    """What is fixed before the first row: sizes, and the planted rows sorted by where they stand."""

    rows: int
    hubs: int
    circles: np.ndarray[tuple[int], np.dtype[np.int64]]  # first account of each circle, and one past the last
    planted: np.ndarray[tuple[int], np.dtype[np.int64]]
    sender: Ids
    receiver: Ids
    amount: Floats
    thefts: list[int]

    @property
    def first_person(self) -> int:
        return int(self.circles[-1])

    @property
    def head(self) -> int:
        """Rows in which the treasury pays the bridge, the exchanges and the founders."""
        return 1 + self.hubs + FOUNDERS


def plan(rows: int) -> Plan:
    """The plan of a workload of ``rows`` transfers, at least 1,000."""
    if rows < 1000:
        raise ValueError(f"a workload has at least 1,000 rows, not {rows}")
    rng = np.random.default_rng([SEED, rows])
    hubs = int(np.clip(rows**0.5 / 50, 4, 64))
    planted, sender, receiver, amount, thefts = _heist(rng, rows, hubs)
    first = HUBS + hubs + len(thefts) * (1 + MULES)
    members = int(rows * 0.3 * SHARES[CIRCLE])
    weights = 1 / np.arange(1, max(members // 20, 2) + 1)[:100]
    sizes = np.maximum((members * weights / weights.sum()).astype(np.int64), 3)
    circles = first + np.concatenate([[0], np.cumsum(sizes)])
    return Plan(rows, hubs, circles, planted, sender, receiver, amount, thefts)


def _heist(rng: np.random.Generator, rows: int, hubs: int) -> tuple[np.ndarray, Ids, Ids, Floats, list[int]]:
    """Thefts between a third and nine tenths of the rows, then mules, then exchanges. Any eight thefts in a row have
    eight sizes, evenly spread in their logarithm."""
    count = int(np.clip(rows // 500, 2, 64))
    at, size = np.linspace(0.35, 0.9, count) * rows, rows * 10 ** (-3 + np.arange(count) * 3 % 8 / 4) * ETHER
    thief = HUBS + hubs + np.arange(count) * (1 + MULES)
    lag = rows / 400
    lines = [np.stack([at, np.full(count, BRIDGE), thief, size])]
    for mule in range(MULES):
        when, share = at + lag * (1 + rng.random(count)), size / MULES * (1 - 1e-6)
        lines.append(np.stack([when, thief, thief + 1 + mule, share]))
        for part in range(DEPOSITS):
            later = when + lag * (1 + part + rng.random(count))
            hub = HUBS + _ranked(rng, count, hubs)
            lines.append(np.stack([later, thief + 1 + mule, hub, share / DEPOSITS * (1 - 1e-6)]))
    every = np.concatenate(lines, axis=1)
    order = np.argsort(every[0], kind="stable")
    when, sender, receiver, amount = every[:, order]
    steps = np.arange(len(order))
    planted = np.maximum.accumulate(when.astype(np.int64) - steps) + steps
    keep = planted < rows
    thefts = planted[np.flatnonzero(order < count)]
    return (
        planted[keep],
        sender[keep].astype(np.uint32),
        receiver[keep].astype(np.uint32),
        amount[keep],
        thefts.tolist(),
    )


def _ranked(rng: np.random.Generator, count: int, among: int) -> np.ndarray:
    """Numbers below ``among``, number k about as often as 1/(k + 1)."""
    return (np.power(among + 1.0, rng.random(count)) - 1).astype(np.int64)


class World:
    """What the generator remembers from batch to batch: balances (wei, rounded), and who has been paid so far."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.rng = np.random.default_rng([SEED, plan.rows, VERSION])
        self.balance = np.zeros(plan.first_person + plan.rows // 2 + FOUNDERS)
        self.uses = np.zeros(len(self.balance), dtype=np.int32)
        self.people, self.known = np.empty(plan.rows + FOUNDERS, dtype=np.uint32), 0
        self.members, self.joined = np.empty(plan.rows, dtype=np.uint32), 0
        self.accounts = plan.first_person

    def batches(self) -> Iterator[Batch]:
        yield self._head()
        step = int(np.clip(self.plan.rows // 128, 16, 1 << 16))
        for first in range(self.plan.head, self.plan.rows, step):
            yield self._batch(first, min(step, self.plan.rows - first))

    def _head(self) -> Batch:
        hubs = self.plan.hubs
        receiver = np.concatenate([[BRIDGE], HUBS + np.arange(hubs), self._new(FOUNDERS)]).astype(np.uint32)
        rank = 1 / np.arange(1, hubs + 1)
        opening = rank / rank.sum() * self.plan.rows * 0.1 * ETHER
        loot = self.plan.amount[self.plan.sender == BRIDGE].sum() * 1.5
        amount = np.concatenate([[loot], opening, np.full(FOUNDERS, self.plan.rows * 1e-3 * ETHER)])
        sender = np.full(len(receiver), TREASURY, dtype=np.uint32)
        self._book(sender, receiver, amount)
        return Batch(0, sender, receiver, _lanes(amount))

    def _batch(self, first: int, count: int) -> Batch:
        rng = self.rng
        kind = np.searchsorted(np.cumsum(SHARES), rng.random(count), side="right").clip(max=UNKNOWN)
        sender, receiver = self._senders(kind), self._receivers(kind)
        self._into_circles(kind, sender, receiver)
        broke = (self.balance[sender] < DUST) & (kind != UNKNOWN)
        sender[broke] = HUBS + _ranked(rng, int(broke.sum()), self.plan.hubs)
        amount = self._amounts(kind, sender)
        low, high = np.searchsorted(self.plan.planted, [first, first + count])
        here = self.plan.planted[low:high] - first
        sender[here], receiver[here] = self.plan.sender[low:high], self.plan.receiver[low:high]
        amount[here] = self.plan.amount[low:high]
        amount = np.maximum(np.floor(amount), 1.0)
        self._book(sender, receiver, amount)
        return Batch(first, sender, receiver, _lanes(amount))

    def _senders(self, kind: np.ndarray) -> Ids:
        sender = np.empty(len(kind), dtype=np.uint32)
        hub, unknown = kind == WITHDRAWAL, kind == UNKNOWN
        sender[hub] = HUBS + _ranked(self.rng, int(hub.sum()), self.plan.hubs)
        sender[unknown] = self._new(int(unknown.sum()))
        person = (kind == DEPOSIT) | (kind == PAYMENT) | (kind == CIRCLE)
        age = self.rng.random(int(person.sum())) ** 2
        sender[person] = self.people[self.known - 1 - (age * self.known).astype(np.int64)]
        return sender

    def _receivers(self, kind: np.ndarray) -> Ids:
        receiver = np.empty(len(kind), dtype=np.uint32)
        deposit = kind == DEPOSIT
        receiver[deposit] = HUBS + _ranked(self.rng, int(deposit.sum()), self.plan.hubs)
        paid = ~deposit
        receiver[paid] = self.people[(self.rng.random(int(paid.sum())) * self.known).astype(np.int64)]
        chance = np.where(kind == WITHDRAWAL, NEW_AT_WITHDRAWAL, np.where(kind == PAYMENT, NEW_AT_PAYMENT, 0.0))
        new = self.rng.random(len(kind)) < chance
        receiver[new] = self._new(int(new.sum()))
        return receiver

    def _into_circles(self, kind: np.ndarray, sender: Ids, receiver: Ids) -> None:
        """A member pays another of his circle; now and then an exchange funds one."""
        here = np.flatnonzero(kind == CIRCLE)
        starts, rng = self.plan.circles, self.rng
        payer = (starts[0] + rng.random(len(here)) * (starts[-1] - starts[0])).astype(np.int64)
        funded = rng.random(len(here)) < (0.1 if self.joined else 1.0)
        if self.joined:
            drawn = self.members[(rng.random(len(here)) * self.joined).astype(np.int64)]
            payer = np.where(funded, payer, drawn)
        circle = np.searchsorted(starts, payer, side="right") - 1
        size = starts[circle + 1] - starts[circle]
        receiver[here] = starts[circle] + (rng.random(len(here)) ** 2 * size).astype(np.int64)
        sender[here] = np.where(funded, HUBS + _ranked(rng, len(here), self.plan.hubs), payer)

    def _amounts(self, kind: np.ndarray, sender: Ids) -> Floats:
        """Exchanges pay a heavy-tailed amount, others half the time all they have and else a part of it."""
        rng, count = self.rng, len(kind)
        np.add.at(self.uses, sender, 1)
        most = self.balance[sender] / self.uses[sender] * (1 - 1e-6)
        self.uses[sender] = 0
        drawn = MEDIAN * np.exp(SIGMA * rng.standard_normal(count))
        drawn = np.where((rng.random(count) < 0.2) & (drawn > ROUND), np.floor(drawn / ROUND) * ROUND, drawn)
        hub = (sender >= HUBS) & (sender < HUBS + self.plan.hubs)
        part = most * np.where(rng.random(count) < 0.5, 1.0, rng.random(count))
        return np.where(kind == UNKNOWN, drawn, np.where(hub, np.minimum(drawn, most), part))

    def _book(self, sender: Ids, receiver: Ids, amount: Floats) -> None:
        np.subtract.at(self.balance, sender, amount)
        np.add.at(self.balance, receiver, amount)
        paid = receiver[receiver >= self.plan.first_person]
        self.people[self.known : self.known + len(paid)] = paid
        self.known += len(paid)
        inside = receiver[(receiver >= self.plan.circles[0]) & (receiver < self.plan.first_person)]
        self.members[self.joined : self.joined + len(inside)] = inside
        self.joined += len(inside)

    def _new(self, count: int) -> Ids:
        self.accounts += count
        return np.arange(self.accounts - count, self.accounts, dtype=np.uint32)


def _lanes(amount: Floats) -> Lanes:
    high = np.floor(amount / 2.0**64)
    lanes = np.empty((len(amount), 2), dtype=np.uint64)
    lanes[:, 0], lanes[:, 1] = amount - high * 2.0**64, high
    return lanes


def blocks(first: int, count: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return FIRST_BLOCK + np.arange(first, first + count) // ROWS_PER_BLOCK


def addresses(accounts: np.ndarray) -> np.ndarray[tuple[int, int], np.dtype[np.uint8]]:
    """The 20 bytes of each account number: no order in them, no two alike."""
    words = np.empty((len(accounts), 3), dtype=np.uint64)
    for word in range(3):
        words[:, word] = _mixed(accounts.astype(np.uint64) * np.uint64(3) + np.uint64(word))
    return words.view(np.uint8).reshape(len(accounts), 24)[:, :20]


def _mixed(words: np.ndarray[tuple[int], np.dtype[np.uint64]]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """splitmix64, a bijection: the first eight bytes of two accounts differ."""
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))
