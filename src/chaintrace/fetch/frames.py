"""Frames: tables in memory, pandas, Polars, DuckDB and all that narwhals knows, as sources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from chaintrace.errors import InputError
from chaintrace.fetch.frame import Raw, Source
from chaintrace.fetch.sources import open_columns, open_table
from chaintrace.fetch.text import distinct

if TYPE_CHECKING:
    import pandas as pd

KINDS_READ = "a path, an Arrow table, a pandas, Polars or DuckDB frame, Transfers, or a list of these"


def open_frame(frame: Any) -> Source:
    """A table in memory. InputError where it is none."""
    if isinstance(frame, pa.RecordBatchReader):
        return open_table("Arrow stream", frame.read_all())
    if isinstance(frame, pa.RecordBatch):
        return open_table("Arrow batch", pa.Table.from_batches([frame]))
    if isinstance(frame, pa.Table):
        return open_table("Arrow table", frame)
    return _open_narwhals(frame)


def _open_narwhals(frame: Any) -> Source:
    import narwhals as nw

    if nw.dependencies.is_pandas_dataframe(frame):
        return _open_pandas("pandas frame", frame)
    try:
        known = nw.from_native(frame)
    except TypeError:
        kind = type(frame).__name__
        raise InputError(f"a {kind}", "it is no table that is known", f"give {KINDS_READ}") from None
    name = f"{known.implementation.name.title().replace('Duckdb', 'DuckDB')} frame"
    # Integers of 128 bits and more have no Arrow type of their own; as text they arrive exactly.
    wide = [n for n, t in known.collect_schema().items() if t in (nw.Int128, nw.UInt128, nw.Unknown)]
    known = known.with_columns(nw.col(*wide).cast(nw.String())) if wide else known
    eager = known.collect() if isinstance(known, nw.LazyFrame) else known
    columns: dict[str, Raw] = {}
    for column in eager.columns:
        series = eager[column]
        columns[column] = series.to_list() if series.dtype == nw.Object else series.to_arrow()
    return open_columns(name, columns, len(eager))


def _open_pandas(name: str, frame: pd.DataFrame) -> Source:
    names = [str(column) for column in frame.columns]
    distinct(name, names)
    columns = {column: _pandas_column(frame.iloc[:, n]) for n, column in enumerate(names)}
    return open_columns(name, columns, len(frame))


def _pandas_column(series: pd.Series[Any]) -> Raw:
    if series.dtype == object:
        return series.tolist()
    try:
        array = pa.Array.from_pandas(series.copy())  # a frame may change before it is read
    except (pa.ArrowException, TypeError):
        return series.tolist()
    return array
