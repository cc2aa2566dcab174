"""What cannot answer says so, with what to do; and no engine's words are passed on, for they may name keys."""

from __future__ import annotations

import json
import re
import traceback
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import chaintrace as ct
from chaintrace.errors import (
    ChaintraceError,
    ColumnError,
    Contradiction,
    InputError,
    Malformed,
    MethodError,
    SeedError,
    TooLong,
)
from chaintrace.model.amount import from_bytes
from tests.fetch.samples import HASHES, A, B, C, write_csv
from tests.fetch.tables.asking import about, asked_of

KEY = "s3cr3tk3y0fth1s"


def row(n: int = 0, **other: Any) -> dict[str, Any]:
    return {
        "block": 5 + n,
        "time": 100 + n,
        "tx_hash": HASHES[n],
        "seq": 0,
        "sender": A,
        "receiver": B,
        "amount": 7,
        **other,
    }


def table(*rows: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pylist(list(rows))


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([{name: cell for name, cell in row().items() if name != "block"}], "no column of blocks"),
        ([{name: cell for name, cell in row().items() if name != "amount"}], "missing amount"),
        ([row(), row(1, block=None)], "1 of its 2 rows have no block"),
        ([row(block="five")], "1 of its 1 rows have no block"),
        ([row(block=[1])], "'block' cannot be compared"),
        ([row(sender={"a": 1})], "'sender' cannot be compared"),
        ([row(time=pd.Timestamp("2022-03-23"))], "'time' names no zone"),
        ([row(hash=HASHES[0], block_number=5, from_address=A, to_address=B, value=1)], ""),
    ],
)
def test_a_table_that_cannot_answer(rows: list[dict[str, Any]], says: str) -> None:
    if not says:
        return
    with pytest.raises(InputError, match=says) as caught:
        ct.Warehouse(table(*rows)).head()
    assert caught.value.hint


def test_no_rows_are_no_lake() -> None:
    with pytest.raises(InputError, match="hold no rows"):
        ct.Warehouse(table(row()).slice(0, 0)).head()
    with pytest.raises(InputError, match="nothing to ask"):
        ct.Files()
    with pytest.raises(InputError, match="no table in it"):
        ct.Warehouse({})


def test_an_export_of_one_address_says_nothing_about_others(tmp_path: Path) -> None:
    export = {
        "Transaction Hash": HASHES[0], "Blockno": 5, "UnixTimestamp": 9, "From": A, "To": B, "ContractAddress": "",
        "Value_IN(ETH)": 0, "Value_OUT(ETH)": 1, "Status": "", "ErrCode": "",
    }  # fmt: skip
    with pytest.raises(InputError, match="one address") as caught:
        ct.Files(write_csv(tmp_path / "export.csv", [export]))
    assert "read_transfers" in caught.value.hint


def test_blocks_that_are_not_there_are_not_answered_for() -> None:
    tables = ct.Warehouse(table(row(), row(3)))
    assert tables.head().number == 8
    for first, last in ((4, 8), (5, 9)):
        with pytest.raises(InputError, match="holds blocks 5 to 8") as caught:
            asked_of(tables, about(tables, [A], first, last, last_hash="x"))
        assert "first=" in caught.value.hint
    wider = ct.Warehouse(table(row(), row(3)), first=0, last=20)
    answer = asked_of(wider, about(wider, [A], 0, 20)).answer
    assert answer.rows.num_rows == 2
    assert answer.covered[0].first == 0
    assert "word of whoever gave" in answer.notes[0]


@pytest.mark.parametrize(("first", "last"), [(-1, None), ("5", None), (None, True), (9, 8)])
def test_bounds_are_blocks(first: Any, last: Any) -> None:
    with pytest.raises((MethodError, InputError), match="block"):
        ct.Warehouse(table(row()), first=first, last=last).head()


