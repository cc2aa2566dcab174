"""Ways of spending: peel chains, which pay out a sum little by little, and payouts in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import numpy as np

from chaintrace.heuristics.consensus import EXCHANGE, paid_by
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.forms import form
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import NOBODY, Ints, Mask, Transactions
from chaintrace.model.address import transaction_account


@dataclass(frozen=True)
class PeelThresholds:
    """Of a peel chain.

    ``most_payment``  percent of the remainder that is paid at each step: am-i-exposed.
    ``least_hops``    transactions in a row: am-i-exposed, where four are a finding.
    ``sure``          largest payment, in percent of the whole, and the confidence: ChainViz; what is above has 50.
    """

    most_payment: int = 50
    least_hops: int = 4
    sure: tuple[tuple[int, int], ...] = ((5, 95), (10, 85), (20, 75))


@dataclass(frozen=True)
class BatchThresholds:
    """Of payouts in batches. ``most_inputs``, ``least_outputs`` and that two of three signs are wanted: am-i-exposed.
    Which three it means we do not know; these are our own:

    ``least_rest``     percent of the whole that the largest output has: what remains with who pays.
    ``least_forms``    different forms of addresses: payees chose them.
    ``least_distinct`` percent of the outputs whose value no other has.
    """

    most_inputs: int = 2
    least_outputs: int = 10
    least_signs: int = 2
    least_rest: int = 50
    least_forms: int = 3
    least_distinct: int = 90


@heuristic(
    "peel-chain",
    PeelThresholds(),
    doubt="Anybody who pays several times from one coin makes one. That the larger output is the remainder is assumed.",
)
def peel_chain(rows: Rows, labels: Known, at: PeelThresholds) -> Iterator[Finding]:
    """One coin, two outputs, the smaller one paid away, the larger one spent in the same way again."""
    txs = rows.transactions
    # THRESHOLD
    onwards, share = _peels(txs, at)
    for chain_ in _chains(onwards, at.least_hops):
        worst = max(int(share[tx]) for tx in chain_)
        names = tuple(txs.name(tx) for tx in chain_)
        first, paid = txs.ins.account[txs.inputs(chain_[0])][0], sum(_payment(txs, tx) for tx in chain_)
        # CLAIM, EVIDENCE
        yield Finding(
            subject=txs.account(int(first)),
            claim="is paid out step by step, the rest sent on: a peel chain",
            tx_hashes=names,
            confidence=next((sure for most, sure in at.sure if worst < most * 10), 50),
            evidence={"hops": len(chain_), "paid": paid, "largest_payment_permille": worst},
            rows=tuple(chain.from_iterable(txs.rows(tx) for tx in chain_)),
        )
    # DOUBT: of the rule


@heuristic(
    "payout-batch", BatchThresholds(), doubt="A shape of exchanges and pools, and of anybody who pays many at once."
)
def payout_batch(rows: Rows, labels: Known, at: BatchThresholds) -> Iterator[Finding]:
    """One or two coins pay ten or more at once, by two of three signs."""
    txs = rows.transactions
    # THRESHOLD
    likely = (txs.n_in >= 1) & (txs.n_in <= at.most_inputs) & (txs.n_out >= at.least_outputs)
    known = paid_by(txs, labels, EXCHANGE, likely)
    for tx in np.flatnonzero(likely).tolist():
        outs = txs.outputs(tx)
        values = np.unique(txs.outs.value[outs], return_counts=True)
        rest = 100 * int(values[0][-1]) // int(txs.outs.value[outs].sum() or 1)
        distinct = 100 * int((values[1] == 1).sum()) // int(txs.n_out[tx])
        forms = len({form(txs.account(number)) for number in txs.outs.account[outs].tolist()})
        signs = (rest >= at.least_rest) + (forms >= at.least_forms) + (distinct >= at.least_distinct)
        if signs >= at.least_signs:
            # CLAIM, EVIDENCE
            yield Finding(
                subject=transaction_account(txs.name(tx)),
                claim="pays many at once, as exchanges do"
                + (", and an account that is labelled an exchange pays" if known[tx] else ""),
                tx_hashes=(txs.name(tx),),
                confidence=90 if known[tx] else 50,
                evidence={"outputs": int(txs.n_out[tx]), "rest": rest, "forms": forms, "distinct": distinct},
                rows=txs.rows(tx),
            )
    # DOUBT: of the rule


def _peels(txs: Transactions, at: PeelThresholds) -> tuple[Ints, Ints]:
    """Of each step the transaction that takes the remainder one step further, else ``NOBODY``, and what was paid, in
    permille of the whole. Where the payment goes on in the same way, which output is the remainder is contested."""
    two = (txs.n_in == 1) & (txs.n_out == 2) & (txs.burns == 0)
    low, high = np.zeros(len(txs), np.int64), np.zeros(len(txs), np.int64)
    here = two[txs.outs.tx]
    first = np.flatnonzero(here)[::2]
    tx = txs.outs.tx[first]
    low[tx] = np.minimum(txs.outs.value[first], txs.outs.value[first + 1])
    high[tx] = np.maximum(txs.outs.value[first], txs.outs.value[first + 1])
    step = two & (100 * low <= at.most_payment * high) & (low < high)
    spender, stepped = np.full(len(txs.outs.tx), NOBODY), step[txs.outs.tx]
    spender[stepped] = txs.spenders(stepped, by=step)
    goes_on = spender != NOBODY
    larger = txs.outs.value == high[txs.outs.tx]
    onwards = np.full(len(txs), NOBODY)
    onwards[txs.outs.tx[goes_on & larger]] = spender[goes_on & larger]
    onwards[txs.outs.tx[goes_on & ~larger]] = NOBODY
    return onwards, 1000 * low // np.maximum(low + high, 1)


def _chains(onwards: Ints, least: int) -> Iterator[list[int]]:
    """Longest runs of steps, of ``least`` or more."""
    follows: Mask = np.zeros(len(onwards), bool)
    follows[onwards[onwards >= 0]] = True
    for head in np.flatnonzero((onwards >= 0) & ~follows).tolist():
        run = [head]
        while onwards[run[-1]] >= 0:
            run.append(int(onwards[run[-1]]))
        if len(run) >= least:
            yield run


def _payment(txs: Transactions, tx: int) -> int:
    return int(txs.outs.value[txs.outputs(tx)].min())
