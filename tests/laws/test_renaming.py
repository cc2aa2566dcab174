"""Renaming: other addresses, one for one, give the same answer with other addresses in it."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.change import renamed, renamed_answer
from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Question, Row


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    old = sorted({party for row in rows for party in row[:2] if party})
    new = [party for party in old if not party.startswith("tx")]
    luck.shuffle(new)
    names = {party: party if party.startswith("tx") else new.pop() for party in old}
    answer = renamed_answer(subject(rows, question), names)
    assert subject(*renamed(rows, question, names)) == answer


@each_way("renaming")
@given(data=st.data())
def test_renaming(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction)
