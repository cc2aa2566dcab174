"""Whatever door rows come through, they are the same rows, and no row is lost or invented."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.errors import InputError, RowError
from chaintrace.fetch.files import read_transfers
from chaintrace.model.transfer import SCHEMA, Transfers
from tests.fetch.samples import ETH, HASHES, TOP, USDC, A, B, C, moves, reasons, records

BITCOIN = "bip122:000000000019d6689c085ae165831e93"


def every_kind() -> Transfers:
    """A table that uses every column and every kind."""
    txid = "ab" * 32
    base = {"chain": "ethereum", "block": 7, "time": 1648042149, "tx_index": 1, "asset": ETH, "evidence": 'a "b", c'}
    rows = [
        {**base, "kind": "native", "seq": 0, "amount": TOP, "block_hash": HASHES[3]},
        {**base, "kind": "internal", "seq": 1, "amount": 2**64, "tx_index": None},
        {**base, "kind": "token", "seq": 5, "amount": 10**30, "asset": USDC, "evidence": "=1+1"},
        {**base, "kind": "mint", "seq": 6, "sender": None, "asset": USDC},
        {**base, "kind": "burn", "seq": 7, "receiver": None, "asset": USDC},
        {**base, "kind": "fee", "seq": 2**62, "receiver": None},
        {**base, "kind": "reward", "sender": None, "tx_hash": None},
        {**base, "kind": "withdrawal", "sender": None, "tx_hash": None, "time": None},
        {**base, "kind": "opening", "sender": None, "tx_hash": None, "block": None, "time": None},
    ]
    rows = [{"tx_hash": HASHES[1], "sender": A, "receiver": B, "amount": 2**53 + 1, **row} for row in rows]
    coin = {
        "chain": "bitcoin",
        "block": 9,
        "tx_index": 0,
        "asset": f"{BITCOIN}/slip44:0",
        "tx_hash": txid,
        "amount": 50,
    }
    rows += [
        {**coin, "kind": "input", "sender": "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "receiver": f"tx:{txid}", "seq": 0},
        {
            **coin,
            "kind": "output",
            "sender": f"tx:{txid}",
            "receiver": f"script:{txid}",
            "seq": 2**31,
            "outpoint": f"{txid}:0",
        },
    ]
    return read_transfers(pd.DataFrame(rows, dtype=object))


def test_every_kind_is_read() -> None:
    assert reasons(every_kind()) == {}
    assert len(every_kind()) == 11
    assert every_kind().table.schema == SCHEMA


def as_csv(read: Transfers, folder: Path) -> Any:
    read.to_pandas().to_csv(folder / "a.csv", index=False)
    return folder / "a.csv"


def as_json_lines(read: Transfers, folder: Path) -> Any:
    lines = (json.dumps(row) + "\n" for row in records(read))
    (folder / "a.jsonl").write_text("".join(lines))
    return folder / "a.jsonl"


def as_parquet(read: Transfers, folder: Path) -> Any:
    pq.write_table(read.table, folder / "a.parquet")
    return folder / "a.parquet"


def as_directory(read: Transfers, folder: Path) -> Any:
    half = len(read) // 2
    pq.write_table(read.table.slice(0, half), folder / "a.parquet")
    pq.write_table(read.table.slice(half), folder / "b.parquet")
    return folder


def as_duckdb(read: Transfers, folder: Path) -> Any:
    return duckdb.connect().from_arrow(read.table)


def as_duckdb_numbers(read: Transfers, folder: Path) -> Any:
    """Amounts in DuckDB's own unbounded integers."""
    texts = read.to_pandas()
    texts["amount"] = texts["amount"].map(str)
    connection = duckdb.connect()
    connection.register("rows_read", pa.Table.from_pandas(texts))
    return connection.sql("select * replace (amount::BIGNUM as amount) from rows_read")


DOORS = {
    "table": lambda read, _: read.table,
    "batches": lambda read, _: pa.RecordBatchReader.from_batches(SCHEMA, read.table.to_batches(max_chunksize=2)),
    "pandas": lambda read, _: read.to_pandas(),
    "pandas of Arrow": lambda read, _: read.table.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": lambda read, _: pl.from_arrow(read.table),
    "polars lazy": lambda read, _: pl.DataFrame(pl.from_arrow(read.table)).lazy(),
    "list of one": lambda read, _: [read.table],
    "csv": as_csv,
    "json lines": as_json_lines,
    "parquet": as_parquet,
    "directory": as_directory,
    "duckdb": as_duckdb,
    "duckdb numbers": as_duckdb_numbers,
}


