"""Plan: what there is to be read of a large source, where every column is of a type that is read without doubt."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pyarrow as pa

from chaintrace.fetch.formats import FORMATS, Format
from chaintrace.fetch.frame import Source
from chaintrace.fetch.pieces import Columns, Pieces, ahead
from chaintrace.fetch.rows import Options
from chaintrace.model.transfer import Transfers

PLAIN_ROWS = 50_000  # fewer are read at once, whole

PARTIES = ("sender", "receiver")
NUMBERS = ("block", "tx_index", "seq")
TOLD_LATER = ("block_hash", "evidence")  # whatever these say, it rejects no row


@dataclass(frozen=True)
class Plan:
    """Sources of the format ``chaintrace`` under each other, not read yet. ``slow`` reads them whole, row by row."""

    sources: tuple[Source, ...]
    options: Options
    slow: Callable[[], Transfers]

    @cached_property
    def name(self) -> str:
        """The source as a person calls it."""
        names = [source.name.replace("\\", "/").rsplit("/", 1)[-1] for source in self.sources]
        return names[0] if len(names) == 1 else f"{len(names)} files"

    @cached_property
    def pieces(self) -> list[Pieces]:
        return [source.pieces for source in self.sources if source.pieces is not None]

    @cached_property
    def starts(self) -> list[int]:
        """The number of each source's first row, rows being counted over all of them; then how many there are."""
        return [0, *np.cumsum([pieces.rows for pieces in self.pieces]).tolist()]

    @property
    def rows(self) -> int:
        return self.starts[-1]

    @cached_property
    def types(self) -> dict[str, pa.DataType]:
        """The columns that are there, those that hold nothing but null left out."""
        types = self.pieces[0].types
        names = FORMATS[0].wanted(types)
        return {name: types[name] for name in names if not pa.types.is_null(types[name])}

    def load(self) -> Transfers:
        """Everything, the slow way. InputError if a file has changed since it was opened."""
        self.check()
        return self.slow()

    def without_accounts(self) -> Plan:
        """The same, for those who ask for other columns: what ``accounts=`` was given may be large."""
        return replace(self, options=replace(self.options, accounts=None), slow=_never)

    def check(self) -> None:
        for pieces in self.pieces:
            pieces.check()

    def batches(self, names: Sequence[str]) -> Iterator[tuple[int, int, Columns]]:
        """Stretches of all rows: number of the source, of the stretch's first row in it, and its columns."""
        for number, pieces in enumerate(self.pieces):
            first = 0
            for columns in ahead(pieces.batches(names)):
                yield number, first, columns
                first += len(columns[names[0]])

    def chosen(self, rows: np.ndarray[tuple[int], np.dtype[np.int64]], names: Sequence[str]) -> dict[int, pa.Table]:
        """Some rows (ascending), by the number of their source."""
        self.check()
        found = {}
        for number, pieces in enumerate(self.pieces):
            start, end = np.searchsorted(rows, self.starts[number : number + 2])
            if end > start:
                found[number] = pieces.chosen(rows[start:end] - self.starts[number], names)
        return found

    def place(self, row: int) -> tuple[str, int]:
        """The source of a row, and its number there."""
        number = bisect_right(self.starts, row, hi=len(self.sources)) - 1
        return self.sources[number].name, row - self.starts[number]


def plan(sources: Sequence[Source], known: Format, options: Options, slow: Callable[[], Transfers]) -> Plan | None:
    """The plan for these sources; None where they are to be read at once: few rows, another format, columns of a type
    in which a cell may mean several things."""
    if known is not FORMATS[0] or options.chain.family != "evm" or any(source.pieces is None for source in sources):
        return None
    made = Plan(tuple(sources), options, slow)
    told = [_told(pieces, known) for pieces in made.pieces]
    if made.rows < max(PLAIN_ROWS, 1) or any(types != told[0] for types in told):
        return None
    numbered = [pa.types.is_integer(made.types[name]) for name in PARTIES if name in made.types]
    if len(numbered) < 2 or numbered[0] != numbered[1] or "amount" not in made.types:
        return None
    return made if all(_is_plain(name, kind, options) for name, kind in made.types.items()) else None


def _never() -> Transfers:
    raise AssertionError("a plan without accounts is read column by column")


def _told(pieces: Pieces, known: Format) -> dict[str, pa.DataType]:
    return {name: pieces.types[name] for name in known.wanted(pieces.types)}


def is_text(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return is_text(kind.value_type)
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def is_bytes(kind: pa.DataType, width: int) -> bool:
    """Bytes, of a width that may be ``width``."""
    if pa.types.is_fixed_size_binary(kind):
        return bool(kind.byte_width == width)
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _is_plain(name: str, kind: pa.DataType, options: Options) -> bool:
    if name in PARTIES and pa.types.is_integer(kind):
        array = None if options.accounts is None else options.accounts.array
        return array is not None and (is_text(array.type) or pa.types.is_fixed_size_binary(array.type))
    if name in PARTIES:
        return is_text(kind) or is_bytes(kind, 20)
    if name == "amount":
        whole = pa.types.is_decimal128(kind) or pa.types.is_decimal256(kind)
        return is_text(kind) or is_bytes(kind, 32) or pa.types.is_integer(kind) or (whole and kind.scale == 0)
    if name in NUMBERS:
        return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))
    if name == "time":
        zoned = pa.types.is_timestamp(kind) and kind.tz is not None
        return bool(zoned or pa.types.is_integer(kind) or pa.types.is_floating(kind))
    if name == "tx_hash":
        return is_text(kind) or is_bytes(kind, 32)
    return name in TOLD_LATER or is_text(kind) or (name == "asset" and is_bytes(kind, 20))
