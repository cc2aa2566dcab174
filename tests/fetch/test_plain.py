"""The plain lane: large tables stream by, and what comes out is what reading them row by row gives."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.fetch.files import read_transfers
from chaintrace.fetch.merge import MADE_SEQ
from chaintrace.model.address import format_address
from chaintrace.model.transfer import KINDS
from tests.fetch.samples import ETH, HASHES, TOKEN, TOP, USDC, ZERO, A, B, C
from tests.fetch.ways import everything, is_lane, read, seen, trace, way

KERNELS = ct.kernels()
D = "0x" + "d0" * 19 + "1a"
NAMES = (A, B, C, D)
CASED = (format_address(D), "0x" + D[2:].upper())
BAD_ADDRESSES = (CASED[0].swapcase().replace("0X", "0x"), A[:-1], "0x" + "g" * 40, "", " " + A, "álice", A + "0", "0x")
AMOUNTS = (0, 1, 5, 2**53, 2**63 - 1, 2**64, 2**64 + 1, 2**127, 10**38 - 1, 10**38)
LARGE = (2**128 - 1, 2**128, 2**255, TOP)
BAD_AMOUNTS = ("", "-1", "1.5", "1e5", " 1", str(TOP + 1), "0x1", "½", "1_0", "٣")
ASSETS = ("native", ETH, USDC, TOKEN, "TOK")
BAD_ASSETS = ("WHAT", "eip155:137/slip44:966", ZERO, "bad\n")
TXS = (*HASHES[:6],)
ODD_TXS = (HASHES[0].upper().replace("0X", "0x"), HASHES[1][2:], "first", "synthetic:ab", "synthetic:ab-1", "")
BAD_TXS = ("0xab", "bad\n")
READING = {"assets": {"TOK": "0xdac17f958d2ee523a2206206994597c13d831ec7"}}


def cells(draw: Any, count: int, usual: Any, odd: Any = (), luck: int = 12) -> list[Any]:
    """One in ``luck`` is odd."""
    some = st.sampled_from([*usual])
    if odd:
        some = st.integers(0, luck - 1).flatmap(lambda n, some=some: some if n else st.sampled_from([*odd]))
    return draw(st.lists(some, min_size=count, max_size=count))


def parties(draw: Any, count: int, shape: str) -> pa.Array:
    if shape == "binary":
        return pa.array([bytes.fromhex(a[2:]) for a in cells(draw, count, (*NAMES, ZERO))], pa.binary(20))
    if shape == "bytes":
        found = cells(draw, count, [bytes.fromhex(a[2:]) for a in (*NAMES, ZERO)], (b"", b"\0" * 19, None))
        return pa.array(found, pa.binary())
    if shape == "ids":
        return pa.array(cells(draw, count, (0, 1, 2, 3), (4, 5, 6, 7, 99, None)), pa.uint32())
    found = cells(draw, count, NAMES, (*CASED, *BAD_ADDRESSES, ZERO, None))
    types = {"text": pa.string(), "large": pa.large_string(), "dictionary": pa.dictionary(pa.int8(), pa.string())}
    return pa.array(found, pa.string()).cast(types[shape])


def amounts(draw: Any, count: int, shape: str) -> pa.Array:
    if shape == "text":
        usual = [str(amount) for amount in AMOUNTS] + ["007"]
        return pa.array(cells(draw, count, usual, (*map(str, LARGE), *BAD_AMOUNTS, None)))
    if shape == "bytes32":
        return pa.array([a.to_bytes(32, "big") for a in cells(draw, count, (*AMOUNTS, *LARGE))], pa.binary(32))
    if shape == "bytes":
        found = cells(draw, count, [a.to_bytes(32, "big") for a in (*AMOUNTS, *LARGE)], (b"", b"\1", None))
        return pa.array(found, pa.large_binary())
    if shape == "decimal128":
        return pa.array(cells(draw, count, (*AMOUNTS[:7], 10**38 - 1), (-1, None)), pa.decimal128(38))
    if shape == "decimal256":
        return pa.array(cells(draw, count, (*AMOUNTS, 2**128, 10**76 - 1), (-1, None)), pa.decimal256(76))
    if shape == "uint64":
        return pa.array(cells(draw, count, (0, 1, 5, 2**64 - 1), (None,)), pa.uint64())
    return pa.array(cells(draw, count, (0, 1, 5, 100), (-1, None)), {"int64": pa.int64(), "int8": pa.int8()}[shape])


def numbers(draw: Any, count: int, most: int, is_sorted: bool, gaps: bool, shape: pa.DataType) -> pa.Array:
    found = draw(st.lists(st.integers(0, most), min_size=count, max_size=count))
    found = sorted(found) if is_sorted else found
    if gaps:
        missing = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
        found = [number if here else None for number, here in zip(found, missing, strict=True)]
    return pa.array(found, pa.int64()).cast(shape)


INTEGERS = st.sampled_from([pa.int64(), pa.uint32(), pa.int8(), pa.float64(), pa.uint64()])
TIMES = st.sampled_from([pa.int64(), pa.timestamp("s", "UTC"), pa.timestamp("ms", "Europe/Berlin"), pa.float32()])


OPTIONAL = ("tx_index", "seq", "tx_hash", "kind", "asset", "order", "evidence", "chain")


@st.composite
def tables(draw: Any) -> tuple[pa.Table, dict[str, Any]]:
    """A table of our own schema with any of its columns, and how it is to be read."""
    count, reading = draw(st.integers(1, 14)), dict(READING)
    shape = draw(st.sampled_from(["text", "text", "large", "dictionary", "binary", "bytes", "ids"]))
    columns = {"sender": parties(draw, count, shape), "receiver": parties(draw, count, shape)}
    if shape == "ids":
        numbered = [list(NAMES), [A, B, C, D, ZERO, A, "bad", None], [*CASED[:1], A, B, C]]
        reading["accounts"] = draw(st.sampled_from(numbered))
    shapes = ["text", "text", "bytes32", "bytes", "decimal128", "decimal256", "uint64", "int64", "int8"]
    columns["amount"] = amounts(draw, count, draw(st.sampled_from(shapes)))
    clock = draw(st.sampled_from(["block", "time", "both", "either"]))
    in_order, gaps = draw(st.booleans()), draw(st.integers(0, 3)) == 0
    if clock != "time":
        columns["block"] = numbers(draw, count, 5, in_order, gaps or clock == "either", draw(INTEGERS))
    if clock != "block":
        columns["time"] = numbers(draw, count, 5, in_order, gaps, draw(TIMES))
    has = {name for name in OPTIONAL if draw(st.booleans())}
    if "tx_index" in has:
        columns["tx_index"] = numbers(draw, count, 2, False, gaps, draw(INTEGERS))
    distinct = draw(st.booleans())
    if "seq" in has:
        columns["seq"] = pa.array(range(count)) if distinct else numbers(draw, count, 3, False, gaps, pa.int64())
        if draw(st.integers(0, 5)) == 0:
            columns["seq"] = pa.array([MADE_SEQ + n for n in range(count)])
    if "tx_hash" in has:
        columns["tx_hash"] = pa.array(cells(draw, count, TXS, (*ODD_TXS, *BAD_TXS, None)))
        if draw(st.integers(0, 3)) == 0:
            columns["tx_hash"] = pa.array([bytes.fromhex(tx[2:]) for tx in cells(draw, count, TXS)], pa.binary(32))
    if "kind" in has:
        columns["kind"] = pa.array(cells(draw, count, ("native", "token"), (*KINDS, "", "bad", None), 4))
    if "asset" in has:
        columns["asset"] = pa.array(cells(draw, count, ASSETS, (*BAD_ASSETS, "", None)))
    if "order" in has:
        columns["order"] = pa.array(cells(draw, count, ("known", "unknown"), ("", "bad", None)))
    if "evidence" in has:
        columns["evidence"] = pa.array(cells(draw, count, ("page 1", "", None)))
        columns["block_hash"] = pa.array(cells(draw, count, ("0xaa", "", None)))
    if "chain" in has:
        columns["chain"] = pa.array(cells(draw, count, ("ethereum",), ("", "polygon", None, "bad"), 30))
    if draw(st.integers(0, 5)) == 0:
        columns["outpoint"] = pa.nulls(count, pa.string())
    if draw(st.integers(0, 9)) == 0:
        reading["decimals"] = {"native": 18}
        reading["asset"] = draw(st.sampled_from(["native", USDC]))
    return pa.table(columns), reading


def as_file(table: pa.Table, folder: Path) -> Any:
    pq.write_table(table, folder / "a.parquet", row_group_size=5)
    return folder / "a.parquet"


def as_directory(table: pa.Table, folder: Path) -> Any:
    for number, start in enumerate(range(0, len(table), 6)):
        pq.write_table(table.slice(start, 6), folder / f"{number}.parquet", row_group_size=4)
    return folder


def as_polars(table: pa.Table, folder: Path) -> Any:
    assume(not pa.types.is_decimal256(table.schema.field("amount").type))  # Polars has none
    return pl.from_arrow(table)


DOORS = {
    "table": lambda table, _: table,
    "chunks": lambda table, _: pa.concat_tables([table.slice(n, 2) for n in range(0, len(table), 2)]),
    "file": as_file,
    "directory": as_directory,
    "pandas": lambda table, _: table.to_pandas(),
    "pandas of Arrow": lambda table, _: table.to_pandas(types_mapper=pd.ArrowDtype),
    "polars": as_polars,
    "list of one": lambda table, _: [table],
}
CUTS = st.tuples(st.integers(0, 5), st.integers(0, 5))
ROWS = st.lists(st.integers(0, 99), max_size=6)


@pytest.mark.parametrize("kernel", KERNELS)
@given(told=tables(), door=st.sampled_from(list(DOORS)), rows=ROWS, cut=CUTS)
def test_both_ways_give_the_same_graph(kernel: str, told: Any, door: str, rows: list[int], cut: Any) -> None:
    table, reading = told
    with tempfile.TemporaryDirectory() as folder:
        source = DOORS[door](table, Path(folder))

        def outcome(lane: bool) -> Any:
            with way(lane, kernel):
                graph = seen(lambda: ct.TransferGraph(read_transfers(source, **reading)))
                if not isinstance(graph, ct.TransferGraph):
                    return graph
                event("lane" if is_lane(graph) else f"slow {lane}")
                part = seen(lambda: everything(graph.between(min(cut), max(cut)), rows))
                return {"trace": trace(graph), "part": part, **everything(graph, rows)}

        assert outcome(True) == outcome(False)


@given(told=tables(), door=st.sampled_from(list(DOORS)))
def test_both_ways_read_the_same_transfers(told: Any, door: str) -> None:
    table, reading = told
    with tempfile.TemporaryDirectory() as folder:
        source = DOORS[door](table, Path(folder))

        def outcome(lane: bool) -> Any:
            with way(lane):
                return seen(lambda: read(read_transfers(source, **reading)))

        assert outcome(True) == outcome(False)
