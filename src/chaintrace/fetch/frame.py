"""Frame: columns as a source gave them, undecoded, and the rows it could not even split into cells."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.model.transfer import Rejection

if TYPE_CHECKING:
    from chaintrace.fetch.pieces import Pieces

Codes = np.ndarray[tuple[int], np.dtype[np.int64]]
Raw = Any  # an Arrow array, or a list of Python objects where Arrow cannot hold them

MAX_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Column:
    """One column by its distinct values: row ``i`` holds ``values[codes[i]]``. None is a missing value."""

    codes: Codes
    values: list[object]

    @classmethod
    def of(cls, raw: Raw) -> Column:
        return _of_objects(raw) if isinstance(raw, list) else _of_arrow(raw)

    @classmethod
    def joined(cls, columns: Sequence[Column]) -> Column:
        """The columns under each other. A value that several of them hold stands in ``values`` several times."""
        if len(columns) == 1:
            return columns[0]
        values: list[object] = []
        codes = []
        for column in columns:
            codes.append(column.codes + len(values))
            values.extend(column.values)
        return cls(np.concatenate(codes), values)

    @classmethod
    def absent(cls, length: int) -> Column:
        return cls(np.zeros(length, dtype=np.int64), [None])


@dataclass(frozen=True, slots=True)
class Part:
    """What one source gave: ``columns`` of equal length, each row's number in the source, and rows torn on the way."""

    source: str
    rows: Codes
    columns: dict[str, Raw]
    torn: tuple[Rejection, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Something that can be read: its column ``names``, and ``load``, which reads the columns it is asked for.
    ``pieces``: the same in pieces, where it can be had so."""

    name: str
    names: tuple[str, ...]
    load: Callable[[Collection[str]], Part]
    pieces: Pieces | None = None

    def renamed(self, columns: dict[str, str]) -> Source:
        """The same source with columns called differently: ``{"its name": "our name"}``."""
        old = {columns.get(name, name): name for name in self.names}

        def load(wanted: Collection[str]) -> Part:
            part = self.load({old[name] for name in wanted if name in old})
            return replace(part, columns={new: part.columns[was] for new, was in old.items() if was in part.columns})

        pieces = None if self.pieces is None else self.pieces.renamed(old)
        return Source(self.name, tuple(columns.get(name, name) for name in self.names), load, pieces)


@dataclass(frozen=True)
class Frame:
    """Parts of one format under each other. A column that a part lacks is missing in its rows."""

    parts: tuple[Part, ...]
    _seen: dict[str, Column] = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(len(part.rows) for part in self.parts)

    def __contains__(self, name: object) -> bool:
        return any(name in part.columns for part in self.parts)

    def names(self) -> list[str]:
        return list(dict.fromkeys(name for part in self.parts for name in part.columns))

    def column(self, name: str) -> Column:
        """A column, its distinct values found once. One that is nowhere is missing in every row."""
        if name not in self._seen:
            given = [
                Column.of(part.columns[name]) if name in part.columns else Column.absent(len(part.rows))
                for part in self.parts
            ]
            self._seen[name] = Column.joined(given)
        return self._seen[name]

    def places(self) -> list[tuple[str, int]]:
        return [(part.source, number) for part in self.parts for number in part.rows.tolist()]


def shown(value: object) -> str:
    """A stranger's text, fit to be shown: control and invisible characters escaped, 80 characters at most."""
    text = "" if value is None else value.hex() if isinstance(value, bytes) else str(value)[: MAX_SHOWN + 1]
    text = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"


def texts(cells: list[str | None]) -> Raw:
    """Texts as an Arrow array, or as they are where they hold half a surrogate pair, which Arrow refuses."""
    try:
        return pa.array(cells, pa.large_string())
    except (UnicodeEncodeError, pa.ArrowInvalid):
        return cells


def _of_objects(cells: Iterable[object]) -> Column:
    codes: dict[object, int] = {}
    values: list[object] = []
    found = []
    for cell in cells:
        value = _plain(cell)
        key = (type(value), value)
        code = codes.setdefault(key, len(values))
        if code == len(values):
            values.append(value)
        found.append(code)
    return Column(np.array(found, dtype=np.int64), values)


def _plain(cell: object) -> object:
    """A hashable Python value: NumPy scalars, timestamps and lists in plain form, every kind of nothing as None."""
    if cell is None or isinstance(cell, (str, int, bytes)):
        return cell
    if isinstance(cell, float):
        return None if math.isnan(cell) else float(cell)
    if isinstance(cell, np.generic):
        return _plain(cell.item())
    if isinstance(cell, date):
        return None if cell != cell else cell.isoformat()  # NaT is not equal to itself
    if isinstance(cell, (list, tuple, np.ndarray)):
        return ",".join(str(item) for item in cell)
    if isinstance(cell, (bytearray, memoryview)):
        return bytes(cell)
    try:
        missing = bool(cell != cell)
        hash(cell)
    except (TypeError, ValueError, ArithmeticError):  # pandas.NA has no truth value
        return None if type(cell).__name__ in ("NAType", "NaTType") else str(cell)
    return None if missing else cell


def _of_arrow(raw: pa.Array | pa.ChunkedArray) -> Column:
    array = _simple(raw)
    if isinstance(array, list):
        return _of_objects(array)
    encoded = array.dictionary_encode(null_encoding="encode")
    values = [None if isinstance(v, float) and math.isnan(v) else v for v in encoded.dictionary.to_pylist()]
    return Column(encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64), values)


def _simple(raw: pa.Array | pa.ChunkedArray) -> Any:
    """An array of a type that can be told apart by value; tz-aware timestamps become unix seconds, rounded down."""
    kind = raw.type
    if isinstance(kind, pa.BaseExtensionType):
        return _simple(raw.cast(kind.storage_type) if isinstance(raw, pa.ChunkedArray) else raw.storage)
    if pa.types.is_dictionary(kind):
        return _simple(raw.cast(kind.value_type))
    if pa.types.is_timestamp(kind):
        raw = seconds_of(raw, kind)
    elif pa.types.is_string(kind) or pa.types.is_string_view(kind):
        raw = raw.cast(pa.large_string())
    elif pa.types.is_binary(kind) or pa.types.is_binary_view(kind):
        raw = raw.cast(pa.large_binary())
    elif pa.types.is_nested(kind) or pa.types.is_date(kind) or pa.types.is_time(kind):
        return raw.to_pylist()
    return raw.combine_chunks() if isinstance(raw, pa.ChunkedArray) else raw


def seconds_of(raw: Any, kind: pa.TimestampType) -> Any:
    if kind.tz is None:
        return raw.cast(pa.large_string())
    ticks = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}[kind.unit]
    counts = raw.cast(pa.int64())
    whole = pc.divide(counts, ticks)
    below = pc.greater(pc.multiply(whole, ticks), counts)  # division rounds towards zero, time runs one way
    return pc.subtract(whole, pc.cast(below, pa.int64()))
