"""Conversion: n units of the sources together are m units of the targets together, x ↦ floor(x·m/n)."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from chaintrace.graph.link import Link
from chaintrace.taint.book import Conversion, Span

sizes = st.lists(st.one_of(st.integers(1, 9), st.sampled_from((2**64, 2**256 - 1))), min_size=1, max_size=4)


def conversion(sources: list[int], targets: list[int]) -> Conversion:
    """Sources are rows 0, 1 …; targets the rows after them."""
    rows = list(range(len(sources) + len(targets)))
    made = Conversion(Link([], []), rows[: len(sources)], rows[len(sources) :])
    made.measure([*sources, *targets])
    return made


def place(span: Span, rows: list[int], at: list[int]) -> tuple[int, int]:
    base = at[rows.index(span.row)]
    return base + span.start, base + span.stop


def joined(spans: list[Span], rows: list[int], at: list[int]) -> tuple[int, int] | None:
    """Spans in order as one stretch of all rows together; None if they are not one."""
    if not spans:
        return None
    stretches = [place(span, rows, at) for span in spans]
    for (_, stop), (start, _) in itertools.pairwise(stretches):
        assert stop == start
    assert all(start < stop for start, stop in stretches)
    return stretches[0][0], stretches[-1][1]


stretches = st.tuples(sizes, sizes, st.data())


def drawn(made: Conversion, data: st.DataObject, rows: list[int], amount: dict[int, int]) -> Span:
    row = data.draw(st.sampled_from(rows))
    start = data.draw(st.integers(0, amount[row] - 1))
    return Span(row, start, data.draw(st.integers(start + 1, amount[row])))


@given(sizes, sizes, st.data())
def test_onward_is_the_floor_map(sources: list[int], targets: list[int], data: st.DataObject) -> None:
    made = conversion(sources, targets)
    span = drawn(made, data, made.sources, dict(enumerate(sources)))
    x, y = place(span, made.sources, made.source_at)
    n, m = sum(sources), sum(targets)
    found = joined(list(made.onward(*span)), made.targets, made.target_at)
    expected = x * m // n, y * m // n
    assert found == (expected if expected[0] < expected[1] else None)


@given(sizes, sizes, st.data())
def test_onward_telescopes(sources: list[int], targets: list[int], data: st.DataObject) -> None:
    """Cut the sources where you like: the pieces arrive side by side and together fill the targets exactly."""
    made = conversion(sources, targets)
    arrived: list[tuple[int, int]] = []
    for row, size in enumerate(sources):
        cuts = sorted({0, size, *data.draw(st.lists(st.integers(0, size), max_size=3))})
        for start, stop in itertools.pairwise(cuts):
            stretch = joined(list(made.onward(row, start, stop)), made.targets, made.target_at)
            if stretch:
                arrived.append(stretch)
    assert arrived[0][0] == 0
    assert arrived[-1][1] == sum(targets)
    assert all(one[1] == other[0] for one, other in itertools.pairwise(arrived))


@given(sizes, sizes, st.data())
def test_origin_covers_and_nothing_shorter_does(sources: list[int], targets: list[int], data: st.DataObject) -> None:
    """The image of the interval holds the stretch asked about; one unit less at either end and it does not."""
    made = conversion(sources, targets)
    span = drawn(made, data, made.targets, dict(enumerate(targets, len(sources))))
    first, last = place(span, made.targets, made.target_at)
    n, m = sum(sources), sum(targets)

    def image(x: int, y: int) -> tuple[int, int]:
        return x * m // n, y * m // n

    found = joined(list(made.origin(*span)), made.sources, made.source_at)
    assert found is not None
    x, y = found
    assert 0 <= x < y <= n
    assert image(x, y)[0] <= first
    assert last <= image(x, y)[1]
    assert image(x + 1, y)[0] > first
    assert image(x, y - 1)[1] < last


@given(sizes, sizes, st.data())
def test_there_and_back_covers(sources: list[int], targets: list[int], data: st.DataObject) -> None:
    """What came from a stretch of the sources comes back to it: support is kept across a link."""
    made = conversion(sources, targets)
    span = drawn(made, data, made.sources, dict(enumerate(sources)))
    x, y = place(span, made.sources, made.source_at)
    for arrived in made.onward(*span):
        back = joined(list(made.origin(*arrived)), made.sources, made.source_at)
        assert back is not None
        assert max(back[0], x) < min(back[1], y)


@given(sizes, sizes)
def test_touched_is_what_shares_part_of_a_unit(sources: list[int], targets: list[int]) -> None:
    """Reach, for poison: symmetric, and never less than what the floor map moves."""
    made = conversion(sources, targets)
    pairs = {(row, other) for row in made.sources for other in made.touched(row, True)}
    assert pairs == {(other, row) for row in made.targets for other in made.touched(row, False)}
    for row, size in enumerate(sources):
        assert {span.row for span in made.onward(row, 0, size)} <= {other for one, other in pairs if one == row}
    assert {row for row, _ in pairs} == set(made.sources)
    assert {row for _, row in pairs} == set(made.targets)


def test_by_hand() -> None:
    """Two sources of 3 become two targets of 2: 0 1 2 3 4 5 6 ↦ 0 0 1 2 2 3 4."""
    made = conversion([3, 3], [2, 2])
    assert list(made.onward(0, 0, 1)) == []
    assert list(made.onward(0, 0, 3)) == [Span(2, 0, 2)]
    assert list(made.onward(0, 2, 3)) == [Span(2, 1, 2)]
    assert list(made.onward(1, 0, 3)) == [Span(3, 0, 2)]
    assert list(made.origin(2, 0, 1)) == [Span(0, 1, 2)]
    assert list(made.origin(2, 1, 2)) == [Span(0, 2, 3)]
    assert list(made.origin(3, 0, 2)) == [Span(1, 1, 3)]


def test_a_stretch_may_cross_from_row_to_row() -> None:
    made = conversion([4], [1, 2, 1])
    assert list(made.onward(0, 0, 4)) == [Span(1, 0, 1), Span(2, 0, 2), Span(3, 0, 1)]
    assert list(made.onward(0, 1, 3)) == [Span(2, 0, 2)]
