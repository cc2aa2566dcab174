"""Warehouse: tables of a DuckDB database, or frames of any engine that narwhals knows, as a fetcher."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from chaintrace.errors import ColumnError, InputError
from chaintrace.fetch.frame import shown
from chaintrace.fetch.frames import open_frame
from chaintrace.fetch.tables.duck import DuckTable, quoted
from chaintrace.fetch.tables.fetcher import MOST, Tables
from chaintrace.fetch.tables.frame import FrameTable
from chaintrace.fetch.tables.memory import held
from chaintrace.fetch.tables.query import Table
from chaintrace.fetch.tables.shape import shape_of
from chaintrace.model.chain import Chain


class Warehouse(Tables):
    """Tables that another engine holds.

    ``tables``  a DuckDB database (its path, or a connection to it), or frames: one, a list of them, or a mapping from
                names to them: pandas, Polars (lazy ones too), pyarrow, a DuckDB relation, and what else narwhals can
                filter. Their columns are those of formats that ``read_transfers`` knows.
    ``names``   which tables or views of the database; by default all that are of such a format.
    ``first, last``  between which blocks the tables are whole; by default from their first row to their last.
    ``name``    how the warehouse is called in evidence. ``most``: the longest history that is taken, in rows of one
                table.

    A database is opened by its path for reading only. What an engine says in its errors is shown to nobody, for it may
    name keys. InputError for tables that cannot answer: see ``chaintrace.fetch.tables.fetcher.Tables``.
    """

    door = "warehouse"

    def __init__(
        self,
        tables: Any,
        names: str | Sequence[str] | None = None,
        *,
        chain: str | Chain = "ethereum",
        first: int | None = None,
        last: int | None = None,
        name: str | None = None,
        most: int = MOST,
    ) -> None:
        import duckdb

        if isinstance(tables, (str, os.PathLike)):
            path = Path(os.fspath(tables)).expanduser()
            found, called = _database(_opened(path), _listed(names), lambda: _stamp(path)), path.name
        elif isinstance(tables, duckdb.DuckDBPyConnection):
            found, called = _database(tables.cursor(), _listed(names), None), "DuckDB"
        else:
            if names is not None:
                raise InputError("frames", "names= is about a database", "give frames as a mapping, {name: frame}")
            con = duckdb.connect()
            found = {one: _frame(con, one, frame) for one, frame in _frames(tables).items()}
            called = next(iter(found), "frames")
        super().__init__(found, name=name or called, chain=chain, first=first, last=last, most=most)


def _listed(names: str | Sequence[str] | None) -> list[str] | None:
    return [names] if isinstance(names, str) else None if names is None else list(names)


def _frames(tables: Any) -> dict[str, Any]:
    if isinstance(tables, Mapping):
        return {str(name): frame for name, frame in tables.items()}
    listed = list(tables) if isinstance(tables, (list, tuple)) else [tables]
    return {f"table {n}" if len(listed) > 1 else "table": frame for n, frame in enumerate(listed, start=1)}


def _frame(con: Any, name: str, frame: Any) -> Table:
    """What is in memory is looked through by DuckDB, what is lazy by its own engine."""
    import narwhals as nw

    known = nw.from_native(frame, pass_through=True)
    return FrameTable(known, name) if isinstance(known, nw.LazyFrame) else held(con, name, [open_frame(frame)])


def _opened(path: Path) -> Any:
    """A connection to a file. Whatever else a text may name is opened by the caller, for it may hold a key."""
    import duckdb

    try:
        there = path.is_file()
    except (OSError, ValueError):
        there = False
    if not there:
        advice = "check the path; open other databases with duckdb.connect, and give the connection"
        raise InputError(shown(path.name).partition("?")[0], "there is no such file", advice)
    try:
        return duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        kind = type(error).__name__.removesuffix("Exception")
        reason = f"DuckDB cannot open it ({kind})"
        advice = "close it where it is open for writing, or give that connection"
        raise InputError(shown(path.name), reason, advice) from None


def _database(con: Any, names: list[str] | None, stamp: Any) -> dict[str, Table]:
    con.execute("SET enable_progress_bar = false")
    if names is not None:
        return {one: _table(con, one, _quoted(one), stamp) for one in names}
    told = con.execute(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = current_database() "
        "ORDER BY table_schema, table_name"
    ).fetchall()
    found: dict[str, Table] = {}
    for schema, name in told:
        called = name if schema == "main" else f"{schema}.{name}"
        table = _table(con, called, f"{quoted(schema)}.{quoted(name)}", stamp)
        if _is_known(called, table):
            found[called] = table
    return found


def _is_known(name: str, table: DuckTable) -> bool:
    try:
        shape_of(name, list(table.kinds))
    except ColumnError:
        return False
    return True


def _table(con: Any, name: str, relation: str, stamp: Any) -> DuckTable:
    def count() -> object:
        return con.execute(f"SELECT count(*) FROM {relation}").fetchall()

    return DuckTable(con, relation, name, stamp or count)


def _quoted(name: str) -> str:
    return ".".join(map(quoted, name.split(".")))


def _stamp(path: Path) -> object:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ino
