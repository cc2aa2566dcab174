"""Pieces: a source that can be read batch by batch, or only some rows of it, so that it is never whole in memory."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Protocol, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from chaintrace.errors import InputError, OutOfMemory
from chaintrace.fetch.frame import shown

BATCH = 1 << 17  # rows decoded at once: columns that stay in the cache until they are coded
_BUFFER = 1 << 20  # bytes of each column read from the file at once
_ABSURD = 1 << 40

# What pyarrow raises for a damaged file; names that are not UTF-8 are a ValueError.
DAMAGE = (pa.ArrowException, OSError, ValueError)

Columns = dict[str, pa.Array]
T = TypeVar("T")


class Pieces(Protocol):
    """``rows`` of columns whose Arrow ``types`` are known. Raises what pyarrow raises for a damaged file."""

    @property
    def rows(self) -> int: ...

    @property
    def types(self) -> Mapping[str, pa.DataType]: ...

    def batches(self, names: Sequence[str]) -> Iterator[Columns]:
        """All rows, in order, a stretch at a time."""

    def chosen(self, rows: Any, names: Sequence[str]) -> pa.Table:
        """Some rows (numbers, ascending), in that order."""

    def may_hold(self, name: str, value: str | bytes) -> Iterator[tuple[int, pa.Array]]:
        """Stretches of one column that may hold ``value``, each with the number of its first row."""

    def check(self) -> None:
        """InputError if the source is no longer what it was when it was opened."""

    def renamed(self, old: Mapping[str, str]) -> Pieces:
        """The same with columns called differently: ``{"our name": "its name"}``."""


@contextmanager
def sound(path: Path) -> Iterator[None]:
    """What can go wrong while a Parquet file is read, in words."""
    try:
        yield
    except InputError:
        raise
    except MemoryError as error:
        if is_absurd(error):
            raise _broken(path, error) from None
        raise OutOfMemory(f"reading {path}") from None
    except DAMAGE as error:
        raise _broken(path, error) from None


def is_absurd(error: MemoryError) -> bool:
    """Whether so much memory was asked for that a damaged file must have done it."""
    wanted = re.search(r"size (\d+)", str(error))
    return wanted is not None and int(wanted[1]) >= _ABSURD


class TablePieces:
    """Columns in memory."""

    def __init__(self, columns: Mapping[str, pa.Array | pa.ChunkedArray], rows: int) -> None:
        self.columns = columns
        self.rows = rows
        self.types = {name: column.type for name, column in columns.items()}

    def batches(self, names: Sequence[str]) -> Iterator[Columns]:
        for first in range(0, self.rows, BATCH):
            yield {name: whole(self.columns[name].slice(first, BATCH)) for name in names}

    def chosen(self, rows: Any, names: Sequence[str]) -> pa.Table:
        at = pa.array(rows, pa.int64())
        return pa.table({name: self.columns[name].take(at) for name in names})

    def may_hold(self, name: str, value: str | bytes) -> Iterator[tuple[int, pa.Array]]:
        for number, columns in enumerate(self.batches([name])):
            yield number * BATCH, columns[name]

    def check(self) -> None:
        pass

    def renamed(self, old: Mapping[str, str]) -> Pieces:
        columns = {new: self.columns[was] for new, was in old.items() if was in self.columns}
        return TablePieces(columns, self.rows)


class FilePieces:
    """A Parquet file, opened for each reading."""

    def __init__(self, path: Path, file: pq.ParquetFile) -> None:
        self.path = path
        self.rows = int(file.metadata.num_rows)
        schema = file.schema_arrow
        self.types = dict(zip(schema.names, schema.types, strict=True))
        sizes = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
        self.starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
        self.stamp = _stamp(path)

    def batches(self, names: Sequence[str]) -> Iterator[Columns]:
        with self._open() as file:
            for batch in file.iter_batches(BATCH, columns=list(names), use_threads=False):
                yield _columns(batch)

    def chosen(self, rows: Any, names: Sequence[str]) -> pa.Table:
        taken: list[pa.RecordBatch] = []
        with sound(self.path), self._open() as file:
            for group, (start, end) in enumerate(pairwise(self.starts.tolist())):
                here = rows[np.searchsorted(rows, start) : np.searchsorted(rows, end)] - start
                if len(here):
                    taken += _taken(file.iter_batches(BATCH, row_groups=[group], columns=list(names)), here)
            table = pa.Table.from_batches(taken) if taken else _no_rows(self.types, names)
            table.validate(full=True)
        return table

    def may_hold(self, name: str, value: str | bytes) -> Iterator[tuple[int, pa.Array]]:
        with sound(self.path), self._open() as file:
            for group, start in enumerate(self.starts[:-1].tolist()):
                if not _is_beyond(file.metadata.row_group(group), name, value):
                    for batch in file.iter_batches(BATCH, row_groups=[group], columns=[name]):
                        yield start, _columns(batch)[name]
                        start += batch.num_rows

    def check(self) -> None:
        try:
            same = _stamp(self.path) == self.stamp
        except OSError:
            same = False
        if not same:
            reason = "it has changed since it was opened"
            raise InputError(str(self.path), reason, "read it again: rows already read are those of the file before")

    def renamed(self, old: Mapping[str, str]) -> Pieces:
        return RenamedPieces(self, old)

    def _open(self) -> pq.ParquetFile:
        return pq.ParquetFile(self.path, page_checksum_verification=True, pre_buffer=False, buffer_size=_BUFFER)


class RenamedPieces:
    """Pieces with columns called differently; ``old`` is the source's name of each column of ours."""

    def __init__(self, pieces: Pieces, old: Mapping[str, str]) -> None:
        self.pieces = pieces
        self.rows = pieces.rows
        self.old = {new: was for new, was in old.items() if was in pieces.types}
        self.types = {new: pieces.types[was] for new, was in self.old.items()}

    def batches(self, names: Sequence[str]) -> Iterator[Columns]:
        new = {self.old[name]: name for name in names}
        for columns in self.pieces.batches(list(new)):
            yield {new[name]: column for name, column in columns.items()}

    def chosen(self, rows: Any, names: Sequence[str]) -> pa.Table:
        old = [self.old[name] for name in names]
        return self.pieces.chosen(rows, old).select(old).rename_columns(list(names))

    def may_hold(self, name: str, value: str | bytes) -> Iterator[tuple[int, pa.Array]]:
        return self.pieces.may_hold(self.old[name], value)

    def check(self) -> None:
        self.pieces.check()

    def renamed(self, old: Mapping[str, str]) -> Pieces:
        return RenamedPieces(self, old)


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, the next one made in a thread while this one is used."""
    with closing(items), ThreadPoolExecutor(1, "reading") as thread:  # type: ignore[type-var]
        following = thread.submit(next, items, None)
        while (item := following.result()) is not None:
            following = thread.submit(next, items, None)
            yield item


def whole(column: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A column in one chunk, not copied where it is in one."""
    if not isinstance(column, pa.ChunkedArray):
        return column
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _columns(batch: pa.RecordBatch) -> Columns:
    return dict(zip(batch.schema.names, batch.columns, strict=True))


