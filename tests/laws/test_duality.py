"""Duality: what a trace forward from row s brings to row t equals what a trace backward from t takes from s."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Question, Row, Rows, moves


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    """Exactly for FIFO and LIFO; for haircut within as many base units as there are rows; for poison as a set."""
    live = [i for i, row in enumerate(rows) if moves(row)]
    start = luck.choice(live[: 1 + len(live) // 2])
    ahead = subject(rows, question.but(seeds=(Rows((start,)),), direction="forward")).on_rows()
    later = [i for i in live if i > start]
    reached = [i for i in later if i in ahead]
    ends = luck.sample(reached, min(2, len(reached))) + luck.sample(later, min(1, len(later)))
    for end in ends:
        back = subject(rows, question.but(seeds=(Rows((end,)),), direction="backward")).on_rows()
        there, here = ahead.get(end, 0), back.get(start, 0)
        match question.method:
            case "poison":
                assert bool(there) == bool(here)
            case "haircut":
                assert abs(there - here) <= len(rows)
            case _:
                assert there == here


@each_way("duality")
@given(data=st.data())
def test_duality(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, "forward", limits=False)
