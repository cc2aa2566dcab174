"""Rows of one transaction are laid so that links run forwards, and each asset's rows keep their order."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from chaintrace.taint.arrange import arrange

LINES = st.lists(st.sampled_from("abc"), min_size=1, max_size=9)


def test_without_pairs_nothing_moves() -> None:
    assert arrange([4, 5, 6], ["x", "y", "x"], []) == [4, 5, 6]


def test_a_source_is_moved_before_its_target_and_what_follows_the_target_stays_behind_it() -> None:
    """Calls 1 and 2, logs 7 and 8; the last log is the source of the first call."""
    assert arrange([1, 2, 7, 8], ["coin", "coin", "token", "token"], [(8, 1)]) == [7, 8, 1, 2]


def test_where_no_order_is_possible_there_is_none() -> None:
    assert arrange([1, 2], ["x", "x"], [(2, 1)]) is None
    assert arrange([1, 2], ["x", "y"], [(2, 1), (1, 2)]) is None


@given(LINES, st.data())
def test_every_order_it_gives_is_allowed(lines: list[str], data: st.DataObject) -> None:
    rows = list(range(10, 10 + len(lines)))
    pairs = data.draw(st.lists(st.tuples(st.sampled_from(rows), st.sampled_from(rows)), max_size=4))
    order = arrange(rows, lines, pairs)
    if order is None:
        return
    assert sorted(order) == rows
    assert all(order.index(first) < order.index(second) for first, second in pairs)
    for line in set(lines):
        mine = [row for row, own in zip(rows, lines, strict=True) if own == line]
        assert [row for row in order if row in mine] == mine


@given(LINES, st.data())
def test_an_order_that_exists_is_found(lines: list[str], data: st.DataObject) -> None:
    """Any order that keeps each line's own: its pairs can be obeyed."""
    rows = list(range(len(lines)))
    mixed = data.draw(st.permutations(rows))
    queues = {line: [row for row in rows if lines[row] == line] for line in set(lines)}
    order = [queues[lines[row]].pop(0) for row in mixed]
    pairs = list(pairwise(order))
    assert arrange(rows, lines, pairs) == order
