"""Troughs: when accounts had too little to pay for gas, and who gave them some."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.parties import named
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.tornado.couples import SHARED
from chaintrace.heuristics.transactions import NOBODY, Ints, Mask
from chaintrace.model.asset import native


@dataclass(frozen=True)
class TroughThresholds:
    """``trough``: an account is in need of gas while it holds less; ``least``: what it is given for gas, at least; both
    in wei and ShuxunoO's (BTFI). ``most``: what it is given, at most: BTFI weighs balances and amounts by what accounts
    really used for gas, a table that is not at hand, in which more than this has no weight. That all below counts alike
    is our own, and so is that coins of other chains count as ether does. ``most_degree``: a funder that deals with as
    many accounts is a service: chainscope."""

    trough: int = 5 * 10**15
    least: int = 10**14
    most: int = 10**17
    most_degree: int = 50


def first_gas(
    rows: Rows, labels: Known, at: TroughThresholds, chain: str, accounts: Collection[int]
) -> dict[int, dict[int, list[int]]]:
    """By funder and account, by their numbers in the moves, the first payment in each trough of the account: of the
    chain's coin, made by a transaction itself, by nobody that is a service. Where the order does not tell the first
    there is none. An account that these rows show spending more than it had has no troughs."""
    moves = rows.moves
    coin = moves.assets.index(native(chain)).as_py()
    ours, here = np.zeros(len(moves.accounts) + 1, bool), moves.asset == coin
    ours[list(accounts)] = True
    # THRESHOLD
    gives = here & moves.pays & moves.of_kind("native") & ours[moves.receiver]
    gives &= (moves.degree[moves.sender] < at.most_degree) & ~named(rows, labels, SHARED)[0]
    gives[gives] = ((moves.amount[gives] >= at.least) & (moves.amount[gives] <= at.most)).astype(bool)
    given = np.flatnonzero(gives)
    trough = _troughs(moves, np.flatnonzero(here), ours, given, at.trough)
    given, trough = given[trough != NOBODY], trough[trough != NOBODY]
    first = np.full(int(trough.max(initial=0)) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, trough, moves.place[given])
    given, trough = (one[moves.place[given] == first[trough]] for one in (given, trough))
    given = given[np.bincount(trough, minlength=1)[trough] == 1]
    found: dict[int, dict[int, list[int]]] = {}
    for n in given.tolist():
        found.setdefault(int(moves.sender[n]), {}).setdefault(int(moves.receiver[n]), []).append(n)
    return found


def _troughs(moves: Moves, coins: Ints, ours: Mask, given: Ints, depth: int) -> Ints:
    """Of each payment the number of its receiver's trough just before it; ``NOBODY`` where it was in none."""
    sides = [(moves.receiver[coins], 1), (moves.sender[coins], -1)]
    who = np.concatenate([side for side, _ in sides])
    change = np.concatenate([moves.amount[coins] * sign for _, sign in sides])
    place = np.concatenate([moves.place[coins]] * 2)
    kept = ours[who] & (who != NOBODY)
    who, change, place = who[kept], change[kept], place[kept]
    if not len(who) or not len(given):
        return np.full(len(given), NOBODY)
    order = np.lexsort((place, who))
    who, place = who[order], place[order]
    begins = np.ones(len(who), bool)
    begins[1:] = (who[1:] != who[:-1]) | (place[1:] != place[:-1])
    starts = np.flatnonzero(begins)
    who, place, step = who[starts], place[starts], np.add.reduceat(change[order], starts)
    opens = np.ones(len(who), bool)
    opens[1:] = who[1:] != who[:-1]
    owner = np.cumsum(opens) - 1
    total = np.cumsum(step)
    after = total - (total - step)[opens][owner]
    whole = (np.minimum.reduceat(after, np.flatnonzero(opens)) >= 0).astype(bool)[owner]
    low = ((after - step) < depth).astype(bool)
    fresh = low & (opens | ~np.concatenate([[False], low[:-1]]))
    number = np.where(low & whole, np.cumsum(fresh), NOBODY)
    width = int(moves.place.max()) + 1
    at = np.searchsorted(who * width + place, moves.receiver[given] * width + moves.place[given])
    return np.asarray(number[at])
