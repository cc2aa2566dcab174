"""Causality: what is known of block B is the same whether or not anything happened after B."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Question, Row, Rows, moves


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    """Forwards with ``until`` at B; backwards a trace from rows never needs what came after them."""
    if question.unexplained == "opening":
        return
    chosen = [i for seed in question.seeds for i in getattr(seed, "rows", ())]
    if question.direction == "forward":
        first = max([rows[i].block for i in chosen] + [getattr(seed, "since", 0) or 0 for seed in question.seeds])
        block = luck.choice([row.block for row in rows if row.block >= first])
        question = question.but(until=block)
    elif all(isinstance(seed, Rows) for seed in question.seeds):
        block = max(rows[i].block for i in chosen)
    else:
        return
    past = [row for row in rows if row.block <= block]
    if any(map(moves, past)):
        assert subject(rows, question) == subject(past, question.but(until=None))


@each_way("causality")
@given(data=st.data())
def test_causality(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction)
