"""ChipMixer's chips: coins of fixed sizes, one an address, that it handed out as keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.heuristics.consensus import looks_joint
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.listed import dealings, paid_by_listed
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import NOBODY, Ints, Mask, Transactions, whole
from chaintrace.model.address import transaction_account

CHIPS = tuple(100_000 << n for n in range(14))
"""Satoshi: 0.001 BTC, doubled up to 8.192."""


@dataclass(frozen=True)
class ChipThresholds:
    """Of chips. The sizes, and that an address has one deposit and at most one spend, come from a forum (LoyceV on
    bitcointalk, at second hand), not from a paper or the mixer. The rest is our own:

    ``sizes``          satoshi.
    ``most_deposits``, ``most_spends``  of the address, among these rows.
    ``least_chips``    in one transaction: one alone is any round payment.
    ``least_sizes``    that differ: several coins of 0.001 are what a pool of Whirlpool gives too.
    ``least_share``    percent of the inputs that they are: who gathers hundreds of coins has some of any size.
    ``sure``           with so many chips and nothing else that pays, it is surer.
    ``bundled``        as in ``custodial-mixer``.
    """

    sizes: tuple[int, ...] = CHIPS
    most_deposits: int = 1
    most_spends: int = 1
    least_chips: int = 2
    least_sizes: int = 2
    least_share: int = 50
    sure: int = 4
    bundled: bool = True


@heuristic(
    "chipmixer-chips",
    ChipThresholds(),
    doubt="These are round amounts, which people choose too. Whether an address was paid once is seen among these rows "
    "only. A chip that is spent alone is not seen.",
)
def chipmixer_chips(rows: Rows, labels: Known, at: ChipThresholds) -> Iterator[Finding]:
    """Several chips of different sizes that one transaction spends."""
    txs = rows.transactions
    # THRESHOLD
    coin, maker = _chips(rows, labels, at)
    tx = txs.ins.tx[coin]
    found = np.unique(tx)
    by_list = paid_by_listed(txs, dealings(rows, labels, at.bundled)) if len(found) else np.zeros(len(txs), bool)
    for one in found.tolist():
        here = tx == one
        made = maker[here & (maker != NOBODY)]
        listed, rest = int(by_list[made].sum()), int(txs.n_in[one] - here.sum())
        # CLAIM, EVIDENCE
        yield Finding(
            subject=transaction_account(txs.name(one)),
            claim="spends coins together that have the sizes of ChipMixer's chips",
            tx_hashes=(txs.name(one),),
            confidence=90 if listed else 60 if here.sum() >= at.sure and not rest else 40,
            evidence={
                "chips": sorted(txs.ins.value[coin[here]].tolist()),
                "other_inputs": rest,
                "made_here": len(made),
                "made_by_a_listed_mixer": listed,
            },
            rows=txs.rows(one),
        )
    # DOUBT: of the rule


def _chips(rows: Rows, labels: Known, at: ChipThresholds) -> tuple[Ints, Ints]:
    """Inputs that are chips of a transaction with chips enough, and the transaction that made each, ``NOBODY`` where it
    is not here."""
    txs = rows.transactions
    coin = np.flatnonzero((txs.ins.account >= 0) & np.isin(txs.ins.value, at.sizes))
    coin = coin[_enough(txs, coin, at)[txs.ins.tx[coin]]]
    if not len(coin):
        return coin, coin
    count = len(txs.accounts)
    got, spent = (np.bincount(one.account[one.account >= 0], minlength=count) for one in (txs.outs, txs.ins))
    maker, joint = _makers(txs, coin), looks_joint(rows, labels)
    deposits = got[txs.ins.account[coin]] + (maker == NOBODY)
    fine = (deposits <= at.most_deposits) & (spent[txs.ins.account[coin]] <= at.most_spends)
    fine &= ~joint[txs.ins.tx[coin]] & ((maker == NOBODY) | ~joint[maker])
    enough = _enough(txs, coin[fine], at)[txs.ins.tx[coin]]
    return coin[fine & enough], maker[fine & enough]


def _enough(txs: Transactions, coin: Ints, at: ChipThresholds) -> Mask:
    """Which transactions spend enough of these coins, of enough sizes."""
    tx, sizes = txs.ins.tx[coin], np.zeros(len(txs), np.int64)
    for size in at.sizes:
        sizes += txs.per(tx[txs.ins.value[coin] == size]) > 0
    many = txs.per(tx)
    share = 100 * many >= at.least_share * txs.n_in
    return np.asarray((many >= at.least_chips) & (sizes >= at.least_sizes) & share)


def _makers(txs: Transactions, coin: Ints) -> Ints:
    names = whole(txs.table["outpoint"])
    spent, made = (names.take(pa.array(rows)) for rows in (txs.ins.row[coin], txs.outs.row))
    which = pc.index_in(made, value_set=spent).fill_null(NOBODY).to_numpy(zero_copy_only=False)
    maker = np.full(len(coin), NOBODY)
    maker[which[which != NOBODY]] = txs.outs.tx[which != NOBODY]
    return maker
