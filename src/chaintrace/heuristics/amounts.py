"""Amounts that somebody has chosen: equal ones, ones just below a limit, round ones, growing ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.parties import (
    MIXER,
    by_asset,
    contracts,
    gathered,
    large_groups,
    named,
    proof,
    services,
    sorted_by,
    timed,
)
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import Ints, Mask


@dataclass(frozen=True)
class StructuringThresholds:
    """Of sums cut to size. No threshold was found published, and all are our own.

    ``least_payments``  equal ones, or ones just below the same limit.
    ``window``          seconds from the first to the last of so many.
    ``below``           permille of a limit, a power of ten, that a payment stays under it at most.
    ``most_degree``     an account that deals with as many others is a service, and left out.
    """

    least_payments: int = 5
    window: int = 86_400
    below: int = 50
    most_degree: int = 50


@dataclass(frozen=True)
class RoundThresholds:
    """Of round amounts. am-i-exposed's lists are of Bitcoin; these are our own.

    ``most_digits``, ``least_zeros``  a round amount is so many digits at most, and so many zeros after them at least.
    ``least_payments``  of an account in one asset; ``least_share`` percent of them are round.
    ``most_degree``     an account that deals with as many others is a service, and left out.
    """

    most_digits: int = 2
    least_zeros: int = 4
    least_payments: int = 5
    least_share: int = 80
    most_degree: int = 50


@dataclass(frozen=True)
class ProbingThresholds:
    """Of probing. ``least_payments``, each larger than the one before, ``least_growth`` times from first to last:
    chainscope. ``most_pause``: seconds between two of them; our own."""

    least_payments: int = 5
    least_growth: int = 8
    most_pause: int = 86_400


@heuristic(
    "structuring",
    StructuringThresholds(),
    doubt="Prices, wages and mixers that nobody has labelled make equal amounts too. Limits are powers of ten of the "
    "asset, as nobody's law has them.",
)
def structuring(rows: Rows, labels: Known, at: StructuringThresholds) -> Iterator[Finding]:
    """An account pays the same amount, or just below the same limit, many times within a day."""
    moves = rows.moves
    mask = _chosen(rows, labels, at.most_degree) & timed(moves)
    # THRESHOLD
    limit = _per_amount(moves, lambda amount: _limit(amount, at.below))
    shapes = (("the same amount", moves.rank, mask), ("just below the same limit", limit, mask & (limit > 0)))
    for what, key, some in shapes:
        for found in _bursts(moves, some, key, at):
            sender, amounts = int(moves.sender[found[0]]), moves.amount[found]
            evidence = {"payments": len(found), "least": min(amounts), "most": max(amounts)}
            # CLAIM, EVIDENCE
            yield Finding(
                subject=moves.account(sender),
                claim=f"pays {what} {len(found)} times, as sums are cut to size",
                confidence=30,
                evidence=evidence | {"paid": by_asset(moves, found)},
                **proof(moves, found),
            )
    # DOUBT: of the rule


@heuristic(
    "round-amount",
    RoundThresholds(),
    doubt="People choose round amounts for honest payments as well. It says that an amount was chosen, not why.",
)
def round_amount(rows: Rows, labels: Known, at: RoundThresholds) -> Iterator[Finding]:
    """An account nearly all of whose payments in one asset are round."""
    moves = rows.moves
    is_round = _per_amount(moves, lambda amount: int(_is_round(amount, at))) == 1
    mask = _chosen(rows, labels, at.most_degree)
    # THRESHOLD
    pays_round = np.zeros(len(moves.accounts), bool)
    pays_round[moves.sender[mask & is_round]] = True
    for group in large_groups(mask & pays_round[moves.sender], at.least_payments, moves.sender, moves.asset):
        chosen = group[is_round[group]]
        if 100 * len(chosen) >= at.least_share * len(group):
            # CLAIM, EVIDENCE
            yield Finding(
                subject=moves.account(int(moves.sender[group[0]])),
                claim=f"pays round amounts in {len(chosen)} of {len(group)} payments: somebody chose them",
                confidence=20,
                evidence={"round": len(chosen), "payments": len(group), "paid": by_asset(moves, chosen)},
                **proof(moves, chosen),
            )
    # DOUBT: of the rule


@heuristic(
    "probing",
    ProbingThresholds(),
    doubt="Somebody who grows bolder with a shop or a friend pays growing amounts too.",
)
def probing(rows: Rows, labels: Known, at: ProbingThresholds) -> Iterator[Finding]:
    """An account pays another more each time, from little to much, as who tests a way does."""
    moves = rows.moves
    by_service, _ = services(rows, labels)
    # THRESHOLD
    for run in _growing(moves, moves.pays & timed(moves) & ~by_service, at):
        first, last = moves.amount[run[0]], moves.amount[run[-1]]
        if last >= at.least_growth * first:
            # CLAIM, EVIDENCE
            yield Finding(
                subject=moves.account(int(moves.sender[run[0]])),
                claim=f"pays one account {len(run)} times, more each time: it may be probing",
                confidence=40,
                evidence={"to": moves.account(int(moves.receiver[run[0]])), "first": first, "last": last},
                **proof(moves, run),
            )
    # DOUBT: of the rule


def _chosen(rows: Rows, labels: Known, most_degree: int) -> Mask:
    """Payments of those who are no service, to whom they may pay any amount: not into mixers and known contracts."""
    moves = rows.moves
    by_service, to_mixer = services(rows, labels)[0], named(rows, labels, MIXER)[1] | contracts(rows)[1]
    result: Mask = moves.pays & ~by_service & ~to_mixer & (moves.degree[moves.sender] < most_degree)
    return result


def _bursts(moves: Moves, mask: Mask, key: Ints, at: StructuringThresholds) -> Iterator[Ints]:
    """Rows of one sender, asset and key, of which so many are within a window."""
    rows, _ = sorted_by(mask, moves.sender, moves.asset, key, moves.time)
    ahead, count = at.least_payments - 1, len(rows)
    if count <= ahead:
        return
    first, last = rows[: count - ahead], rows[ahead:]
    same = np.logical_and.reduce([column[first] == column[last] for column in (moves.sender, moves.asset, key)])
    near = np.flatnonzero(same & (moves.time[last] - moves.time[first] <= at.window))
    part = np.zeros(len(moves), bool)
    part[rows[np.unique(near[:, None] + np.arange(at.least_payments))]] = True
    yield from gathered(moves, part, moves.sender, moves.asset, key)


def _growing(moves: Moves, mask: Mask, at: ProbingThresholds) -> Iterator[Ints]:
    """Longest runs of payments from one account to another in one asset, each later and larger than the one before."""
    rows, starts = sorted_by(mask, moves.sender, moves.receiver, moves.asset)
    goes_on = np.ones(len(rows), bool)
    goes_on[starts] = False
    later = (moves.place[rows[1:]] > moves.place[rows[:-1]]) & (moves.rank[rows[1:]] > moves.rank[rows[:-1]])
    goes_on[1:] &= later & (moves.time[rows[1:]] - moves.time[rows[:-1]] <= at.most_pause)
    heads = np.flatnonzero(~goes_on)
    ends = np.append(heads[1:], len(rows))
    for one in np.flatnonzero(ends - heads >= at.least_payments).tolist():
        yield rows[heads[one] : ends[one]]


def _per_amount(moves: Moves, said: Callable[[int], int]) -> Ints:
    """A number that depends on a row's amount alone."""
    ranks, first = np.unique(moves.rank, return_index=True)
    of_rank = np.zeros(int(ranks.max(initial=-1)) + 1, np.int64)
    of_rank[ranks] = [said(amount) for amount in moves.amount[first].tolist()]
    return of_rank[moves.rank]


def _limit(amount: int, below: int) -> int:
    """The number of digits of the power of ten that an amount is just below; 0 where it is below none."""
    digits = len(str(amount))
    limit = 10**digits
    return digits if 1000 * (limit - amount) <= below * limit else 0


def _is_round(amount: int, at: RoundThresholds) -> bool:
    text = str(amount)
    digits = text.rstrip("0")
    return len(digits) <= at.most_digits and len(text) - len(digits) >= at.least_zeros
