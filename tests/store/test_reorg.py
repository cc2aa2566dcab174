"""A reorg takes away what stood above a block, and asking again gives what a clean store has."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from chaintrace.model.page import Covered, Page
from chaintrace.store.store import Store
from tests.store.worlds import ACCOUNTS, FEW, FOUR, PAGES, TOP, World, everything, filled, forked, worlds


@FEW
@given(worlds(), worlds("'"), st.integers(-1, TOP + 1))
def test_asking_again_above_a_reorg_gives_what_a_clean_store_has(old: World, new: World, block: int) -> None:
    after = forked(old, new, block)
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        store = Store.create(Path(one))
        together(store, [old.page(ACCOUNTS[:2], 0, TOP), old.page(ACCOUNTS[2:], 0, TOP)])
        before = store.rows("rpc one").num_rows
        with store.writing():
            gone = store.orphan("rpc one", block)
            assert store.orphan("rpc one", block) == 0
        left = store.rows("rpc one")
        assert left.num_rows == before - gone
        assert all(one <= block for one in left.column("block").to_pylist())
        assert all(one.last <= block for one in store.covered("rpc one"))
        assert all(one.block <= block for one in store.balances("rpc one"))
        assert all(one <= block for one in store.hashes("rpc one"))
        assert {kept.kept_until for kept in store.pages()} == {min(block, TOP)}
        again = [after.page(accounts, max(0, block + 1), TOP) for accounts in (ACCOUNTS[:2], ACCOUNTS[2:])]
        together(store, again if block < TOP else [])
        clean = Store.create(Path(other))
        together(clean, [after.page(ACCOUNTS[:2], 0, TOP), after.page(ACCOUNTS[2:], 0, TOP)])
        assert _rows(store) == _rows(clean)
        assert _blocks(store) == _blocks(clean)
        assert everything(Store.open(Path(one))) == everything(store)


def test_a_reorg_of_one_provider_is_none_of_another(tmp_path: Path) -> None:
    store = filled(Store.create(tmp_path), [*PAGES, FOUR.page(ACCOUNTS, 0, TOP, "rpc two")])
    with store.writing():
        assert store.orphan("rpc two", 6) == 2
        assert store.orphan("rpc three", 6) == 0
    assert store.rows("rpc one").num_rows == 5
    assert store.rows("rpc two").num_rows == 3
    assert store.covered("rpc one")[0] == Covered(ACCOUNTS[0], ("native", "internal", "token", "fee", "mint"), 0, TOP)
    assert store.covered("rpc two")[0].last == 6


def test_the_very_question_can_be_asked_again_after_a_reorg(tmp_path: Path) -> None:
    store = filled(Store.create(tmp_path), PAGES)
    whole = store.rows("rpc one")
    with store.writing():
        store.orphan("rpc one", 2)
    filled(store, PAGES)
    filled(store, PAGES)
    assert store.rows("rpc one").equals(whole)
    assert [kept.kept_until for kept in store.pages()] == [2] * 4 + [TOP] * 4
    assert everything(Store.open(tmp_path)) == everything(store)


def test_the_lower_of_two_reorgs_counts(tmp_path: Path) -> None:
    store = filled(Store.create(tmp_path), PAGES[:1])
    with store.writing():
        store.orphan("rpc one", 2)
        store.orphan("rpc one", 8)
        assert store.pages()[0].kept_until == 2
        store.orphan("rpc one", 0)
    assert store.pages()[0].kept_until == 0
    assert store.rows("rpc one").num_rows == 0


def together(store: Store, pages: Sequence[Page]) -> None:
    with store.writing():
        store.commit(pages)


def _rows(store: Store) -> list[dict[str, object]]:
    return [{**row, "evidence": ""} for row in store.rows("rpc one").to_pylist()]


def _blocks(store: Store) -> set[tuple[str, str, int]]:
    return {
        (one.account, kind, block)
        for one in store.covered("rpc one")
        for kind in one.kinds
        for block in range(one.first, one.last + 1)
    }