def _taken(batches: Iterator[pa.RecordBatch], rows: Any) -> Iterator[pa.RecordBatch]:
    start = 0
    for batch in batches:
        here = rows[np.searchsorted(rows, start) : np.searchsorted(rows, start + batch.num_rows)] - start
        if len(here):
            yield batch.take(pa.array(here, pa.int64()))
        start += batch.num_rows
        if start > rows[-1]:
            return


def _no_rows(types: Mapping[str, pa.DataType], names: Sequence[str]) -> pa.Table:
    return pa.schema([(name, types[name]) for name in names]).empty_table()


def _is_beyond(group: Any, name: str, value: str | bytes) -> bool:
    """Whether the file says that no value of the group's column is ``value``."""
    for number in range(group.num_columns):
        column = group.column(number)
        if column.path_in_schema == name:
            told = column.statistics
            is_told = told is not None and told.has_min_max and isinstance(told.min, type(value))
            return bool(is_told and not told.min <= value <= told.max)
    return False


def _stamp(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


def _broken(path: Path, error: Exception) -> InputError:
    if isinstance(error, PermissionError):
        return InputError(str(path), "permission denied", "check who may read the file")
    said = shown(str(error).splitlines()[0])
    return InputError(
        str(path),
        f"it is no Parquet file, or a damaged or truncated one ({said})",
        "copy or export the file again; a Parquet file that was cut short cannot be read in part",
    )
