"""Bounds: no row carries more taint than it moves, and no account holds more taint than it has."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.shares import balances
from tests.oracle.words import Question, Row, heads, moves, until


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    found = subject(rows, question)
    for row, amount in found.on_rows().items():
        assert moves(rows[row])
        assert 0 < amount <= rows[row].amount
    if question.direction == "backward":
        return
    has: Counter[tuple[str, str]] = Counter()
    for (account, asset, _), amount in balances(until(rows, question), heads(rows, question))[-1].items():
        has[account, asset] += amount
    held: Counter[tuple[str, str]] = Counter()
    for (account, asset, _, _), amount in found.held.items():
        assert amount > 0
        held[account, asset] += amount
    assert held <= has


@each_way("bounds")
@given(data=st.data())
def test_bounds(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction)
