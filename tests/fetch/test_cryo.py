"""cryo's Parquet files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chaintrace.errors import ColumnError, InputError
from chaintrace.fetch.files import read_transfers
from tests.fetch.samples import FEE_SEQ, HASHES, TOKEN, TOP, ZERO, A, B, moves, notes, reasons, records


def raw(text: str) -> bytes:
    return bytes.fromhex(text[2:])


def place(count: int) -> dict[str, Any]:
    return {
        "block_number": pa.array([100] * count, pa.uint32()),
        "transaction_index": pa.array(range(count), pa.uint64()),
        "transaction_hash": pa.array([raw(text) for text in HASHES[:count]], pa.binary()),
        "from_address": pa.array([raw(A)] * count, pa.binary()),
        "to_address": pa.array([raw(B)] * count, pa.binary()),
        "chain_id": pa.array([1] * count, pa.uint64()),
    }


def values(*amounts: int) -> dict[str, Any]:
    return {
        "value_binary": pa.array([amount.to_bytes(32, "big") for amount in amounts], pa.binary()),
        "value_string": pa.array([str(amount) for amount in amounts]),
        "value_f64": pa.array([float(amount) for amount in amounts]),
    }


def transactions() -> dict[str, Any]:
    return {
        **place(3),
        **values(TOP, 2, 3),
        "to_address": pa.array([raw(B), raw(B), None], pa.binary()),
        "nonce": pa.array([1, 2, 3]),
        "gas_used": pa.array([100] * 3, pa.uint64()),
        "gas_price": pa.array([3] * 3, pa.uint64()),
        "success": pa.array([True, False, True]),
    }


def test_transactions_with_fees(tmp_path: Path) -> None:
    path = tmp_path / "ethereum__transactions__1_to_2.parquet"
    pq.write_table(pa.table(transactions()), path)
    read = read_transfers(path)
    assert read.format == "cryo transactions"
    fee = ("fee", A, None, 300, FEE_SEQ)
    assert moves(read) == [("native", A, B, TOP, 0), fee, fee, fee]
    assert reasons(read) == {"missing receiver": 1, "reverted": 1}
    assert {row["order"] for row in records(read)} == {"known"}


@pytest.mark.parametrize("kept", ["value_binary", "value_string"])
def test_either_exact_value_will_do(kept: str) -> None:
    table = pa.table(transactions())
    drop = [name for name in ("value_binary", "value_string", "value_f64") if name != kept]
    assert moves(read_transfers(table.drop_columns(drop)))[0][3] == TOP


def test_a_plain_value_column_will_do() -> None:
    given = {name: column for name, column in transactions().items() if not name.startswith("value")}
    assert moves(read_transfers(pa.table({**given, "value": ["7", "8", "9"]})))[0][3] == 7


def test_a_float_alone_is_refused() -> None:
    with pytest.raises(ColumnError, match="a float cannot hold them") as caught:
        read_transfers(pa.table(transactions()).drop_columns(["value_binary", "value_string"]))
    assert "--u256-types" in caught.value.hint


def test_addresses_and_values_in_hex() -> None:
    given = {
        **place(2),
        "transaction_hash": HASHES[:2],
        "from_address": [A, A],
        "to_address": [B, B],
        "value_binary": ["0x" + f"{TOP:064x}", "12"],
    }
    read = read_transfers(pa.table(given))
    assert moves(read) == [("native", A, B, TOP, 0)]
    assert reasons(read) == {"not a number": 1}
    assert "no status column" in notes(read)


def test_erc20_transfers_of_several_chains() -> None:
    given = {
        **place(3),
        **values(1, 2, 3),
        "erc20": pa.array([raw(TOKEN)] * 3, pa.binary()),
        "log_index": pa.array([5, 6, 7], pa.uint32()),
        "chain_id": pa.array([1, 137, 137], pa.uint64()),
        "from_address": pa.array([raw(A), raw(ZERO), raw(A)[:-1]], pa.binary()),
    }
    read = read_transfers(pa.table(given))
    assert moves(read) == [("token", A, B, 1, 5), ("mint", None, B, 2, 6)]
    assert [row["asset"] for row in records(read)] == [f"eip155:1/erc20:{TOKEN}", f"eip155:137/erc20:{TOKEN}"]
    assert reasons(read) == {"bad address": 1}


def calls(indices: list[int], owners: list[int | None], senders: list[str] | None = None) -> pa.Table:
    count = len(indices)
    given = {
        **place(count),
        **values(*range(1, count + 1)),
        "transaction_hash": pa.array([None if n is None else raw(HASHES[n]) for n in owners], pa.binary()),
        "transaction_index": pa.array(owners, pa.uint64()),
        "transfer_index": pa.array(indices, pa.uint64()),
        "from_address": pa.array([raw(text) for text in senders or [A] * count], pa.binary()),
    }
    return pa.table(given)


def test_native_transfers_know_top_calls_from_inner_ones() -> None:
    read = read_transfers(calls([0, 1, 2, 3, 4], [0, 0, 0, 1, None], [A, A, A, A, ZERO]))
    assert [(move[0], move[1], move[4]) for move in moves(read)][:4] == [
        ("native", A, 0),
        ("internal", A, 1),
        ("internal", A, 2),
        ("native", A, 0),
    ]
    assert moves(read)[4][:4] == ("reward", None, B, 5)
    assert "failed calls and delegate calls cannot be told apart" in notes(read)


def test_a_gap_leaves_the_top_call_unproven() -> None:
    read = read_transfers(calls([0, 4, 5], [0, 1, 1]))
    assert [(move[0], move[4]) for move in moves(read)] == [("native", 0), ("internal", 1), ("internal", 2)]
    assert "1 calls follow a gap in transfer_index" in notes(read)


def test_a_directory_of_one_dataset_is_one_table(tmp_path: Path) -> None:
    table = calls([0, 1, 2, 3], [0, 0, 0, 1])
    pq.write_table(table.slice(2), tmp_path / "b.parquet")
    pq.write_table(table.slice(0, 2), tmp_path / "a.parquet")
    pq.write_table(table.slice(0, 0), tmp_path / "c.parquet")
    (tmp_path / "_temporary").mkdir()
    (tmp_path / "_temporary" / "part.parquet").write_bytes(b"half")
    whole = read_transfers(tmp_path)
    assert moves(whole) == moves(read_transfers(table))
    assert records(whole)[2]["evidence"] == "b.parquet, row 0"


def test_parts_may_write_their_amounts_differently(tmp_path: Path) -> None:
    table = calls([0, 1, 2, 3], [0, 0, 0, 1])
    pq.write_table(table.slice(0, 2).drop_columns(["value_binary"]), tmp_path / "a.parquet")
    pq.write_table(table.slice(2).drop_columns(["value_string"]), tmp_path / "b.parquet")
    assert moves(read_transfers(tmp_path)) == moves(read_transfers(table))


def test_a_directory_of_several_datasets_is_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table(transactions()), tmp_path / "transactions.parquet")
    pq.write_table(calls([0], [0]), tmp_path / "native_transfers.parquet")
    with pytest.raises(InputError, match="several formats: cryo native_transfers, cryo transactions"):
        read_transfers(tmp_path)
