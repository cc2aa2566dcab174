"""Change: which output of a transaction goes back to who pays. Signals that can be put together, and a refusal where
they contradict each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from chaintrace.fetch.buffers import ABSENT
from chaintrace.heuristics.consensus import looks_joint
from chaintrace.heuristics.findings import opened
from chaintrace.heuristics.forms import form
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import Ints, Mask, Transactions
from chaintrace.labels.label import Label

if TYPE_CHECKING:
    import pandas as pd

LEAST_OUTPUTS, MOST_OUTPUTS = 2, 10
"""One output is no choice, more than ten are a payout. Rule: graphsense-lib, ``_one_time_change_heuristic``."""
ROUND = 1_000
"""Satoshi; a multiple of it was chosen by somebody. As above."""
NONE, CONTESTED = -1, -2


@dataclass(frozen=True)
class Signal:
    """``marks`` says of every output whether it looks like change. Signals are put together by ``&``, ``|`` and ``-``.
    ``confidence``: of the claim, where it marks exactly one output."""

    name: str
    marks: Callable[[Transactions], Mask]
    confidence: int = 50

    def __and__(self, other: Signal) -> Signal:
        least = min(self.confidence, other.confidence)
        return Signal(f"({self.name} & {other.name})", lambda txs: self.marks(txs) & other.marks(txs), least)

    def __or__(self, other: Signal) -> Signal:
        least = min(self.confidence, other.confidence)
        return Signal(f"({self.name} | {other.name})", lambda txs: self.marks(txs) | other.marks(txs), least)

    def __sub__(self, other: Signal) -> Signal:
        without = f"({self.name} - {other.name})"
        return Signal(without, lambda txs: self.marks(txs) & ~other.marks(txs), self.confidence)


def _reused(txs: Transactions) -> Mask:
    pays = np.unique(txs.ins.tx * len(txs.accounts) + txs.ins.account)
    return np.isin(txs.outs.tx * len(txs.accounts) + txs.outs.account, pays)


def _same_type(txs: Transactions) -> Mask:
    kind = _types(txs)
    least, most = np.full(len(txs), len(kind)), np.full(len(txs), -1)
    np.minimum.at(least, txs.ins.tx, kind[txs.ins.account])
    np.maximum.at(most, txs.ins.tx, kind[txs.ins.account])
    one = np.where(least == most, least, NONE)
    return np.asarray(kind[txs.outs.account] == one[txs.outs.tx])


def _not_round(txs: Transactions) -> Mask:
    return np.asarray(txs.outs.value % ROUND != 0)


def _below_inputs(txs: Transactions) -> Mask:
    least = np.full(len(txs), np.iinfo(np.int64).max)
    np.minimum.at(least, txs.ins.tx, txs.ins.value)
    return np.asarray(txs.outs.value < least[txs.outs.tx])


def _fresh(txs: Transactions) -> Mask:
    """No other transaction up to that block (or second) touches the account. What comes later decides nothing."""
    moment = txs.time if (txs.block == ABSENT).any() else txs.block
    tx = np.concatenate([txs.ins.tx, txs.outs.tx])
    account = np.concatenate([txs.ins.account, txs.outs.account])
    first = np.full(len(txs.accounts), np.iinfo(np.int64).max)
    np.minimum.at(first, account, moment[tx])
    at_first = moment[tx] == first[account]
    low, high = np.full(len(first), len(txs)), np.full(len(first), -1)
    np.minimum.at(low, account[at_first], tx[at_first])
    np.maximum.at(high, account[at_first], tx[at_first])
    alone = (low == high)[txs.outs.account] & (low[txs.outs.account] == txs.outs.tx)
    return np.asarray(alone & ~_reused(txs))


REUSED = Signal("reused", _reused, 100)
SAME_TYPE, NOT_ROUND = Signal("same type", _same_type), Signal("not round", _not_round)
BELOW_INPUTS, FRESH = Signal("below inputs", _below_inputs), Signal("fresh", _fresh)
ONE_TIME = replace(SAME_TYPE & NOT_ROUND & BELOW_INPUTS & FRESH, name="one time")
"""Rule: graphsense-lib, ``_one_time_change_heuristic``."""
USUAL = (REUSED, ONE_TIME)


def changes(x: Any, labels: Iterable[Label] = (), signals: Sequence[Signal] = USUAL, **reading: Any) -> pd.DataFrame:
    """The output of each transaction that is claimed to be change: tx_hash, seq, account, amount (satoshi), confidence,
    by (the signals that say so); by transaction. ``x``, ``reading`` as in ``ct.findings``.

    Transactions of 2 to 10 outputs, no coinbases, and none that several owners may have made. A signal claims where it
    marks exactly one output. Where two signals claim different ones the transaction is contested and none is given.
    """
    import pandas as pd

    rows, _ = opened(x, reading)
    txs = rows.transactions
    claims = [claimed(rows, Known(labels), signal) for signal in signals]
    found = agreed(claims, len(txs))
    lines: list[tuple[str, int, str, int, int, list[str]]] = []
    for tx in np.flatnonzero(found >= 0).tolist():
        out = int(found[tx])
        said = [signal for signal, claim in zip(signals, claims, strict=True) if claim[tx] == out]
        seq, account = int(txs.seq[txs.outs.row[out]]), txs.account(int(txs.outs.account[out]))
        sure, by = max(one.confidence for one in said), [one.name for one in said]
        lines.append((txs.name(tx), seq, account, int(txs.outs.value[out]), sure, by))
    columns = ["tx_hash", "seq", "account", "amount", "confidence", "by"]
    lines.sort(key=lambda line: line[:2])
    return pd.DataFrame(lines, columns=columns, dtype=object)


def claimed(rows: Rows, labels: Known, signal: Signal) -> Ints:
    """Of each transaction the one output (entry of ``outs``) that the signal marks, ``NONE`` where it is not one."""
    txs = rows.transactions
    asked = (txs.n_in > 0) & (txs.n_out >= LEAST_OUTPUTS) & (txs.n_out <= MOST_OUTPUTS) & ~looks_joint(rows, labels)
    marked = np.flatnonzero(signal.marks(txs) & asked[txs.outs.tx])
    found = np.full(len(txs), NONE)
    found[txs.outs.tx[marked]] = marked
    return np.where(txs.per(txs.outs.tx[marked]) == 1, found, NONE)


def agreed(claims: Sequence[Ints], count: int) -> Ints:
    """The output that all who claim one claim, ``NONE`` where nobody does, ``CONTESTED`` where they differ."""
    found = np.full(count, NONE)
    for claim in claims:
        differs = (claim != NONE) & (found != NONE) & (claim != found)
        found = np.where(differs, CONTESTED, np.where(found == NONE, claim, found))
    return found


def _types(txs: Transactions) -> Ints:
    """A number for the form of each account: hash of a key or of a script, witness version and length, bare script."""
    forms: dict[str, int] = {}
    return np.array(
        [forms.setdefault(form(str(name)), len(forms)) for name in txs.accounts.to_pylist()], dtype=np.int64
    )
