"""Bodies: rows of a table as bytes that do not depend on the engine, on threads or on the order of rows.

The first line names the columns, each other line is a row, as JSON lists; lines are in the order of their bytes. What
a cell says is text: numbers in digits, moments in unix seconds, bytes in hexadecimal, lists with commas. Only a float
that is no whole number below 2**53 stays a number, so that nobody takes it for an exact one.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.fetch.columns import EXACT_FLOAT
from chaintrace.fetch.frame import seconds_of
from chaintrace.fetch.tables.query import Found
from chaintrace.fetch.words import Bad

AMOUNTS = ("amount", "value")
"""Columns in which 32 bytes are a number."""

Cell = str | float | None

_ENCODER = json.JSONEncoder(separators=(",", ":"))


class Told:
    """What a body says: ``columns`` of equal length by name, ``rows`` how many. ``source``: what its rows cite."""

    def __init__(self, columns: dict[str, list[Cell]], rows: int, source: str) -> None:
        self.columns, self.rows, self.source = columns, rows, source


def write(columns: Sequence[str], found: Found) -> bytes:
    """The body of some rows."""
    told = [cells(name, found[name]) for name in columns]
    lines = [_line(row) for row in zip(*told, strict=True)]
    return "\n".join([_line(columns), *sorted(lines), ""]).encode("utf-8", "surrogatepass")


def read(data: bytes, columns: Sequence[str], source: str) -> Told:
    """The inverse of ``write``. Bad for bytes that it does not write."""
    try:
        lines = data.decode("utf-8").split("\n")
    except UnicodeDecodeError:
        raise Bad("it is not UTF-8") from None
    if lines[0] != _line(columns) or lines[-1] != "" or len(lines) < 2:
        raise Bad("it does not begin with its columns, or breaks off")
    rows = [_row(line, len(columns)) for line in lines[1:-1]]
    if lines[1:-1] != sorted(lines[1:-1]):
        raise Bad("its rows are not in order")
    cells = list(map(list, zip(*rows, strict=True))) or [[] for _ in columns]
    return Told(dict(zip(columns, cells, strict=True)), len(rows), source)


def source_of(data: bytes) -> str:
    return f"{sha256(data).hexdigest()}#0"


def _line(cells: Iterable[Any]) -> str:
    return _ENCODER.encode(list(cells))


_ROW = json.JSONDecoder(parse_constant=lambda name: None)


def _row(line: str, width: int) -> list[Cell]:
    try:
        row = _ROW.decode(line) if line.startswith("[") else None
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, list) or len(row) != width:
        raise Bad("a row of it is no list of its columns")
    for one in row:
        if one is not None and type(one) is not str and (type(one) is not float or one != one):
            raise Bad("a cell of it is neither text nor a fraction")
    return row


# ---- cells -------------------------------------------------------------------------------------------------------


def cells(name: str, raw: Any) -> list[Cell]:
    """What a body says of a column, an Arrow array or a list."""
    if isinstance(raw, list):
        return [_plain(name, one) for one in raw]
    kind = raw.type
    if isinstance(kind, pa.BaseExtensionType):
        return cells(name, raw.cast(kind.storage_type))
    if pa.types.is_dictionary(kind):
        return cells(name, raw.cast(kind.value_type))
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        raw = seconds_of(raw, kind)
    if pa.types.is_integer(raw.type) or pa.types.is_boolean(raw.type):
        return list(pc.cast(raw, pa.string()).to_pylist())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return list(raw.to_pylist())
    if (pa.types.is_fixed_size_binary(kind) or pa.types.is_binary(kind)) and name not in AMOUNTS:
        return [None if one is None else "0x" + one.hex() for one in raw.to_pylist()]
    return [_plain(name, one) for one in raw.to_pylist()]


def _plain(name: str, value: object) -> Cell:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return _fraction(float(value))
    if isinstance(value, (bytes, bytearray, memoryview)):
        return _bytes(name, bytes(value))
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ndarray":
        return ",".join(str(_plain("", one)) for one in value)  # type: ignore[attr-defined]
    if hasattr(value, "item"):
        return _plain(name, value.item())
    return None if value != value or type(value).__name__ in ("NAType", "NaTType") else str(value)


def _fraction(value: float) -> Cell:
    if value != value:
        return None
    whole = abs(value) < EXACT_FLOAT and value.is_integer()
    return str(int(value)) if whole else value if abs(value) != float("inf") else str(value)


def _bytes(name: str, value: bytes) -> str:
    if name in AMOUNTS and len(value) == 32:
        return str(int.from_bytes(value, "big"))
    return "0x" + value.hex()


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        return str(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
