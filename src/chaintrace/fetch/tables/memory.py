"""Memory: what is read whole — frames, files of text — as a table of DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from chaintrace.errors import InputError
from chaintrace.fetch.frame import Source
from chaintrace.fetch.tables.body import cells
from chaintrace.fetch.tables.duck import DuckTable, quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from duckdb import DuckDBPyConnection


def held(
    con: DuckDBPyConnection, name: str, sources: Sequence[Source], stamp: Callable[[], object] = lambda: None
) -> DuckTable:
    """Sources under each other. InputError where one has rows that cannot be split into cells."""
    con.register(name, pa.concat_tables(map(_loaded, sources), promote_options="default"))
    return DuckTable(con, quoted(name), name, stamp)


def _loaded(source: Source) -> pa.Table:
    part = source.load(source.names)
    if part.torn:
        torn = part.torn[0]
        raise InputError(source.name, f"row {torn.row} is torn: {torn.reason}", "export the file again")
    return pa.table({name: _array(name, raw) for name, raw in part.columns.items()})


def _array(name: str, raw: Any) -> Any:
    """What Arrow holds stays; what only Python does becomes bytes or the text that a body has of it."""
    if not isinstance(raw, list):
        return pa.array(cells(name, raw), pa.large_string()) if pa.types.is_decimal256(raw.type) else raw
    if all(one is None or isinstance(one, bytes) for one in raw) and any(raw):
        return pa.array(raw, pa.large_binary())
    return pa.array([None if one is None else str(one) for one in cells(name, raw)], pa.large_string())
