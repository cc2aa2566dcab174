"""Raw logs, as ethereum-etl and cryo export them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from chaintrace.fetch.files import read_transfers
from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, WITHDRAWAL, padded
from chaintrace.model.wrapped import wrapper
from tests.fetch.samples import HASHES, TOKEN, TOP, ZERO, A, B, moves, notes, reasons, records, write_csv

WETH = wrapper("eip155:1")[0]
APPROVAL = "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"


def word(number: int) -> str:
    return f"0x{number:064x}"


def log(n: int, *topics: str, data: str = word(5), address: str = TOKEN, **other: Any) -> dict[str, Any]:
    return {
        "log_index": n, "transaction_hash": HASHES[0], "transaction_index": 3, "block_hash": HASHES[1],
        "block_number": 100, "address": address, "data": data, "topics": ",".join(topics),
        "block_timestamp": 1648042149, **other,
    }  # fmt: skip


LOGS = [
    log(0, TRANSFER, padded(A), padded(B)),
    log(1, TRANSFER, padded(ZERO), padded(B), data=word(TOP)),
    log(2, TRANSFER, padded(A), padded(ZERO)),
    log(3, DEPOSIT, padded(A), address=WETH),
    log(4, WITHDRAWAL, padded(B), address=WETH),
    log(5, TRANSFER, padded(ZERO), padded(A), address=WETH),
    log(6, DEPOSIT, padded(B)),
    log(7, APPROVAL, padded(A), padded(B)),
]
READ = [
    ("token", A, B, 5, 0),
    ("mint", None, B, TOP, 1),
    ("burn", A, None, 5, 2),
    ("burn", B, None, 5, 4),
    ("mint", None, A, 5, 5),
]


def test_transfers_and_what_wrapped_coins_issue(tmp_path: Path) -> None:
    """A deposit that a Transfer of the same tells as well is one row; of other contracts it is none."""
    read = read_transfers(write_csv(tmp_path / "logs.csv", LOGS))
    assert read.format == "logs"
    assert moves(read) == READ
    assert reasons(read) == {}
    assert "3 logs are no transfers, or repeat one" in notes(read)
    row = records(read)[0]
    assert (row["block"], row["block_hash"], row["time"], row["tx_index"], row["order"]) == (
        100, HASHES[1], 1648042149, 3, "known",
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["text", "bytes", "list"])
def test_topics_in_every_form(kind: str) -> None:
    """cryo splits them, ethereum-etl's Parquet lists them."""
    rows = []
    for row in LOGS:
        topics = row["topics"].split(",")
        if kind == "list":
            rows.append({**row, "topics": topics})
            continue
        split = {f"topic{n}": topics[n] if n < len(topics) else None for n in range(4)}
        if kind == "bytes":
            split = {name: bytes.fromhex(one[2:]) if one else None for name, one in split.items()}
        rows.append({name: cell for name, cell in row.items() if name != "topics"} | split)
    assert moves(read_transfers(pa.Table.from_pylist(rows))) == READ


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (log(0, TRANSFER, padded(A), padded(B), word(7)), "NFT"),
        (log(0, TRANSFER, data="0x" + "0" * 192), "parties not indexed"),
        (log(0, TRANSFER, padded(A), padded(B), data="0x"), "undecodable log"),
        (log(0, TRANSFER, padded(A), word(TOP)), "undecodable log"),
        (log(0, TRANSFER, padded(ZERO), padded(ZERO)), "no party"),
        (log(0, DEPOSIT, padded(A), data="0x", address=WETH), "undecodable log"),
        (log(0, "0x12"), "bad topics"),
        (log(0, TRANSFER, padded(A), padded(B), data="5"), "not hexadecimal"),
        (log(0, TRANSFER, padded(A), padded(B), address=ZERO), "no token contract"),
    ],
)
def test_what_is_no_transfer_of_a_token(row: dict[str, Any], reason: str) -> None:
    read = read_transfers(pa.Table.from_pylist([row]))
    assert moves(read) == []
    assert reasons(read) == {reason: 1}


def test_real_logs(data: Path) -> None:
    folder = data / "rpc/ethereum-etl"
    read = read_transfers(folder / "test_export_receipts_job/receipts_with_logs/expected_logs.csv")
    other = read_transfers(folder / "test_export_token_transfers_job/block_with_transfers/expected_token_transfers.csv")
    assert moves(read) == moves(other)
    assert len(read) == 2
