"""The workload as Parquet files, written once a size and kept: batch by batch, so that the largest fits as well.

``hex``     sender, receiver: texts like 0x12ab…; amount: decimal text
``binary``  sender, receiver: 20 bytes; amount: decimal128
``ids``     sender, receiver: uint32 account numbers; amount: decimal128; beside it a file of the 20 bytes by number
``wide``    as binary, amounts as 32 big-endian bytes, 2**128 times as large and then some: every sum needs 256 bits

Each also has ``block`` (sorted), and the order of rows is the order of time.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import seeds
import workload
from workload import Batch, Ids, Lanes

SHAPES = ("hex", "binary", "ids", "wide")
VARIABLE = "CHAINTRACE_BENCH"
ROW_GROUP = 1 << 20
HEX = np.array([[ord(digit) for digit in f"{byte:02x}"] for byte in range(256)], dtype=np.uint8)


class Files:
    """The files of one size in ``folder``; ``make`` writes those that are not there yet."""

    def __init__(self, rows: int, folder: Path) -> None:
        self.rows, self.folder = rows, folder

    def path(self, shape: str) -> Path:
        return self.folder / f"{self.rows}-{shape}.parquet"

    @property
    def manifest(self) -> Path:
        return self.folder / f"{self.rows}.json"

    def seeds(self) -> dict[str, int]:
        return json.loads(self.manifest.read_text(encoding="utf-8"))["seeds"]

    def make(self, shapes: tuple[str, ...]) -> None:
        known = self._known()
        if not known:
            self._forget()
        wanted = [shape for shape in shapes if not known or not self._is_there(shape)]
        if known and not wanted:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        plan = workload.plan(self.rows)
        world = workload.World(plan)
        sender, receiver = np.empty(self.rows, dtype=np.uint32), np.empty(self.rows, dtype=np.uint32)
        amount = np.empty(0 if known else self.rows)
        with _Writers({shape: self.path(shape) for shape in wanted}) as writers:
            for batch in world.batches():
                writers.write(batch)
                here = slice(batch.first, batch.first + len(batch.sender))
                sender[here], receiver[here] = batch.sender, batch.receiver
                if not known:
                    amount[here] = batch.amount[:, 0] + batch.amount[:, 1] * 2.0**64
        if "ids" in wanted:
            _write_accounts(self.path("accounts"), world.accounts)
        if not known:
            found = seeds.search(plan, sender, receiver, amount)._asdict() | {"numbers": world.accounts}
            self.manifest.write_text(json.dumps({"version": _version(), "seeds": found}), encoding="utf-8")

    def _is_there(self, shape: str) -> bool:
        return self.path(shape).is_file() and (shape != "ids" or self.path("accounts").is_file())

    def _forget(self) -> None:
        """Files of another generator hold other transfers: none may be taken for one of these."""
        for path in (self.manifest, self.path("accounts"), *map(self.path, SHAPES)):
            path.unlink(missing_ok=True)

    def _known(self) -> bool:
        """Whether there is a manifest, written by the generator as it is now."""
        try:
            return bool(json.loads(self.manifest.read_text(encoding="utf-8"))["version"] == _version())
        except (OSError, ValueError, KeyError):
            return False


def folder() -> Path:
    """Where the files are kept: $CHAINTRACE_BENCH, or build/bench."""
    return Path(os.environ.get(VARIABLE) or Path(__file__).parents[1] / "build" / "bench")


def _version() -> str:
    import hashlib

    here = Path(__file__).parent
    text = b"".join((here / name).read_bytes() for name in ("files.py", "seeds.py", "workload.py"))
    return hashlib.sha256(text).hexdigest()[:16]


class _Writers:
    """One Parquet writer a shape; a file has its name only once it is whole."""

    def __init__(self, paths: dict[str, Path]) -> None:
        self.paths = paths
        self.held: list[Batch] = []
        self.count = 0
        self.writers: dict[str, Any] = {}

    def __enter__(self) -> _Writers:
        return self

    def write(self, batch: Batch) -> None:
        self.held.append(batch)
        self.count += len(batch.sender)
        if self.count >= ROW_GROUP:
            self._flush()

    def _flush(self) -> None:
        if not self.held:
            return
        first = self.held[0].first
        columns = [np.concatenate(parts) for parts in list(zip(*self.held, strict=True))[1:]]
        for shape, path in self.paths.items():
            table = _table(shape, first, *columns)
            if shape not in self.writers:
                handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
                os.close(handle)
                self.writers[shape] = (pq.ParquetWriter(name, table.schema), name)
            self.writers[shape][0].write_table(table, row_group_size=ROW_GROUP)
        self.held, self.count = [], 0

    def __exit__(self, kind: Any, *_: Any) -> None:
        if kind is None:
            self._flush()
        for shape, (writer, name) in self.writers.items():
            writer.close()
            if kind is None:
                Path(name).replace(self.paths[shape])
            else:
                Path(name).unlink()


def _write_accounts(path: Path, count: int) -> None:
    schema = pa.schema([("address", pa.binary(20))])
    with pq.ParquetWriter(path, schema) as writer:
        for first in range(0, count, ROW_GROUP):
            numbers = np.arange(first, min(first + ROW_GROUP, count), dtype=np.uint32)
            writer.write_table(pa.table([_binary(numbers)], schema=schema))


def _table(shape: str, first: int, sender: Ids, receiver: Ids, amount: Lanes) -> pa.Table:
    parties = {"hex": _hex, "binary": _binary, "wide": _binary, "ids": pa.array}[shape]
    amounts = {"hex": _text, "binary": _decimal, "wide": _bytes, "ids": _decimal}[shape]
    block = pa.array(workload.blocks(first, len(sender)))
    columns = [parties(sender), parties(receiver), amounts(amount), block]
    return pa.table(columns, names=["sender", "receiver", "amount", "block"])


def _hex(accounts: Ids) -> pa.Array:
    count = len(accounts)
    text = np.empty((count, 42), dtype=np.uint8)
    text[:, :2] = ord("0"), ord("x")
    text[:, 2:] = HEX[workload.addresses(accounts)].reshape(count, 40)
    offsets = np.arange(0, 42 * count + 1, 42, dtype=np.int32)
    return pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(text))


def _binary(accounts: Ids) -> pa.Array:
    return _fixed(np.ascontiguousarray(workload.addresses(accounts)))


def _fixed(rows: np.ndarray) -> pa.Array:
    return pa.FixedSizeBinaryArray.from_buffers(pa.binary(rows.shape[1]), len(rows), [None, pa.py_buffer(rows)])


def _decimal(amount: Lanes) -> pa.Array:
    return pa.Decimal128Array.from_buffers(pa.decimal128(38), len(amount), [None, pa.py_buffer(amount)])


def _text(amount: Lanes) -> pa.Array:
    return _decimal(amount).cast(pa.string())


def _bytes(amount: Lanes) -> pa.Array:
    """The amount above 128 bits that follow from it."""
    words = np.concatenate([amount[:, ::-1], amount * np.uint64(0x9E3779B97F4A7C15)], axis=1)
    return _fixed(np.ascontiguousarray(words.astype(">u8")).view(np.uint8).reshape(len(amount), 32))
