"""TransferGraph: what it says about accounts, moments and slices of time."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import AddressError, MethodError, SeedError
from tests.graph.money import (
    BITCOIN,
    BTC,
    ETH,
    EVM,
    FEWER,
    MOST,
    POLYGON,
    USDC,
    bitcoin,
    graph,
    pay,
    told,
    transfers,
    tx,
    who,
)

ROWS = [
    pay("a", "b", 100, block=1, tx="theft"),
    pay("b", "c", 30, block=2),
    pay("b", None, 1, block=2, kind="fee", tx="row 1", seq=2**62),
    pay("c", "b", 5, block=4),
    pay("b", "b", 9, block=5),
    pay("b", "c", 7, block=6, asset=USDC),
]


def test_it_counts_and_names_what_it_holds() -> None:
    found = graph(*ROWS)
    assert len(found) == 6
    assert found.accounts == sorted([who("a"), who("b"), who("c")])
    assert found.assets == sorted([ETH, USDC])
    assert found.chains == [EVM]
    assert found.find_tx(tx("row 1")) == [1, 2]


@pytest.mark.parametrize("kind", ["pandas", "polars", "duckdb", "arrow", "file", "Transfers"])
def test_it_takes_whatever_can_be_read(kind: str, tmp_path: Path) -> None:
    """The same graph from every door; row numbers are positions in to_pandas()."""
    frame = pd.DataFrame(
        {"sender": [who("a"), who("b")], "receiver": [who("b"), who("c")], "amount": [7, 2], "block": [2, 1]}
    )
    frame.to_parquet(tmp_path / "rows.parquet")
    doors = {
        "pandas": lambda: frame,
        "polars": lambda: pl.from_pandas(frame),
        "duckdb": lambda: duckdb.from_df(frame),
        "arrow": lambda: pl.from_pandas(frame).to_arrow(),
        "file": lambda: tmp_path / "rows.parquet",
        "Transfers": lambda: ct.read_transfers(frame),
    }
    found = ct.TransferGraph(doors[kind]())
    assert told(found.to_pandas(), "sender", "receiver", "amount") == [(who("b"), who("c"), 2), (who("a"), who("b"), 7)]
    assert ct.trace(found, ct.rows(1)).seeded == {ETH: 7}


def test_to_pandas_is_exact() -> None:
    frame = graph(pay("a", "b", MOST), pay("b", "c", MOST - 1)).to_pandas()
    assert frame["amount"].tolist() == [MOST, MOST - 1]
    assert all(type(amount) is int for amount in frame["amount"])
    assert frame.index.tolist() == [0, 1]


# ---- accounts


def test_an_account_is_named_in_any_spelling() -> None:
    from chaintrace.model.address import format_address

    found = graph(*ROWS)
    assert found.account(format_address(who("a"))) == found.account(who("a")) == who("a")


def test_a_wrong_checksum_is_an_error_and_not_another_account() -> None:
    from chaintrace.model.address import format_address

    spelled = format_address(who("a"))
    wrong = "0x" + "".join(c.swapcase() if c.isalpha() else c for c in spelled[2:])
    with pytest.raises(AddressError):
        graph(*ROWS).account(wrong)


def test_an_account_that_is_not_here_is_an_error() -> None:
    with pytest.raises(SeedError, match="no transfer among 6 sends to it or comes from it"):
        graph(*ROWS).account(who("stranger"))


def test_an_account_is_looked_for_on_every_chain() -> None:
    found = graph(pay("a", "b", 1, time=1), *bitcoin("one", 1, [], [("m", 5)], time=2))
    assert found.account(who("m", BITCOIN)) == who("m", BITCOIN)
    assert found.account(who("a")) == who("a")


# ---- neighbours and balance


def test_neighbours_by_hand() -> None:
    """Counterparty and asset, received and sent apart; a self-transfer is nobody's, a fee goes to nobody."""
    found = graph(*ROWS)
    lines = told(found.neighbours(who("b")), "address", "asset", "received", "sent", "transfers")
    assert lines == sorted(
        [
            (who("a"), ETH, 100, 0, 1),
            (who("c"), ETH, 5, 30, 2),
            (who("c"), USDC, 0, 7, 1),
            ("", ETH, 0, 1, 1),
        ]
    )


def test_neighbours_are_exact() -> None:
    found = graph(pay("a", "b", MOST), pay("a", "b", MOST)).neighbours(who("b"))
    assert told(found, "received", "sent") == [(2 * MOST, 0)]


def test_balance_by_hand() -> None:
    """100 + 5 − 30 − 1; of USDC 7 left that were never seen coming: 0."""
    found = graph(*ROWS)
    assert found.balance(who("b")) == {ETH: 74, USDC: 0}
    assert found.balance(who("b"), ETH) == {ETH: 74}
    assert found.balance(who("c")) == {ETH: 25, USDC: 7}
    assert found.balance(who("a")) == {ETH: 0}


def test_a_bitcoin_balance_is_the_sum_of_unspent_coins() -> None:
    found = graph(*bitcoin("one", 1, [], [("m", 5), ("m", 7)]), *bitcoin("two", 2, [("m", 5, "one:0")], [("n", 4)]))
    assert found.balance(who("m", BITCOIN)) == {BTC: 7}
    assert found.balance(who("n", BITCOIN)) == {BTC: 4}


