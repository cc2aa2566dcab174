"""The laundering story comes back from tables as it comes back from the node, row by row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import SeedError
from chaintrace.fetch.tables.fetcher import Tables
from chaintrace.model.amount import from_bytes
from chaintrace.testing.exported import FILES, Exported
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.etherscan_api.asking import NOTHING, ask_node
from tests.fetch.rpc.asking import NATIVE, Stage, by_identity
from tests.fetch.tables.asking import about, again, asked_of, question

FEW = settings(
    settings.get_profile("ci"),
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
ENGINES = ("files", "database", "connection", "relations", "polars", "lazy", "pandas", "pyarrow")


def held_by(engine: str, exported: Exported, folder: Path) -> Tables:
    """The chain in one of the engines."""
    if engine == "files":
        return ct.Files(exported.write(folder / "lake"))
    frames = {name: pa.Table.from_pylist(rows) for name in FILES if (rows := getattr(exported, name, None))}
    if engine in ("relations", "lazy"):  # where lists are not compared, topics are one text
        rows = [{**row, "topics": ",".join(row["topics"])} for row in exported.logs]
        frames["logs"] = pa.Table.from_pylist(rows)
    if engine in ("database", "connection", "relations"):
        con = duckdb.connect(folder / "case.duckdb")
        for name, frame in frames.items():
            con.register("given", frame)
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
            con.unregister("given")
        if engine == "connection":
            return ct.Warehouse(con)
        if engine == "relations":
            return ct.Warehouse({name: con.table(name) for name in frames})
        con.close()
        return ct.Warehouse(folder / "case.duckdb")
    if engine == "pyarrow":
        return ct.Warehouse(frames)
    if engine == "pandas":
        return ct.Warehouse({name: frame.to_pandas() for name, frame in frames.items()})
    native = {name: pl.DataFrame(frame) for name, frame in frames.items()}
    return ct.Warehouse(native if engine == "polars" else {name: frame.lazy() for name, frame in native.items()})


def without(table: pa.Table, *kinds: str) -> pa.Table:
    """Rows without their evidence, and without those of some kinds."""
    return table.filter(pc.invert(pc.is_in(table["kind"], pa.array(kinds)))).drop_columns(["evidence"])


@pytest.mark.parametrize("fork", ["london", "shanghai", "cancun", "prague"])
def test_every_row_is_the_one_that_the_node_brings(
    stage_on: Callable[[str], Stage], exported_on: Callable[[str], Exported], fork: str, tmp_path: Path
) -> None:
    stage, node = stage_on(fork), ask_node(stage_on(fork))
    page = asked_of(files := ct.Files(exported_on(fork).write(tmp_path / "lake")), question(stage, files))
    answer = page.answer
    assert difference(stage.planted.rows, rows_of(answer.rows)) == NOTHING
    assert answer.rows.drop_columns(["evidence"]).equals(without(node.rows, "opening"))
    assert answer.hashes == {number: digest for number, digest in node.hashes.items() if number in answer.hashes}
    assert set(answer.rows["block"].to_pylist()) | {stage.planted.last} == set(answer.hashes)
    assert answer.rejected.counts == node.rejected.counts == {"NFT": 1}
    assert {(one.account, one.kind) for one in answer.missing} == {
        (one, kind) for one in stage.planted.accounts for kind in ("reward", "withdrawal")
    }
    assert {one.account for one in answer.covered} == set(stage.planted.accounts)
    assert answer.balances == answer.metadata == ()
    cited = {evidence.partition("#")[0] for evidence in answer.rows["evidence"].to_pylist()}
    assert cited <= set(page.bodies)
    assert again(page).digest == answer.digest


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engine_and_the_order_of_rows_leave_no_trace(
    stage: Stage, exported: Exported, lake: Path, engine: str, tmp_path: Path
) -> None:
    """The same rows in any engine, in any order, are the same bytes."""
    turned = Exported.__new__(Exported)
    for name in ("blocks", "transactions", "logs", "traces", "withdrawals"):
        setattr(turned, name, getattr(exported, name)[::-1])
    some = stage.planted.accounts[::3]
    one = asked_of(files := ct.Files(lake), question(stage, files, some))
    other = asked_of(tables := held_by(engine, turned, tmp_path), question(stage, tables, some))
    assert set(list(one.bodies)[1:]) == set(list(other.bodies)[1:])
    assert one.answer.digest == other.answer.digest
    assert again(other).digest == one.answer.digest


@FEW
@given(data=st.data())
def test_some_accounts_between_some_blocks(stage: Stage, lake: Path, data: st.DataObject) -> None:
    planted = stage.planted
    some = data.draw(st.lists(st.sampled_from(planted.accounts), max_size=6, unique=True))
    whole = data.draw(st.lists(st.sampled_from(planted.transactions), min_size=not some, max_size=3, unique=True))
    first = data.draw(st.integers(0, planted.last))
    last = data.draw(st.integers(first, planted.last))
    files = ct.Files(lake)
    other: dict[str, Any] = {
        "first": first, "last": last, "last_hash": files.hashes([last])[last], "final": last, "since": first,
        "transactions": tuple(whole),
    }  # fmt: skip
    page = asked_of(files, question(stage, files, some, **other))
    mine = by_identity(page.answer.rows)
    node = by_identity(ask_node(stage, some, **other).rows)
    assert mine == {key: row for key, row in node.items() if row["kind"] != "opening"}
    assert again(page).digest == page.answer.digest


def test_small_questions_are_answered_as_a_node_does(stage: Stage, lake: Path) -> None:
    files, node = ct.Files(lake), ct.Rpc(stage.node.url)
    blocks = [0, 7, stage.planted.last, 10**6]
    assert files.hashes(blocks) == node.hashes(blocks)
    assert files.head().hash == node.hashes([files.head().number])[files.head().number]
    for tx_hash in stage.planted.transactions[::20]:
        assert files.block_of(tx_hash) == node.block_of(tx_hash)
    begin = int(stage.node.rpc("eth_getBlockByNumber", "0x5", False)["timestamp"], 16)
    for moment in (0, begin - 1, begin, begin + 1, 10**10):
        assert files.block_at(moment) == node.block_at(moment)
    with pytest.raises(SeedError, match="no such transaction"):
        files.block_of("0x" + "77" * 32)
    assert files.window is None
    assert files.calls > 0


def test_token_transfers_stand_in_for_logs_but_for_wrapped_coins_and_nfts(
    stage: Stage, exported: Exported, tmp_path: Path
) -> None:
    lake = exported.write(tmp_path / "lake", ("blocks", "transactions", "traces", "token_transfers"))
    answer = asked_of(files := ct.Files(lake), question(stage, files)).answer
    node = by_identity(ask_node(stage).rows)
    mine = by_identity(answer.rows)
    weth = f"eip155:1/erc20:{stage.planted.one('weth')}"
    gone = [row for key, row in node.items() if key not in mine and row["kind"] != "opening"]
    assert {(row["kind"], row["asset"]) for row in gone} == {("mint", weth), ("burn", weth)}
    assert {row["asset"] for key, row in mine.items() if key not in node} == {
        f"eip155:1/erc20:{stage.planted.one('nft')}"
    }
    assert all(node[key] == row for key, row in mine.items() if key in node)
    assert {one.kind for one in answer.missing} == {"mint", "burn", "reward", "withdrawal"}
    assert any("NFTs look like" in note for note in answer.notes)


@pytest.mark.parametrize(
    ("tables", "kinds", "lacks"),
    [
        (("transactions",), {"native", "fee"}, {"internal", "token", "mint", "burn", "withdrawal", "reward"}),
        (("traces",), {"native", "internal"}, {"fee", "token", "mint", "burn", "withdrawal", "reward"}),
        (("logs",), {"token", "mint", "burn"}, {"native", "internal", "fee", "withdrawal", "reward", "burn"}),
    ],
)
def test_a_kind_without_a_table_is_missing_with_its_reason(
    stage: Stage, exported: Exported, tables: tuple[str, ...], kinds: set[str], lacks: set[str], tmp_path: Path
) -> None:
    files = ct.Files(exported.write(tmp_path / "lake", tables), first=0)
    last = files.head()
    answer = asked_of(files, question(stage, files, last=last.number, last_hash=last.hash)).answer
    assert {kind for one in answer.covered for kind in one.kinds} == kinds
    assert {one.kind for one in answer.missing} == lacks
    assert all(one.reason for one in answer.missing)
    node = by_identity(ask_node(stage).rows)
    for key, row in by_identity(answer.rows).items():
        assert {name: value for name, value in row.items() if value is not None and name != "order"}.items() <= node[
            key
        ].items()
    shown = {row["kind"] for row in answer.rows.to_pylist()}
    assert shown == (kinds | {"burn"} if tables == ("traces",) else kinds)


def test_withdrawals_stand_where_their_block_has_them(stage: Stage, exported: Exported) -> None:
    who = stage.planted.one("lone")
    told = [
        {"index": n, "validator_index": 1, "address": address, "amount": amount, "block_number": 20}
        for n, address, amount in ((8, who, 5), (7, stage.planted.one("relayer"), 3), (9, who, 6))
    ]
    tables = ct.Warehouse(
        {name: pa.Table.from_pylist(rows) for name, rows in (("blocks", exported.blocks), ("withdrawals", told))}
    )
    answer = asked_of(tables, question(stage, tables, [who])).answer
    count = next(one["transaction_count"] for one in exported.blocks if one["number"] == 20)
    assert [(row["tx_hash"], row["tx_index"], row["seq"], row["receiver"], from_bytes(row["amount"]), row["order"])
            for row in answer.rows.to_pylist()] == [
        ("withdrawal:8", count, 1, who, 5 * 10**9, "known"),
        ("withdrawal:9", count, 2, who, 6 * 10**9, "known"),
    ]  # fmt: skip
    assert "withdrawal" not in {one.kind for one in answer.missing}


def test_a_status_that_transactions_do_not_tell_is_that_of_their_calls(stage: Stage, exported: Exported) -> None:
    """As of those before Byzantium."""
    silent = [{**row, "receipt_status": None, "receipt_contract_address": None} for row in exported.transactions]
    frames = {"transactions": silent, "traces": exported.traces, "logs": exported.logs, "blocks": exported.blocks}
    tables = ct.Warehouse({name: pl.DataFrame(rows, infer_schema_length=None) for name, rows in frames.items()})
    answer = asked_of(tables, question(stage, tables)).answer
    assert answer.rows.drop_columns(["evidence"]).equals(without(ask_node(stage).rows, "opening"))


def test_our_own_columns_come_back_as_they_are(stage: Stage) -> None:
    """The rows of a node in a table, opening rows included."""
    node = ask_node(stage)
    tables = ct.Warehouse(node.rows)
    some = stage.planted.accounts[::2]
    last = stage.planted.last
    since = stage.planted.first
    answer = asked_of(tables, about(tables, some, since, last, since=since)).answer
    wanted = [
        row
        for row in by_identity(node.rows).values()
        if {row["sender"], row["receiver"]} & set(some) and (row["block"] >= since or row["kind"] == "opening")
    ]
    assert list(by_identity(answer.rows).values()) == wanted
    assert {one.kinds for one in answer.covered} == {
        ("native", "internal", "token", "fee", "mint", "burn", "reward", "withdrawal")
    }
    assert NATIVE in set(answer.rows["asset"].to_pylist())
