"""Frontier: accounts that hold money not yet followed, the largest share first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from fractions import Fraction

from chaintrace.case.sums import Pair
from chaintrace.taint.question import NOT_FETCHED
from chaintrace.taint.result import Trace

TOGETHER = 8
NEAR = 8
LARGEST, BREADTH = "largest", "breadth"
ORDERS = (LARGEST, BREADTH)


def accounted(trace: Trace) -> dict[str, tuple[int, int]]:
    """Asset to what is accounted for and what there is, in base units."""
    whole: dict[str, int] = defaultdict(int)
    for told in (trace.seeded, trace.linked_in):
        for asset, amount in told.items():
            whole[asset] += amount
    open_: dict[str, int] = defaultdict(int)
    for (_, asset), amount in unfetched(trace).items():
        open_[asset] += amount
    return {asset: (amount - open_[asset], amount) for asset, amount in sorted(whole.items())}


def unfetched(trace: Trace) -> dict[Pair, int]:
    """Account and asset to what rests there unfollowed, in base units, the largest first within each asset."""
    ends = trace.ends()
    rest = ends[ends["bucket"] == NOT_FETCHED]
    found: dict[Pair, int] = defaultdict(int)
    for account, asset, amount in zip(rest["address"], rest["asset"], rest["amount"], strict=True):
        found[account, asset] += amount
    return found


def frontier(trace: Trace, known: Collection[str], order: str) -> list[str]:
    """Accounts to fetch next, at most eight, those of ``known`` excepted.

    ``largest``: those that hold the largest shares of an asset's whole, none with less than an eighth of the first
    one's. ``breadth``: in order of the hops and the row by which they were reached, as a search by breadth would.
    """
    whole = {asset: amount for asset, (_, amount) in accounted(trace).items()}
    share: dict[str, Fraction] = {}
    for (account, asset), amount in unfetched(trace).items():
        if account not in known and amount:
            share[account] = max(share.get(account, Fraction(0)), Fraction(amount, whole[asset]))
    if order == BREADTH:
        flows = trace.flows()
        order_of = sorted(zip(flows["hops"], flows["row"], flows["receiver"], strict=True), key=lambda one: one[:2])
        reached = {account: n for n, (_, _, account) in reversed(list(enumerate(order_of)))}
        return sorted(share, key=lambda account: (reached.get(account, len(reached)), account))[:TOGETHER]
    ranked = sorted(share, key=lambda account: (-share[account], account))
    return [account for account in ranked[:TOGETHER] if share[account] * NEAR >= share[ranked[0]]]
