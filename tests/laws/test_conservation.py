"""Conservation: the ledger sums to what was seeded, per asset and to the unit, and the parts sum to their lines."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Question, Row


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    found = subject(rows, question)
    total: Counter[str] = Counter()
    for (asset, _, _), amount in found.ledger.items():
        assert amount > 0
        total[asset] += amount
    assert total == found.seeded
    resting, leaving = Counter(), Counter()
    for (_, asset, bucket, _), amount in found.held.items():
        resting[asset, bucket, ""] += amount
    for (category, _, asset, _), amount in found.exits.items():
        leaving[asset, "exit", category] += amount
    lines = found.ledger
    assert leaving == Counter({line: n for line, n in lines.items() if line[1] == "exit"})
    if question.direction == "forward":
        assert resting == Counter({line: n for line, n in lines.items() if line[1] in ("held", "not_fetched")})


@each_way("conservation")
@given(data=st.data())
def test_conservation(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction)
