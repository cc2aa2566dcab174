"""Large sources are read when they are looked at: what is said before, and what can go wrong in between."""

from __future__ import annotations

import os
import pickle
import random
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import chaintrace as ct
from chaintrace.errors import ColumnError, InputError, OrderError, OutOfMemory, RowError
from chaintrace.fetch import pieces
from chaintrace.fetch.files import read_transfers
from chaintrace.fetch.plan import PLAIN_ROWS
from chaintrace.graph import ingest
from chaintrace.model.transfer import Transfers, Unread
from tests.fetch.samples import ETH, HASHES, A, B, C, reasons
from tests.fetch.ways import everything, is_lane, seen, way

KERNELS = ct.kernels()


def rows(count: int = 12, **more: Any) -> pa.Table:
    """Payments of 1, 2, 3 … in blocks 0, 1, 2 …"""
    columns = {
        "sender": [(A, B)[n % 2] for n in range(count)],
        "receiver": [(B, C)[n % 2] for n in range(count)],
        "amount": [str(n + 1) for n in range(count)],
        "block": list(range(count)),
    }
    return pa.table({**columns, **more})


def written(path: Path, table: pa.Table | None = None, **options: Any) -> Path:
    table = rows() if table is None else table
    pq.write_table(table, path, row_group_size=4, write_page_checksum=True, use_dictionary=False, **options)
    return path


@pytest.fixture
def lane() -> Any:
    with way(True):
        yield


# ---- before it is read


@pytest.mark.usefixtures("lane")
def test_what_is_not_read_says_so_and_is_not_read_by_being_shown(tmp_path: Path) -> None:
    read = read_transfers(written(tmp_path / "big.parquet"))
    assert repr(read) == "<Transfers: 12 rows of big.parquet, not yet read>"
    assert "not yet read" in read._repr_html_()
    assert isinstance(read, Unread)
    assert not read.is_read
    assert len(read) == 12
    assert repr(read) == "<Transfers: 12 rows from chaintrace>"
    assert "12 transfers" in read._repr_html_()


@pytest.mark.usefixtures("lane")
def test_what_is_not_read_can_be_compared_and_sent_elsewhere(tmp_path: Path) -> None:
    path = written(tmp_path / "a.parquet")
    first, second = read_transfers(path), read_transfers(path)
    assert first == second
    whole = pickle.loads(pickle.dumps(first))  # noqa: S301
    assert type(whole) is Transfers
    assert first == whole
    assert whole == first


@pytest.mark.usefixtures("lane")
def test_a_directory_counts_its_files(tmp_path: Path) -> None:
    written(tmp_path / "a.parquet")
    written(tmp_path / "b.parquet")
    assert repr(read_transfers(tmp_path)) == "<Transfers: 24 rows of 2 files, not yet read>"


@pytest.mark.usefixtures("lane")
def test_transfers_that_were_read_are_not_read_again(tmp_path: Path) -> None:
    read = read_transfers(written(tmp_path / "a.parquet"))
    assert len(read.table) == 12
    (tmp_path / "a.parquet").unlink()
    assert len(ct.TransferGraph(read)) == 12


def test_few_rows_are_read_at_once(tmp_path: Path) -> None:
    assert type(read_transfers(written(tmp_path / "a.parquet"))) is Transfers


