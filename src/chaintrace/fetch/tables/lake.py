"""Lake: what tables there are, and between which blocks they are whole on the word of whoever gave them."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from chaintrace.fetch.exact import NotExact, load
from chaintrace.fetch.tables.shape import FORMAT, LAST, LAST_SHAPE, SHAPES, Shape
from chaintrace.fetch.words import Bad, Fields, items, natural, placed, text

CALLER, TABLES = "caller", "tables"


@dataclass(frozen=True, slots=True)
class Holding:
    """One table: its ``name``, format, the ``columns`` that are taken of it, how many ``rows`` it has. ``whole``:
    whether its transactions are taken whole, for want of numbers inside them."""

    name: str
    format: str
    columns: tuple[str, ...]
    rows: int
    whole: bool

    @property
    def shape(self) -> Shape:
        return LAST_SHAPE if self.format == LAST else SHAPES[self.format]


@dataclass(frozen=True, slots=True)
class Lake:
    """Blocks ``first`` to ``last``; ``said`` by whom: the caller, or the tables themselves, by their first and last
    row."""

    first: int
    last: int
    said: str
    tables: tuple[Holding, ...]

    def write(self) -> bytes:
        told = asdict(self) | {"tables": [asdict(one) for one in self.tables]}
        return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def read(data: bytes) -> Lake:
    """The inverse of ``Lake.write``. Bad for bytes that it does not write."""
    try:
        told = Fields(load(data))
    except NotExact as error:
        raise Bad(str(error)) from None
    lake = Lake(
        told.need("first", _place),
        told.need("last", _place),
        told.need("said", text),
        tuple(map(_holding, told.need("tables", items))),
    )
    if lake.said not in (CALLER, TABLES) or len({one.name for one in lake.tables}) < len(lake.tables):
        raise Bad("it is no description of tables")
    return lake


def _holding(told: object) -> Holding:
    one = Fields(told)
    holding = Holding(
        one.need("name", text),
        one.need("format", text),
        tuple(map(text, one.need("columns", items))),
        one.need("rows", natural),
        one.need("whole", _flag),
    )
    if holding.format not in SHAPES or FORMAT[holding.format].missing(holding.columns):
        raise Bad(f"{holding.name[:40]!r} has not the columns of its format")
    return holding


def _place(value: object) -> int:
    return placed(natural(value))


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Bad("neither true nor false")
    return value
