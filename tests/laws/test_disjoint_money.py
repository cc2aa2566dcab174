"""Disjoint money: rows whose pots the trace never enters may come or go and change nothing."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.change import as_numbered, renumbered, with_extra, without
from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Question, Row, Since, followed_stops, seeds_by_row, source, target
from tests.strategies import is_coins


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    answer = subject(rows, question)
    new, number = without(rows, untouched(rows, question, answer.support()))
    assert as_numbered(subject(new, renumbered(question, number)), number) == answer
    if not is_coins(rows):
        strangers = [Row(*luck.sample("uvw", 2), "native", luck.randrange(1, 9)) for _ in range(3)]
        new, number = with_extra(rows, [(luck.randint(0, len(rows)), row) for row in strangers])
        assert as_numbered(subject(new, renumbered(question, number)), number) == answer


def untouched(rows: list[Row], question: Question, support: set[int]) -> set[int]:
    """Rows at neither end of which is a pot that the trace enters."""
    chosen = (
        {i for seed in question.seeds for i in getattr(seed, "rows", ())} | support | set(seeds_by_row(rows, question))
    )
    ways = (target,) if question.direction == "forward" else (source,)
    entered = {way(rows[i]) for i in chosen for way in ways} - {None}
    accounts = {seed.account for seed in question.seeds if isinstance(seed, Since)}
    stops = followed_stops(rows, question)

    def near(row: Row) -> bool:
        ends = {source(row), target(row)}
        return bool(ends & entered) or bool({row.sender, row.receiver} & accounts)

    blocks = {seed.since for seed in question.seeds if isinstance(seed, Since)} | {question.until}
    gone = {i for i, row in enumerate(rows) if i not in chosen and not near(row) and row.block not in blocks}
    return gone if stops is not None else set()


@each_way("disjoint money")
@given(data=st.data())
def test_disjoint_money(data: st.DataObject, subject: Subject, method: str, direction: str) -> None:
    check(data, subject, law, method, direction)
