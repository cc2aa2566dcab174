"""Small things that the tests of reading share."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pyarrow as pa

from chaintrace.model.transfer import Transfers

A, B, C = ("0x" + pair * 20 for pair in ("aa", "bb", "cc"))
ZERO = "0x" + "00" * 20
TOKEN = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
ETH = "eip155:1/slip44:60"
USDC = f"eip155:1/erc20:{TOKEN}"
HASHES = ["0x" + f"{n:064x}" for n in range(1, 20)]
TOP = 2**256 - 1
FEE_SEQ = 2**62


def write_csv(path: Path, rows: list[dict[str, Any]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_json(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def records(transfers: Transfers) -> list[dict[str, Any]]:
    """Rows as plain dictionaries, amounts as int, times as unix seconds."""
    rows = transfers.table.set_column(3, "time", transfers.table["time"].cast(pa.int64())).to_pylist()
    return [{**row, "amount": int.from_bytes(row["amount"], "big")} for row in rows]


def moves(transfers: Transfers) -> list[tuple[Any, ...]]:
    """Kind, sender, receiver, amount and seq of every row."""
    return [tuple(row[key] for key in ("kind", "sender", "receiver", "amount", "seq")) for row in records(transfers)]


def reasons(transfers: Transfers) -> dict[str, int]:
    return dict(transfers.rejected.counts)


def notes(transfers: Transfers) -> str:
    return "\n".join(transfers.notes)
