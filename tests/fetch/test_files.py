"""Files: what is read from where, and a clear answer for each file that cannot be."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chaintrace.errors import ColumnError, InputError, RowError
from chaintrace.fetch.files import read_transfers
from tests.fetch.samples import HASHES, A, B, C, moves, reasons, records, write_csv, write_json

HEADER = "sender,receiver,amount,block\n"
LINE = f"{A},{B},5,7\n"


def written(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def amounts(x: Any) -> list[int]:
    return [move[3] for move in moves(read_transfers(x))]


@pytest.mark.parametrize(
    "name",
    [
        "a.csv",
        "a.csv.gz",
        "a.CSV",
        "a.tsv",
        "a",
        "a.txt",
        "a.jsonl",
        "a.ndjson",
        "a.json",
        "a.jsonl.gz",
        "b",
        "a.parquet",
        "c",
    ],
)
def test_kinds_of_files(tmp_path: Path, name: str) -> None:
    row = {"sender": A, "receiver": B, "amount": "5", "block": 7}
    path = tmp_path / name
    if "parquet" in name or name == "c":
        pq.write_table(pa.table({key: [value] for key, value in row.items()}), path)
    else:
        content = json.dumps(row) if "js" in name or name == "b" else HEADER + LINE
        content = content.replace(",", "\t") if "tsv" in name else content
        path.write_bytes(gzip.compress(content.encode()) if name.endswith(".gz") else content.encode())
    assert amounts(path) == [5]
    assert amounts(str(path)) == [5]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.csv", "", "it is empty"),
        ("a.csv", "\ufeff", "it is empty"),
        ("a.csv", "\n\n", "it is empty"),
        ("a.parquet", "", "it is empty"),
        ("a.jsonl", "", "it is empty"),
        ("a.jsonl", "\n \n", "it is empty"),
        ("a.csv", HEADER, "it has a header and no rows"),
        ("a.csv", (HEADER + LINE).encode("utf-16"), "it is not UTF-8 text"),
        ("a.csv", HEADER.encode() + LINE.encode() + b"\xff\xfe,1,2,3\n", "it is not UTF-8 text"),
        ("a.csv", HEADER + '"' + LINE, "is never closed"),
        ("a.csv", "sender,sender,amount,block\n" + LINE, "'sender' is there twice"),
        ("a.csv.gz", b"\x1f\x8b broken", "compression is damaged"),
        ("a.csv.gz", gzip.compress((HEADER + LINE * 5000).encode())[:-30], "compression is damaged"),
        ("a.parquet", "PAR1 and nothing more", "no Parquet file"),
        ("a.jsonl", "hello\nworld\n", "no line of it is a JSON object"),
        ("a.json", "[\n1,\n2\n]\n", "no line of it is a JSON object"),
        ("a.xlsx", b"PK\x03\x04\xff\xff\xff", "its kind is not known"),
    ],
)
def test_files_that_cannot_be_read(tmp_path: Path, name: str, content: str | bytes, reason: str) -> None:
    path = written(tmp_path / name, content)
    with pytest.raises(InputError, match=reason) as caught:
        read_transfers(path)
    assert str(path) in str(caught.value)
    assert caught.value.hint


def test_a_truncated_parquet_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pq.write_table(
        pa.table({"sender": [A] * 100, "receiver": [B] * 100, "amount": ["5"] * 100, "block": [7] * 100}), path
    )
    whole = path.read_bytes()
    for length in (5, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(InputError, match=r"truncated.*") as caught:
            read_transfers(path)
        assert caught.value.source == str(path)


def test_a_damaged_parquet_file_is_an_error_or_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    table = pa.table({"sender": [A] * 9, "receiver": [B] * 9, "amount": ["5"] * 9, "block": [7] * 9})
    pq.write_table(table, path, compression="snappy")
    whole = path.read_bytes()
    chosen = random.Random(1)
    for _ in range(60):
        broken = bytearray(whole)
        broken[chosen.randrange(len(whole))] ^= 0xFF
        path.write_bytes(bytes(broken))
        try:
            read = read_transfers(path)
        except InputError:
            continue
        assert len(read) + len(read.rejected) == 9


def test_a_missing_column_of_a_known_export(tmp_path: Path) -> None:
    row = {"hash": HASHES[0], "block_number": 1, "from_address": A, "to_addres": B, "value": 1}
    with pytest.raises(
        ColumnError, match=r"missing to_address \(nearest known format: ethereum-etl transactions\)"
    ) as caught:
        read_transfers(write_csv(tmp_path / "a.csv", [row]))
    assert 'columns={"to_addres": "to_address"}' in caught.value.hint


def test_torn_lines_of_csv(tmp_path: Path) -> None:
    lines = [LINE, f"{A},{B},5\n", "\n", f"{A},{B},5,7,8\n", f'{A},"x"y,5,7\n', f'{A},{B},"6",7\n']
    path = written(tmp_path / "a.csv", "\ufeff" + HEADER + "".join(lines))
    read = read_transfers(path)
    assert [(row["amount"], row["evidence"]) for row in records(read)] == [(5, "a.csv, row 0"), (6, "a.csv, row 4")]
    assert reasons(read) == {"bad quotes": 1, "wrong number of columns": 2}
    assert [example.row for example in read.rejected.examples] == [1, 2, 3]
    with pytest.raises(RowError) as caught:
        read_transfers(path, strict=True)
    assert (caught.value.row, caught.value.reason) == (1, "wrong number of columns")


def test_torn_lines_of_json(tmp_path: Path) -> None:
    good = {"sender": A, "receiver": B, "amount": "5", "block": 7}
    plain = json.dumps(good)
    lines = [
        plain,
        plain[:-5],
        "[1]",
        plain[:-1] + ', "amount": "6"}',
        "[" * 100_000,
        json.dumps({**good, "amount": float("nan")}),
        plain.replace('"5"', "1" + "0" * 5000),
        plain.replace('"5"', "5.0"),
        plain.replace('"5"', "1e18"),
        plain.replace('"5"', "Infinity"),
        plain.replace('"5"', str(2**256 - 1)),
        plain.replace(A, "\\ud800"),
        json.dumps({**good, "sender": None}),
        json.dumps({"sender": A, "receiver": B, "block": 7}),
    ]
    read = read_transfers(written(tmp_path / "a.jsonl", "\n".join(lines)))
    assert [move[3] for move in moves(read)] == [5, 2**256 - 1]
    assert reasons(read) == {
        "above uint256": 1,
        "bad address": 1,
        "duplicate key": 1,
        "fractional": 1,
        "missing field": 3,
        "not JSON": 3,
        "not a number": 2,
    }


def test_a_json_column_may_turn_up_late(tmp_path: Path) -> None:
    rows = [{"sender": A, "receiver": B, "amount": n, "block": n} for n in range(70_000)]
    rows[-1] |= {"tx_hash": HASHES[0]}
    read = read_transfers(write_json(tmp_path / "a.jsonl", rows))
    assert read.table["tx_hash"][-1].as_py() == HASHES[0]
    assert len(read) == 70_000


def test_nothing_is_guessed_from_text(tmp_path: Path) -> None:
    rows = [{"sender": A, "receiver": B, "amount": 1, "block": 1, "asset": symbol} for symbol in ("NA", "null", "nan")]
    read = read_transfers(
        write_csv(tmp_path / "a.csv", rows), assets={"NA": "native", "null": "native", "nan": "native"}
    )
    assert len(read) == 3


def test_a_cell_may_be_longer_than_the_csv_module_likes(tmp_path: Path) -> None:
    row = {"sender": A, "receiver": B, "amount": 1, "block": 1, "input": "0x" + "00" * 200_000}
    assert amounts(write_csv(tmp_path / "a.csv", [row])) == [1]


def test_rows_with_torn_ones_between_them_keep_their_numbers(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", HEADER + LINE + "torn\n" + LINE + f"{A},{B},-1,7\n")
    assert [(example.row, example.reason) for example in read_transfers(path).rejected.examples] == [
        (1, "wrong number of columns"),
        (3, "negative"),
    ]


def test_a_list_is_read_in_its_order(tmp_path: Path) -> None:
    one = written(tmp_path / "b.csv", HEADER + LINE + LINE)
    other = written(tmp_path / "a.csv", HEADER + LINE + f"{A},{C},6,7\n")
    assert amounts([one, other]) == [5, 5, 6]
    assert reasons(read_transfers([one, other])) == {"duplicate": 1}
    assert amounts([other, one]) == [5, 6, 5]
    again = read_transfers([one, read_transfers(other), read_transfers([one, other])])
    assert [row["amount"] for row in records(again)] == [5, 5, 6]


def test_transfers_in_a_list_bring_what_they_left_out(tmp_path: Path) -> None:
    one = read_transfers(written(tmp_path / "a.csv", HEADER + LINE + f"{A},{B},-1,7\n"))
    other = written(tmp_path / "b.csv", HEADER + f"{A},{B},9,7\n{A},{B},-2,7\n")
    assert reasons(read_transfers([one, other])) == {"negative": 2}


def test_directories(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no Parquet files"):
        read_transfers(tmp_path)
    row = {"sender": [A], "receiver": [B], "amount": ["5"], "block": [7]}
    for name in ("b", "a/x"):
        (tmp_path / name).mkdir(parents=True)
        pq.write_table(pa.table(row), tmp_path / name / "part.parquet")
    read = read_transfers(tmp_path)
    assert len(read) == 2, "equal rows in two parts of one table are two transfers"
    pq.write_table(pa.table(row).slice(0, 0), tmp_path / "b" / "part.parquet")
    assert len(read_transfers(tmp_path)) == 1
    with pytest.raises(InputError, match="columns and no rows"):
        read_transfers(tmp_path / "b" / "part.parquet")


@pytest.mark.parametrize(
    "header",
    [
        "sender,receiver,amount,block",
        "hash,block_number,from_address,to_address,value",
        "token_address,transaction_hash,log_index,block_number,from_address,to_address,value",
        "trace_type,trace_address,block_number,from_address,to_address,value",
        "transaction_hash,block_number,from_address,to_address,value_string",
        "erc20,log_index,transaction_hash,block_number,from_address,to_address,value_string",
        "transfer_index,transaction_hash,block_number,from_address,to_address,value_string",
        "Transaction Hash,Blockno,UnixTimestamp,From,To,Value_IN(ETH),Value_OUT(ETH)",
        "Transaction Hash,Blockno,UnixTimestamp,From,TxTo,Value_IN(ETH),Value_OUT(ETH)",
        "Transaction Hash,Blockno,UnixTimestamp,From,To,TokenValue,ContractAddress",
    ],
)
def test_a_file_of_nothing_but_bad_rows_has_no_transfers(header: str, tmp_path: Path) -> None:
    torn = read_transfers(written(tmp_path / "torn.csv", header + "\ntorn\n"))
    assert (len(torn), reasons(torn)) == (0, {"wrong number of columns": 1})
    cells = len(header.split(","))
    empty = read_transfers(
        written(tmp_path / "empty.csv", header + "\n" + "," * (cells - 1) + "\n" + ",".join("?" * cells))
    )
    assert (len(empty), len(empty.rejected)) == (0, 2)
