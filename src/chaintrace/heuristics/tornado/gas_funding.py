"""Gas funding: the one that paid in and the one that took out had their gas from one account, or one from the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.tornado.chance import dealt, measured
from chaintrace.heuristics.tornado.couples import Couples, acts_for_many, coupled, holders, initiator_of
from chaintrace.heuristics.tornado.links import finding
from chaintrace.heuristics.tornado.notes import Columns
from chaintrace.heuristics.tornado.troughs import TroughThresholds, first_gas
from chaintrace.heuristics.transactions import NOBODY, Ints

SURE = {True: 50, False: 30}
"""Where the depositor itself gave the gas, and where a third account gave it to both. Our own."""


@dataclass(frozen=True)
class Tie:
    """``own``: the depositor itself gave the gas. ``rows``: who gave it, by the payment."""

    own: bool
    rows: dict[int, int]

    def __or__(self, other: Tie) -> Tie:
        return Tie(self.own or other.own, self.rows | other.rows)


@heuristic(
    "tornado-gas-funding",
    TroughThresholds(),
    doubt="Friends, employers, faucets and services that nobody has labelled give gas to others too. What an account "
    "held is what these rows say; one that is seen to spend more than it had is left out.",
)
def gas_funding(rows: Rows, labels: Known, at: TroughThresholds) -> Iterator[Finding]:
    """An account that paid in and one that took out, or sent for a note, later: tied by who gave them their gas."""
    columns, moves = rows.notes.columns, rows.moves
    if not len(moves) or not len(columns):
        return
    numbers = moves.numbers(list(columns.accounts))
    senders = moves.numbers([initiator_of(note) or "" for note in columns.notes])
    # THRESHOLD
    ties = _ties(rows, labels, at, numbers, senders)

    def ask(some: Columns) -> tuple[int, int]:
        sent = senders if some is columns else np.random.default_rng(len(some)).permutation(senders)
        payers, found = numbers[some.account], [0, 0]
        for takers in (payers, sent):
            named = (pairs[0][1] for pairs, _ in coupled(some, payers, takers, ties))
            found = [found[0] + holders(some, takers, named), found[1] + holders(some, takers)]
        return found[0], found[1]

    chance = rows.once(("chance", gas_funding, labels, at), lambda: measured(ask, columns, dealt(columns)))
    payers = numbers[columns.account]
    for takers, does in ((payers, "was paid by"), (senders, "sent for a note of")):
        for pairs, tie in coupled(columns, payers, takers, ties):
            paid, taken = columns.notes[pairs[0][0]], columns.notes[pairs[0][1]]
            who = moves.account(int(takers[pairs[0][1]]))
            if any(acts_for_many(labels, one, taken) for one in (paid.account, who)):
                continue
            # CLAIM, EVIDENCE, DOUBT
            whose = "the account that gave it gas" if tie.own else "one that had its gas from the same account"
            claim = f"{does} {taken.pool.name}, into which {whose} had paid"
            funders = sorted({moves.account(one) for one in tie.rows.values()})
            evidence = {"pool": paid.pool.address, "paid_in": paid.account, "gas_from": funders, "notes": len(pairs)}
            notes = [n for pair in pairs for n in pair]
            yield finding(
                rows, who, claim, notes, SURE[tie.own], evidence | chance.evidence,
                pairs=pairs, also=map(moves.row, sorted(tie.rows)), doubt=chance.doubt,
            )  # fmt: skip


def _ties(rows: Rows, labels: Known, at: TroughThresholds, numbers: Ints, senders: Ints) -> Couples[Tie]:
    """Accounts that paid in with accounts that took out or sent for notes."""
    columns, found = rows.notes.columns, dict[tuple[str, int, int], Tie]()
    mine = numbers[columns.account]
    payers, takers = set(mine[columns.deposit].tolist()), {*mine[~columns.deposit].tolist(), *senders.tolist()}
    for chain in sorted({pool.chain for pool in columns.pools}):
        for funder, given in first_gas(rows, labels, at, chain, (payers | takers) - {NOBODY}).items():
            for taker in takers & given.keys():
                for payer in (payers & {*given, funder}) - {taker}:
                    own = payer == funder
                    told = given[taker] if own else [*given[payer], *given[taker]]
                    tie, key = Tie(own, dict.fromkeys(told, funder)), (chain, payer, taker)
                    found[key] = found[key] | tie if key in found else tie
    return found