parties = st.sampled_from("abc")


@FEWER
@given(st.lists(st.tuples(parties, parties, st.integers(0, 9)), min_size=1, max_size=12))
def test_neighbours_agree_with_each_other(payments: list[tuple[str, str, int]]) -> None:
    """What one says it sent to the other, the other says it received from it."""
    found = graph(*(pay(*payment) for payment in payments))
    sides: dict[tuple[str, str], tuple[int, int, int]] = {}
    for account in found.accounts:
        for other, received, sent, count in told(found.neighbours(account), "address", "received", "sent", "transfers"):
            sides[account, other] = received, sent, count
    for (one, other), (received, sent, count) in sides.items():
        assert sides[other, one] == (sent, received, count)


# ---- moments


def test_row_after_a_block() -> None:
    """Rows of that very block count as before it is over, and as after it begins."""
    found = graph(*ROWS)
    assert [found.row_after(block) for block in (0, 1, 2, 3, 4, 99)] == [0, 1, 3, 3, 4, 6]
    assert [found.row_after(block, inclusive=False) for block in (0, 1, 2, 3, 4, 99)] == [0, 0, 1, 3, 3, 6]
    assert found.row_after("2") == 3


TIMED = [pay("a", "b", n + 1, time=1_648_000_000 + 10 * n) for n in range(4)]


@pytest.mark.parametrize(
    "moment",
    [
        "2022-03-23T01:46:50Z",
        "2022-03-23T02:46:50+01:00",
        "2022-03-23 01:46:50+00:00",
        datetime(2022, 3, 23, 1, 46, 50, tzinfo=UTC),
    ],
)
def test_row_after_a_time(moment: str | datetime) -> None:
    """However its zone is written."""
    found = graph(*TIMED)
    assert found.row_after(moment) == 2
    assert found.row_after(moment, inclusive=False) == 1


def test_a_date_alone_is_its_first_second() -> None:
    found = graph(pay("a", "b", 1, time=1_647_993_599), pay("a", "b", 2, time=1_647_993_600))
    assert found.row_after("2022-03-23", inclusive=False) == 1
    assert found.row_after("2022-03-23") == 2


@pytest.mark.parametrize("moment", ["2022-03-23T01:46:50", datetime(2022, 3, 23), "soon", "", True, 1.5, None, "²"])  # noqa: DTZ001
def test_a_moment_that_is_none_is_refused(moment: object) -> None:
    """A time without a zone is a different second in every country."""
    with pytest.raises(MethodError, match=r"moment .*(without a zone|is neither a block nor)"):
        graph(*TIMED).row_after(moment)  # type: ignore[arg-type]


def test_a_block_names_no_moment_on_several_chains() -> None:
    found = graph(pay("a", "b", 1, time=1), pay("a", "b", 2, time=2, chain=POLYGON, asset=f"{POLYGON}/slip44:966"))
    assert found.row_after("1970-01-01T00:00:01Z") == 1
    with pytest.raises(MethodError, match="names no moment on several chains"):
        found.row_after(1)


def test_a_time_names_no_moment_where_no_row_has_one() -> None:
    """Every row would be before it, silently: a trace until 1999 would follow all of them."""
    with pytest.raises(MethodError):
        graph(*ROWS).row_after("1999-01-01")


def test_a_block_names_no_moment_where_no_row_has_one() -> None:
    with pytest.raises(MethodError):
        graph(*(pay("a", "b", 1, block=None, time=n) for n in range(3))).row_after(14_442_835)


def test_between_includes_both_ends() -> None:
    found = graph(*ROWS)
    assert found.between(2, 4).to_pandas()["block"].tolist() == [2, 2, 4]
    assert len(found.between()) == 6
    assert len(found.between(since=5)) == 2
    assert len(found.between(until=1)) == 1
    assert len(found.between(3, 3)) == 0
    assert len(found.between(4, 2)) == 0


def test_between_keeps_what_was_said_about_the_reading() -> None:
    read = ct.read_transfers(
        pd.DataFrame({"sender": [who("a"), "bad"], "receiver": [who("b"), who("c")], "amount": [7, 2], "block": [2, 1]})
    )
    found = ct.TransferGraph(read)
    part = found.between(until=2)
    assert (part.rejected, part.notes, part.format) == (found.rejected, found.notes, found.format)
    assert len(part.rejected) == 1


@FEWER
@given(st.lists(st.integers(1, 9), min_size=1, max_size=12), st.integers(0, 10))
def test_two_slices_make_the_whole(blocks: list[int], cut: int) -> None:
    found = graph(*(pay("a", "b", n + 1, block=block) for n, block in enumerate(blocks)))
    assert [*found.between(until=cut).amount, *found.between(since=cut + 1).amount] == found.amount


def test_unexplained_takes_two_words() -> None:
    found = graph(*ROWS)
    assert found.lines("arrival") is found.lines()
    assert found.lines("opening") is not found.lines()
    with pytest.raises(MethodError, match="unexplained='never'"):
        found.lines("never")


def test_no_rows_are_a_graph_too() -> None:
    empty = ct.TransferGraph(transfers([]))
    assert (len(empty), empty.accounts, empty.assets, empty.chains) == (0, [], [], [])
    assert "0 transfers" in repr(empty)
    with pytest.raises(SeedError):
        empty.account(who("a"))
