"""Disjoint money: rows whose pots the trace never enters may come or go and change nothing."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.change import as_numbered, renumbered, with_extra, without
from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Question, Row, Since, seeds_by_row, source, target
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
    """Rows with no end in a pot that the trace enters, and that give no moment of the question its block."""
    named = {i for seed in question.seeds for i in getattr(seed, "rows", ())}
    chosen = named | support | set(seeds_by_row(rows, question))
    enters = target if question.direction == "forward" else source
    pots = {enters(rows[i]) for i in chosen} - {None}
    accounts = {seed.account for seed in question.seeds if isinstance(seed, Since)}
    blocks = {seed.since for seed in question.seeds if isinstance(seed, Since)} | {question.until}

    def near(row: Row) -> bool:
        return bool({source(row), target(row)} & pots or {row.sender, row.receiver} & accounts) or row.block in blocks

    return {i for i, row in enumerate(rows) if i not in chosen and not near(row)}


@each_way("disjoint money")
@given(data=st.data())
def test_disjoint_money(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction)