def test_a_row_of_the_account_that_cannot_be_read_is_no_answer() -> None:
    """One of others is left out and counted."""
    tables = ct.Warehouse(table(row(), row(1, sender=C, receiver=C, amount=-1)))
    assert asked_of(tables, about(tables, [A], 5, 6)).answer.rows.num_rows == 1
    with pytest.raises(Malformed, match="negative"):
        asked_of(tables, about(tables, [C], 5, 6))


def test_one_row_told_in_two_ways_is_a_contradiction() -> None:
    tables = ct.Warehouse(table(row(), row(amount=8)))
    with pytest.raises(Contradiction, match="two ways"):
        asked_of(tables, about(tables, [A], 5, 5))


def test_rows_of_another_chain_are_a_contradiction() -> None:
    tables = ct.Warehouse(table(row(chain="eip155:137")))
    with pytest.raises(Contradiction, match="eip155:137"):
        asked_of(tables, about(tables, [A], 5, 5))


def sent(**other: Any) -> dict[str, Any]:
    return {
        "hash": HASHES[0], "block_number": 5, "from_address": A, "to_address": B, "value": "7", "transaction_index": 0,
        "receipt_status": 1, "receipt_gas_used": 21000, "receipt_effective_gas_price": 2, **other,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "who", "says"),
    [
        ({"receipt_status": None}, A, "whether it succeeded"),
        ({"receipt_status": None}, B, "whether it succeeded"),
        ({"receipt_status": None, "value": "0"}, A, ""),
        ({"receipt_gas_used": None}, A, "paid for its gas"),
        ({"receipt_gas_used": None}, B, ""),
        ({"receipt_effective_gas_price": None}, A, "paid for its gas"),
    ],
)
def test_a_transaction_that_does_not_say_how_it_went_is_a_contradiction(
    changed: dict[str, Any], who: str, says: str
) -> None:
    """Where the others do: of a missing column the kind is missing."""
    tables = ct.Warehouse(table(sent(hash=HASHES[1], transaction_index=1), sent(**changed)))
    if says:
        with pytest.raises(Contradiction, match=says):
            asked_of(tables, about(tables, [who], 5, 5))
    else:
        assert asked_of(tables, about(tables, [who], 5, 5)).answer.rows.num_rows > 1


def test_two_hashes_of_one_block_are_a_contradiction() -> None:
    tables = ct.Warehouse(table(row(block_hash=HASHES[1]), row(1, block=5, block_hash=HASHES[2])))
    with pytest.raises(Contradiction, match="two hashes"):
        tables.head()
    with pytest.raises(Contradiction, match="two hashes"):
        asked_of(tables, about(ct.Warehouse(table(row())), [A], 5, 5))


def test_a_history_that_is_too_long_is_said_to_be() -> None:
    tables = ct.Warehouse(table(*(row(n) for n in range(5))), most=4)
    with pytest.raises(TooLong, match="more than the 4 rows"):
        asked_of(tables, about(tables, [A], 5, 9))
    assert asked_of(tables, about(tables, [A], 5, 8)).answer.rows.num_rows == 4


def test_a_file_that_changes_meanwhile_is_a_contradiction(tmp_path: Path) -> None:
    path = tmp_path / "lake.parquet"
    pq.write_table(table(row()), path)
    files = ct.Files(path)
    asked = about(files, [A], 5, 5)
    assert asked_of(files, asked).answer.rows.num_rows == 1
    pq.write_table(table(row(), row(1)), path)
    with pytest.raises(Contradiction, match="not what it was"):
        asked_of(files, asked)
    path.unlink()
    with pytest.raises(Contradiction, match="not what it was"):
        files.head()


def test_a_database_that_is_written_to_meanwhile_is_a_contradiction() -> None:
    con = duckdb.connect()
    con.register("given", table(row()))
    con.execute("CREATE TABLE transfers AS SELECT * FROM given")
    tables = ct.Warehouse(con, "transfers")
    asked = about(tables, [A], 5, 5)
    con.execute("INSERT INTO transfers SELECT * FROM given")
    with pytest.raises(Contradiction, match="not what it was"):
        asked_of(tables, asked)


