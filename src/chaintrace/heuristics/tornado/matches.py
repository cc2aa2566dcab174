"""Matches: the account that took a note out, or sent for it, is one that paid notes in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.tornado.chance import dealt, measured
from chaintrace.heuristics.tornado.couples import acts_for_many, coupled, holders, initiator_of, paired
from chaintrace.heuristics.tornado.links import Pair, finding
from chaintrace.heuristics.tornado.notes import Columns
from chaintrace.heuristics.transactions import NOBODY, Ints


@dataclass(frozen=True)
class SameAddressThresholds:
    """``notes``: how many notes an account has to have taken out after paying in. Tutela (ExactMatch), and Wang et al.
    (WWW 2023, H1), have 1."""

    notes: int = 1


@dataclass(frozen=True)
class InitiatorThresholds:
    """``notes``: as in ``SameAddressThresholds``; Wang et al. (WWW 2023, H2)."""

    notes: int = 1


@dataclass(frozen=True)
class LinkedThresholds:
    """``transactions``: how many there have to be between the two accounts. Tutela (min_interactions); Wang et al.
    (WWW 2023, H3) are content with 1."""

    transactions: int = 3


@heuristic(
    "tornado-same-address",
    SameAddressThresholds(),
    doubt="One account, so one owner; which of its own notes it took out is not said: they are paired in order.",
)
def same_address(rows: Rows, labels: Known, at: SameAddressThresholds) -> Iterator[Finding]:
    """An account that paid into a pool and was paid by the same pool later."""
    columns = rows.notes.columns

    # THRESHOLD
    def found(some: Columns) -> list[list[Pair]]:
        return [pairs for pairs in same_accounts(some, some.account) if len(pairs) >= at.notes]

    def ask(some: Columns) -> tuple[int, int]:
        return len(found(some)), holders(some, some.account)

    chance = rows.once(("chance", same_address, at), lambda: measured(ask, columns, dealt(columns)))
    for pairs in found(columns):
        note = columns.notes[pairs[0][1]]
        if acts_for_many(labels, note.account, note):
            continue
        # CLAIM, EVIDENCE, DOUBT
        claim = f"paid into {note.pool.name} and was paid by it later"
        evidence = {"pool": note.pool.address, "notes": len(pairs)} | chance.evidence
        notes = [n for pair in pairs for n in pair]
        yield finding(rows, note.account, claim, notes, 95, evidence, pairs=pairs, doubt=chance.doubt)


@heuristic(
    "tornado-initiator",
    InitiatorThresholds(),
    doubt="Who sends a withdrawal may do so for somebody else: relayers do, and friends.",
)
def initiator(rows: Rows, labels: Known, at: InitiatorThresholds) -> Iterator[Finding]:
    """An account that paid into a pool and later sent for a note of it, paid to another account, and is no relayer."""
    columns = rows.notes.columns
    numbers = {name: n for n, name in enumerate(columns.accounts)}
    senders = np.array([numbers.get(initiator_of(one) or "", NOBODY) for one in columns.notes], np.int64)
    asked = sum(initiator_of(one) is not None for one in columns.notes)

    # THRESHOLD
    def ask(some: Columns) -> tuple[int, int]:
        dealt_out = np.random.default_rng(len(some)).permutation(senders) if some is not columns else senders
        return sum(len(pairs) >= at.notes for pairs in same_accounts(some, dealt_out)), asked

    chance = rows.once(("chance", initiator, at), lambda: measured(ask, columns, dealt(columns)))
    for pairs in same_accounts(columns, senders):
        paid, taken = columns.notes[pairs[0][0]], columns.notes[pairs[0][1]]
        if len(pairs) < at.notes or acts_for_many(labels, paid.account, taken):
            continue
        # CLAIM, EVIDENCE, DOUBT
        claim = f"paid into {paid.pool.name} and later sent for a note of it"
        others = sorted({columns.notes[n].account for _, n in pairs})
        evidence = {"pool": paid.pool.address, "notes": len(pairs), "for": others} | chance.evidence
        notes = [n for pair in pairs for n in pair]
        yield finding(rows, paid.account, claim, notes, 80, evidence, pairs=pairs, doubt=chance.doubt)


@heuristic(
    "tornado-linked-address",
    LinkedThresholds(),
    doubt="Accounts that deal with each other may be two people's. Rows may show a part of what passes between them.",
)
def linked_address(rows: Rows, labels: Known, at: LinkedThresholds) -> Iterator[Finding]:
    """An account that paid into a pool, and one that was paid by it later, between whom other money passes as well."""
    columns, between = rows.notes.columns, _dealings(rows)
    if not len(between):
        return

    # THRESHOLD
    def ask(some: Columns) -> tuple[int, int]:
        named = (pairs[0][1] for pairs, _ in _linked(some, between, at.transactions))
        return holders(some, some.account, named), holders(some, some.account)

    chance = rows.once(("chance", linked_address, at), lambda: measured(ask, columns, dealt(columns)))
    for pairs, many in _linked(columns, between, at.transactions):
        paid, taken = columns.notes[pairs[0][0]], columns.notes[pairs[0][1]]
        if any(acts_for_many(labels, one.account, one) for one in (paid, taken)):
            continue
        # CLAIM, EVIDENCE, DOUBT
        claim = f"was paid by {taken.pool.name}, into which an account that it deals with had paid"
        evidence: dict[str, Any] = {"pool": paid.pool.address, "paid_in": paid.account, "transactions": many}
        notes = [n for pair in pairs for n in pair]
        yield finding(
            rows, taken.account, claim, notes, 60, evidence | {"notes": len(pairs)} | chance.evidence,
            pairs=pairs, doubt=chance.doubt,
        )  # fmt: skip


def same_accounts(columns: Columns, takers: Ints) -> Iterator[list[Pair]]:
    """By pool and account the deposits of an account, with the withdrawals for which it stands in ``takers``."""
    for pool in range(len(columns.pools)):
        paid, taken = (columns.of(pool, deposit=way) for way in (True, False))
        both = np.intersect1d(columns.account[paid], takers[taken])
        paid, taken = paid[np.isin(columns.account[paid], both)], taken[np.isin(takers[taken], both)]
        for account in both[both != NOBODY].tolist():
            pairs = paired(columns, paid[columns.account[paid] == account], taken[takers[taken] == account])
            if pairs:
                yield pairs


def _dealings(rows: Rows) -> dict[tuple[str, str], int]:
    """Pairs of accounts with notes, in either order, and in how many transactions one pays the other."""
    columns, moves = rows.notes.columns, rows.moves
    if not len(moves):
        return {}
    numbers = moves.numbers(list(columns.accounts))
    ours = np.isin(moves.sender, numbers) & np.isin(moves.receiver, numbers) & moves.pays
    one, other = moves.sender[ours], moves.receiver[ours]
    triples = np.unique(np.stack([np.minimum(one, other), np.maximum(one, other), moves.tx[ours]]), axis=1)
    ends, counts = np.unique(triples[:2], axis=1, return_counts=True)
    found = {}
    for (left, right), many in zip(ends.T.tolist(), counts.tolist(), strict=True):
        names = moves.account(left), moves.account(right)
        found[names] = found[names[::-1]] = many
    return found


def _linked(columns: Columns, between: dict[tuple[str, str], int], least: int) -> Iterator[tuple[list[Pair], int]]:
    numbers, chains = {name: n for n, name in enumerate(columns.accounts)}, {pool.chain for pool in columns.pools}
    enough = [(numbers[one], numbers[other], many) for (one, other), many in between.items() if many >= least]
    couples = {(chain, one, other): many for chain in chains for one, other, many in enough}
    yield from coupled(columns, columns.account, columns.account, couples)
