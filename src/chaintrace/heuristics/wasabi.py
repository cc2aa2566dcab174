"""Wasabi's CoinJoins: 1.0 of one denomination, 1.1 of doubled ones, 2.0 (WabiSabi) of many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chaintrace.heuristics.forms import TAPROOT, of_form
from chaintrace.heuristics.transactions import Ints, Mask, Transactions

_LARGEST = 137_438_953_472  # 2**37, the largest denomination of WalletWasabi's DenominationBuilder


def standard_denominations(least: int = 5_000, most: int = _LARGEST) -> tuple[int, ...]:
    """Values that Wasabi 2 cuts to, in satoshi: powers of 2; of 3, and twice these; of 10, and twice and five times
    these. Rule: WalletWasabi, DenominationBuilder."""
    made = {
        base**power * times
        for base, many in ((2, (1,)), (3, (1, 2)), (10, (1, 2, 5)))
        for power in range(64)
        for times in many
    }
    return tuple(sorted(value for value in made if least <= value <= most))


@dataclass(frozen=True)
class Wasabi1Thresholds:
    """Of Wasabi 1.0. Values in satoshi; from graphsense-lib's ``_wasabi_10_heuristic`` but for the first line.

    ``denominations``, ``off``  what every participant gets, and by how many percent it may differ. 0.1 BTC ± 20 % is
                            that of Dumplings; graphsense-lib's ± 5 % misses the rounds of 2021, whose denomination
                            had grown to 0.11. 0.05 BTC is that of rounds of 2018, which our tuning half has.
    ``least_inputs``        inputs.
    ``least_equal``         outputs of the denomination; together they are at least half of the others, less one.
    ``most_each``           accounts of the inputs for each of them.
    ``most_share``          percent of the inputs that one account may have.
    ``small``, ``residual``  rounds of fewer inputs must leave more than this share (a millionth) outside of the equal
                            outputs, else somebody has only split money. "No split residual ≤ 1e-4" is all that we have
                            read of it: this reading is our own.
    """

    denominations: tuple[int, ...] = (5_000_000, 10_000_000)
    off: int = 20
    least_inputs: int = 10
    least_equal: int = 3
    most_each: int = 7
    most_share: int = 10
    small: int = 20
    residual: int = 100


@dataclass(frozen=True)
class Wasabi11Thresholds:
    """Of Wasabi 1.1. Values in satoshi; from graphsense-lib's ``_wasabi_11_heuristic``, ``off`` as in 1.0.

    ``denomination``, ``off``, ``levels``  level i is of ``denomination``, doubled i times, ± ``off`` percent.
    ``least_level``         outputs that make a level.
    ``least_inputs``, ``least_equal``, ``most_each``, ``most_share``  as in 1.0, of the lowest level, on which every
                            participant has one output; that all levels together make the majority is as in 1.0 too.
    ``least_levels``        below this the confidence is halved.
    """

    denomination: int = 10_000_000
    off: int = 20
    levels: int = 10
    least_level: int = 2
    least_levels: int = 2
    least_inputs: int = 10
    least_equal: int = 3
    most_each: int = 7
    most_share: int = 10


@dataclass(frozen=True)
class Wasabi2Thresholds:
    """Of Wasabi 2.0. Values in satoshi; from graphsense-lib's ``_wasabi_20_heuristic`` but for ``least_others``, the
    denominations from WalletWasabi.

    ``least_inputs``        inputs.
    ``most_share``          percent of the inputs that one account may have.
    ``least_output``        no output is smaller.
    ``least_tiers``         denominations that at least ``least_equal`` outputs share.
    ``denominations``       the values that count; of these are at least half of the outputs but one.
    ``least_others``        outputs of other values: somebody's change. graphsense-lib wants one; 2 of the 16 rounds
                            that we know have none, so here it is not needed.
    ``lone_others``         so many outputs of other values, and no coin on taproot, is one owner who splits: so the
                            name of crocs-muni's largest list of transactions marked by hand ("stdenom rbf notap
                            onechange"). It asks for RBF too, which rows do not tell.
    ``most_back``           percent of the outputs that go back to accounts that pay: by its name, another of these
                            lists ("reuse 0.70"); the reading is our own.
    """

    least_inputs: int = 20
    most_share: int = 10
    least_output: int = 5_000
    least_tiers: int = 3
    least_equal: int = 2
    least_others: int = 0
    lone_others: int = 1
    most_back: int = 70
    denominations: tuple[int, ...] = standard_denominations()


def wasabi_10(txs: Transactions, at: Wasabi1Thresholds) -> tuple[Mask, Ints, Ints]:
    """Which transactions are rounds of Wasabi 1.0, the value that is common in each, and by how many outputs."""
    near = np.logical_or.reduce([_near(txs.groups.value, one, at.off) for one in at.denominations])
    value, equal = txs.most(txs.groups.only(near))
    found = _shaped(txs, equal, equal, at)
    rest = txs.per(txs.outs.tx, txs.outs.value) - value * equal
    split = rest * 1_000_000 <= at.residual * (rest + value * equal)
    return found & ((txs.n_in >= at.small) | ~split), value, equal


def wasabi_11(txs: Transactions, at: Wasabi11Thresholds) -> tuple[Mask, Ints, Ints]:
    """Which transactions are rounds of Wasabi 1.1, how many levels each has, and how many outputs are of one."""
    levels, equal, base = (np.zeros(len(txs), np.int64) for _ in range(3))
    for i in range(at.levels):
        near = _near(txs.groups.value, at.denomination << i, at.off)
        _, count = txs.most(txs.groups.only(near))
        is_level = count >= at.least_level
        levels += is_level
        equal += np.where(is_level, count, 0)
        base = count if i == 0 else base
    found = _shaped(txs, equal, base, at)
    return found, levels, equal


def wasabi_20(txs: Transactions, at: Wasabi2Thresholds) -> tuple[Mask, Ints, Ints]:
    """Which transactions are rounds of Wasabi 2.0, how many denominations several outputs share in each, and how many
    outputs are of a denomination."""
    standard = txs.groups.only(np.isin(txs.groups.value, at.denominations))
    of_one = txs.per(standard.tx, standard.times)
    tiers = txs.per(standard.tx[standard.times >= at.least_equal])
    small = txs.per(txs.outs.tx[txs.outs.value < at.least_output])
    found = (txs.n_in >= at.least_inputs) & _nobody_rules(txs, at.most_share) & (small == 0)
    found &= (txs.accounts_out == txs.n_out) & (tiers >= at.least_tiers)
    found &= (2 * of_one >= txs.n_out - 1) & (txs.n_out - of_one >= at.least_others)
    return found & ~_of_one_owner(txs, found, txs.n_out - of_one, at), tiers, of_one


def _of_one_owner(txs: Transactions, among: Mask, others: Ints, at: Wasabi2Thresholds) -> Mask:
    """Which of some transactions one owner makes: who splits, or who pays himself."""
    ins, outs = (side.only(among[side.tx]) for side in (txs.ins, txs.outs))
    taproot = sum(txs.per(side.tx[of_form(txs, side, TAPROOT)]) for side in (ins, outs))
    paid, pays = (side.tx * len(txs.accounts) + side.account for side in (outs, ins))
    back = txs.per(outs.tx[np.isin(paid, pays[ins.account >= 0]) & (outs.account >= 0)])
    return np.asarray((taproot == 0) & (others == at.lone_others) | (100 * back >= at.most_back * txs.n_out))


def _near(value: Ints, goal: int, percent: int) -> Mask:
    result: Mask = 100 * np.abs(value - goal) <= percent * goal
    return result


def _shaped(txs: Transactions, equal: Ints, each: Ints, at: Wasabi1Thresholds | Wasabi11Thresholds) -> Mask:
    """What 1.0 and 1.1 have in common, of transactions with ``equal`` outputs of denominations, ``each`` of them of
    the lowest: one for each participant."""
    shape = (txs.n_in >= at.least_inputs) & (2 * equal >= txs.n_out - 1) & (each >= at.least_equal)
    shape &= (each <= txs.accounts_in) & (txs.accounts_in <= at.most_each * each)
    result: Mask = shape & (txs.accounts_out == txs.n_out) & _nobody_rules(txs, at.most_share)
    return result


def _nobody_rules(txs: Transactions, share: int) -> Mask:
    result: Mask = 100 * txs.most_of_one <= share * txs.n_in
    return result
