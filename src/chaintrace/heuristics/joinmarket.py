"""Equal outputs without a coordinator: JoinMarket's shape, and Stonewall's, which only looks like it."""

from __future__ import annotations

from dataclasses import dataclass

from chaintrace.heuristics.transactions import Ints, Mask, Transactions


@dataclass(frozen=True)
class JoinMarketThresholds:
    """Of CoinJoins with equal outputs. Values in satoshi; all from graphsense-lib's ``_joinmarket_heuristic``.

    ``most_dust``           the common value is larger: 546 and 2,730 are limits of dust that many outputs have.
    ``least_equal``         outputs of it; they are at least half of all, and no more than there are accounts that pay.
    ``least_others``        outputs of other values.
    ``large``, ``most_inputs``, ``least_outputs``  with so many inputs there are at most so many for each equal output,
                            and outputs are at least so many tenths of the equal ones.
    """

    most_dust: int = 2_730
    least_equal: int = 3
    least_others: int = 1
    large: int = 50
    most_inputs: int = 20
    least_outputs: int = 17


@dataclass(frozen=True)
class StonewallThresholds:
    """Of Stonewall. Values in satoshi; all from graphsense-lib's ``_is_stonewall``.

    ``least_outputs``, ``most_outputs``, ``least_inputs``, ``equal`` outputs of one value, at least ``least_value``.
    """

    least_outputs: int = 3
    most_outputs: int = 4
    least_inputs: int = 2
    equal: int = 2
    least_value: int = 5_000


def joinmarket(txs: Transactions, at: JoinMarketThresholds) -> tuple[Mask, Ints, Ints]:
    """Which transactions have the shape, the value that is common in each, and by how many outputs."""
    value, equal = txs.common
    found = (value > at.most_dust) & (equal >= at.least_equal) & (2 * equal >= txs.n_out)
    found &= (equal <= txs.accounts_in) & (txs.accounts_out == txs.n_out) & (txs.n_out - equal >= at.least_others)
    sane = (txs.n_in <= at.most_inputs * equal) & (10 * txs.n_out >= at.least_outputs * equal)
    return found & ((txs.n_in < at.large) | sane), value, equal


def stonewalls(txs: Transactions, at: StonewallThresholds) -> tuple[Mask, Ints]:
    """Which transactions have the shape of Stonewall, and the value of the equal pair."""
    value, equal = txs.common
    pairs = txs.per(txs.groups.tx[txs.groups.times == at.equal])
    found = (txs.n_out >= at.least_outputs) & (txs.n_out <= at.most_outputs) & (txs.n_in >= at.least_inputs)
    return found & (equal == at.equal) & (pairs == 1) & (value >= at.least_value), value
