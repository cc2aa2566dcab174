"""A list is read to its end, whatever the largest page is, and what was read proves itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.errors import Contradiction, TooLong
from chaintrace.fetch.etherscan_api.facts import Listed, Span, Want
from chaintrace.fetch.etherscan_api.walk import Walk

WANT = Want("account/txlist", "0x" + "1" * 40)
STEPS = 5_000


@dataclass(frozen=True)
class Item:
    block: int
    name: int


class Shelf:
    """A list that is shown in pages. ``caps``: the largest page, in turn; ``widest``: more blocks are too many;
    ``counts``: whether a page is skipped by the size that was asked for, not by that which is shown."""

    def __init__(
        self,
        items: Sequence[Item],
        caps: Sequence[int],
        window: int = 10_000,
        widest: int = 1_000,
        counts: bool = False,
    ) -> None:
        self.items, self.caps, self.window, self.widest, self.counts = items, caps, window, widest, counts
        self.kept: dict[Span, Listed] = {}
        self.steps = 0

    def look(self, want: Want, span: Span, offset: int | None) -> Listed | None:
        self.steps += 1
        assert self.steps < STEPS
        if span in self.kept:
            return self.kept[span]
        asked = offset or 50
        size = min(asked, self.caps[self.steps % len(self.caps)])
        step = asked if self.counts else size
        if span.page * size > self.window or span.last - span.first >= self.widest:
            return None
        found = [one for one in self.items if span.first <= one.block <= span.last]
        begin = (span.page - 1) * step
        self.kept[span] = Listed(asked, tuple((one, "") for one in found[begin : begin + size]))
        return self.kept[span]

    def again(self, want: Want, span: Span, offset: int | None) -> Listed | None:
        return self.kept.get(span)


BLOCKS = st.lists(st.integers(0, 30), max_size=60)


def items(blocks: Sequence[int]) -> list[Item]:
    return [Item(block, name) for name, block in enumerate(sorted(blocks))]


@settings(max_examples=100)
@given(BLOCKS, st.sampled_from([1, 2, 7, 1_000]), st.sampled_from([1, 4, 1_000]), st.booleans())
def test_every_row_comes_once_and_the_evidence_proves_it(
    blocks: list[int], cap: int, widest: int, counts: bool
) -> None:
    truth = items(blocks)
    shelf = Shelf(truth, [cap], widest=widest, counts=counts)
    walk = Walk("x", WANT, shelf.look)
    assert [one for one, _ in walk.run(0, 30)] == truth
    proof = Walk("x", WANT, shelf.again)
    proof.run(0, 30)
    assert proof.rows == walk.rows


@settings(max_examples=100)
@given(BLOCKS, st.lists(st.integers(1, 9), min_size=1, max_size=4), st.booleans())
def test_pages_that_change_their_size_lose_nothing_silently(blocks: list[int], caps: list[int], counts: bool) -> None:
    truth = items(blocks)
    walk = Walk("x", WANT, Shelf(truth, caps, counts=counts).look)
    walk.run(0, 30)
    missing = [one for one in truth if one not in {found for found, _ in walk.rows}]
    assert not missing


@settings(max_examples=100)
@given(BLOCKS, st.sampled_from([1, 2, 7]), st.data())
def test_evidence_that_lacks_a_page_is_no_proof(blocks: list[int], cap: int, data: st.DataObject) -> None:
    shelf = Shelf(items(blocks), [cap])
    Walk("x", WANT, shelf.look).run(0, 30)
    shelf.kept.pop(data.draw(st.sampled_from(sorted(shelf.kept))))
    proof = Walk("x", WANT, shelf.again)
    try:
        proof.run(0, 30)
    except (Contradiction, TooLong):
        return
    assert [one for one, _ in proof.rows] == list(shelf.items)


def test_a_block_that_fills_the_window_is_too_long() -> None:
    shelf = Shelf(items([5] * 30), [2], window=10)
    with pytest.raises(TooLong, match="block 5 alone has more rows"):
        Walk("x", WANT, shelf.look).run(0, 30)


def test_rows_that_are_not_in_the_order_of_blocks_are_a_contradiction() -> None:
    shelf = Shelf(items([1, 2, 3])[::-1], [2])
    with pytest.raises(Contradiction, match="order of blocks"):
        Walk("x", WANT, shelf.look).run(0, 30)


def test_a_row_that_is_gone_when_its_block_is_read_again_is_a_contradiction() -> None:
    shelf = Shelf(items([1, 2, 2, 3]), [3])
    full = list(shelf.items)

    def forgetful(want: Want, span: Span, offset: int | None) -> Listed | None:
        shelf.items = full if span.first == 0 else full[3:]
        return shelf.look(want, span, offset)

    with pytest.raises(Contradiction, match="missing from another"):
        Walk("x", WANT, forgetful).run(0, 30)


def test_a_short_history_costs_two_requests_and_an_empty_one() -> None:
    for blocks, cost in (([3, 4, 4], 2), ([], 1)):
        shelf = Shelf(items(blocks), [1_000])
        Walk("x", WANT, shelf.look).run(0, 30)
        assert shelf.steps == cost