@pytest.mark.parametrize("door", list(DOORS))
def test_our_own_schema_comes_back_the_same(door: str, tmp_path: Path) -> None:
    first = every_kind()
    assert read_transfers(DOORS[door](first, tmp_path)).table.equals(first.table)


@pytest.mark.parametrize("several", ["itself", "halves"])
def test_our_own_schema_in_pieces_is_told_once(several: str) -> None:
    """Together, rows learn block, time and index from each other, and numbers given here are given again."""
    first = every_kind()
    pieces = [first, first.table] if several == "itself" else [first.table.slice(0, 4), first.table.slice(4)]
    again = read_transfers(pieces)
    learnt = ["block", "time", "tx_index", "order", "seq"]
    assert again.table.drop_columns(learnt).equals(first.table.drop_columns(learnt))
    assert records(again)[1]["tx_index"] == 1
    assert [row["seq"] for row in records(again)][:6] == [row["seq"] for row in records(first)][:6]
    assert reasons(again) == ({"duplicate": 11} if several == "itself" else {})


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_names_given_here_do_not_depend_on_the_door(ending: str, tmp_path: Path) -> None:
    given = pd.DataFrame(
        {"sender": [A, B], "receiver": [B, C], "amount": [str(TOP), "5"], "time": [1648042149, 1648042150]}
    )
    path = tmp_path / f"a.{ending}"
    if ending == "csv":
        given.to_csv(path, index=False)
    else:
        given.to_json(path, orient="records", lines=True)
    plain = [
        read_transfers(x).table.drop_columns(["evidence"]) for x in (given, path, pl.DataFrame(given.to_dict("list")))
    ]
    assert plain[0].equals(plain[1])
    assert plain[0].equals(plain[2])


def test_arrow_s_own_varieties() -> None:
    columns = {
        "sender": pa.array([A, A]).dictionary_encode(),
        "receiver": pa.array([B, C], pa.string_view()),
        "amount": pa.array([TOP.to_bytes(32, "big")] * 2, pa.binary_view()),
        "time": pa.array([1648042149_999, -1], pa.timestamp("ms", "Europe/Berlin")),
    }
    read = read_transfers(pa.table(columns))
    assert [(row["amount"], row["time"]) for row in records(read)] == [(TOP, 1648042149)]
    assert reasons(read) == {"time out of range": 1}
    batch = pa.RecordBatch.from_pydict({**columns, "block": pa.nulls(2), "time": pa.array([1, 2], pa.timestamp("s"))})
    assert reasons(read_transfers(batch)) == {"time without zone": 2}
    days = pa.table({**columns, "time": pa.array([1, 2], pa.date32())})
    assert reasons(read_transfers(days)) == {"time without zone": 2}
    broken = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\1\0\0\0"), pa.py_buffer(b"\xff"))
    with pytest.raises(InputError, match="not valid"):
        read_transfers(pa.table({"sender": broken}))


def test_a_column_twice_is_refused() -> None:
    table = pa.table([pa.array([A]), pa.array([B])], names=["sender", "sender"])
    for frame in (table, pd.DataFrame([[A, B]], columns=["sender", "sender"])):
        with pytest.raises(InputError, match="'sender' is there twice"):
            read_transfers(frame)


def test_128_bits_and_objects_of_polars() -> None:
    columns = {"sender": [A], "receiver": [B], "block": [1]}
    for series in (pl.Series([2**127 - 1], dtype=pl.Int128), pl.Series([2**127 - 1], dtype=pl.Object)):
        assert moves(read_transfers(pl.DataFrame({**columns, "amount": series})))[0][3] == 2**127 - 1
    series = pl.Series([TOP], dtype=pl.Object)
    assert moves(read_transfers(pl.DataFrame({**columns, "amount": series})))[0][3] == TOP


