"""Whirlpool, Samourai's CoinJoin: the mixes, and the transactions (Tx0) that cut coins to size for them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chaintrace.heuristics.forms import KEY, of_form
from chaintrace.heuristics.transactions import Ints, Mask, Transactions

POOLS = (100_000, 1_000_000, 5_000_000, 50_000_000)
FEES = (5_000, 50_000, 175_000, 1_750_000)


@dataclass(frozen=True)
class MixThresholds:
    """Of a Whirlpool mix. Values in satoshi; from graphsense-lib's ``_whirlpool_coinjoin_heuristic`` but for the last.

    ``pools``               the values that are mixed.
    ``least``, ``most``     inputs, and as many outputs.
    ``least_excess``, ``most_excess``  what a new coin brings above the pool's value, for the miners.
    ``least_new``, ``most_new``        coins that come from a Tx0; the others have been mixed before.
    ``only_keys``           every coin is on the hash of one key (P2WPKH): so it is in each of the 370 mixes of our
                            tuning half, and in none of the 107 others of their form there. False: any account.
    """

    pools: tuple[int, ...] = POOLS
    least: int = 5
    most: int = 8
    least_excess: int = 100
    most_excess: int = 110_000
    least_new: int = 1
    most_new: int = 4
    only_keys: bool = True


@dataclass(frozen=True)
class Tx0Thresholds:
    """Of a Tx0. Values in satoshi; all from graphsense-lib's ``_whirlpool_tx0_heuristic`` and ``_verify_tx0_forward``.

    ``pools``, ``fees``     each pool's value, and what its coordinator asks.
    ``least_excess``, ``most_excess``  what an output that is to be mixed has above the pool's value.
    ``most_outputs``        outputs that are to be mixed.
    ``most_others``         outputs that are neither these nor the fee.
    ``least_fee``, ``most_fee``  permille of the pool's fee: coupons halve it, pools have changed it.
    ``data_outputs``        outputs that nobody can spend, which carry the coordinator's payload.
    """

    pools: tuple[int, ...] = POOLS
    fees: tuple[int, ...] = FEES
    least_excess: int = 100
    most_excess: int = 110_000
    most_outputs: int = 70
    most_others: int = 2
    least_fee: int = 500
    most_fee: int = 3_000
    data_outputs: int = 1


def mixes(txs: Transactions, at: MixThresholds) -> tuple[Mask, Mask, Ints]:
    """Which transactions are mixes, which are like them but have coins on other accounts than keys', and each one's
    pool."""
    pool, equal = txs.common
    shape = (txs.n_in >= at.least) & (txs.n_in <= at.most) & (txs.n_in == txs.n_out) & (txs.burns == 0)
    shape &= (equal == txs.n_out) & np.isin(pool, at.pools)
    shape &= (txs.accounts_in == txs.n_in) & (txs.accounts_out == txs.n_out)
    excess = txs.ins.value - pool[txs.ins.tx]
    fits = (excess == 0) | ((excess >= at.least_excess) & (excess <= at.most_excess))
    new = txs.per(txs.ins.tx[excess != 0])
    shape &= (txs.per(txs.ins.tx[~fits]) == 0) & (new >= at.least_new) & (new <= at.most_new)
    keys = _all_keys(txs, shape) if at.only_keys else np.ones(len(txs), bool)
    return shape & keys, shape & ~keys, pool


def _all_keys(txs: Transactions, among: Mask) -> Mask:
    """Which of some transactions have every coin on the hash of one key."""
    other = np.zeros(len(txs), np.int64)
    for side in (txs.ins.only(among[txs.ins.tx]), txs.outs.only(among[txs.outs.tx])):
        other += txs.per(side.tx[~of_form(txs, side, KEY)])
    return np.asarray(other == 0)


def tx0s(txs: Transactions, at: Tx0Thresholds) -> tuple[Mask, Ints, Ints]:
    """Which transactions are Tx0, the value of each one's outputs that are to be mixed, and the pool."""
    found, value, pool = np.zeros(len(txs), bool), np.zeros(len(txs), np.int64), np.zeros(len(txs), np.int64)
    told = txs.burns == at.data_outputs
    found[told], value[told], pool[told] = _of_some_pool(txs.only(told), at)
    return found, value, pool


def _of_some_pool(txs: Transactions, at: Tx0Thresholds) -> tuple[Mask, Ints, Ints]:
    found, value, pool = np.zeros(len(txs), bool), np.zeros(len(txs), np.int64), np.zeros(len(txs), np.int64)
    for size, fee in zip(at.pools, at.fees, strict=True):
        excess = txs.groups.value - size
        premix, count = txs.most(txs.groups.only((excess >= at.least_excess) & (excess <= at.most_excess)))
        paid = txs.outs.value * 1000
        is_fee = (paid >= at.least_fee * fee) & (paid <= at.most_fee * fee)
        here = (count >= 1) & (count <= at.most_outputs) & (txs.per(txs.outs.tx[is_fee]) >= 1)
        here &= (txs.n_out - count - 1 <= at.most_others) & ~found
        found |= here
        value, pool = np.where(here, premix, value), np.where(here, size, pool)
    return found, value, pool
