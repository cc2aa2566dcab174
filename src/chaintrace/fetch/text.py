"""Text files, plain or packed, and what can go wrong with them in words."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa

from chaintrace.errors import InputError
from chaintrace.fetch.frame import Raw, shown

GZIP = b"\x1f\x8b"
PIECE = 1 << 16  # rows of text turned into Arrow at once, so that a large file is never all Python strings
EMPTY = "check the export: a file without a header holds no transfers"


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """What can go wrong between a file and its text, in words."""
    try:
        yield
    except UnicodeDecodeError as error:
        advice = "save the file as UTF-8"
        raise InputError(str(path), f"it is not UTF-8 text (byte {error.start} of a block)", advice) from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        advice = "copy or export the file again"
        raise InputError(str(path), f"its compression is damaged or cut short ({error})", advice) from None
    except OSError as error:
        raise InputError(str(path), error.strerror or str(error), "check the path and who may read it") from None


def open_text(path: Path) -> IO[str]:
    with path.open("rb") as handle:
        packed = handle.read(2) == GZIP
    if packed:
        return io.TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


def distinct(source: str, names: list[str]) -> tuple[str, ...]:
    twice = [name for name in dict.fromkeys(names) if name and names.count(name) > 1]
    if twice:
        raise InputError(source, f"the column {shown(twice[0])!r} is there twice", "rename or drop one of them")
    return tuple(names)


def chained(pieces: list[Raw]) -> Raw:
    """Pieces of one column under each other."""
    if any(isinstance(piece, list) for piece in pieces):
        return [cell for piece in pieces for cell in (piece if isinstance(piece, list) else piece.to_pylist())]
    return pa.chunked_array(pieces, pa.large_string())
