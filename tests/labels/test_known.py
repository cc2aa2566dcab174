"""What is known at a moment, and was said at the moments of transfers, is what the book says at them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chaintrace.labels.book import LabelBook
from chaintrace.labels.edition import Edition
from chaintrace.labels.known import UNDATED, Known, Said, gravity
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList

A = "0x" + "1" * 40
START = datetime(2024, 1, 1, tzinfo=UTC)
CATEGORIES = ("sanctioned", "hack", "mixer", "exchange", "our own word")

days = st.one_of(st.none(), st.integers(0, 20))
labels = st.builds(
    lambda category, since, until, at_latest, seen: (category, since, until, at_latest, seen),
    st.sampled_from(CATEGORIES),
    days,
    days,
    st.booleans(),
    days,
)


def day(number: int | None) -> str | None:
    return None if number is None else (START + timedelta(days=number)).date().isoformat()


def label(told: tuple[Any, ...]) -> Label:
    category, since, until, at_latest, seen = told
    return Label(A, category, since=day(since), until=day(until), since_at_latest=at_latest, last_seen=day(seen))


def book_of(own: list[Any], first: list[Any], second: list[Any]) -> LabelBook:
    editions = [
        LabelList(Edition("list", str(day(number)), snapshot=True), tuple(map(label, told))).dated(
            Edition("list", str(day(number)), snapshot=True)
        )
        for number, told in ((4, first), (11, second))
    ]
    return LabelBook(*editions, map(label, own))


ledgers = st.tuples(*(st.lists(labels, max_size=3),) * 3)


@given(ledgers, st.integers(0, 20 * 86400), st.integers(0, 20 * 86400))
def test_what_was_said_then_is_what_the_book_says_then(told: tuple[Any, ...], at: int, moment: int) -> None:
    book = book_of(*told)
    base = int(START.timestamp())
    known = Known(book, base + max(at, moment))
    said = known.said(A, known.era(A, base + moment))
    then = book.look(A, datetime.fromtimestamp(base + moment, UTC))
    now = book.look(A, datetime.fromtimestamp(known.at, UTC))
    assert set(said.then) == {one.category for one in then.labels}
    assert set(said.now) == {one.category for one in now.labels}
    assert set(said.doubtful) == {one.category for one in (*then.doubtful, *now.doubtful)}
    assert set(said.every) <= {one.category for one in known.labels(A)}


@given(ledgers, st.integers(0, 20 * 86400))
def test_a_transfer_without_a_time_is_sure_of_undated_labels_only(told: tuple[Any, ...], at: int) -> None:
    known = Known(book_of(*told), int(START.timestamp()) + at)
    if known.eras(A):
        said = known.said(A, UNDATED)
        undated = {one.category for one in known.labels(A) if one.since is None and not one.since_at_latest}
        assert set(said.then) <= undated
        assert {*said.then, *said.doubtful} >= {one.category for one in known.labels(A)}


@given(ledgers, st.integers(0, 20 * 86400))
def test_labels_to_come_are_not_known(told: tuple[Any, ...], at: int) -> None:
    known = Known(book_of(*told), int(START.timestamp()) + at)
    for one in known.labels(A):
        began = one.since is None or datetime.fromisoformat(one.since).replace(tzinfo=UTC).timestamp() <= known.at
        assert began or one.since_at_latest


def test_the_gravest_stands_first() -> None:
    assert Said(("mixer", "our own word"), ("sanctioned",), ("hack",)).every == (
        "sanctioned",
        "hack",
        "mixer",
        "our own word",
    )
    assert sorted(CATEGORIES, key=gravity)[0] == "sanctioned"


def test_two_ids_of_one_list_are_two_parties() -> None:
    book = LabelBook([Label(A, "hack", source="list", actor="1"), Label(A, "hack", source="other", name="one")])
    known = Known(book, int(START.timestamp()))
    assert known.parties(A) == {("list", "1")}
    assert known.name(A) == "one"
