"""The oracles keep their books, agree with each other, and agree with a few answers worked out by hand."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tests.oracle import answer, queues, roads, shares
from tests.oracle.words import Question, Row, Rows, Since, moves
from tests.strategies import asked, ledgers, questions

THEFT = [
    Row(None, "thief", "x", 60, "mint"),  # clean money that the thief had before
    Row("victim", "thief", "x", 40, block=1),
    Row("thief", "mixer", "x", 50, block=2),
    Row("thief", "friend", "x", 25, block=3),
]


@pytest.mark.parametrize(
    ("method", "mixer", "friend", "thief"),
    [("fifo", 0, 15, 25), ("lifo", 40, 0, 0), ("haircut", 20, 10, 10), ("dirty-first", 40, 0, 0)],
)
def test_the_theft_by_hand(method: str, mixer: int, friend: int, thief: int) -> None:
    found = answer(THEFT, Question((Rows((1,)),), method, stops={"mixer": "mixer"}))
    assert found.ledger == +Counter({("x", "exit", "mixer"): mixer, ("x", "held", ""): friend + thief})
    assert found.held == +Counter({("friend", "x", "held", 0): friend, ("thief", "x", "held", 0): thief})


def test_backwards_by_hand() -> None:
    question = Question((Rows((3,)),), direction="backward")
    assert answer(THEFT, question).ledger == {("x", "issued", ""): 10, ("x", "unexplained", ""): 15}
    assert answer(THEFT, question.but(covered=frozenset({"thief"}))).ledger["x", "not_fetched", ""] == 15
    assert answer(THEFT, question.but(method="haircut")).ledger == {
        ("x", "issued", ""): 15,
        ("x", "unexplained", ""): 10,
    }


def test_unexplained_units_come_just_in_time_or_stand_first() -> None:
    rows = [Row("v", "a", "x", 10), Row("a", "b", "x", 4, block=1), Row("a", "b", "x", 9, block=2)]
    late, early = Question((Rows((0,)),)), Question((Rows((0,)),), unexplained="opening")
    assert answer(rows, late).on_rows() == {0: 10, 1: 4, 2: 6}
    assert answer(rows, early).on_rows() == {0: 10, 1: 1, 2: 9}


def test_an_address_seed_takes_what_is_held_and_what_arrives() -> None:
    found = answer(THEFT, Question((Since("thief", 1),)))
    assert found.seeded == {"x": 100}
    assert found.on_rows() == {1: 40, 2: 50, 3: 25}


@given(st.data())
@settings(settings.get_profile("many"))
def test_roads_agree_with_queues(data: st.DataObject) -> None:
    rows, question = data.draw(asked(data.draw(st.sampled_from(("fifo", "lifo"))), "forward"))
    assert roads.trace(rows, question) == queues.trace(rows, question)


@pytest.mark.parametrize("direction", ["forward", "backward"])
@given(st.data())
def test_atoms_agree_with_units(direction: str, data: st.DataObject) -> None:
    rows = data.draw(ledgers(max_rows=10, boundaries=False))
    rows = [row._replace(amount=min(row.amount, 50)) for row in rows]
    assume(any(map(moves, rows)))
    question = data.draw(questions(rows, data.draw(st.sampled_from(("fifo", "lifo"))), direction))
    assert roads.trace(rows, question) == roads.trace(rows, question, unit_by_unit=True)


@pytest.mark.parametrize("direction", ["forward", "backward"])
@given(st.data())
def test_whole_shares_stay_near_the_fractions(direction: str, data: st.DataObject) -> None:
    rows, question = data.draw(asked("haircut", direction, limits=False))
    whole, exact = shares.trace(rows, question), shares.trace(rows, question, exact=True)
    assert sum(exact.ledger.values()) == sum(exact.seeded.values())
    for part in ("seeded", "ledger", "held", "exits"):
        left, right = getattr(whole, part), getattr(exact, part)
        assert all(abs(left[key] - right[key]) <= len(rows) for key in left | right)
    left, right = Counter(whole.on_rows()), Counter(exact.on_rows())
    assert all(abs(left[row] - right[row]) <= len(rows) for row in left | right)
