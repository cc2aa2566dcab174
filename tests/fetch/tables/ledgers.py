"""Random rows in the formats of tables, and what reading all of them says: the naive oracle."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.fetch.merge import MADE_SEQ
from chaintrace.fetch.rows import FEE_SEQ
from chaintrace.fetch.tables.fetcher import Tables
from chaintrace.model.address import format_address as checksum

ACCOUNTS = [f"0x{number:040x}" for number in (0xA1, 0xB2, 0xC3, 0xD4, 0xE5F6)]
TOKENS = ["0x" + "70" * 20, "0x" + "71" * 20]
ZERO = "0x" + "00" * 20
Rows = list[dict[str, Any]]
ENGINES = ("files", "database", "relation", "polars", "lazy", "pandas", "pyarrow")
Draw = Callable[[Any], Any]

accounts = st.sampled_from(ACCOUNTS)
amounts = st.sampled_from([0, 1, 2, 7, 2**53, 2**63, 2**128, 2**256 - 1])


def tx_name(block: int, index: int) -> str:
    return f"0x{block * 100 + index:064x}"


@st.composite
def plain(draw: Draw) -> Rows:
    """Our own columns: with and without what orders and names rows; addresses in both spellings or as bytes."""
    named, placed, numbered, timed = (draw(st.booleans()) for _ in range(4))
    spell = draw(st.sampled_from([str, checksum, lambda text: bytes.fromhex(text[2:])]))
    rows = []
    for _ in range(draw(st.integers(1, 14))):
        block, index = draw(st.integers(3, 9)), draw(st.integers(0, 2))
        row: dict[str, Any] = {
            "block": block,
            "sender": spell(draw(accounts)),
            "receiver": spell(draw(accounts)),
            "amount": str(draw(amounts)),
        }
        row |= {"tx_hash": tx_name(block, index)} if named else {}
        row |= {"tx_index": index} if placed and named else {}
        row |= {"seq": draw(st.integers(0, 5))} if numbered and named else {}
        row |= {"time": 1000 + block} if timed else {}
        rows.append(row)
    unique = {(row.get("tx_hash"), row["seq"]): row for row in rows if "seq" in row}
    return list(unique.values()) or rows


@st.composite
def chain(draw: Draw) -> dict[str, Rows]:
    """A chain as ethereum-etl exports it: transactions, the calls inside them, and token transfers."""
    told: dict[str, Rows] = {"transactions": [], "traces": [], "token_transfers": []}
    places = draw(st.lists(st.tuples(st.integers(3, 9), st.integers(0, 2)), min_size=1, max_size=6, unique=True))
    bare = draw(st.booleans())
    for block, index in places:
        tx_hash, sender, receiver, value = tx_name(block, index), draw(accounts), draw(accounts), draw(amounts)
        went_well = draw(st.booleans())
        place = {"block_number": block, "transaction_index": index, "block_timestamp": 1000 + block}
        told["transactions"].append(
            {
                "hash": tx_hash,
                "from_address": checksum(sender),
                "to_address": receiver,
                "value": str(value),
                "receipt_status": int(went_well),
                "receipt_gas_used": 21000,
                "receipt_effective_gas_price": draw(st.integers(0, 9)),
                **place,
            }
        )
        calls = [("", "call", sender, receiver, value, went_well)]
        for _ in range(draw(st.integers(0, 4))):
            above = draw(st.sampled_from([path for path, *_ in calls]))
            path = f"{above},{len(calls)}" if above else str(len(calls))
            what = draw(st.sampled_from(["call", "call", "delegatecall", "create", "suicide"]))
            calls.append((path, what, draw(accounts), draw(accounts), draw(amounts), draw(st.integers(0, 3)) > 0))
        for path, what, one, other, moved, good in calls:
            told["traces"].append(
                {
                    "transaction_hash": tx_hash,
                    "trace_address": path,
                    "from_address": one,
                    "to_address": other,
                    "value": str(moved),
                    "trace_type": "call" if what == "delegatecall" else what,
                    "call_type": what if what in ("call", "delegatecall") else None,
                    "status": int(good),
                    **place,
                }
            )
        for number in range(draw(st.integers(0, 3))):
            one, other = draw(st.sampled_from([*ACCOUNTS, ZERO])), draw(accounts)
            told["token_transfers"].append(
                {
                    "token_address": draw(st.sampled_from(TOKENS)),
                    "from_address": one,
                    "to_address": checksum(other),
                    "value": str(draw(amounts)),
                    "transaction_hash": tx_hash,
                    "log_index": index * 10 + number,
                    "block_number": block,
                    **({} if bare else {"block_timestamp": 1000 + block}),
                }
            )
    return {name: rows for name, rows in told.items() if rows}


def held(engine: str, tables: dict[str, Rows], folder: Path, **how: Any) -> Tables:
    """Tables in an engine."""
    frames = {name: pa.Table.from_pylist(rows) for name, rows in tables.items()}
    if engine == "files":
        folder.mkdir(exist_ok=True)
        for name, frame in frames.items():
            pq.write_table(frame, folder / f"{name}.parquet", row_group_size=3)
        return ct.Files(*(folder / f"{name}.parquet" for name in frames), **how)
    if engine in ("database", "relation"):
        con = duckdb.connect()
        for name, frame in frames.items():
            con.register("given", frame)
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM given")
            con.unregister("given")
        return ct.Warehouse(con if engine == "database" else {name: con.table(name) for name in frames}, **how)
    if engine == "pandas":
        return ct.Warehouse({name: frame.to_pandas() for name, frame in frames.items()}, **how)
    if engine == "pyarrow":
        return ct.Warehouse(frames, **how)
    native = {name: pl.DataFrame(frame) for name, frame in frames.items()}
    return ct.Warehouse(native if engine == "polars" else {name: one.lazy() for name, one in native.items()}, **how)


def canonical(rows: Rows) -> Rows:
    """Rows in an order that depends on what they say alone."""
    return sorted(rows, key=lambda row: json.dumps([_text(row[name]) for name in sorted(row)]))


def _text(cell: Any) -> Any:
    return None if cell is None else "0x" + cell.hex() if isinstance(cell, bytes) else str(cell)


def all_read(tables: dict[str, Rows]) -> list[dict[str, Any]]:
    """Every row as ``read_transfers`` reads all tables; places that it made up count inside their transaction."""
    listed = [pa.Table.from_pylist(canonical(rows)) for rows in tables.values()]
    count: dict[str, int] = {}
    found = []
    for row in ct.read_transfers(listed).table.drop_columns(["evidence", "block_hash"]).to_pylist():
        if MADE_SEQ <= row["seq"] < FEE_SEQ:
            row["seq"] = MADE_SEQ + count.setdefault(row["tx_hash"], 0)
            count[row["tx_hash"]] += 1
        found.append(row)
    return found


def touching(rows: Sequence[dict[str, Any]], wanted: Sequence[str], first: int, last: int) -> list[dict[str, Any]]:
    return [row for row in rows if {row["sender"], row["receiver"]} & set(wanted) and first <= row["block"] <= last]
