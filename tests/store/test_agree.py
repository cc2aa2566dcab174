"""Answers that cannot all be true are not kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chaintrace.errors import Contradiction
from chaintrace.model.amount import to_bytes
from chaintrace.model.page import Page
from chaintrace.store.store import Store
from tests.store.worlds import ACCOUNTS, FEW, FOUR, KINDS, PAGES, TOP, World, everything, filled, row, table, worlds

OTHER = {
    "block": 4,
    "block_hash": "0xother",
    "time": None,
    "tx_index": 9,
    "sender": ACCOUNTS[2],
    "receiver": None,
    "asset": "x",
    "amount": to_bytes(6),
}


@pytest.mark.parametrize("field", OTHER)
def test_a_row_says_one_thing(tmp_path: Path, field: str) -> None:
    page = PAGES[2]
    changed = [one | {field: OTHER[field]} if one["block"] == 3 else one for one in page.answer.rows.to_pylist()]
    refused(filled(Store.create(tmp_path), PAGES[:2]), [_with(page, changed)], f"has {field} ")


def test_a_row_says_one_thing_within_a_commit_and_within_a_page(tmp_path: Path) -> None:
    store, page = Store.create(tmp_path), PAGES[2]
    rows = page.answer.rows.to_pylist()
    changed = [one | {"amount": to_bytes(6)} if one["block"] == 3 else one for one in rows]
    refused(store, [PAGES[1], _with(page, changed)], "has amount 5 in one answer and 6 in another")
    refused(store, [_with(page, [*rows, *changed])], "has amount 5 in one answer and 6 in another")


@FEW
@given(worlds(), st.data())
def test_a_list_that_leaves_out_a_row_is_found_whichever_comes_first(world: World, data: st.DataObject) -> None:
    shared = [n for n, one in enumerate(world.rows) if one["sender"] and one["receiver"] not in (None, one["sender"])]
    assume(shared)
    left_out = world.rows[data.draw(st.sampled_from(shared))]
    blind = replace(world, rows=tuple(one for one in world.rows if one is not left_out))
    pages = [world.page([left_out["sender"]], 0, TOP), blind.page([left_out["receiver"]], 0, TOP)]
    with TemporaryDirectory() as folder:
        store = Store.create(Path(folder))
        for first, second in (pages, pages[::-1]):
            (found,) = store.conflicts([first, second])
            assert "which was said to be complete" in found.message
        filled(store, pages[: data.draw(st.integers(0, 1))] or pages[1:])
        refused(store, pages, "which was said to be complete")


def test_a_list_is_complete_only_for_its_kinds_and_blocks(tmp_path: Path) -> None:
    tokens = FOUR.page([ACCOUNTS[0]], 0, 6, kinds=["token", "fee"])
    later = FOUR.page([ACCOUNTS[1]], 2, TOP)
    store = filled(Store.create(tmp_path), [tokens, later, FOUR.page([ACCOUNTS[1]], 0, 1)])
    assert store.rows("rpc one").num_rows == 3


def test_another_provider_may_see_it_otherwise(tmp_path: Path) -> None:
    filled(Store.create(tmp_path), [PAGES[0], World(()).page([ACCOUNTS[0]], 0, TOP, "rpc two")])


def test_what_a_reorg_took_away_contradicts_nothing(tmp_path: Path) -> None:
    store = filled(Store.create(tmp_path), PAGES)
    other = World((), "'").page(ACCOUNTS, 2, TOP)
    refused(store, [other], "")
    with store.writing():
        store.orphan("rpc one", 1)
        store.commit([other])
    refused(store, [World((), "'").page(ACCOUNTS, 0, 1)], "which was said to be complete")


def test_opening_rows_need_not_be_in_every_list(tmp_path: Path) -> None:
    opening = row(0, 0, None, ACCOUNTS[1], 9, "opening", "")
    first = FOUR.page([ACCOUNTS[1]], 0, TOP, kinds=[*KINDS, "opening"])
    page = PAGES[0]
    filled(Store.create(tmp_path), [first, _with(page, [opening, *page.answer.rows.to_pylist()])])


def test_a_block_has_one_hash(tmp_path: Path) -> None:
    page = PAGES[1]
    other = replace(page, answer=replace(page.answer, hashes={**page.answer.hashes, TOP: "0xother"}))
    refused(filled(Store.create(tmp_path), PAGES[:1]), [other], f"block {TOP} is 0xother in one answer and 0xb{TOP} in")


def test_an_account_has_one_balance_after_a_block(tmp_path: Path) -> None:
    store, page = filled(Store.create(tmp_path), PAGES[:1]), FOUR.page([ACCOUNTS[0]], 5, TOP)
    refused(store, [_with_balance(page, 1)], "has 1 of")
    filled(store, [_with_balance(page, None)])


def refused(store: Store, pages: Sequence[Page], says: str) -> None:
    before = everything(store)
    found = store.conflicts(pages)
    with store.writing(), pytest.raises(Contradiction) as caught:
        store.commit(pages)
    assert caught.value.provider == "rpc one"
    assert says in caught.value.message
    assert str(found[0]) == str(caught.value)
    assert everything(store) == before


def _with_balance(page: Page, amount: int | None) -> Page:
    balances = tuple(replace(one, amount=amount) for one in page.answer.balances)
    return replace(page, answer=replace(page.answer, balances=balances))


def _with(page: Page, rows: list[dict[str, Any]]) -> Page:
    told = [
        one | {"time": one["time"] and int(one["time"].timestamp())} for one in rows if hasattr(one["time"], "year")
    ]
    told += [one for one in rows if not hasattr(one["time"], "year")]
    return replace(page, answer=replace(page.answer, rows=table(told)))