def test_a_damaged_file_says_which_it_is(tmp_path: Path) -> None:
    path = tmp_path / "lake.parquet"
    pq.write_table(table(row()), path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r"lake\.parquet"):
        ct.Files(path)
    with pytest.raises(InputError, match="no such file"):
        ct.Files(tmp_path / "nowhere")


@pytest.mark.parametrize("name", ["a[1].parquet", "b*.parquet", "q?.parquet", "it's.parquet"])
def test_a_file_whose_name_is_a_pattern_is_itself_alone(tmp_path: Path, name: str) -> None:
    for n, other in enumerate(("a1.parquet", "bx.parquet", "qx.parquet")):
        pq.write_table(table(row(n, sender=C)), tmp_path / other)
    pq.write_table(table(row()), tmp_path / name)
    files = ct.Files(tmp_path / name)
    assert asked_of(files, about(files, [A, C], 5, 5)).answer.rows["sender"].to_pylist() == [A]


def test_decimals_that_an_engine_would_round_are_refused_or_read_exactly(tmp_path: Path) -> None:
    amount = pa.array([Decimal(10**75 + 1)], pa.decimal256(76, 0))
    rows = table(row()).drop_columns(["amount"]).append_column("amount", amount)
    pq.write_table(rows, tmp_path / "lake.parquet")
    with pytest.raises(InputError, match="more than 38 digits"):
        ct.Files(tmp_path / "lake.parquet")
    tables = ct.Warehouse(rows)
    (raw,) = asked_of(tables, about(tables, [A], 5, 5)).answer.rows["amount"].to_pylist()
    assert int.from_bytes(raw, "big") == 10**75 + 1


@pytest.mark.parametrize("relation", [False, True])
@pytest.mark.parametrize("kind", ["HUGEINT", "UHUGEINT", "DECIMAL(38,0)", "BIGNUM", "VARCHAR"])
def test_wide_integers_of_a_database_arrive_exactly(kind: str, relation: bool) -> None:
    con = duckdb.connect()
    con.register("given", table(row()).drop_columns(["amount"]))
    amount = {"HUGEINT": 2**127 - 1, "DECIMAL(38,0)": 10**38 - 1}.get(kind, 2**128 - 1)
    con.execute(f"CREATE TABLE transfers AS SELECT *, '{amount}'::{kind} AS amount FROM given")
    tables = ct.Warehouse(con.table("transfers") if relation else con)
    (raw,) = asked_of(tables, about(tables, [A], 5, 5)).answer.rows["amount"].to_pylist()
    assert int.from_bytes(raw, "big") == amount


def test_wide_integers_of_a_lazy_frame_arrive_exactly() -> None:
    frame = pl.LazyFrame(row()).with_columns(
        pl.lit("170141183460469231731687303715884105727").cast(pl.Int128).alias("amount")
    )
    tables = ct.Warehouse(frame)
    (raw,) = asked_of(tables, about(tables, [A], 5, 5)).answer.rows["amount"].to_pylist()
    assert int.from_bytes(raw, "big") == 2**127 - 1


def test_our_own_columns_do_not_stand_beside_a_chain_s_own() -> None:
    traces = {
        "trace_type": "call",
        "trace_address": "",
        "block_number": 5,
        "from_address": A,
        "to_address": B,
        "value": 1,
    }
    with pytest.raises(ColumnError, match="no column of transactions"):
        ct.Warehouse(table(traces))
    both = {"ours": table(row()), "theirs": table({**traces, "transaction_hash": HASHES[0]})}
    with pytest.raises(InputError, match="one or the other"):
        ct.Warehouse(both)


