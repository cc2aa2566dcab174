"""Support: where any method finds taint, poison finds it too."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Question, Row


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    assert subject(rows, question).support() <= subject(rows, question.but(method="poison")).support()


@each_way("support")
@given(data=st.data())
def test_support(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction)
