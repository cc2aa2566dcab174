"""Split ingest: rows read in several pages, overlapping or not, are the rows read at once."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Question, Row


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    first, second = sorted(luck.randint(0, len(rows)) for _ in range(2))
    overlapping = [list(range(second)), list(range(first, len(rows)))]
    assert subject(rows, question, pages=overlapping) == subject(rows, question)


@each_way("split ingest")
@given(data=st.data())
def test_split_ingest(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction)