@pytest.mark.parametrize("kernel", KERNELS)
def test_many_rows_are_the_same_rows(kernel: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many as it takes, unsorted, with a bad one here and there."""
    monkeypatch.setenv("CHAINTRACE_KERNEL", kernel)
    luck, count = np.random.default_rng(1), PLAIN_ROWS + 1
    address = [f"0x{n:040x}" for n in range(1, 3000)]
    address[7], address[8] = "nobody", "0x" + "00" * 20
    columns = {name: luck.choice(address, count) for name in ("sender", "receiver")}
    columns |= {
        "amount": luck.choice(["1", "007", str(2**200), "x", "55"], count),
        "block": luck.integers(0, 99, count),
    }
    columns |= {"asset": luck.choice(["native", "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"], count)}
    pd.DataFrame(columns).to_parquet(tmp_path / "a.parquet")
    graph = ct.TransferGraph(tmp_path / "a.parquet")
    assert is_lane(graph)
    with way(False):
        slow = ct.TransferGraph(tmp_path / "a.parquet")
    assert graph.table.equals(slow.table)
    assert list(graph.pots) == list(slow.pots)
    assert graph.amount == slow.amount
    assert (graph.rejected, graph.notes) == (slow.rejected, slow.notes)


@pytest.mark.parametrize(
    ("source", "reading"),
    [
        (rows(), {"strict": True}),
        ([rows(), rows()], {}),
        (rows(sender=["1BoatSLRHtKNngkdXEeobR76b53LETtpyT"] * 12), {"chain": "bitcoin"}),
        (rows(block=[str(n) for n in range(12)]), {}),
        (rows(block=[True] * 12), {}),
        (rows(amount=[1.5] * 12), {}),
        (rows(amount=pa.array([1] * 12).cast(pa.decimal128(20, 1))), {}),
        (rows(sender=pa.array([b"\0" * 21] * 12, pa.binary(21))), {}),
        (rows(time=pa.array([1] * 12, pa.timestamp("s"))), {}),
        (rows().to_pandas().astype(object), {}),
        (rows(amount=pa.nulls(12)), {}),
    ],
)
def test_what_is_read_at_once(source: Any, reading: dict[str, Any]) -> None:
    """A cell of these may mean several things; or several sources have to be compared."""
    with way(True):
        read = seen(lambda: read_transfers(source, **reading))
    assert type(read) in (Transfers, tuple)
    with way(False):
        assert read == seen(lambda: read_transfers(source, **reading))


@pytest.mark.parametrize(
    "table",
    [
        rows(tx_hash=[HASHES[0]] * 12, seq=[0] * 12),
        rows(tx_hash=[*HASHES[:11], None], seq=[0] * 11 + [None]).set_column(
            4, "tx_hash", [["synthetic:a"] * 11 + [None]]
        ),
        rows(block=[-1] * 12),
        rows(chain=["ethereum"] * 6 + ["polygon"] * 6),
        rows(outpoint=[None] * 11 + [HASHES[0][2:] + ":0"]),
        rows(sender=["?"] * 12),
        rows(seq=[2**40 + 1] * 11 + [None], tx_hash=HASHES[:12]),
    ],
)
def test_what_turns_out_not_to_be_plain_is_read_row_by_row(table: pa.Table) -> None:
    with way(True, most_odd=0.5):
        graph = ct.TransferGraph(table)
        assert not is_lane(graph)
    with way(False):
        assert everything(graph, [0]) == everything(ct.TransferGraph(table), [0])


# ---- what is wrong with the file as a whole is said at once


@pytest.mark.usefixtures("lane")
def test_what_is_wrong_with_the_whole_file_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="missing amount"):
        read_transfers(rows().drop_columns(["amount"]))
    path = written(tmp_path / "a.parquet")
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(InputError, match="truncated"):
        read_transfers(path)
    with pytest.raises(InputError, match="no such file"):
        read_transfers(tmp_path / "b.parquet")
    with pytest.raises(InputError, match="it has columns and no rows"):
        read_transfers(written(tmp_path / "c.parquet", rows(0)))
    with pytest.raises(InputError, match="second column 'sender'"):
        read_transfers(rows(), columns={"receiver": "sender"})


# ---- damage inside


def spoilt(path: Path, column: str) -> Path:
    """Changes one letter in the second row group."""
    group = pq.ParquetFile(path).metadata.row_group(1)
    chunk = next(group.column(n) for n in range(group.num_columns) if group.column(n).path_in_schema == column)
    content = bytearray(path.read_bytes())
    content[chunk.data_page_offset + chunk.total_compressed_size - 3] ^= 1
    path.write_bytes(content)
    return path


def reading() -> list[str]:
    """Threads that read files; others may be of servers that other tests keep for the session."""
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("reading")]


def open_files() -> set[str]:
    found = set()
    for number in os.listdir("/proc/self/fd"):  # noqa: PTH208
        try:
            found.add(os.readlink(f"/proc/self/fd/{number}"))  # noqa: PTH115
        except OSError:
            continue
    return found


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("column", ["sender", "amount", "block"])
def test_damage_is_the_same_error_whoever_meets_it(kernel: str, column: str, tmp_path: Path) -> None:
    path = spoilt(written(tmp_path / "a.parquet"), column)
    with way(False), pytest.raises(InputError) as slow:
        read_transfers(path)
    with way(True, kernel):
        read = read_transfers(path)
        for look in (lambda: ct.TransferGraph(read), lambda: read.table, lambda: len(read), lambda: read.notes):
            with pytest.raises(InputError) as lane:
                look()
            assert str(lane.value) == str(slow.value)
    assert reading() == []
    if Path("/proc/self/fd").is_dir():
        assert str(path) not in open_files()


@pytest.mark.usefixtures("lane")
def test_any_damage_is_an_error_or_rows(tmp_path: Path) -> None:
    path, chosen = tmp_path / "a.parquet", random.Random(1)
    pq.write_table(rows(9), path, row_group_size=4, compression="snappy")
    whole = path.read_bytes()
    for _ in range(80):
        broken = bytearray(whole)
        broken[chosen.randrange(len(whole))] ^= 1 << chosen.randrange(8)
        path.write_bytes(bytes(broken))
        try:
            graph = ct.TransferGraph(path)
        except (InputError, OrderError) as error:
            assert error.hint  # noqa: PT017  (every error says what to do)
            continue
        assert len(graph) + len(graph.rejected) == 9
    assert reading() == []


@pytest.mark.parametrize(("wanted", "kind"), [(2**50, InputError), (2**34, OutOfMemory)])
def test_a_file_that_asks_for_absurd_memory_is_damaged(
    wanted: int, kind: type[Exception], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise pa.ArrowMemoryError(f"malloc of size {wanted} failed")

    path = written(tmp_path / "a.parquet")
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", fail)
    monkeypatch.setattr(pq.ParquetFile, "read", fail)
    for lane in (True, False):
        with way(lane), pytest.raises(kind, match="reading" if kind is OutOfMemory else "damaged"):
            ct.TransferGraph(path)


@pytest.mark.usefixtures("lane")
def test_damage_where_nobody_looks_is_met_by_who_looks(tmp_path: Path) -> None:
    table = rows(evidence=[f"page {n}" for n in range(12)], tx_hash=HASHES[:12])
    graph = ct.TransferGraph(spoilt(written(tmp_path / "a.parquet", table), "evidence"))
    assert graph.take([0, 11])["evidence"].to_pylist() == ["page 0", "page 11"]
    assert graph.take([5], ["tx_hash"])["tx_hash"].to_pylist() == [HASHES[5]]
    for look in (lambda: graph.take([5]), lambda: graph.table, graph.to_pandas):
        with pytest.raises(InputError, match="damaged") as caught:
            look()
        assert caught.value.hint


@pytest.mark.usefixtures("lane")
def test_letters_that_are_none_are_damage(tmp_path: Path) -> None:
    """Of a column that the graph needs, at once; of another, when it is looked at."""
    broken = pa.StringArray.from_buffers(12, pa.array(range(13), pa.int32()).buffers()[1], pa.py_buffer(b"\xff" * 12))
    for column in ("sender", "kind", "asset", "tx_hash", "amount"):
        table = rows()
        table = table.drop_columns([column] if column in table.column_names else []).append_column(column, broken)
        path = written(tmp_path / f"{column}.parquet", table)
        with pytest.raises(InputError, match="Invalid UTF8"):
            ct.TransferGraph(path)
    graph = ct.TransferGraph(written(tmp_path / "a.parquet", rows(evidence=broken)))
    with pytest.raises(InputError, match="Invalid UTF8"):
        graph.take([3])


@pytest.mark.usefixtures("lane")
def test_nulls_inside_a_dictionary_are_missing_cells() -> None:
    kinds = pa.DictionaryArray.from_arrays(
        pa.array([n % 2 for n in range(12)], pa.int8()), pa.array(["internal", None])
    )
    senders = pa.DictionaryArray.from_arrays(pa.array([n % 3 for n in range(12)], pa.int8()), pa.array([A, None, B]))
    table = rows(kind=kinds, sender=senders)
    graph = ct.TransferGraph(table)
    with way(False):
        assert everything(graph, [1]) == everything(ct.TransferGraph(table), [1])


# ---- the file changes


@pytest.mark.usefixtures("lane")
def test_a_file_that_has_changed_is_an_error(tmp_path: Path) -> None:
    table = rows(tx_hash=HASHES[:12])
    path = written(tmp_path / "a.parquet", table)
    read, graph = read_transfers(path), ct.TransferGraph(path)
    assert graph.find_tx(HASHES[3]) == [3]
    written(path, rows(13, tx_hash=HASHES[:13]))
    looks = (
        lambda: ct.TransferGraph(read),
        lambda: read.table,
        lambda: graph.take([1]),
        lambda: graph.table,
        lambda: graph.find_tx(HASHES[4]),
        lambda: ct.trace(graph, ct.rows(HASHES[5])),
    )
    for look in looks:
        with pytest.raises(InputError, match="it has changed since it was opened") as caught:
            look()
        assert "read it again" in caught.value.hint
    path.unlink()
    for look in looks:
        with pytest.raises(InputError, match="it has changed"):
            look()
    assert graph.balance(A) == {ETH: 0}, "what is kept needs no file"
    assert graph.take([1], ["sender", "block", "amount"])["block"].to_pylist() == [1]


@pytest.mark.usefixtures("lane")
def test_a_frame_that_is_changed_afterwards_is_read_as_it_was() -> None:
    frame = rows().to_pandas()
    read = read_transfers(frame)
    frame.loc[:, "block"] = 7
    frame["amount"] = "1"
    assert ct.TransferGraph(read).table["block"].to_pylist() == list(range(12))


# ---- memory, interrupts


@pytest.mark.usefixtures("lane")
@pytest.mark.parametrize("error", [MemoryError(5), pa.ArrowMemoryError("no room")])
def test_too_little_memory_is_said_in_words(error: Exception, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_: Any) -> None:
        raise error

    graph = ct.TransferGraph(written(tmp_path / "a.parquet"))
    monkeypatch.setattr(pieces, "_columns", fail)
    with pytest.raises(OutOfMemory, match="reading the transfers"):
        ct.TransferGraph(tmp_path / "a.parquet")
    assert reading() == []
    assert len(graph) == 12


@pytest.mark.usefixtures("lane")
def test_ctrl_c_leaves_nothing_running(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def fail(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(ingest.Coder, "amounts_text", fail)
    with pytest.raises(KeyboardInterrupt):
        ct.TransferGraph(written(tmp_path / "a.parquet"))
    assert reading() == []


@pytest.mark.usefixtures("lane")
def test_more_rows_than_can_be_numbered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(ingest, "MOST_ROWS", 11)
    with pytest.raises(InputError, match="it has 12 rows, and a graph has at most 11") as caught:
        ct.TransferGraph(written(tmp_path / "a.parquet"))
    assert caught.value.hint


# ---- what stays


@pytest.mark.usefixtures("lane")
def test_a_slice_of_a_large_graph_is_not_read_again(tmp_path: Path) -> None:
    graph = ct.TransferGraph(written(tmp_path / "a.parquet"))
    part = graph.between(3, 8)
    (tmp_path / "a.parquet").unlink()
    assert part.take(range(6), ["block"])["block"].to_pylist() == [3, 4, 5, 6, 7, 8]
    assert part.amount == [4, 5, 6, 7, 8, 9]
    assert part.between(5, 5).amount == [6]


@pytest.mark.usefixtures("lane")
def test_transactions_are_found_in_any_spelling(tmp_path: Path) -> None:
    spelled = [HASHES[0].upper().replace("0X", "0x"), HASHES[1][2:], "first", *HASHES[3:12]]
    graph = ct.TransferGraph(written(tmp_path / "a.parquet", rows(tx_hash=spelled)))
    assert is_lane(graph)
    for n, name in enumerate((*HASHES[:2], "first", *HASHES[3:12])):
        assert graph.find_tx("nothing", name) == [n]
        assert ct.trace(graph, ct.rows(spelled[n])).seeded == {ETH: n + 1}
    assert graph.find_tx("0x" + "g" * 64, "") == []


def test_bad_rows_are_still_errors_in_strict_reading(tmp_path: Path) -> None:
    with way(True), pytest.raises(RowError):
        read_transfers(written(tmp_path / "a.parquet", rows(sender=["bad", *[A] * 11])), strict=True)
    with way(True):
        assert reasons(read_transfers(tmp_path / "a.parquet")) == {"bad address": 1}
