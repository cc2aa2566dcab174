"""Faults: what the disk and DuckDB raise, as errors of chaintrace."""

from __future__ import annotations

import errno
import re
from pathlib import Path

import duckdb

from chaintrace.errors import CannotWrite, ChaintraceError, OutOfMemory, StoreBusy, StoreDamaged, StoreError
from chaintrace.store.kept import plain

_FULL = ("No space left", "Disk quota exceeded", "File too large")
_BARRED = ("Read-only file system", "Permission denied", "Operation not permitted")
_FULL_NUMBERS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_BARRED_NUMBERS = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})
_HELD = re.compile(r"\(PID (\d+)\)")

COPY = "restore the store folder from a copy, or start a new store and fetch again"


def is_held(error: duckdb.Error) -> bool:
    """Another process has the database open at this moment."""
    text = str(error)
    return "Could not set lock" in text or "being used by another process" in text


def of_duckdb(error: duckdb.Error, file: Path, host: str, wanted: int | None = None) -> ChaintraceError:
    """The error that stands for one of DuckDB's. ``wanted``: bytes that were to be written, where known."""
    text = str(error)
    if is_held(error):
        pid = _HELD.search(text)
        return StoreBusy(
            str(file), "another process has it open", "wait until it is done", pid=int(pid[1]) if pid else 0, host=host
        )
    if any(word in text for word in _FULL):
        return _full(file, wanted)
    if any(word in text for word in _BARRED):
        return _barred(file)
    if isinstance(error, duckdb.OutOfMemoryException):
        return OutOfMemory("reading or writing the store", wanted)
    return StoreDamaged(str(file), plain(text.splitlines()[0][:300]) if text else "it cannot be read", COPY)


def of_writing(error: OSError, file: Path, wanted: int | None = None) -> ChaintraceError:
    """The error that stands for one of the operating system's while something was written."""
    if error.errno in _FULL_NUMBERS:
        return _full(file, wanted)
    if error.errno in _BARRED_NUMBERS:
        return _barred(file)
    return CannotWrite(str(file), error.strerror or str(error), "see to the disk, then go on: what was kept is there")


def of_reading(error: OSError, file: Path, advice: str = COPY) -> StoreError:
    """The error that stands for one of the operating system's while something was read."""
    if isinstance(error, PermissionError):
        return StoreError(str(file), "it may not be read", "see to its permissions")
    if isinstance(error, FileNotFoundError):
        return StoreDamaged(str(file), "it is missing", advice)
    return StoreDamaged(str(file), error.strerror or plain(str(error)), advice)


def _full(file: Path, wanted: int | None) -> CannotWrite:
    need = "" if wanted is None else f"; about {wanted:,} bytes are needed"
    return CannotWrite(str(file), f"the disk is full{need}", "make room, then go on: what was kept before is there")


def _barred(file: Path) -> CannotWrite:
    return CannotWrite(str(file), "it may not be written to", "see to its permissions, or copy the case elsewhere")