def test_a_missing_value_in_pandas_does_not_round_the_others() -> None:
    amount = pd.Series([10**18 + 1, None], dtype="Int64")
    read = read_transfers(pd.DataFrame({"sender": [A, A], "receiver": [B, B], "amount": amount, "block": [1, 2]}))
    assert moves(read)[0][3] == 10**18 + 1
    assert reasons(read) == {"missing field": 1}
    rounded = amount.astype("float64")
    read = read_transfers(pd.DataFrame({"sender": [A, A], "receiver": [B, B], "amount": rounded, "block": [1, 2]}))
    assert reasons(read) == {"inexact (float)": 1, "missing field": 1}


AMOUNTS = st.one_of(
    st.integers(0, TOP),
    st.sampled_from([0, 1, 2**53 - 1, 2**53, 2**53 + 1, 2**63 - 1, 2**63, 2**64, 2**128, TOP - 1, TOP]),
)
GOOD = st.fixed_dictionaries(
    {
        "sender": st.sampled_from([A, B, C]),
        "receiver": st.sampled_from([A, B, C]),
        "amount": AMOUNTS.map(str),
        "block": st.integers(0, 2**63 - 1).map(str),
    }
)
SPOILT = st.one_of(
    st.tuples(st.just("sender"), st.sampled_from(["", "0x", A[:-1], A + "0", "0x" + "g" * 40, " " + A, "alice"])),
    st.tuples(
        st.just("amount"),
        st.sampled_from(
            ["", "-1", "1.5", "1e18", str(TOP + 1), "0x1", "1_0", "\uff11", "NaN", "+1", " 1", "1,000", "½"]
        ),
    ),
    st.tuples(st.just("block"), st.sampled_from(["", "-1", "x", str(2**63), "1.5"])),
    st.tuples(
        st.sampled_from(["sender", "amount"]),
        st.text(st.characters(codec="utf-8"), max_size=8).filter(lambda s: not s.isdigit()),
    ),
)
# A line break is bad in each of the optional columns.
OPTIONAL = ("chain", "asset", "kind", "order", "outpoint", "tx_hash", "time", "seq", "tx_index")
SPOILT |= st.tuples(st.sampled_from(OPTIONAL), st.just("bad\n"))
ROWS = st.lists(st.tuples(GOOD, st.one_of(st.none(), SPOILT)), min_size=1, max_size=30)


def through(door: str, rows: list[dict[str, str]], folder: Path) -> Transfers:
    frame = pd.DataFrame(rows)
    if door == "pandas":
        return read_transfers(frame)
    if door == "csv":
        frame.to_csv(folder / "a.csv", index=False)
        return read_transfers(folder / "a.csv")
    if door == "jsonl":
        (folder / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        return read_transfers(folder / "a.jsonl")
    pl.DataFrame(rows).write_parquet(folder / "a.parquet")
    return read_transfers(folder / "a.parquet")


@settings(settings.get_profile("many"))
@given(ROWS, st.sampled_from(["pandas", "csv", "jsonl", "parquet"]))
def test_good_rows_are_taken_exactly_and_bad_ones_counted(rows: list[tuple[dict[str, str], Any]], door: str) -> None:
    empty = dict.fromkeys(OPTIONAL, "")
    given_rows = [{**empty, **good, **dict([spoilt] if spoilt else [])} for good, spoilt in rows]
    with tempfile.TemporaryDirectory() as folder:
        read = through(door, given_rows, Path(folder))
        assert len(read) + len(read.rejected) == len(rows)
        expected = [
            (good["sender"], good["receiver"], int(good["amount"]), int(good["block"])) for good, bad in rows if not bad
        ]
        assert [(r["sender"], r["receiver"], r["amount"], r["block"]) for r in records(read)] == expected
        assert {example.reason for example in read.rejected.examples} == set(reasons(read))


@given(st.binary(max_size=300), st.sampled_from(["csv", "jsonl", "parquet", "csv.gz", "bin"]))
def test_any_bytes_are_rows_or_an_input_error(content: bytes, ending: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"a.{ending}"
        path.write_bytes(b"sender,receiver,amount,block\n" + content if ending == "csv" else content)
        try:
            read_transfers(path)
        except InputError as error:
            assert error.hint  # noqa: PT017  (every error says what to do)


@given(st.text(st.characters(codec="utf-8"), max_size=200))
def test_any_text_of_csv_is_accepted_or_rejected(content: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_text("sender,receiver,amount,block\n" + content, encoding="utf-8", newline="")
        try:
            read_transfers(path, strict=True)
        except (InputError, RowError) as error:
            assert error.hint  # noqa: PT017  (every error says what to do)
