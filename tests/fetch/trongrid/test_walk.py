"""A list is read to its end by fingerprints and once more from its end, and what was read proves itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.errors import Contradiction
from chaintrace.fetch.trongrid.call import ASCENDING
from chaintrace.fetch.trongrid.facts import Listed, Span, Want
from chaintrace.fetch.trongrid.walk import Walk

WANT = Want("v1/accounts/transactions", "0x" + "1" * 40)
STEPS = 5_000
END = 1_000


@dataclass(frozen=True)
class Item:
    time: int
    name: int


class Shelf:
    """A list that is shown in pages. ``caps``: the largest page, in turn; ``tells``: whether a page says how it goes
    on; ``open``: whether bounds belong to what they bound."""

    def __init__(self, items: Sequence[Item], caps: Sequence[int], tells: bool = True, open: bool = False) -> None:
        self.items, self.caps, self.tells, self.open = list(items), caps, tells, open
        self.kept: dict[Span, Listed] = {}
        self.steps = 0

    def look(self, want: Want, span: Span) -> Listed:
        self.steps += 1
        assert self.steps < STEPS
        if span not in self.kept:
            first, last = (span.first + 1, span.last - 1) if self.open else (span.first, span.last)
            found = sorted((one for one in self.items if first <= one.time <= last), key=lambda one: one.time)
            if span.order != ASCENDING:
                found.reverse()
            start = int(span.fingerprint or 0)
            size = self.caps[self.steps % len(self.caps)]
            more = start + size < len(found)
            shown = tuple((one, "") for one in found[start : start + size])
            self.kept[span] = Listed(shown, str(start + size) if more and self.tells else "")
        return self.kept[span]

    def again(self, want: Want, span: Span) -> Listed:
        if span not in self.kept:
            raise Contradiction("x", "a page is missing")
        return self.kept[span]


BLOCKS = st.lists(st.integers(1, 30).map(lambda n: n * 3), max_size=60)


def items(times: Sequence[int]) -> list[Item]:
    return [Item(time, name) for name, time in enumerate(sorted(times))]


@settings(max_examples=100)
@given(BLOCKS, st.lists(st.sampled_from([1, 2, 7, 200]), min_size=1, max_size=3), st.booleans())
def test_every_row_comes_once_and_the_evidence_proves_it(times: list[int], caps: list[int], open: bool) -> None:
    truth = items(times)
    shelf = Shelf(truth, caps, open=open)
    walk = Walk("x", WANT, shelf.look).run(END, END)
    assert [one for one, _ in walk.rows] == truth
    assert not walk.restless
    assert Walk("x", WANT, shelf.again).run(END, END).rows == walk.rows


@settings(max_examples=200)
@given(BLOCKS, st.sampled_from([1, 2, 7, 200]))
def test_a_list_that_is_cut_without_a_word_loses_nothing_silently(times: list[int], cap: int) -> None:
    truth = items(times)
    walk = Walk("x", WANT, Shelf(truth, [cap], tells=False).look)
    try:
        walk.run(END, END)
    except Contradiction:
        return
    assert [one for one, _ in walk.rows] == truth


@settings(max_examples=100)
@given(BLOCKS.filter(len), st.sampled_from([1, 2, 7]), st.data())
def test_evidence_that_lacks_a_page_is_no_proof(times: list[int], cap: int, data: st.DataObject) -> None:
    shelf = Shelf(items(times), [cap])
    Walk("x", WANT, shelf.look).run(END, END)
    shelf.kept.pop(data.draw(st.sampled_from(sorted(shelf.kept))))
    with pytest.raises(Contradiction):
        Walk("x", WANT, shelf.again).run(END, END)


def test_pages_that_lead_in_a_circle_are_a_contradiction() -> None:
    shelf = Shelf(items([3, 6, 9]), [1])

    def circle(want: Want, span: Span) -> Listed:
        page = shelf.look(want, span._replace(fingerprint=""))
        return Listed(page.rows, "1")

    with pytest.raises(Contradiction, match="circle"):
        Walk("x", WANT, circle).run(END, END)


def test_rows_that_are_not_in_the_order_of_time_are_a_contradiction() -> None:
    truth = items([3, 6, 9])
    page = Listed(tuple((one, "") for one in truth[::-1]), "")
    with pytest.raises(Contradiction, match="order of time"):
        Walk("x", WANT, lambda want, span: page).run(END, END)


def test_rows_that_come_while_it_is_read_are_no_rows_of_it_and_are_told() -> None:
    shelf = Shelf(items([3, 6]), [1])
    walk = Walk("x", WANT, shelf.look)
    walk.look_ahead(8)
    shelf.items.append(Item(9, 2))
    assert [one.time for one, _ in walk.run(8, 12).rows] == [3, 6]
    assert walk.restless


def test_a_list_that_had_lagged_behind_is_read_on() -> None:
    truth = items([3, 6, 6, 9])
    shelf = Shelf(truth[:2], [7])
    walk = Walk("x", WANT, shelf.look)
    walk.look_ahead(END)
    shelf.items = truth
    assert [one for one, _ in walk.run(END, END).rows] == truth


def test_a_row_that_one_look_shows_and_another_does_not_is_a_contradiction() -> None:
    shelf = Shelf(items([3, 6, 6]), [7])
    walk = Walk("x", WANT, shelf.look)
    walk.look_ahead(END)
    shelf.items = shelf.items[:2]
    with pytest.raises(Contradiction, match="missing from another"):
        walk.run(END, END)


def test_a_list_costs_two_requests() -> None:
    for times in ([], [3, 6, 6]):
        shelf = Shelf(items(times), [200])
        Walk("x", WANT, shelf.look).run(END, END)
        assert shelf.steps == 2