def test_what_has_no_time_is_not_asked_for_one() -> None:
    tables = ct.Warehouse(table({name: cell for name, cell in row().items() if name != "time"}))
    with pytest.raises(InputError, match="no table tells times"):
        tables.block_at(100)
    with pytest.raises(SeedError, match="no such transaction"):
        tables.block_of(HASHES[7])


SECRETS = (
    lambda folder: ct.Warehouse(f"md:lake?motherduck_token={KEY}"),
    lambda folder: ct.Warehouse(f"postgres://user:{KEY}@host/lake"),
    lambda folder: ct.Files(f"s3://{KEY}:{KEY}@bucket/lake.parquet"),
    lambda folder: ct.Warehouse(attached(folder), "lake.gone"),
    lambda folder: ct.Warehouse(pl.scan_parquet(folder / f"{KEY}.parquet")),
    lambda folder: ct.Warehouse(view(folder)),
)


def attached(folder: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute(f"ATTACH '{folder}/{KEY}.duckdb' AS lake")
    return con


def view(folder: Path) -> duckdb.DuckDBPyConnection:
    """A table whose file is gone."""
    file = folder / f"{KEY}.parquet"
    pq.write_table(table(row()), file)
    con = duckdb.connect()
    con.execute(f"CREATE VIEW transfers AS SELECT * FROM read_parquet('{file}')")
    file.unlink()
    return con


@pytest.mark.parametrize("made", SECRETS)
def test_what_may_be_secret_shows_nowhere(made: Any, tmp_path: Path) -> None:
    with pytest.raises(ChaintraceError) as caught:
        made(tmp_path).head()
    told = "".join(traceback.format_exception(caught.value))
    shown = [line for line in told.splitlines() if "lambda" not in line]
    assert KEY not in "\n".join(shown)
    assert KEY not in repr(caught.value.__cause__)


def transfers_of(block: int, sender: str, receiver: str, amount: int) -> str:
    told = f"{block},2024-01-01T00:00:00Z,0x{block:064x},{sender},{receiver},{amount}"
    return f"block,time,tx_hash,sender,receiver,amount\n{told}\n"


@pytest.mark.parametrize("ending", [".tsv", ".ndjson", ".txt", ".CSV"])
def test_no_file_of_a_folder_is_passed_over(tmp_path: Path, ending: str) -> None:
    one, other = "0x" + "11" * 20, "0x" + "22" * 20
    (tmp_path / "part-0.csv").write_text(transfers_of(10, one, other, 1000))
    text = transfers_of(11, other, one, 400)
    if ending == ".ndjson":
        names, cells = (line.split(",") for line in text.splitlines())
        text = json.dumps(dict(zip(names, cells, strict=True))) + "\n"
    (tmp_path / f"part-1{ending}").write_text(text.replace(",", "\t") if ending == ".tsv" else text)
    files = ct.Files(tmp_path)
    answer = asked_of(files, about(files, [other], 10, 11)).answer
    assert [from_bytes(raw) for raw in answer.rows["amount"].to_pylist()] == [1000, 400]


@pytest.mark.parametrize(
    "name", ["part-1.csv.zst", "part-1.parquet.tmp", "README.md", "_part-1.csv", ".part-1.parquet"]
)
def test_a_file_of_a_folder_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "part-0.csv").write_text(transfers_of(10, "0x" + "11" * 20, "0x" + "22" * 20, 1000))
    (tmp_path / name).write_bytes(b"\x28\xb5\x2f\xfd\x00 not a table")
    with pytest.raises(InputError, match=re.escape(name)):
        ct.Files(tmp_path)


def test_what_hadoop_leaves_beside_its_files_is_no_file_of_the_lake(tmp_path: Path) -> None:
    (tmp_path / "part-0.csv").write_text(transfers_of(10, "0x" + "11" * 20, "0x" + "22" * 20, 1000))
    for name in ("_SUCCESS", ".part-0.csv.crc"):
        (tmp_path / name).write_bytes(b"\x00")
    assert ct.Files(tmp_path).head().number == 10
