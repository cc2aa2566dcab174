"""Permutation: rows that carry a position give the same answer in whatever order they are read."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.change import shuffled
from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Question, Row


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    assert subject(shuffled(rows, luck), question) == subject(rows, question)


@each_way("permutation")
@given(data=st.data())
def test_permutation(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction)
