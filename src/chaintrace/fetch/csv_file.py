"""CSV files: every cell is text, and nothing is guessed from it."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import IO

import numpy as np

from chaintrace.errors import InputError
from chaintrace.fetch.frame import Part, Raw, Source, shown, texts
from chaintrace.fetch.text import EMPTY, PIECE, chained, distinct, open_text, reading
from chaintrace.model.transfer import Rejection

MAX_CELL = 2**31 - 1


def open_csv(path: Path) -> Source:
    with reading(path), open_text(path) as handle, _large_cells():
        delimiter = _delimiter(handle)
        header = next(csv.reader(handle, delimiter=delimiter), [])
    names = distinct(str(path), [name.strip() for name in header])
    if not any(names):
        raise InputError(str(path), "it is empty", EMPTY)
    return Source(str(path), names, partial(_load_csv, path, names, delimiter))


def _delimiter(handle: IO[str]) -> str:
    first = handle.readline()
    handle.seek(0)
    return max(",;\t", key=first.count)


def _load_csv(path: Path, names: tuple[str, ...], delimiter: str, wanted: Collection[str]) -> Part:
    picked = [n for n, name in enumerate(names) if name in wanted]
    pieces: list[list[Raw]] = [[] for _ in picked]
    numbers: list[int] = []
    torn: list[Rejection] = []
    waiting: list[tuple[str, ...]] = []
    pick = itemgetter(*picked, 0)  # column 0 twice, so that picking one column gives a tuple too
    for number, cells, fault in _records(path, delimiter):
        if fault or len(cells) != len(names):
            reason = fault or "wrong number of columns"
            torn.append(Rejection(str(path), number, reason, "", shown(delimiter.join(cells))))
            continue
        numbers.append(number)
        waiting.append(pick(cells))
        if len(waiting) == PIECE:
            _pour(waiting, pieces)
    _pour(waiting, pieces)
    if not numbers and not torn:
        raise InputError(str(path), "it has a header and no rows", "check the export: it holds no transfers")
    columns = {names[n]: chained(piece) for n, piece in zip(picked, pieces, strict=True)}
    return Part(str(path), np.array(numbers, dtype=np.int64), columns, tuple(torn))


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """Each record after the header: its number from 0, its cells, and what is wrong with its quotes."""
    with reading(path), open_text(path) as handle, _large_cells():
        reader = csv.reader(handle, delimiter=delimiter, strict=True)
        next(reader)
        number = 0
        while True:
            line = reader.line_num
            try:
                cells, fault = next(reader), ""
            except StopIteration:
                return
            except csv.Error as error:
                if "unexpected end of data" in str(error):
                    raise InputError(
                        str(path),
                        f"a quote opened after line {line} is never closed",
                        "the file is cut short, or a quote is",
                    ) from None
                cells, fault = [], "bad quotes"
            if cells or fault:
                yield number, cells, fault
                number += 1


def _pour(waiting: list[tuple[str, ...]], pieces: list[list[Raw]]) -> None:
    for piece, column in zip(pieces, zip(*waiting, strict=True), strict=False):
        piece.append(texts(list(column)))
    waiting.clear()


@contextmanager
def _large_cells() -> Iterator[None]:
    """The input data of a transaction may be longer than the csv module's own limit."""
    before = csv.field_size_limit(MAX_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)
