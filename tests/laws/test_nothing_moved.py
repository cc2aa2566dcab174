"""Nothing moved: transfers of zero and transfers from a pot to itself change nothing."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.change import as_numbered, renumbered, with_extra, without
from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Question, Row, Rows, moves
from tests.strategies import is_coins


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    answer = subject(rows, question)
    chosen = {i for seed in question.seeds if isinstance(seed, Rows) for i in seed.rows}
    still = {i for i, row in enumerate(rows) if not moves(row) and i not in chosen}
    new, number = without(rows, still)
    assert as_numbered(subject(new, renumbered(question, number)), number) == answer
    if is_coins(rows):
        return
    parties = sorted({party for row in rows for party in row[:2] if party})
    a, b = luck.choice(parties), luck.choice(parties)
    extra = [Row(a, b, "native", 0), Row(a, a, "native", luck.choice((1, 7, 2**256 - 1))), Row(b, None, "native", 0)]
    new, number = with_extra(rows, [(luck.randint(0, len(rows)), row) for row in extra])
    assert as_numbered(subject(new, renumbered(question, number)), number) == answer


@each_way("nothing moved")
@given(data=st.data())
def test_nothing_moved(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction)
