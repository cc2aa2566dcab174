"""Files: a lake of Parquet, or other exports, as a fetcher."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from chaintrace.errors import InputError
from chaintrace.fetch.folder import files_in
from chaintrace.fetch.frame import Source, shown
from chaintrace.fetch.sources import open_file
from chaintrace.fetch.tables.duck import DuckTable
from chaintrace.fetch.tables.fetcher import MOST, Tables
from chaintrace.fetch.tables.memory import held
from chaintrace.fetch.tables.shape import ALSO, shape_of
from chaintrace.model.chain import Chain


class Files(Tables):
    """A lake of files, of any format that ``read_transfers`` knows and that is about everybody: our own columns,
    ethereum-etl's tables, cryo's. All files of one format are one table.

    ``paths``   files, folders (all files in them, each of which has to be one), patterns such as ``lake/*.parquet``.
                Parquet is filtered where it lies; other files are read into memory.
    ``first, last``  between which blocks the files are whole; by default from their first row to their last.
    ``name``    how the lake is called in evidence; by default as the first path. ``most``: the longest history that is
                taken, in rows of one table.

    InputError for files that cannot answer: see ``chaintrace.fetch.tables.fetcher.Tables``.
    """

    door = "files"

    def __init__(
        self,
        *paths: str | Path,
        chain: str | Chain = "ethereum",
        first: int | None = None,
        last: int | None = None,
        name: str | None = None,
        most: int = MOST,
    ) -> None:
        import duckdb

        files = [file for path in paths for file in _files(_local(os.fspath(path)))]
        if not files:
            raise InputError("no files", "there is nothing to ask", "name at least one file or folder")
        con = duckdb.connect()
        con.execute("SET enable_progress_bar = false")
        tables = {name: _table(con, name, group) for name, group in _grouped(files).items()}
        called = name or Path(os.fspath(paths[0])).name or "lake"
        super().__init__(tables, name=called, chain=chain, first=first, last=last, most=most)


def _local(text: str) -> Path:
    """A path on this machine; addresses of other places may hold a key."""
    if "://" in text:
        advice = "open it with DuckDB or Polars, and give ct.Warehouse the table"
        raise InputError(shown(Path(text).name).partition("?")[0], "it is no file on this machine", advice)
    return Path(text).expanduser()


def _files(path: Path) -> Iterator[Path]:
    try:
        if path.is_dir():
            yield from files_in(path)
        elif path.is_file():
            yield path
        elif any(letter in str(path) for letter in "*?["):
            start = Path(path.anchor)
            yield from sorted(one for one in start.glob(str(path.relative_to(start))) if one.is_file())
        else:
            raise InputError(shown(path), "there is no such file", "check the path")
    except (OSError, ValueError) as error:  # no permission, a name that is too long, a NUL in it
        if isinstance(error, InputError):
            raise
        raise InputError(shown(path), shown(error), "check the path and who may read it") from None


def _grouped(files: Sequence[Path]) -> dict[str, list[Source]]:
    """Files by the role of their format; those of one format but of another sort are a table of their own."""
    found: dict[str, list[Source]] = {}
    for file in dict.fromkeys(files):
        source = open_file(file, ALSO)
        format, shape = shape_of(source.name, source.names)
        sort = "" if _is_parquet(file) else " of text"
        same = (
            "" if format.startswith(("chaintrace", "ethereum-etl", shape.role)) else f" of {format.partition(' ')[0]}"
        )
        found.setdefault(f"{shape.role}{same}{sort}", []).append(source)
    return found


def _is_parquet(file: Path) -> bool:
    with file.open("rb") as handle:
        return handle.read(4) == b"PAR1"


def _table(con: Any, name: str, sources: Sequence[Source]) -> DuckTable:
    paths = [source.name for source in sources]

    def stamp() -> object:
        return tuple(map(_stamp, paths))

    if _is_parquet(Path(paths[0])):
        for source in sources:
            _no_wide(source)
        listed = ", ".join(map(_literal, paths))
        how = "union_by_name = true, hive_partitioning = false"
        return DuckTable(con, f"read_parquet([{listed}], {how})", name, stamp)
    return held(con, name, sources, stamp)


def _literal(path: str) -> str:
    """A path as SQL has it: letters that would make it a pattern stand for themselves."""
    plain = "".join(f"[{letter}]" if letter in "*?[" else letter for letter in path)
    return "'" + plain.replace("'", "''") + "'"


def _no_wide(source: Source) -> None:
    """DuckDB reads decimals of more than 38 digits as floats."""
    import pyarrow as pa

    kinds = source.pieces.types if source.pieces is not None else {}
    wide = next((name for name, kind in kinds.items() if pa.types.is_decimal256(kind)), None)
    if wide is not None:
        reason = f"its column {shown(wide)!r} has decimals of more than 38 digits, which DuckDB does not read exactly"
        raise InputError(source.name, reason, "write it as text")


def _stamp(path: str) -> object:
    try:
        found = Path(path).stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
