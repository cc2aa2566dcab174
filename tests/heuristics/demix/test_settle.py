"""Settling equals a search through every set of recipients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.heuristics.demix import settle as module
from chaintrace.heuristics.demix.batch import Batch, batches
from chaintrace.heuristics.demix.recipient import Recipient, known_of, recipients
from chaintrace.heuristics.demix.settle import BEGINS, ENDS, LEFT, WHOLE, settle
from tests.heuristics.demix.pools import HOUR, START, address, paid, taken

HOURS = st.integers(0, 60)
FEW = 2


@pytest.fixture(autouse=True, scope="module")
def small_batches_say_something() -> Iterator[None]:
    """So that a search through every set is short."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "MANY", FEW)
        yield


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Batch], list[Recipient], list[int]]:
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=3))
    begins = sorted(draw(st.lists(HOURS, min_size=len(sizes), max_size=len(sizes))))
    notes = [
        paid(address("p", n), START + HOUR * begin + 60 * k + n)
        for n, (begin, size) in enumerate(zip(begins, sizes, strict=True))
        for k in range(size)
    ]
    many = draw(st.lists(st.tuples(HOURS, st.integers(1, 3), st.integers(0, 6)), max_size=6))
    out = [
        taken(address("m", n), START + HOUR * begin + 1000 + HOUR * gap * k)
        for n, (begin, count, gap) in enumerate(many)
        for k in range(count)
    ]
    found = recipients(out, known_of(out))
    odds = draw(st.lists(st.integers(-5000, 5000), min_size=len(found), max_size=len(found)))
    return batches(notes), found, odds


def best_by_search(paid_in: list[Batch], found: list[Recipient], odds: list[int]) -> int:
    """The worth of the best way: recipients in the order of their last note, each takes part or not, and at any time
    the rest of a batch may be left."""
    came = [note.time for one in paid_in for note in one.notes]
    batch = [n for n, one in enumerate(paid_in) for _ in one.notes]
    ends = np.cumsum([len(one) for one in paid_in]).tolist()
    order = sorted(range(len(found)), key=lambda at: (found[at].last, found[at].first, found[at].account))

    @cache
    def best(step: int, given_out: int) -> int:
        ways = []
        if given_out < len(came):
            end = ends[batch[given_out]]
            ways.append(best(step, end) - LEFT * (end - given_out))
        if step == len(order):
            return max([*ways, 0 if given_out == len(came) else -(10**9)])
        ways.append(best(step + 1, given_out))
        one, upto = found[order[step]], given_out + len(found[order[step]])
        if upto <= len(came):
            first, last = paid_in[batch[given_out]], paid_in[batch[upto - 1]]
            in_time = first.first <= one.first <= first.last + BEGINS and came[upto - 1] <= one.last <= last.last + ENDS
            if in_time:
                ways.append(
                    odds[order[step]]
                    + WHOLE * (upto in ends and len(paid_in[batch[upto - 1]]) >= FEW)
                    + best(step + 1, upto)
                )
        return max(ways)

    return best(0, 0)


def worth(paid_in: list[Batch], found: list[Recipient], odds: list[int]) -> int:
    from chaintrace.heuristics.demix.settle import _Ways

    ways = _Ways(paid_in)
    order = sorted(range(len(found)), key=lambda at: (found[at].last, found[at].first, found[at].account))
    for place in order:
        ways.add(place, found[place], odds[place])
    taken_by, told = ways.best(), 0
    upto = 0
    ends = ways.ends.tolist()
    for place in order:  # the worth of the way itself, counted again
        if place in taken_by:
            start = taken_by[place] - len(found[place])
            told -= LEFT * (start - upto)
            upto = taken_by[place]
            told += odds[place] + WHOLE * (upto in ends and len(paid_in[ends.index(upto)]) >= FEW)
    return told - LEFT * (ways.n - upto)


@given(stories())
def test_no_way_is_better_than_the_one_that_is_found(story: tuple[list[Batch], list[Recipient], list[int]]) -> None:
    assert worth(*story) == best_by_search(*story)


@given(stories())
def test_what_is_settled_adds_up(story: tuple[list[Batch], list[Recipient], list[int]]) -> None:
    paid_in, found, odds = story
    made = settle(paid_in, found, np.array(odds, np.int64))
    assert [at for group in made for at in group.batches] == list(range(len(paid_in)))
    for group in made:
        out = sum(len(found[place]) for place in group.places)
        assert group.left == sum(len(paid_in[at]) for at in group.batches) - out
        assert group.left >= 0
    places = [place for group in made for place in group.places]
    assert len(places) == len(set(places))


def test_who_takes_of_two_batches_joins_them() -> None:
    """Five and five are paid in; one takes seven, the other three: of either batch alone nothing comes out even."""
    notes = [paid(address("p", n // 5), START + 60 * n) for n in range(10)]
    out = [taken(address("x", 1), START + HOUR + 60 * n) for n in range(7)]
    out += [taken(address("y", 1), START + 2 * HOUR + 60 * n) for n in range(3)]
    found = recipients(out, known_of(out))
    (group,) = settle(batches(notes), found, np.array([1000, 1000], np.int64))
    assert (group.batches, group.places, group.left) == (range(2), (0, 1), 0)


def test_within_a_second_the_place_in_the_chain_decides() -> None:
    """A note that left in a block before its deposit, or before it in one block, is not the deposit's."""
    for block, index, wanted in ((7, 9, 1), (7, 2, 0), (6, 9, 0), (None, None, 1)):
        came = replace(paid(address("p", 1), START), block=7, log_index=5)
        left = [replace(taken(address("x", 1), START), block=block, log_index=index)]
        (group,) = settle([Batch(came.account, (came,))], recipients(left, known_of(left)), np.array([9000], np.int64))
        assert len(group.places) == wanted, (block, index)
