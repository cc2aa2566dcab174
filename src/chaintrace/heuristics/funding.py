"""Funding: accounts whose first gas came from one account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.parties import large_groups, proof, services
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import NOBODY, Ints, Mask
from chaintrace.model.chain import get_chain


@dataclass(frozen=True)
class FunderThresholds:
    """Of a common funder.

    ``most_degree``    a funder that deals with as many accounts is a service: chainscope.
    ``least``, ``most``  wei of a payment that is for gas: ShuxunoO's BTFI, which gives larger ones no weight.
    ``least_sun``, ``most_sun``  the same on Tron: 1 to 100 TRX; our own.
    ``least_accounts`` that it funds, for a finding: our own.
    """

    most_degree: int = 50
    least: int = 10**14
    most: int = 10**17
    least_sun: int = 1_000_000
    most_sun: int = 100_000_000
    least_accounts: int = 2


@heuristic(
    "common-funder",
    FunderThresholds(),
    doubt="Friends, employers, faucets and services that nobody has labelled fund others too: without leaving services "
    "out, 0.7 % of such pairs were right where chainscope measured it. First means first among these rows.",
)
def common_funder(rows: Rows, labels: Known, at: FunderThresholds) -> Iterator[Finding]:
    """Accounts whose first coins, for gas, came from the same account, which is no service."""
    moves = rows.moves
    by_service, to_service = services(rows, labels)
    first = _first_gas(moves, at) & ~by_service & ~to_service
    # THRESHOLD
    first &= moves.degree[moves.sender] < at.most_degree
    for group in large_groups(first, at.least_accounts, moves.sender, moves.asset):
        funded = sorted(moves.account(one) for one in moves.receiver[group].tolist())
        # CLAIM, EVIDENCE
        yield Finding(
            subject=moves.account(int(moves.sender[group[0]])),
            claim=f"gave {len(funded)} accounts their first gas: one owner may be behind them",
            confidence=20,
            evidence={"accounts": funded, "degree": int(moves.degree[moves.sender[group[0]]])},
            **proof(moves, group),
        )
    # DOUBT: of the rule


def _first_gas(moves: Moves, at: FunderThresholds) -> Mask:
    """Of each account that sends something the one payment of its chain's coin that came before all others and before
    it sent anything, if it is as large as gas is. Where the order does not tell the first there is none."""
    coins, chain, bounds = _coins(moves, at)
    native = coins[moves.asset] & moves.pays
    count = len(moves.accounts)
    sends, gets = moves.sender != NOBODY, native
    got = np.flatnonzero(gets)
    key = moves.receiver[got] * len(bounds) + chain[got]
    begun = _least(moves.sender[sends] * len(bounds) + chain[sends], moves.place[sends], count * len(bounds))
    earliest = _least(key, moves.place[got], count * len(bounds))
    at_first = got[moves.place[got] == earliest[key]]
    where = moves.receiver[at_first] * len(bounds) + chain[at_first]
    alone = np.bincount(where, minlength=count * len(bounds))[where] == 1
    ever = np.zeros(count * len(bounds), bool)
    ever[moves.sender[sends] * len(bounds) + chain[sends]] = True
    at_first = at_first[alone & ever[where] & (moves.place[at_first] < begun[where])]
    low, high = (np.array([one[i] for one in bounds], dtype=object)[chain[at_first]] for i in (0, 1))
    amount = moves.amount[at_first]
    found = np.zeros(len(moves), bool)
    found[at_first[(amount >= low).astype(bool) & (amount <= high).astype(bool)]] = True
    return found


def _coins(moves: Moves, at: FunderThresholds) -> tuple[Mask, Ints, list[tuple[int, int]]]:
    """Which assets are their chain's coin, each row's chain, and how much of the coin is for gas on each chain."""
    names = pc.unique(moves.table["chain"])
    chains = [get_chain(name) for name in names.to_pylist()]
    own = pa.array([chain.native for chain in chains], moves.assets.type)
    coins = pc.is_in(moves.assets, value_set=own).to_numpy(zero_copy_only=False)
    chain = np.asarray(pc.index_in(moves.table["chain"], names).to_numpy(), dtype=np.int64)
    bounds = [(at.least_sun, at.most_sun) if one.family == "tron" else (at.least, at.most) for one in chains]
    return coins, chain, bounds


def _least(key: Ints, place: Ints, count: int) -> Ints:
    found = np.full(count, np.iinfo(np.int64).max)
    np.minimum.at(found, key, place)
    return found
