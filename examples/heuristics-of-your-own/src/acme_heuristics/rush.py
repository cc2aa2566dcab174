"""Rush: money that goes into a mixer as soon as it has come."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import chaintrace as ct


@dataclass(frozen=True)
class RushThresholds:
    """All three are our own choice.

    ``within``  seconds from the payment to the deposit.
    ``least``   base units of one deposit.
    ``share``   percent of the deposit that the payment brought.
    """

    within: int = 3_600
    least: int = 10**18
    share: int = 80


@ct.heuristic(
    "acme-rush", RushThresholds(), doubt="Whoever moves their own money into a mixer in one evening does this."
)
def rush(rows: Any, labels: Any, at: RushThresholds) -> Iterator[ct.Finding]:
    """An account pays into a mixer soon after a payment that was about as large."""
    moved = rows.frame
    moved = moved[
        (moved["kind"] != "opening") & moved["time"].notna() & moved["sender"].notna() & moved["amount"].ne(0)
    ]
    moved = moved.sort_values(["time", "tx_index", "seq"], kind="stable")
    for deposit in moved[moved["receiver"].isin(labels.accounts("mixer"))].itertuples():
        when = int(deposit.time.timestamp())
        if not labels.find(deposit.receiver, "mixer", block=deposit.block, time=when):
            continue
        came = moved[(moved["receiver"] == deposit.sender) & (moved["asset"] == deposit.asset)]
        before = came[came["time"] <= deposit.time]
        if before.empty:
            continue
        payment = before.iloc[-1]
        waited = when - int(payment["time"].timestamp())
        # THRESHOLD
        enough = 100 * payment["amount"] >= at.share * deposit.amount
        if deposit.amount < at.least or waited > at.within or not enough:
            continue
        # CLAIM, EVIDENCE
        yield ct.Finding(
            subject=deposit.sender,
            claim="pays into a mixer soon after it was paid",
            tx_hashes=(payment["tx_hash"], deposit.tx_hash),
            confidence=40,
            evidence={"waited": waited, "deposit": deposit.amount},
            rows=tuple((one["tx_hash"], one["kind"], int(one["seq"])) for one in (payment, deposit._asdict())),
        )
    # DOUBT: of the rule
