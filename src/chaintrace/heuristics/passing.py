"""Passing: money that comes and goes on nearly whole, that comes round in a loop, or that wakes after a long pause."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.parties import by_asset, gathered, proof, received_by, services, timed
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import NOBODY, Ints, Mask


@dataclass(frozen=True)
class PassThresholds:
    """Of money that passes through. No threshold was found published, and all are our own.

    ``window``       seconds that it stays at most.
    ``least_passed`` percent of what came in that goes on, in one payment; and for a finding percent of all that the
                     account has received of this asset.
    ``look_back``    payments of the account in this asset that may be looked at before the one that goes on.
    ``most_degree``  an account that deals with as many others is a service, and left out.
    """

    window: int = 3_600
    least_passed: int = 95
    look_back: int = 4
    most_degree: int = 50


@dataclass(frozen=True)
class LoopThresholds:
    """Of a loop; all our own. ``least_accounts``, ``most_accounts`` that it goes through (two pay and give back, which
    is common), ``window`` seconds from the first payment to the last, ``least_back`` percent of the first payment that
    the last one is, ``passing`` as of ``pass-through``."""

    least_accounts: int = 3
    most_accounts: int = 5
    window: int = 86_400
    least_back: int = 90
    passing: PassThresholds = field(default_factory=lambda: PassThresholds(window=43_200))


@dataclass(frozen=True)
class DormancyThresholds:
    """Of dormancy; all our own, for none was found published. Launderers' accounts live for days (7.75 on average in a
    set of the Bybit theft), so that three months are long.

    ``pause``        seconds in which the account sends nothing.
    ``least_moved``  percent of what it had all that time, in one asset, that is moved ``within`` so many seconds, even
                     if all that it got of the asset since the pause began was moved first.
    """

    pause: int = 90 * 86_400
    least_moved: int = 50
    within: int = 86_400


@heuristic(
    "pass-through",
    PassThresholds(),
    doubt="One's own second wallet, contracts that forward, and addresses of deposit whose exchange has no label do so "
    "every day.",
)
def pass_through(rows: Rows, labels: Known, at: PassThresholds) -> Iterator[Finding]:
    """All that comes in of an asset, or nearly all, goes on within the hour, each payment nearly whole, and not to a
    service: that is a customer's deposit."""
    moves = rows.moves
    # THRESHOLD
    onwards = passed_on(rows, labels, at)
    through = _mostly(moves, onwards, at)
    for group in gathered(moves, through, moves.receiver):
        on = onwards[group]
        quickest = int((moves.time[on] - moves.time[group]).min())
        received, sent_on = by_asset(moves, _all_of(moves, group)), by_asset(moves, on)
        # CLAIM, EVIDENCE
        yield Finding(
            subject=moves.account(int(moves.receiver[group[0]])),
            claim=f"sends on nearly all that it gets of an asset, {len(group)} times, each soon and nearly whole",
            confidence=50 if len(group) > 1 else 40,
            evidence={
                "times": len(group),
                "quickest": quickest,
                "received": received,
                "sent_on": sent_on,
                "percent_sent_on": min(100 * sent_on[asset] // much for asset, much in received.items()),
            },
            **proof(moves, np.concatenate([group, on])),
        )
    # DOUBT: of the rule


@heuristic(
    "wash-loop",
    LoopThresholds(),
    doubt="Lending, market making and one's own wallets send money round too. That it is the same money is assumed.",
)
def wash_loop(rows: Rows, labels: Known, at: LoopThresholds) -> Iterator[Finding]:
    """Money that is back, nearly whole, where it started, by way of two or more others within a day."""
    moves = rows.moves
    # THRESHOLD
    loops: dict[tuple[int, ...], list[list[int]]] = {}
    for loop in _loops(moves, passed_on(rows, labels, at.passing), at):
        accounts = tuple(sorted(moves.sender[loop].tolist()))
        loops.setdefault(accounts, []).append(loop)
    for accounts, found in sorted(loops.items()):
        used = list(chain.from_iterable(found))
        sent, back = [loop[0] for loop in found], [loop[-1] for loop in found]
        permille = min(1000 * moves.amount[last] // moves.amount[first] for first, last in zip(sent, back, strict=True))
        much = f"at least {permille // 10}.{permille % 10} %"
        # CLAIM, EVIDENCE
        yield Finding(
            subject=moves.account(int(moves.sender[found[0][0]])),
            claim=f"{much} of what was sent is back by way of {len(accounts) - 1} others, {len(found)} times",
            confidence=60 if len(found) > 1 else 40,
            evidence={
                "accounts": sorted(moves.account(one) for one in accounts),
                "loops": len(found),
                "sent": by_asset(moves, sent),
                "returned": by_asset(moves, back),
                "least_permille_back": permille,
            },
            **proof(moves, used),
        )
    # DOUBT: of the rule


@heuristic(
    "dormancy",
    DormancyThresholds(),
    doubt="Savers wait as well. What the account had is what these rows show, which may be a part.",
)
def dormancy(rows: Rows, labels: Known, at: DormancyThresholds) -> Iterator[Finding]:
    """An account that has sent nothing for months moves most of what it had."""
    moves = rows.moves
    by_service, _ = services(rows, labels)
    for n, silent in _wakings(moves, at):
        sent = moves.out_of(int(moves.sender[n]))
        now = sent[(moves.place[sent] >= moves.place[n]) & (moves.time[sent] <= moves.time[n] + at.within)]
        for group in gathered(moves, _only(moves, now) & moves.pays & ~by_service, moves.asset):
            had, of_it = _held(moves, n, group, at)
            # THRESHOLD
            if had > 0 and at.least_moved * had <= 100 * of_it <= 100 * had:
                # CLAIM, EVIDENCE
                yield Finding(
                    subject=moves.account(int(moves.sender[n])),
                    claim=f"moves at least {100 * of_it // had} % of what it had, after {silent // 86_400} days in "
                    "which it sent nothing",
                    confidence=20,
                    evidence={"seconds": silent, "had": had, "moved_of_it": of_it, "moved": by_asset(moves, group)},
                    **proof(moves, group),
                )
    # DOUBT: of the rule


def _mostly(moves: Moves, onwards: Ints, at: PassThresholds) -> Mask:
    """Rows that are sent on, of accounts and assets of which nearly all is."""
    result = np.zeros(len(moves), bool)
    for group in gathered(moves, onwards != NOBODY, moves.receiver, moves.asset):
        received = moves.amount[_all_of(moves, group)].sum()
        result[group] = 100 * moves.amount[onwards[group]].sum() >= at.least_passed * received
    return result


def _all_of(moves: Moves, group: Ints) -> Ints:
    """Of one account's rows all that it has received of their assets."""
    got = received_by(moves, int(moves.receiver[group[0]]))
    return got[np.isin(moves.asset[got], moves.asset[group])]


def passed_on(rows: Rows, labels: Known, at: PassThresholds) -> Ints:
    """Of each row the payment by which its receiver sends the money on, else ``NOBODY``. No two have the same."""
    return rows.once(("passed on", labels, at), lambda: _passed_on(rows, labels, at))


def _passed_on(rows: Rows, labels: Known, at: PassThresholds) -> Ints:
    moves = rows.moves
    by_service, to_service = services(rows, labels)
    busy = moves.degree >= at.most_degree
    fits = moves.pays & timed(moves)
    into = np.flatnonzero(fits & ~to_service & ~busy[moves.receiver])
    out = np.flatnonzero(fits & ~by_service & ~to_service & ~busy[moves.sender])
    row = np.concatenate([into, out])
    account = np.concatenate([moves.receiver[into], moves.sender[out]])
    order = np.lexsort((row, moves.asset[row], account))
    row, account, is_out = row[order], account[order], (np.arange(len(row)) >= len(into))[order]
    onwards, taken = np.full(len(moves), NOBODY), np.zeros(len(moves), bool)
    for lag in range(1, at.look_back + 1):
        one, other = row[:-lag], row[lag:]
        likely = (account[:-lag] == account[lag:]) & (moves.asset[one] == moves.asset[other])
        likely &= ~is_out[:-lag] & is_out[lag:] & (moves.place[one] < moves.place[other])
        likely &= (moves.time[other] - moves.time[one] <= at.window) & (moves.rank[one] >= moves.rank[other])
        likely &= (onwards[one] == NOBODY) & ~taken[other]
        one, other = one[likely], other[likely]
        most = 100 * moves.amount[other] >= at.least_passed * moves.amount[one]
        one, other = one[most.astype(bool)], other[most.astype(bool)]
        onwards[one], taken[other] = other, True
    return onwards


def _loops(moves: Moves, onwards: Ints, at: LoopThresholds) -> Iterator[list[int]]:
    """Rows from one account, each by the receiver of the one before, until it is back. Of loops that share rows, the
    one that begins first."""
    start = np.flatnonzero(onwards != NOBODY)
    here, used = start, set[int]()
    found: list[tuple[int, int]] = []
    for length in range(2, at.most_accounts + 1):
        here = onwards[here]
        start, here = start[here != NOBODY], here[here != NOBODY]
        back = (moves.receiver[here] == moves.sender[start]) & (moves.time[here] - moves.time[start] <= at.window)
        back &= (100 * moves.amount[here] >= at.least_back * moves.amount[start]).astype(bool)
        if length >= at.least_accounts:
            found += [(n, length) for n in start[back].tolist()]
        start, here = start[~back], here[~back]
    for n, length in sorted(found):
        loop = [n]
        while len(loop) < length:
            loop.append(int(onwards[loop[-1]]))
        if not used & set(loop) and len(set(moves.sender[loop].tolist())) == length:
            used |= set(loop)
            yield loop


def _wakings(moves: Moves, at: DormancyThresholds) -> Iterator[tuple[int, int]]:
    """Rows before which their sender had sent nothing for so long, and for how long: since it sent something, or since
    it first got something. Rows of nothing do not count: anybody can make a token say that another sent nothing. An
    account that has a row without a time has none: what it had at a time is not known."""
    known = timed(moves) & (moves.amount > 0).astype(bool)
    first = np.full(len(moves.accounts), np.iinfo(np.int64).max)
    told = _told(moves)
    got = known & (moves.receiver != NOBODY)
    np.minimum.at(first, moves.receiver[got], moves.time[got])
    sent = np.flatnonzero(known & (moves.sender != NOBODY))
    sent = sent[np.argsort(moves.sender[sent], kind="stable")]
    before = np.append(NOBODY, sent[:-1])[: len(sent)]
    same = (before != NOBODY) & (moves.sender[before] == moves.sender[sent])
    since = np.where(same, moves.time[before], np.minimum(first[moves.sender[sent]], moves.time[sent]))
    silent = moves.time[sent] - since
    woke = (silent >= at.pause) & told[moves.sender[sent]]
    yield from zip(sent[woke].tolist(), silent[woke].tolist(), strict=True)


def _told(moves: Moves) -> Mask:
    """Of each account whether all its rows have a time."""
    result = np.ones(len(moves.accounts), bool)
    lost = ~timed(moves)
    for party in (moves.sender, moves.receiver):
        result[party[lost & (party != NOBODY)]] = False
    return result


def _held(moves: Moves, n: int, group: Ints, at: DormancyThresholds) -> tuple[int, int]:
    """What the sender of a row had of an asset all through the pause before it, and how much of that the payments of a
    group move at least: what they are more than all that it got since the pause began and up to each of them."""
    account, asset = int(moves.sender[n]), moves.asset[group[0]]
    got, sent = moves.into(account), moves.out_of(account)
    got, sent = got[moves.asset[got] == asset], sent[moves.asset[sent] == asset]
    old = moves.time[got] <= moves.time[n] - at.pause
    new = got[~old & (moves.sender[got] != account)]
    had = moves.amount[got[old]].sum() - moves.amount[sent[moves.place[sent] < moves.place[n]]].sum()
    so_far = np.append(0, np.cumsum(moves.amount[new]))
    until = np.searchsorted(moves.place[new], moves.place[group], "right")
    return int(had), int((np.cumsum(moves.amount[group]) - so_far[until]).max())


def _only(moves: Moves, rows: Ints) -> Mask:
    found = np.zeros(len(moves), bool)
    found[rows] = True
    return found
