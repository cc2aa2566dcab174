"""Queries: which rows of one table are wanted, in words that every engine understands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

TEXT, BYTES, NUMBER, TIME, LIST, OTHER = "text", "bytes", "number", "time", "list", "other"
"""What a column holds: hexadecimal or decimal text, bytes, numbers, moments with a zone, lists of the first two."""

TOPIC = 67
"""Letters from one topic to the next where several stand in one text."""


@dataclass(frozen=True)
class Key:
    """Values that a column may have: hexadecimal text in small letters, or whole numbers. ``place``: which element,
    where the column holds lists."""

    column: str
    values: Sequence[Any]
    place: int | None = None


@dataclass(frozen=True)
class Query:
    """Rows with one of the keys of ``touching`` that stand in blocks ``first`` to ``last``, and rows with one of the
    keys of ``named`` wherever they stand. All of them have each of ``also``.

    ``whole``  a column: all rows that have the same there as one of these are wanted, too.
    ``most``   how many rows are taken; more than that are cut at one more.
    """

    columns: tuple[str, ...]
    block: str
    first: int
    last: int
    touching: tuple[Key, ...] = ()
    named: tuple[Key, ...] = ()
    also: tuple[Key, ...] = ()
    whole: str | None = None
    most: int | None = None


@dataclass(frozen=True)
class Extent:
    """How many rows a table has, how many of them have no block, and between which blocks the others stand."""

    rows: int
    absent: int
    first: int | None
    last: int | None


Found = Mapping[str, Any]
"""Columns by name: Arrow arrays, or lists where Arrow cannot hold what stands in them."""


class Table(Protocol):
    """A table in its engine. ``kinds``: what each of its columns holds. ``stamp``: something that is another when
    the table is."""

    @property
    def kinds(self) -> Mapping[str, str]: ...

    def stamp(self) -> object: ...

    def extent(self, block: str) -> Extent:
        """InputError where blocks are no numbers."""

    def mixed(self, columns: Sequence[str]) -> frozenset[str]:
        """Which of these columns of text hold capitals somewhere."""

    def find(self, query: Query, mixed: frozenset[str]) -> Found:
        """The rows that are wanted, in any order. ``mixed``: columns that are compared without regard to case."""

    def earliest(self, block: str, time: str, moment: int) -> int | None:
        """The first block with a row at or after a moment, in unix seconds."""
