"""CoinJoins: transactions in which several owners pay together, so that nobody can say who paid whom."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chaintrace.heuristics.consensus import TO_SCRIPT, CoinJoinThresholds, consensus
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.joinmarket import JoinMarketThresholds
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import NOBODY
from chaintrace.heuristics.wasabi import Wasabi1Thresholds, Wasabi2Thresholds, Wasabi11Thresholds
from chaintrace.heuristics.whirlpool import MixThresholds, Tx0Thresholds, tx0s
from chaintrace.model.address import transaction_account

SHAPE = "It is a shape, not a signature: whoever builds a transaction of this shape is flagged as well."
MIXED = "Which input pays which output is not said, and no output may be given to the owner of any one input."


@heuristic("coinjoin-whirlpool", MixThresholds(), doubt=f"{SHAPE} {MIXED}")
def whirlpool_mix(rows: Rows, labels: Known, at: MixThresholds) -> Iterator[Finding]:
    """Whirlpool mixes: five to eight coins of one pool's value out, as many in."""
    # CLAIM
    claim = "has the shape of a mix of Whirlpool, Samourai's CoinJoin"
    # THRESHOLD, EVIDENCE
    yield from _coinjoins(rows, labels, "whirlpool", claim, CoinJoinThresholds(whirlpool=at))
    # DOUBT: of the rule


@heuristic(
    TO_SCRIPT,
    MixThresholds(),
    doubt=f"{SHAPE} Nobody has filed one as a mix: those who gather them count transactions of keys alone. {MIXED}",
)
def whirlpool_to_script(rows: Rows, labels: Known, at: MixThresholds) -> Iterator[Finding]:
    """As a Whirlpool mix, but some coin is on an account that is not the hash of one key: somebody has it mixed to
    several keys, say."""
    # CLAIM
    claim = "has the shape of a mix of Whirlpool, but not all of its coins are on the hash of one key"
    # THRESHOLD, EVIDENCE
    yield from _coinjoins(rows, labels, TO_SCRIPT, claim, CoinJoinThresholds(whirlpool=at))
    # DOUBT: of the rule


@heuristic("coinjoin-wasabi-1.0", Wasabi1Thresholds(), doubt=f"{SHAPE} JoinMarket's may have it. {MIXED}")
def wasabi_one(rows: Rows, labels: Known, at: Wasabi1Thresholds) -> Iterator[Finding]:
    """Rounds of Wasabi 1.0: many outputs of one denomination near 0.1 BTC."""
    # CLAIM
    claim = "has the shape of a round of Wasabi 1.0"
    # THRESHOLD, EVIDENCE
    yield from _coinjoins(rows, labels, "wasabi-1.0", claim, CoinJoinThresholds(wasabi_10=at))
    # DOUBT: of the rule


@heuristic("coinjoin-wasabi-1.1", Wasabi11Thresholds(), doubt=f"{SHAPE} With one level it is 1.0's as well. {MIXED}")
def wasabi_one_one(rows: Rows, labels: Known, at: Wasabi11Thresholds) -> Iterator[Finding]:
    """Rounds of Wasabi 1.1: equal outputs near 0.1 BTC and its doubles."""
    # CLAIM
    claim = "has the shape of a round of Wasabi 1.1"
    # THRESHOLD, EVIDENCE
    yield from _coinjoins(rows, labels, "wasabi-1.1", claim, CoinJoinThresholds(wasabi_11=at))
    # DOUBT: of the rule


@heuristic("coinjoin-wasabi-2.0", Wasabi2Thresholds(), doubt=f"{SHAPE} {MIXED}")
def wasabi_two(rows: Rows, labels: Known, at: Wasabi2Thresholds) -> Iterator[Finding]:
    """Rounds of Wasabi 2.0 (WabiSabi): most outputs of standard denominations, several of which are shared."""
    # CLAIM
    claim = "has the shape of a round of Wasabi 2.0 (WabiSabi)"
    # THRESHOLD, EVIDENCE
    yield from _coinjoins(rows, labels, "wasabi-2.0", claim, CoinJoinThresholds(wasabi_20=at))
    # DOUBT: of the rule


@heuristic(
    "coinjoin-joinmarket",
    JoinMarketThresholds(),
    doubt=f"{SHAPE} Payouts of equal sums have it too: the weakest of the rules, and no data tell its error. {MIXED}",
)
def joinmarket_like(rows: Rows, labels: Known, at: JoinMarketThresholds) -> Iterator[Finding]:
    """Equal outputs, at least half of all, where no surer rule says which CoinJoin it is."""
    # CLAIM
    claim = "has equal outputs as JoinMarket's CoinJoins have"
    # THRESHOLD, EVIDENCE
    yield from _coinjoins(rows, labels, "joinmarket", claim, CoinJoinThresholds(joinmarket=at))
    # DOUBT: of the rule


@heuristic(
    "whirlpool-tx0", Tx0Thresholds(), doubt=f"{SHAPE} One owner pays here: it enters the mixer and mixes nothing."
)
def whirlpool_tx0(rows: Rows, labels: Known, at: Tx0Thresholds) -> Iterator[Finding]:
    """Tx0: cuts coins to just above a pool's value and pays its coordinator. Where a mix among these rows spends one of
    them, that is confirmed."""
    txs = rows.transactions
    # THRESHOLD
    found, value, pool = tx0s(txs, at)
    confirmed = _enters(rows, labels, found, value)
    for tx in np.flatnonzero(found).tolist():
        cut = txs.outs.value[txs.outputs(tx)] == value[tx]
        seen = int(confirmed[tx])
        # CLAIM, EVIDENCE
        yield Finding(
            subject=transaction_account(txs.name(tx)),
            claim="has the shape of a Tx0, which cuts coins for Whirlpool",
            tx_hashes=(txs.name(tx),),
            confidence=90 if seen else 60,
            evidence={"pool": int(pool[tx]), "value": int(value[tx]), "outputs": int(cut.sum()), "seen_in_mixes": seen},
            rows=txs.rows(tx),
            # DOUBT
            doubt="" if seen else "No mix among these rows spends any of them.",
        )


def _enters(rows: Rows, labels: Known, found: Any, value: Any) -> Any:
    """How many outputs that these transactions have cut to size are spent by a mix that is here."""
    txs = rows.transactions
    claims = consensus(rows, labels).claims
    is_mix = claims["whirlpool"].confidence + claims[TO_SCRIPT].confidence > 0
    cut = found[txs.outs.tx] & (txs.outs.value == value[txs.outs.tx])
    return txs.per(txs.outs.tx[cut][txs.spenders(cut, by=is_mix) != NOBODY])


def _coinjoins(rows: Rows, labels: Known, rule: str, claim: str, at: CoinJoinThresholds) -> Iterator[Finding]:
    """Findings of one rule, where none is surer of the transaction."""
    txs, said = rows.transactions, consensus(rows, labels, at)
    confidence, measured = said.claims[rule]
    for tx in np.flatnonzero(said.best_of(rule)).tolist():
        also = [name for name, one in said.claims.items() if name != rule and one.confidence[tx]]
        evidence: dict[str, Any] = {"inputs": int(txs.n_in[tx]), "outputs": int(txs.n_out[tx])}
        evidence |= {name: int(values[tx]) for name, values in measured.items()} | ({"also": also} if also else {})
        yield Finding(
            subject=transaction_account(txs.name(tx)),
            claim=claim,
            tx_hashes=(txs.name(tx),),
            confidence=int(confidence[tx]),
            evidence=evidence,
            rows=txs.rows(tx),
        )
