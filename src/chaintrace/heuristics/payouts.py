"""Payouts: outputs whose amount and time fit a payment into a mixer, and how often they fit one that never was."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from chaintrace.fetch.buffers import ABSENT
from chaintrace.heuristics.consensus import looks_joint
from chaintrace.heuristics.listed import Dealing, paid_by_listed
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import Ints, Mask, Transactions

THOUSAND = 1_000
_NEVER = 2**62


@dataclass(frozen=True)
class SuggestionThresholds:
    """Of what may have come out of a custodial mixer. From ten real mixes through Bitmix and ChipMixer (an experiment
    published at WWW'21), the first two; the rest is our own.

    ``least_fee``, ``most_fee``  permille of the payment that the mixer keeps: 0 to 69 there, miners' fees included.
    ``window``        seconds: all had come out after 3.1 days.
    ``most_candidates``  that a finding shows, of ``fits``.
    ``crowd``         with more outputs that fit, only what a listed mixer pays is shown, with more of these none.
    ``step``, ``steps``  decoy amounts: the payment times ``step`` percent to the power of 1 to ``steps``, or by it.
    ``most_chance``   permille; a candidate whose chance is above it says nothing.
    ``bundled``       as in ``custodial-mixer``.
    """

    least_fee: int = 0
    most_fee: int = 70
    window: int = 4 * 86_400
    most_candidates: int = 10
    crowd: int = 200
    step: int = 108
    steps: int = 12
    most_chance: int = 50
    bundled: bool = True


class Suggested(NamedTuple):
    """``fits``: outputs that fit; ``candidates``: the best of them; ``decoys``: payments that never were."""

    fits: int
    candidates: list[dict[str, Any]]
    decoys: int


@dataclass(frozen=True, eq=False)
class Payouts:
    """Outputs that a mixer may have paid, by time: those of transactions that are dated, are not of several owners, and
    pay no mixer but one that pays there. ``listed``: a listed mixer pays. ``out``: the entry of ``txs.outs``."""

    txs: Transactions
    time: Ints
    value: Ints
    listed: Mask
    out: Ints

    @classmethod
    def of(cls, rows: Rows, labels: Known, found: list[Dealing]) -> Payouts:
        txs, by_list = rows.transactions, paid_by_listed(rows.transactions, found)
        into = np.zeros(len(txs), bool)
        into[[one.tx for one in found if not one.gave]] = True
        may = (txs.n_in > 0) & (txs.time != ABSENT) & ~into & ~looks_joint(rows, labels)
        change = np.zeros(len(txs.outs.tx), bool)
        change[[n for one in found if one.gave for n in _own(txs, one)]] = True
        out = np.flatnonzero(may[txs.outs.tx] & ~change)
        out = out[np.argsort(txs.time[txs.outs.tx[out]], kind="stable")]
        return cls(txs, txs.time[txs.outs.tx[out]], txs.outs.value[out], by_list[txs.outs.tx[out]], out)

    @cached_property
    def by_list(self) -> Payouts:
        """Those that a listed mixer pays."""
        columns = {name: getattr(self, name)[self.listed] for name in ("time", "value", "listed", "out")}
        return replace(self, **columns)

    def between(self, first: int, last: int) -> slice:
        """Those from the one second to the other, both included."""
        return slice(*np.searchsorted(self.time, [first, last + 1]).tolist())

    def fitting(self, start: int, amount: int, at: SuggestionThresholds) -> Ints:
        """Those that fit a payment of this second and amount."""
        after = self.between(start + 1, start + at.window)
        found: Ints = np.flatnonzero(_fits(self.value[after], amount, at)) + after.start
        return found


def suggestions(
    rows: Rows, labels: Known, found: list[Dealing], at: SuggestionThresholds
) -> Iterator[tuple[Dealing, Suggested]]:
    """Every payment into a mixer for which something fits."""
    paid = [one for one in found if not one.gave]
    payouts = Payouts.of(rows, labels, found) if paid else None
    for one in paid:
        said = suggested(payouts, one, at) if payouts else None
        if said is not None:
            yield one, said


def suggested(payouts: Payouts, paid: Dealing, at: SuggestionThresholds) -> Suggested | None:
    """What fits a payment, the best first: what a listed mixer pays, then the soonest. None where nothing does, or
    nobody knows when it was paid."""
    start = int(payouts.txs.time[paid.tx])
    if start == ABSENT:
        return None
    fitting = payouts.fitting(start, paid.got, at)
    fits, asked = len(fitting), _decoys(payouts, start, paid.got, at)
    if fits > at.crowd:
        payouts = payouts.by_list
        fitting = payouts.fitting(start, paid.got, at)
    if 0 < len(fitting) <= at.crowd:
        decoys = [_soonest(payouts, start, *one, at) for one in asked]
        lines = sorted((_line(payouts, n, paid, start, decoys) for n in fitting.tolist()), key=_rank)
        return Suggested(fits, lines[: at.most_candidates], len(decoys))
    return Suggested(fits, [], 0) if fits else None


def _own(txs: Transactions, one: Dealing) -> list[int]:
    """The outputs with which a mixer pays itself."""
    outs = range(*txs.outputs(one.tx).indices(len(txs.outs.tx)))
    return [n for n in outs if txs.outs.account[n] >= 0 and txs.account(int(txs.outs.account[n])) in one.labels]


def _fits(values: Ints, amount: int, at: SuggestionThresholds) -> Mask:
    least, most = amount * (THOUSAND - at.most_fee), amount * (THOUSAND - at.least_fee)
    return np.asarray((values >= -(-least // THOUSAND)) & (values <= most // THOUSAND))


def _decoys(payouts: Payouts, start: int, amount: int, at: SuggestionThresholds) -> list[tuple[int, int]]:
    """Amounts and directions: other amounts in the same window, and all of them in the one before, where the rows reach
    that far back. 1: later. -1: earlier."""
    powers = [(at.step**n, 100**n) for n in range(1, at.steps + 1)]
    others = [amount * up // down for up, down in powers] + [amount * down // up for up, down in powers]
    reaches = len(payouts.time) > 0 and int(payouts.time[0]) <= start - at.window
    back = product([amount, *others], [-1]) if reaches else ()
    return [(value, way) for value, way in (*product(others, [1]), *back) if value > 0]


def _soonest(payouts: Payouts, start: int, amount: int, way: int, at: SuggestionThresholds) -> tuple[int, int]:
    """Seconds to the first output that fits, and to the first of a listed mixer."""
    first, last = sorted((start + way, start + way * at.window))
    here = payouts.between(first, last)
    fits = _fits(payouts.value[here], amount, at)
    delay, listed = np.abs(payouts.time[here][fits] - start), payouts.listed[here][fits]
    return int(delay.min(initial=_NEVER)), int(delay[listed].min(initial=_NEVER))


def _line(payouts: Payouts, n: int, paid: Dealing, start: int, decoys: list[tuple[int, int]]) -> dict[str, Any]:
    txs, out = payouts.txs, int(payouts.out[n])
    value, delay, listed = int(payouts.value[n]), int(payouts.time[n]) - start, bool(payouts.listed[n])
    as_good = sum(by_list <= delay or (not listed and (by_list < _NEVER or any_ <= delay)) for any_, by_list in decoys)
    account = int(txs.outs.account[out])
    return {
        "address": txs.account(account) if account >= 0 else "",
        "amount": value,
        "tx_hash": txs.name(int(txs.outs.tx[out])),
        "seq": int(txs.seq[txs.outs.row[out]]),
        "kept_permille": (paid.got - value) * THOUSAND // paid.got,
        "delay": delay,
        "listed": listed,
        "chance": THOUSAND * (as_good + 1) // (len(decoys) + 1),
    }


def _rank(line: dict[str, Any]) -> Any:
    return not line["listed"], line["delay"], line["tx_hash"], line["seq"]
