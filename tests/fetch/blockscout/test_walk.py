"""A list is read to its end, whatever the pages are, and what was read proves itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.errors import Contradiction
from chaintrace.fetch.blockscout.call import SENT
from chaintrace.fetch.blockscout.facts import Listed, Want
from chaintrace.fetch.blockscout.walk import Walk

WANT = Want(SENT, "0x" + "1" * 40)
STEPS = 200


@dataclass(frozen=True)
class Item:
    block: int
    index: int

    @property
    def key(self) -> tuple[int, int]:
        return self.block, self.index

    name = key

    @property
    def seam(self) -> dict[str, int]:
        return {"block_number": self.block, "index": self.index}


@dataclass
class Shelf:
    """A list that is shown in pages of these ``sizes``, in turn. ``edge``: what the key of a page tells instead of the
    row that it comes after."""

    items: Sequence[Item]
    sizes: Sequence[int]
    opaque: bool = False
    kept: dict[str, Listed] = field(default_factory=dict)

    def look(self, want: Want, after: str) -> Listed | None:
        assert len(self.kept) < STEPS
        size = self.sizes[len(self.kept) % len(self.sizes)]
        start = int(json.loads(after)["start"]) if after else 0
        shown = self.items[start : start + size]
        more: Any = None
        if start + size < len(self.items):
            more = {"start": start + size} | ({} if self.opaque else shown[-1].seam)
        self.kept[after] = Listed(tuple((one, "") for one in shown), None if more is None else json.dumps(more))
        return self.kept[after]


PLACES = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 4)), max_size=60, unique=True)


def items(places: Sequence[tuple[int, int]]) -> list[Item]:
    return [Item(*one) for one in sorted(places, reverse=True)]


@settings(max_examples=100)
@given(PLACES, st.lists(st.integers(1, 9), min_size=1, max_size=4), st.booleans(), st.integers(0, 20))
def test_every_row_comes_once_and_the_evidence_proves_it(
    places: list[tuple[int, int]], sizes: list[int], opaque: bool, first: int
) -> None:
    truth = items(places)
    shelf = Shelf(truth, sizes, opaque)
    found = Walk("x", WANT, shelf.look).run(first)
    assert [one for one, _ in found] == truth[: len(found)]
    assert {one for one in truth if one.block >= first} <= {one for one, _ in found}
    assert Walk("x", WANT, lambda want, after: shelf.kept.get(after)).run(first) == found


@settings(max_examples=100)
@given(PLACES.filter(lambda told: len(told) > 1), st.integers(1, 9), st.data())
def test_a_page_that_is_missing_from_the_evidence_is_a_contradiction(
    places: list[tuple[int, int]], size: int, data: st.DataObject
) -> None:
    shelf = Shelf(items(places), [size])
    Walk("x", WANT, shelf.look).run()
    del shelf.kept[data.draw(st.sampled_from(sorted(shelf.kept)))]
    with pytest.raises(Contradiction, match="is not told"):
        Walk("x", WANT, lambda want, after: shelf.kept.get(after)).run()


@settings(max_examples=100)
@given(PLACES.filter(lambda told: len(told) > 2), st.integers(1, 9), st.data())
def test_rows_that_are_swapped_or_doubled_are_a_contradiction(
    places: list[tuple[int, int]], size: int, data: st.DataObject
) -> None:
    truth = items(places)
    one = data.draw(st.integers(0, len(truth) - 2))
    told = data.draw(st.sampled_from(["swapped", "doubled", "twice"]))
    if told == "swapped":
        truth[one], truth[one + 1] = truth[one + 1], truth[one]
    else:
        truth.insert(one if told == "doubled" else len(truth), truth[one])
    with pytest.raises(Contradiction):
        Walk("x", WANT, Shelf(truth, [size]).look).run()


@settings(max_examples=100)
@given(PLACES.filter(lambda told: len(told) > 3), st.data())
def test_a_row_that_is_left_out_at_a_seam_is_a_contradiction(
    places: list[tuple[int, int]], data: st.DataObject
) -> None:
    truth = items(places)
    at = data.draw(st.integers(1, len(truth) - 2))
    first = Listed(tuple((one, "") for one in truth[:at]), json.dumps(truth[at].seam))
    rest = Listed(tuple((one, "") for one in truth[at + 1 :]), None)
    with pytest.raises(Contradiction, match="does not begin where"):
        Walk("x", WANT, lambda want, after: rest if after else first).run()


def test_pages_that_come_round_again_are_a_contradiction() -> None:
    same = Listed(((Item(1, 1), ""),), json.dumps({"start": 1}))
    steps: list[str] = []

    def look(want: Want, after: str) -> Listed:
        steps.append(after)
        return same

    with pytest.raises(Contradiction):
        Walk("x", WANT, look).run()
    assert len(steps) == 2
