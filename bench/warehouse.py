"""How fast a lake answers: all transfers of a thousand accounts among fifty million, beside the engines alone.

    python bench/warehouse.py [--rows 50000000] [--accounts 1000] [--repeats 3] [--folder DIR] [--small 1000000]

Writes a Parquet file of made-up transfers (about 80 bytes a row; kept where --folder says so), asks the whole question
by ``ct.Files`` (DuckDB) and by ``ct.Warehouse`` (a lazy frame of Polars), and prints a table: seconds of processors
in the query, in writing the evidence, in reading it as rows and altogether, and seconds by the clock. The floor is the
same filter in DuckDB's own SQL; on --small rows everything is also read by ``read_transfers`` and filtered. Of several
repeats the fastest is shown.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import chaintrace as ct
from chaintrace.fetch.tables import body, decode
from chaintrace.fetch.tables import lake as lakes
from chaintrace.fetch.tables.fetcher import Tables
from chaintrace.fetch.tables.step import query, steps
from chaintrace.model.page import Nothing, Question

CHUNK = 1_000_000
PEOPLE = 25  # rows for each account
A_BLOCK = 200
SEED = 20_220_323


def timed(work: Callable[[], Any], repeats: int = 1) -> tuple[float, float, Any]:
    """Seconds by the clock and of all processors, the least of several repeats, and what was done."""
    best, worked, done = float("inf"), float("inf"), None
    for _ in range(repeats):
        start, begin = time.perf_counter(), time.process_time()
        done = work()
        best, worked = min(best, time.perf_counter() - start), min(worked, time.process_time() - begin)
    return best, worked, done


def make(path: Path, rows: int) -> Any:
    """The file, in the order of blocks, where it is not there; the addresses in it, uint8 of shape (accounts, 20)."""
    luck = np.random.default_rng(SEED)
    people = np.frombuffer(luck.bytes(20 * max(rows // PEOPLE, 10)), np.uint8).reshape(-1, 20)
    if path.exists():
        return people
    schema = pa.schema(
        [
            ("block", pa.int64()),
            ("time", pa.int64()),
            ("tx_hash", pa.binary(32)),
            ("tx_index", pa.int32()),
            ("seq", pa.int64()),
            ("kind", pa.string()),
            ("sender", pa.binary(20)),
            ("receiver", pa.binary(20)),
            ("amount", pa.uint64()),
        ]
    )
    with pq.ParquetWriter(path, schema, use_dictionary=["kind"], compression="zstd") as writer:
        for begin in range(0, rows, CHUNK):
            count = min(CHUNK, rows - begin)
            numbers = np.arange(begin, begin + count)
            block = numbers // A_BLOCK
            columns = [
                pa.array(block), pa.array(1_500_000_000 + 12 * block), fixed(luck.bytes(32 * count), 32),
                pa.array((numbers % A_BLOCK).astype(np.int32)), pa.array(np.zeros(count, np.int64)),
                pa.array(["native"]).take(pa.array(np.zeros(count, np.int64))),
                fixed(people[luck.integers(0, len(people), count)].tobytes(), 20),
                fixed(people[luck.integers(0, len(people), count)].tobytes(), 20),
                pa.array(luck.integers(1, 2**63, count, dtype=np.uint64)),
            ]  # fmt: skip
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=131_072)
    return people


def fixed(data: bytes, width: int) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(width), len(data) // width, [None, pa.py_buffer(data)])


def question(tables: Tables, accounts: Sequence[str]) -> Question:
    head = tables.head()
    told = (tables.door, tables.name, tables.chain, tuple(accounts), (), 0, head.number, head.hash, head.final)
    return Question(*told, since=0, way=tables.way())


def measure(tables: Tables, accounts: Sequence[str], repeats: int) -> dict[str, Any]:
    opened, _, asked = timed(lambda: question(tables, accounts))
    whole, worked, page = timed(lambda: tables.ask(asked, Nothing()), repeats)
    lake = lakes.read(page.bodies[page.asked[0].body].data)
    (step,) = steps(asked, lake)
    table = next(iter(tables._tables.values()))
    _, seek, found = timed(lambda: table.find(query(asked, step, [], tables.most), frozenset()), repeats)
    _, write, data = timed(lambda: body.write(step.table.columns, found), repeats)
    held = {digest: one.data for digest, one in page.bodies.items()}
    _, read, answer = timed(lambda: decode.decode(asked, page.asked, held.__getitem__), repeats)
    if answer.digest != page.answer.digest:
        raise SystemExit("the evidence does not say what the page says")
    return {
        "rows": page.answer.rows.num_rows, "MB": len(data) / 1e6, "opened": opened, "whole": whole, "query": seek,
        "write": write, "read": read,
        "worked": worked, "digest": answer.digest,
    }  # fmt: skip


def floor(path: Path, keys: pa.Table, repeats: int) -> tuple[float, float, int]:
    import duckdb

    con = duckdb.connect()
    con.register("keys", keys)
    sql = (
        f"SELECT * FROM read_parquet('{path}') WHERE sender IN (SELECT k FROM keys) OR receiver IN (SELECT k FROM keys)"
    )
    took, worked, found = timed(lambda: con.sql(sql).to_arrow_table(), repeats)
    return took, worked, found.num_rows


def line(name: str, cells: dict[str, Any], least: float) -> str:
    told = [f"{cells['rows']:,}", f"{cells['MB']:,.0f}" if "MB" in cells else "–"]
    told += [
        f"{cells[one]:.2f} s" if one in cells else "–"
        for one in ("query", "write", "read", "worked", "opened", "whole")
    ]
    ratio = f"{cells['worked'] / least:.1f} ×"
    return f"| {' | '.join([name, *told, ratio])} |"


def main(words: Sequence[str] | None = None) -> None:
    import polars as pl

    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rows", type=int, default=50_000_000)
    options.add_argument("--small", type=int, default=1_000_000)
    options.add_argument("--accounts", type=int, default=1_000)
    options.add_argument("--repeats", type=int, default=3)
    options.add_argument("--folder", type=Path)
    asked = options.parse_args(words)
    with ExitStack() as stack:
        folder = asked.folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chaintrace-bench-")))
        folder.mkdir(exist_ok=True)
        for name, rows in (("small", asked.small), ("large", asked.rows)):
            path = folder / f"{name}-{rows}.parquet"
            made, _, people = timed(lambda path=path, rows=rows: make(path, rows))
            wanted = ["0x" + one.tobytes().hex() for one in people[: asked.accounts if name == "large" else 20]]
            keys = pa.table({"k": pa.array([bytes.fromhex(one[2:]) for one in wanted], pa.binary())})
            took, least, rows_found = floor(path, keys, asked.repeats)
            files = measure(ct.Files(path, name="lake"), wanted, asked.repeats)
            lazy = pl.scan_parquet(path)
            other = measure(ct.Warehouse({"transfers": lazy}, name="lake"), wanted, asked.repeats)
            if files["digest"] != other["digest"] or files["rows"] != rows_found:
                raise SystemExit("the engines do not agree")
            size = path.stat().st_size / 1e9
            print(f"\n{rows:,} rows, {size:.2f} GB (made in {made:.0f} s), {len(wanted):,} accounts\n")
            print("| | rows | MB | query | write | read | altogether | opened, clock | whole, clock | to the floor |")
            print("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|")
            print(line("DuckDB's SQL alone", {"rows": rows_found, "whole": took, "worked": least}, least))
            print(line("`ct.Files`", files, least))
            print(line("`ct.Warehouse`, Polars lazy", other, least))
            if name == "small":
                took, worked, found = timed(lambda path=path, wanted=wanted: read_all(path, wanted))
                print(
                    line(
                        "`read_transfers`, all rows, then filtered",
                        {"rows": found, "whole": took, "worked": worked},
                        least,
                    )
                )


def read_all(path: Path, wanted: Sequence[str]) -> int:
    import pyarrow.compute as pc

    table = ct.read_transfers(path).table
    names = pa.array(wanted)
    return int(pc.sum(pc.or_(*(pc.is_in(table[side], names) for side in ("sender", "receiver")))).as_py())


if __name__ == "__main__":
    main()
