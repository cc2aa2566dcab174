"""Additivity: FIFO and LIFO of several seeds with no unit in common are the sum of the seeds one by one."""

from __future__ import annotations

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from tests.laws.run import check, each_way
from tests.laws.subject import Subject
from tests.oracle.words import Answer, Question, Row


def law(subject: Subject, rows: list[Row], question: Question, luck: Random) -> None:
    """Without stops (a seed that is one is followed) and limits (a cut unit may be seeded again)."""
    together = subject(rows, question)
    alone = [subject(rows, question.but(seeds=(seed,))) for seed in question.seeds]
    if apart(alone) or together.seeded == total(one.seeded for one in alone):
        assert together.seeded == total(one.seeded for one in alone)
        assert together.ledger == total(one.ledger for one in alone)
        for part in ("tainted", "held", "exits"):
            assert getattr(together, part) == total(by_seed(one, part, n) for n, one in enumerate(alone))


def apart(alone: list[Answer]) -> bool:
    """Whether the traces meet on no row and in no account, so that they surely share no unit."""
    places = [one.support() | {account for account, *_ in one.held} for one in alone]
    return len(set().union(*places)) == sum(map(len, places))


def by_seed(one: Answer, part: str, seed: int) -> Counter:
    return Counter({(*key[:-1], seed): amount for key, amount in getattr(one, part).items()})


def total(parts: object) -> Counter:
    found: Counter = Counter()
    for part in parts:  # type: ignore[attr-defined]
        found.update(part)
    return found


@each_way("additivity")
@given(data=st.data())
def test_additivity(data: st.DataObject, kernel: str, method: str, direction: str) -> None:
    check(data, law, method, direction, limits=False)
