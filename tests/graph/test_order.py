"""Positions: (time, block, tx_index, seq), on Bitcoin (block, tx_index, seq)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import OrderError
from tests.graph.money import BITCOIN, BTC, EVM, POLYGON, graph, pay, transfers

MATIC = f"{POLYGON}/slip44:966"


def read_as(graph: ct.TransferGraph) -> list[int]:
    """The amounts, which number the rows in order of reading here, in position order."""
    return graph.amount


def test_time_goes_before_block_before_index_before_seq() -> None:
    found = graph(
        pay("a", "b", 5, time=20, block=1, tx_index=0, seq=0),
        pay("a", "b", 4, time=10, block=9, tx_index=1, seq=1),
        pay("a", "b", 3, time=10, block=9, tx_index=1, seq=0),
        pay("a", "b", 2, time=10, block=9, tx_index=0, seq=7),
        pay("a", "b", 1, time=10, block=8, tx_index=5, seq=9),
    )
    assert read_as(found) == [1, 2, 3, 4, 5]


def test_absent_values_stand_before_known_ones() -> None:
    """Block, then index: a row that does not say comes first among its equals."""
    found = graph(
        pay("a", "b", 4, time=10, block=3, tx_index=0),
        pay("a", "b", 3, time=10, block=3, tx_index=None),
        pay("a", "b", 2, time=10, block=2, tx_index=9),
        pay("a", "b", 1, time=10, block=None, tx_index=9),
    )
    assert read_as(found) == [1, 2, 3, 4]


def test_ties_keep_the_order_of_reading() -> None:
    """Never broken by address or hash."""
    rows = [pay(sender, "b", n, block=1, tx=f"{name}") for n, (sender, name) in enumerate(["cz", "az", "ba", "aa"], 1)]
    assert read_as(graph(*rows)) == [1, 2, 3, 4]
    assert read_as(graph(*reversed(rows))) == [4, 3, 2, 1]


places = st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), st.integers(0, 2))


@given(st.lists(places, min_size=1, max_size=15), st.randoms())
def test_position_order_is_sorting_and_stable(places: list[tuple[int, ...]], luck: object) -> None:
    rows = [
        pay("a", "b", n + 1, time=time, block=block, tx_index=index, seq=seq)
        for n, (time, block, index, seq) in enumerate(places)
    ]
    expected = [n + 1 for n in sorted(range(len(places)), key=lambda n: places[n])]
    found = graph(*rows)
    assert read_as(found) == expected
    assert found.clock.tolist() == sorted(found.clock)


def test_bitcoin_goes_by_block_since_its_clock_runs_backwards() -> None:
    """Block 2 says it is older than block 1; a moment in time is after all blocks up to the latest time seen."""
    common = {"chain": BITCOIN, "asset": BTC}
    found = graph(
        pay("a", "b", 3, block=3, time=300, **common),
        pay("a", "b", 1, block=1, time=200, **common),
        pay("a", "b", 2, block=2, time=100, **common),
    )
    assert read_as(found) == [1, 2, 3]
    assert found.clock.tolist() == [200, 200, 300]
    assert found.row_after("1970-01-01T00:02:30Z") == 0
    assert found.row_after("1970-01-01T00:03:20Z") == 2


def test_the_same_rows_on_an_account_chain_go_by_time() -> None:
    found = graph(
        pay("a", "b", 3, block=3, time=300), pay("a", "b", 1, block=1, time=200), pay("a", "b", 2, block=2, time=100)
    )
    assert read_as(found) == [2, 1, 3]


def test_rows_without_a_time_take_their_block_where_all_have_one() -> None:
    found = graph(
        pay("a", "b", 3, block=30, time=None), pay("a", "b", 2, block=20, time=900), pay("a", "b", 1, block=10)
    )
    assert read_as(found) == [1, 2, 3]


def test_a_row_without_a_time_takes_that_of_another_row_of_its_block() -> None:
    found = graph(
        pay("a", "b", 1, block=5, time=100),
        pay("a", "b", 3, block=None, time=300),
        pay("a", "b", 2, block=7, time=None, tx_index=1),
        pay("a", "b", 2, block=7, time=200, tx_index=0),
    )
    assert read_as(found) == [1, 2, 2, 3]


def test_blocks_alone_and_times_alone_cannot_be_mixed() -> None:
    """The error names the chain and says how many rows lack what."""
    rows = [pay("a", "b", 1, block=5), pay("a", "b", 1, block=None, time=300), pay("a", "b", 1, block=None, time=400)]
    with pytest.raises(OrderError) as caught:
        graph(*rows)
    assert caught.value.chain == EVM
    assert "1 rows have no time and 2 have no block" in caught.value.message
    assert "every row" in caught.value.hint


def test_two_chains_may_each_have_their_own_clock() -> None:
    """Blocks alone on one, times alone on the other: neither has to be placed among the other's."""
    found = graph(
        pay("a", "b", 2, block=2),
        pay("a", "b", 9, block=None, time=5, chain=POLYGON, asset=MATIC),
        pay("a", "b", 1, block=1),
    )
    here = [
        amount for amount, chain in zip(found.amount, found.table["chain"].to_pylist(), strict=True) if chain == EVM
    ]
    assert here == [1, 2]


def test_rows_of_several_chains_stand_by_time() -> None:
    found = graph(
        pay("a", "b", 3, block=7, time=30),
        pay("a", "b", 2, block=9_000, time=20, chain=POLYGON, asset=MATIC),
        pay("a", "b", 1, block=6, time=10),
    )
    assert read_as(found) == [1, 2, 3]


def test_opening_rows_stand_before_all_others() -> None:
    """Whatever block or time they say; among themselves as read."""
    found = graph(
        pay("a", "b", 3, block=1, time=1),
        pay(None, "b", 1, kind="opening", block=None, time=None),
        pay(None, "a", 2, kind="opening", block=99, time=99),
    )
    assert sorted(read_as(found)[:2]) == [1, 2]
    assert read_as(found)[2] == 3


def test_what_an_opening_row_says_of_its_block_moves_no_moment() -> None:
    """It stands first whatever it says, so it is before every block and the rows of block 1 are before block 5."""
    found = graph(pay("a", "b", 3, block=1), pay(None, "a", 2, kind="opening", block=99), pay("b", "c", 4, block=7))
    assert found.rows.kind(0) == "opening"
    assert found.row_after(5) == 2


def test_sorting_twice_changes_nothing() -> None:
    rows = [pay("a", "b", n, block=n % 3, tx_index=n % 2) for n in range(1, 12)]
    once = graph(*rows)
    assert ct.TransferGraph(ct.Transfers(once.table)).table.equals(once.table)
    assert len(once) == len(transfers(rows))
