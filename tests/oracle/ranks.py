"""The ranks that pushing approaches, by a matrix: mass that finds no way in a direction returns and tries again.

States are moments of pots (pots alone, where time does not count), numbers are floats, every state is in one matrix.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable

import numpy as np

from tests.oracle.words import (
    Pot,
    Question,
    Row,
    Rows,
    Since,
    followed_stops,
    is_held_by,
    is_late,
    moves,
    source,
    target,
)

State = tuple[Pot, float]
NEVER = 0.0


def ranks(rows: list[Row], question: Question, way: str, alpha: float, beta: float) -> dict[str, float]:
    """{account: share} for ``way``: appr, base, weight or time."""
    timed = way == "time"
    rows = [row for row in rows if question.until is None or row.block <= question.until]
    start = _start(rows, question, timed)
    stops = followed_stops(rows, question)
    steps: dict[State, dict[State, float]] = {}
    keeps: dict[State, float] = {}
    waiting = list(start)
    while waiting:
        state = waiting.pop()
        if state not in steps:
            keeps[state], steps[state] = _step(rows, state, way, alpha, beta, stops)
            waiting += steps[state]
    number = {state: i for i, state in enumerate(steps)}
    matrix = np.eye(len(number))
    for state, to in steps.items():
        for other, share in to.items():
            matrix[number[other], number[state]] -= share
    visits = np.linalg.solve(matrix, [start.get(state, 0.0) for state in steps])
    found: Counter[str] = Counter()
    for state, i in number.items():
        found[state[0][0]] += visits[i] * keeps[state]
    return dict(found)


def _step(
    rows: list[Row], state: State, way: str, alpha: float, beta: float, stops: Iterable[str]
) -> tuple[float, dict[State, float]]:
    """What a state keeps, and what goes where."""
    pot, stamp = state
    if pot[0] in stops:
        return 1.0, {}
    alpha = 0.0 if pot[0].startswith("tx") else alpha
    to: defaultdict[State, float] = defaultdict(float)
    live = [(i, row) for i, row in enumerate(rows) if moves(row) and source(row) and target(row)]
    outs = [(i, row) for i, row in live if source(row) == pot and (way != "time" or i > stamp)]
    ins = [(i, row) for i, row in live if target(row) == pot and (way != "time" or i < stamp)]
    if way == "appr":
        others = {target(row) for _, row in outs} | {source(row) for _, row in ins}
        for other in others:
            to[other, NEVER] += (1 - alpha) / len(others)
        return (alpha if others else 1.0), dict(to)
    for side, share, end in ((outs, beta, target), (ins, 1 - beta, source)):
        whole = sum(1 if way == "base" else row.amount for _, row in side)
        for i, row in side:
            part = (1 if way == "base" else row.amount) / whole
            to[end(row), float(i) if way == "time" else NEVER] += (1 - alpha) * share * part
        if not side:
            to[state] += (1 - alpha) * share
    if to.get(state, 0.0) > 1 - 1e-12:  # a transaction without a way on
        return 1.0, {}
    return alpha, dict(to)


def _start(rows: list[Row], question: Question, timed: bool) -> dict[State, float]:
    """Each seed, each asset of it, and its units in proportion."""
    found: Counter[State] = Counter()
    for seed in question.seeds:
        units: defaultdict[str, Counter[State]] = defaultdict(Counter)
        for pot, moment, amount in _units(rows, seed):
            units[pot[1]][pot, moment if timed else NEVER] += amount
        for sums in units.values():
            for state, amount in sums.items():
                found[state] += amount / sums.total() / len(units) / len(question.seeds)
    return dict(found)


def _units(rows: list[Row], seed: Rows | Since) -> Iterable[tuple[Pot, float, int]]:
    balance: Counter[Pot] = Counter()
    since = -1 if isinstance(seed, Rows) or seed.since is None else seed.since
    early = sum(not is_late(row, since) for row in rows) if isinstance(seed, Since) and seed.since is not None else 0
    for i, row in enumerate(rows):
        if isinstance(seed, Since) and i == early:
            yield from _held(balance, seed, early)
        if not moves(row):
            continue
        left, entered = source(row), target(row)
        if isinstance(seed, Rows) and i in seed.rows and entered:
            yield entered, i, row.amount
        if isinstance(seed, Since) and i >= early and entered and is_held_by(entered, seed):
            yield entered, i, row.amount
        if left:
            balance[left] = max(0, balance[left] - row.amount)
        if entered:
            balance[entered] += row.amount
    if isinstance(seed, Since) and early == len(rows):
        yield from _held(balance, seed, early)


def _held(balance: Counter[Pot], seed: Since, early: int) -> Iterable[tuple[Pot, float, int]]:
    """What it held just before a row: half a row earlier."""
    yield from ((pot, early - 0.5, amount) for pot, amount in balance.items() if amount and is_held_by(pot, seed))
