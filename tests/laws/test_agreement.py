"""Agreement: chaintrace and the naive oracle give the same answer, to the unit, whatever the limits."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.run import check, each_way
from tests.laws.subject import Subject, oracle_subject
from tests.oracle.words import Question, Row


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    assert subject(rows, question) == oracle_subject(rows, question)


@each_way("agreement")
@settings(settings.get_profile("many"))
@given(data=st.data())
def test_agreement(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction)
