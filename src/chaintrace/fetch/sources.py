"""Sources: files and Arrow tables as something that can be asked for its columns."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from chaintrace.errors import InputError
from chaintrace.fetch.csv_file import open_csv
from chaintrace.fetch.formats import known_columns
from chaintrace.fetch.frame import Part, Raw, Source, shown
from chaintrace.fetch.json_file import open_json
from chaintrace.fetch.pieces import FilePieces, TablePieces, sound
from chaintrace.fetch.text import EMPTY, distinct, open_text, reading

PARQUET = b"PAR1"


def open_file(path: Path, also: Collection[str] = ()) -> Source:
    """A Parquet, CSV or JSON lines file, by its ending, else by its first bytes. ``also``: further columns to keep."""
    if path.stat().st_size == 0:
        raise InputError(str(path), "it is empty", EMPTY)
    ending = path.name.lower().removesuffix(".gz").rpartition(".")[2]
    if ending in ("parquet", "pq", "parq"):
        return _open_parquet(path)
    if ending in ("csv", "tsv"):
        return open_csv(path)
    if ending in ("jsonl", "ndjson", "json"):
        return open_json(path, known_columns() | set(also))
    return _sniffed(path, also)


def open_table(name: str, table: pa.Table) -> Source:
    """An Arrow table."""
    names = distinct(name, table.column_names)
    try:
        table.validate(full=True)
    except pa.ArrowException as error:
        raise InputError(name, f"it is not valid ({shown(error)})", "build the table again") from None

    def load(wanted: Collection[str]) -> Part:
        columns = {column: table.column(column) for column in names if column in wanted}
        return Part(name, np.arange(table.num_rows), columns)

    return Source(name, names, load, TablePieces({column: table.column(column) for column in names}, table.num_rows))


def open_columns(name: str, columns: dict[str, Raw], length: int) -> Source:
    """Columns that are Arrow arrays, or lists of Python objects."""

    def load(wanted: Collection[str]) -> Part:
        return Part(name, np.arange(length), {key: raw for key, raw in columns.items() if key in wanted})

    pieces = None if any(isinstance(raw, list) for raw in columns.values()) else TablePieces(columns, length)
    return Source(name, tuple(columns), load, pieces)


def _sniffed(path: Path, also: Collection[str]) -> Source:
    with path.open("rb") as handle:
        start = handle.read(4)
    if start == PARQUET:
        return _open_parquet(path)
    try:
        with reading(path), open_text(path) as handle:
            line = handle.readline(1 << 16).strip()
    except InputError as error:
        if not isinstance(error.__context__, UnicodeDecodeError):
            raise
        line = ""
    if line.startswith("{"):
        return open_json(path, known_columns() | set(also))
    if any(mark in line for mark in ",;\t"):
        return open_csv(path)
    raise InputError(str(path), "its kind is not known", "Parquet, CSV and JSON lines are read, each also as .gz")


def _open_parquet(path: Path) -> Source:
    with sound(path), pq.ParquetFile(path) as file:
        names = distinct(str(path), file.schema_arrow.names)
        pieces = FilePieces(path, file)
    return Source(str(path), names, partial(_load_parquet, path, names), pieces)


def _load_parquet(path: Path, names: tuple[str, ...], wanted: Collection[str]) -> Part:
    # ParquetFile, not read_table: that one would take a folder called block=5 for a column.
    with sound(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
        table = file.read(columns=[name for name in names if name in wanted])
        table.validate(full=True)
    columns = {name: table.column(name) for name in table.column_names}
    return Part(str(path), np.arange(table.num_rows), columns)
