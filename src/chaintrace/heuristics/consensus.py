"""Consensus: which CoinJoin a transaction is, where several rules say that it is one, and what looks like one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.heuristics.joinmarket import JoinMarketThresholds, StonewallThresholds, joinmarket, stonewalls
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import Ints, Mask, Transactions
from chaintrace.heuristics.wasabi import (
    Wasabi1Thresholds,
    Wasabi2Thresholds,
    Wasabi11Thresholds,
    wasabi_10,
    wasabi_11,
    wasabi_20,
)
from chaintrace.heuristics.whirlpool import MixThresholds, Tx0Thresholds, mixes, tx0s

EXCHANGE = "exchange"
TO_SCRIPT = "whirlpool-to-script"


@dataclass(frozen=True)
class CoinJoinThresholds:
    """Thresholds of every rule that has a say. ``tx0``: what these flag is one owner's, and not JoinMarket's."""

    whirlpool: MixThresholds = field(default_factory=MixThresholds)
    wasabi_10: Wasabi1Thresholds = field(default_factory=Wasabi1Thresholds)
    wasabi_11: Wasabi11Thresholds = field(default_factory=Wasabi11Thresholds)
    wasabi_20: Wasabi2Thresholds = field(default_factory=Wasabi2Thresholds)
    joinmarket: JoinMarketThresholds = field(default_factory=JoinMarketThresholds)
    tx0: Tx0Thresholds = field(default_factory=Tx0Thresholds)


USUAL = CoinJoinThresholds()
JOINT = CoinJoinThresholds(
    wasabi_20=Wasabi2Thresholds(lone_others=-1, most_back=101), tx0=Tx0Thresholds(pools=(), fees=())
)
"""Without the vetoes that take a transaction for one owner's by its shape: right or wrong, they join nobody."""


class Claim(NamedTuple):
    """What one rule says: its ``confidence`` in each transaction, 0 where it says nothing, and what it measured."""

    confidence: Ints
    measured: dict[str, Ints]


class Consensus(NamedTuple):
    """What all rules say, and ``best``, the number of the one that is surest of a transaction (the first of several),
    -1 where all are silent."""

    claims: dict[str, Claim]
    best: Ints

    def best_of(self, rule: str) -> Mask:
        result: Mask = self.best == list(self.claims).index(rule)
        return result


def consensus(rows: Rows, labels: Known, at: CoinJoinThresholds = USUAL) -> Consensus:
    """What the rules say together. Rule: graphsense-lib, ``_build_coinjoin_consensus``: the surest one counts; those
    for Wasabi 1 and JoinMarket, whose shape a payout may have, are silent where an exchange pays."""
    return rows.once(("consensus", at, labels), lambda: _weigh(rows.transactions, labels, at))


def _weigh(txs: Transactions, labels: Known, at: CoinJoinThresholds) -> Consensus:
    likely = _likely(txs, at)
    some = _claims(txs.only(likely), labels, at)
    claims = {
        rule: Claim(
            _spread(one.confidence, likely), {name: _spread(cells, likely) for name, cells in one.measured.items()}
        )
        for rule, one in some.items()
    }
    told = np.array([claim.confidence for claim in claims.values()])
    return Consensus(claims, np.where(told.any(axis=0), told.argmax(axis=0), -1))


def _likely(txs: Transactions, at: CoinJoinThresholds) -> Mask:
    """Transactions with coins enough for some rule: most have not, and need not be looked at."""
    ten, eleven, twenty, market = at.wasabi_10, at.wasabi_11, at.wasabi_20, at.joinmarket
    coins_in = (at.whirlpool.least, ten.least_inputs, eleven.least_inputs, twenty.least_inputs, market.least_equal)
    shared = twenty.least_tiers * twenty.least_equal
    coins_out = (at.whirlpool.least, ten.least_equal, eleven.least_equal, shared, market.least_equal)
    result: Mask = (txs.n_in >= min(coins_in)) & (txs.n_out >= min(coins_out))
    return result


def _spread(some: Ints, where: Mask) -> Ints:
    every = np.zeros(len(where), np.int64)
    every[where] = some
    return every


def _claims(txs: Transactions, labels: Known, at: CoinJoinThresholds) -> dict[str, Claim]:
    whirlpool, to_script, pool = mixes(txs, at.whirlpool)
    ten, value_10, equal_10 = wasabi_10(txs, at.wasabi_10)
    eleven, levels, equal_11 = wasabi_11(txs, at.wasabi_11)
    twenty, tiers, standard = wasabi_20(txs, at.wasabi_20)
    market, value, equal = joinmarket(txs, at.joinmarket)
    paid = paid_by(txs, labels, EXCHANGE, ten | eleven | market)
    market &= ~tx0s(txs, at.tx0)[0]
    sure_11 = np.where(levels >= at.wasabi_11.least_levels, 100, 50)
    return {
        "whirlpool": Claim(np.where(whirlpool, 60, 0), {"pool": pool}),
        TO_SCRIPT: Claim(np.where(to_script, 55, 0), {"pool": pool}),
        "wasabi-1.1": Claim(np.where(eleven & ~paid, sure_11, 0), {"levels": levels, "equal_outputs": equal_11}),
        "wasabi-1.0": Claim(np.where(ten & ~paid, 70, 0), {"denomination": value_10, "equal_outputs": equal_10}),
        "wasabi-2.0": Claim(np.where(twenty, 60, 0), {"shared_denominations": tiers, "standard_outputs": standard}),
        "joinmarket": Claim(np.where(market & ~paid, 49, 0), {"denomination": value, "equal_outputs": equal}),
    }


def looks_joint(rows: Rows, labels: Known, at: Any = None) -> Mask:
    """Transactions whose inputs may be of several owners: CoinJoins by any rule, exchange or not, and Stonewalls, which
    one owner makes to look like two, or two make together."""
    txs = rows.transactions
    said = consensus(rows, labels, JOINT)
    return np.asarray((said.best >= 0) | stonewalls(txs, at or StonewallThresholds())[0])


def paid_by(txs: Transactions, labels: Known, category: str, among: Mask) -> Mask:
    """Which of these transactions an account of the category pays, at the time."""
    named = labels.accounts(category)
    found = np.zeros(len(txs), bool)
    if not named:
        return found
    is_named = pc.is_in(txs.accounts, value_set=pa.array(named, txs.accounts.type)).to_numpy(zero_copy_only=False)
    likely = (txs.ins.account >= 0) & is_named[txs.ins.account] & among[txs.ins.tx]
    for tx, account in zip(txs.ins.tx[likely].tolist(), txs.ins.account[likely].tolist(), strict=True):
        found[tx] |= labels.find(txs.account(account), category, **txs.moment(tx)) is not None
    return found
