"""ethereum-etl's exports and BigQuery's dataset, handwritten and real."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest

from chaintrace.errors import InputError, RowError
from chaintrace.fetch.files import read_transfers
from tests.fetch.samples import (
    ETH,
    FEE_SEQ,
    HASHES,
    TOKEN,
    TOP,
    USDC,
    ZERO,
    A,
    B,
    C,
    moves,
    notes,
    reasons,
    records,
    write_csv,
    write_json,
)

STREAM = "rpc/ethereum-etl/test_stream"
JOBS = "rpc/ethereum-etl"


def transaction(n: int, **other: Any) -> dict[str, Any]:
    return {
        "hash": HASHES[n],
        "nonce": n,
        "block_hash": HASHES[0],
        "block_number": 100,
        "transaction_index": n,
        "from_address": A,
        "to_address": B,
        "value": 10 + n,
        "gas": 21000,
        "gas_price": 7,
        "input": "0x",
        "block_timestamp": 1648042149,
        **other,
    }


def receipt(status: int | None = 1, **other: Any) -> dict[str, Any]:
    return {
        "receipt_gas_used": 100,
        "receipt_contract_address": None,
        "receipt_status": status,
        "receipt_effective_gas_price": 3,
        **other,
    }


def test_transactions_without_receipts_say_what_they_cannot_say(tmp_path: Path) -> None:
    rows = [transaction(0, value=TOP), transaction(1, to_address="")]
    read = read_transfers(write_csv(tmp_path / "transactions.csv", rows))
    assert read.format == "ethereum-etl transactions"
    (row,) = records(read)
    assert row == {
        "chain": "eip155:1",
        "block": 100,
        "block_hash": HASHES[0],
        "time": 1648042149,
        "tx_hash": HASHES[0],
        "tx_index": 0,
        "seq": 0,
        "order": "known",
        "kind": "native",
        "sender": A,
        "receiver": B,
        "asset": ETH,
        "amount": TOP,
        "outpoint": None,
        "evidence": "transactions.csv, row 0",
    }
    assert reasons(read) == {"missing receiver": 1}
    assert "no status column" in notes(read)
    assert "fees are not in this export" in notes(read)


def test_receipts_bring_fees_failures_and_created_contracts(tmp_path: Path) -> None:
    rows = [
        transaction(0) | receipt(),
        transaction(1) | receipt(0),
        transaction(2, to_address=None) | receipt(receipt_contract_address=C),
        transaction(3) | receipt(None, receipt_gas_used=None),
        transaction(4, value=-1) | receipt(),
        transaction(5) | receipt(receipt_l1_fee=9),
    ]
    read = read_transfers(write_json(tmp_path / "transactions.json", rows))
    assert moves(read) == [
        ("native", A, B, 10, 0),
        ("fee", A, None, 300, FEE_SEQ),
        ("fee", A, None, 300, FEE_SEQ),
        ("native", A, C, 12, 0),
        ("fee", A, None, 300, FEE_SEQ),
        ("native", A, B, 13, 0),
        ("native", A, B, 15, 0),
        ("fee", A, None, 309, FEE_SEQ),
    ]
    assert reasons(read) == {"negative": 1, "reverted": 1}
    assert "1 transactions have no status" in notes(read)
    assert "1 transactions have no gas data" in notes(read)


def test_bigquery_s_types() -> None:
    rows = [transaction(n) | receipt() for n in range(2)]
    rows[0] |= {"value": Decimal("10"), "block_timestamp": "2022-03-23 13:29:09 UTC"}
    rows[1] |= {"value": Decimal("10.5"), "block_timestamp": "2022-03-23 13:29:09 UTC"}
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    columns["value"] = pa.array(columns["value"], pa.decimal128(38, 9))
    read = read_transfers(pa.table(columns))
    assert [row["time"] for row in records(read)] == [1648042149] * 2
    assert reasons(read) == {"fractional": 1}
    columns["block_timestamp"] = pa.array([1648042149 * 10**6] * 2, pa.timestamp("us", "UTC"))
    assert records(read_transfers(pa.table(columns)))[0]["time"] == 1648042149


def test_gas_costs_what_the_receipt_says_or_else_what_was_offered() -> None:
    rows = [transaction(0) | receipt(), transaction(1) | receipt(receipt_effective_gas_price=None)]
    fees = [move[3] for move in moves(read_transfers(pd.DataFrame(rows))) if move[0] == "fee"]
    assert fees == [300, 700]


def token(n: int, **other: Any) -> dict[str, Any]:
    return {
        "token_address": TOKEN,
        "from_address": A,
        "to_address": B,
        "value": 5,
        "transaction_hash": HASHES[n],
        "log_index": n,
        "block_number": 100,
        **other,
    }


def test_token_transfers_mints_and_burns(tmp_path: Path) -> None:
    rows = [
        token(0),
        token(1, from_address=ZERO),
        token(2, to_address=ZERO),
        token(3, value=""),
        token(4, token_address=ZERO),
    ]
    read = read_transfers(write_csv(tmp_path / "tokens.csv", rows))
    assert moves(read) == [("token", A, B, 5, 0), ("mint", None, B, 5, 1), ("burn", A, None, 5, 2)]
    assert {row["asset"] for row in records(read)} == {USDC}
    assert {row["order"] for row in records(read)} == {"unknown"}
    assert reasons(read) == {"missing field": 1, "no token contract": 1}
    assert "native transfers and fees are not in this export" in notes(read)


def trace(path: str, **other: Any) -> dict[str, Any]:
    return {
        "block_number": 100,
        "transaction_hash": HASHES[0],
        "transaction_index": 0,
        "from_address": A,
        "to_address": B,
        "value": 5,
        "trace_type": "call",
        "call_type": "call",
        "trace_address": path,
        "error": "",
        "status": 1,
        **other,
    }


def test_traces_are_ranked_depth_first(tmp_path: Path) -> None:
    rows = [
        trace("1", value=3),
        trace("", value=1),
        trace("0,10", value=22),
        trace("0,2", value=21),
        trace("0", value=2, call_type="delegatecall"),
        trace("2", value=4, trace_type="create", call_type=""),
        trace("3", value=5, trace_type="suicide", call_type=""),
        trace("4", trace_type="create", to_address=""),
        trace("5", trace_type="dance"),
    ]
    read = read_transfers(write_csv(tmp_path / "traces.csv", rows))
    assert sorted((move[4], move[0], move[3]) for move in moves(read)) == [
        (0, "native", 1),
        (1, "internal", 21),
        (2, "internal", 22),
        (3, "internal", 3),
        (4, "internal", 4),
        (5, "internal", 5),
    ]
    assert {row["order"] for row in records(read)} == {"known"}
    assert reasons(read) == {"missing receiver": 1, "unknown trace type": 1}
    assert "1 delegate, static and code calls" in notes(read)


def test_calls_that_move_no_value_take_no_rank(tmp_path: Path) -> None:
    rows = [
        trace("", value=0),
        trace("0", value=0),
        trace("1", value=7),
        trace("2", value=0, to_address=""),
        trace("3"),
    ]
    read = read_transfers(write_csv(tmp_path / "traces.csv", rows))
    assert moves(read) == [("native", A, B, 0, 0), ("internal", A, B, 7, 1), ("internal", A, B, 5, 2)]
    assert "2 calls inside transactions carry no value" in notes(read)
    assert reasons(read) == {}


CANCUN = 1_710_338_135


@pytest.mark.parametrize(
    ("made", "time", "chain", "burnt"),
    [
        (False, CANCUN - 1, "ethereum", True),
        (False, CANCUN, "ethereum", False),
        (True, CANCUN, "ethereum", True),
        (True, "", "polygon", True),
        (False, CANCUN - 1, "polygon", None),
        (False, "", "ethereum", None),
    ],
)
def test_a_contract_that_ends_for_its_own_benefit(
    tmp_path: Path, made: bool, time: int | str, chain: str, burnt: bool | None
) -> None:
    """EIP-6780; where nobody says which rules the block has, the row is rejected."""
    rows = [trace("", value=0), trace("0", value=3), trace("1", trace_type="suicide", call_type="", from_address=B)]
    rows += [trace("2", trace_type="create", call_type="", value=0)] if made else []
    read = read_transfers(
        write_csv(tmp_path / "t.csv", [{**row, "block_timestamp": time} for row in rows]), chain=chain
    )
    ends = [move for move in moves(read) if move[0] == "burn"]
    assert ends == ([("burn", B, None, 5, 2**39 + 2)] if burnt else [])
    assert reasons(read) == ({"rules unknown": 1} if burnt is None else {})
    assert ("did not, by the rules" in notes(read)) == (burnt is False)


def test_rewards_are_named_by_block_cause_and_payee(tmp_path: Path) -> None:
    outside = {"transaction_hash": "", "transaction_index": "", "from_address": "", "call_type": "", "status": ""}
    told = [("block", B, 5), ("uncle", A, 3), ("uncle", A, 4)]
    rows = [
        trace("", trace_type="reward", reward_type=what, **{**outside, "to_address": who, "value": value})
        for what, who, value in told
    ]
    read = read_transfers(write_csv(tmp_path / "traces.csv", rows))
    assert [(row["tx_hash"], row["seq"], row["amount"], row["tx_index"]) for row in records(read)] == [
        (f"reward:100:block:{B}", 0, 5, 0),
        (f"reward:100:uncle:{A}", 0, 3, 0),
        (f"reward:100:uncle:{A}", 1, 4, 0),
    ]


def test_a_failed_call_undoes_what_is_below_it(tmp_path: Path) -> None:
    rows = [
        trace(""),
        trace("0", error="Reverted", status=0),
        trace("0,0"),
        trace("0,0,1"),
        trace("1"),
        trace("1,0", status=0),
    ]
    read = read_transfers(write_csv(tmp_path / "traces.csv", rows))
    assert [move[4] for move in moves(read)] == [0, 1]
    assert reasons(read) == {"reverted": 4}


def test_rewards_and_genesis_have_no_sender(tmp_path: Path) -> None:
    outside = {"transaction_hash": "", "transaction_index": "", "from_address": "", "call_type": "", "status": ""}
    rows = [trace("", trace_type="reward", **outside), trace("", trace_type="genesis", **outside)]
    read = read_transfers(write_csv(tmp_path / "traces.csv", rows))
    assert [move[:4] for move in moves(read)] == [("reward", None, B, 5), ("mint", None, B, 5)]
    assert all(row["tx_hash"].startswith("synthetic:") for row in records(read))


def test_trace_addresses_may_be_lists() -> None:
    rows = {name: [row[name] for row in (trace(""), trace(""))] for name in trace("")}
    read = read_transfers(pa.table({**rows, "trace_address": pa.array([[], [0, 2]], pa.list_(pa.int64()))}))
    assert [move[0] for move in moves(read)] == ["native", "internal"]
    listed = pd.DataFrame({**rows, "trace_address": [[], [0, 2]]})
    assert [move[0] for move in moves(read_transfers(listed))] == ["native", "internal"]


def test_transactions_and_traces_of_one_block_tell_the_top_call_once(tmp_path: Path) -> None:
    transactions = write_csv(tmp_path / "transactions.csv", [transaction(0, value=5)])
    traces = write_csv(tmp_path / "traces.csv", [trace(""), trace("0")])
    tokens = write_csv(tmp_path / "tokens.csv", [token(0)])
    read = read_transfers([traces, transactions, tokens])
    assert [move[0] for move in moves(read)] == ["native", "internal", "token"]
    assert reasons(read) == {"duplicate": 1}
    assert {(row["time"], row["tx_index"], row["order"]) for row in records(read)} == {(1648042149, 0, "known")}
    other = write_csv(tmp_path / "other.csv", [transaction(0, value=6)])
    read = read_transfers([transactions, other])
    assert [move[3] for move in moves(read)] == [5]
    assert reasons(read) == {"conflict": 1}
    assert read.rejected.accounts == {A, B}
    with pytest.raises(RowError, match="conflict"):
        read_transfers([transactions, other], strict=True)


def test_an_evm_export_is_of_an_evm_chain(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "transactions.csv", [transaction(0)])
    with pytest.raises(InputError, match="EVM chains, not of bitcoin"):
        read_transfers(path, chain="bitcoin")
    assert records(read_transfers(path, chain="polygon"))[0]["asset"] == "eip155:137/slip44:966"


@pytest.mark.parametrize(
    ("path", "rows", "rejected"),
    [
        ("test_export_blocks_job/block_with_logs/expected_transactions.csv", 4, {}),
        (
            "test_export_blocks_job/blocks_with_transactions_and_withdrawals/expected_transactions.csv",
            297,
            {"missing receiver": 1},
        ),
        (
            "test_export_blocks_job/blocks_with_transactions_and_withdrawals/expected_transactions.json",
            297,
            {"missing receiver": 1},
        ),
        ("test_export_token_transfers_job/block_with_transfers/expected_token_transfers.csv", 2, {}),
        ("test_export_traces_job/block_with_create/expected_traces.csv", 3, {}),
        ("test_export_traces_job/block_with_error/expected_traces.csv", 2, {"reverted": 1}),
        ("test_export_traces_job/block_with_subtraces/expected_traces.csv", 3, {}),
        ("test_export_traces_job/block_with_suicide/expected_traces.csv", 3, {}),
        ("test_extract_geth_traces_job/block_with_error/expected_traces.csv", 1, {"reverted": 1}),
        ("test_extract_geth_traces_job/block_with_suicide/expected_traces.csv", 1, {"missing field": 1}),
        ("test_stream/blocks_17173049_17173050/expected_transactions.json", 587, {"reverted": 9}),
        ("test_stream/blocks_2112234_2112234/expected_traces.json", 2, {}),
    ],
)
def test_real_files(data: Path, path: str, rows: int, rejected: dict[str, int]) -> None:
    read = read_transfers(data / JOBS / path)
    assert len(read) == rows
    assert reasons(read) == rejected


def test_csv_and_json_of_the_same_blocks_are_the_same_rows(data: Path) -> None:
    folder = data / JOBS / "test_export_blocks_job/blocks_with_transactions_and_withdrawals"
    one, other = (read_transfers(folder / f"expected_transactions.{ending}") for ending in ("csv", "json"))
    assert one.table.drop_columns(["evidence"]).equals(other.table.drop_columns(["evidence"]))
    both = read_transfers([one, folder / "expected_transactions.json"])
    assert both.table.equals(one.table)
    assert reasons(both) == {"duplicate": 297, "missing receiver": 2}


def test_a_real_block_pays_its_fees(data: Path) -> None:
    read = read_transfers(data / STREAM / "blocks_17173049_17173050/expected_transactions.json")
    kinds = [move[0] for move in moves(read)]
    assert kinds.count("fee") == kinds.count("native") + 9
    first = next(row for row in records(read) if row["kind"] == "fee")
    assert first["amount"] == 85143 * 80869370967


@pytest.mark.parametrize("paths", [["", ""], ["0", "1"], ["0,0", "0,1"], ["1"]])
def test_calls_of_one_depth(tmp_path: Path, paths: list[str]) -> None:
    read = read_transfers(
        write_csv(tmp_path / "traces.csv", [trace(path, transaction_hash=HASHES[n]) for n, path in enumerate(paths)])
    )
    assert len(read) == len(paths)


def test_calls_without_hashes_belong_together_by_block_and_index(tmp_path: Path) -> None:
    nameless = {"transaction_hash": ""}
    rows = [trace("", **nameless), trace("0", **nameless), trace("0", **nameless, transaction_index="")]
    read = read_transfers(write_csv(tmp_path / "traces.csv", rows))
    assert [(row["tx_hash"], row["order"]) for row in records(read)][:2] == [("synthetic:100:0", "known")] * 2
    assert (records(read)[2]["order"], records(read)[2]["seq"]) == ("unknown", 2**40 + 2)
