"""Fans: one account pays many within a short time, or is paid by many."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from chaintrace.heuristics.dusting import DustThresholds, is_dust
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.parties import by_asset, large_groups, proof, services, timed
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import Ints


@dataclass(frozen=True)
class FanThresholds:
    """Of a fan. The shape is of AMLworld's typology; no threshold was found published, and all are our own.

    ``least_accounts``  different accounts on the wide side.
    ``window``          seconds from the first to the last payment.
    ``most_degree``     an account that deals with as many others is a service, and left out.
    ``dust``            payments of dust do not count: anybody may send some to anybody.
    """

    least_accounts: int = 10
    window: int = 86_400
    most_degree: int = 1_000
    dust: DustThresholds = field(default_factory=DustThresholds)


DOUBT = "Wages, airdrops, shops and services that nobody has labelled make the same shape."


@heuristic("fan-out", FanThresholds(), doubt=DOUBT)
def fan_out(rows: Rows, labels: Known, at: FanThresholds) -> Iterator[Finding]:
    """One account pays many others in one asset within a day."""
    moves = rows.moves
    # THRESHOLD
    for hub, fan, width in _fans(rows, labels, at, moves.sender, moves.receiver, side=0):
        # CLAIM, EVIDENCE
        yield Finding(
            subject=moves.account(hub),
            claim=f"pays {width} accounts within {_span(moves, fan)} seconds: a fan-out",
            confidence=40,
            evidence={"accounts": width, "payments": len(fan), "paid": by_asset(moves, fan)},
            **proof(moves, fan),
        )
    # DOUBT: of the rule


@heuristic("fan-in", FanThresholds(), doubt=DOUBT)
def fan_in(rows: Rows, labels: Known, at: FanThresholds) -> Iterator[Finding]:
    """Many accounts pay one in one asset within a day."""
    moves = rows.moves
    # THRESHOLD
    for hub, fan, width in _fans(rows, labels, at, moves.receiver, moves.sender, side=1):
        # CLAIM, EVIDENCE
        yield Finding(
            subject=moves.account(hub),
            claim=f"is paid by {width} accounts within {_span(moves, fan)} seconds: a fan-in",
            confidence=40,
            evidence={"accounts": width, "payments": len(fan), "received": by_asset(moves, fan)},
            **proof(moves, fan),
        )
    # DOUBT: of the rule


def _fans(
    rows: Rows, labels: Known, at: FanThresholds, mine: Ints, theirs: Ints, side: int
) -> Iterator[tuple[int, Ints, int]]:
    """Of each account and asset the window with most different accounts, the first of several, if these are enough."""
    moves = rows.moves
    mask = moves.pays & timed(moves) & ~services(rows, labels)[side] & (moves.degree[mine] < at.most_degree)
    mask &= ~is_dust(rows, at.dust)
    mask &= (moves.payees, moves.payers)[side][mine] >= at.least_accounts
    for group in large_groups(mask, at.least_accounts, mine, moves.asset):
        group = group[np.argsort(moves.time[group], kind="stable")]
        first, last, width = _widest(theirs[group], moves.time[group], at.window)
        if width >= at.least_accounts:
            yield int(mine[group[0]]), group[first:last], width


def _widest(accounts: Ints, time: Ints, window: int) -> tuple[int, int, int]:
    """The first stretch of ``window`` seconds in which most different accounts are, with how many."""
    until = np.searchsorted(time, time + window, "right").tolist()
    numbers, here, best, last = accounts.tolist(), Counter[int](), (0, 0, 0), 0
    for first, end in enumerate(until):
        here.update(numbers[last:end])
        last = end
        if len(here) > best[2]:
            best = (first, end, len(here))
        here[numbers[first]] -= 1
        if not here[numbers[first]]:
            del here[numbers[first]]
    return best


def _span(moves: Moves, rows: Ints) -> int:
    return int(moves.time[rows].max() - moves.time[rows].min())
