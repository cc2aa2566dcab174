"""Birth: a store is made, or made anew from one of an older version."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chaintrace.errors import CannotWrite, StoreBusy, StoreVersion
from chaintrace.store import faults, files, migrate, schema
from chaintrace.store.base import Base, Con
from chaintrace.store.lock import Lock
from chaintrace.store.seal import SealFile, next_state

_SIZE = 550_000  # bytes of an empty database
_PATIENCE = 5.0  # seconds for another that makes the same store


def make(folder: Path) -> None:
    """Make an empty store; its database appears last, and whole. ``CannotWrite``, ``StoreBusy``."""
    file, lock, end = folder / "case.duckdb", Lock(folder / "lock"), time.monotonic() + _PATIENCE
    try:
        (folder / "evidence").mkdir(parents=True, exist_ok=True)
        while not file.exists():
            try:
                with lock.held():
                    _make(folder, file)
            except StoreBusy:
                if time.monotonic() > end:
                    raise
                time.sleep(0.02)
    except OSError as error:
        raise faults.of_writing(error, folder) from error


def _make(folder: Path, file: Path) -> None:
    if file.exists():
        return
    new = file.with_name(file.name + ".new")
    log = new.with_name(new.name + ".wal")
    new.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    seal = SealFile(folder / "seal")
    Base(new).change(lambda con: seal.prepare(*_begun(con)), _SIZE)
    Base(new).settle(_SIZE)
    seal.adopt()
    files.adopt(file)
    files.force([folder, folder.parent])


def _begun(con: Con) -> tuple[int, str]:
    schema.make(con)
    return next_state(con)


@contextmanager
def to_migrate(file: Path, found: int, lock: Lock) -> Iterator[None]:
    """Hold the lock to bring a store of version ``found`` to this one. ``StoreVersion`` where that cannot be."""
    try:
        with lock.held():
            yield
    except CannotWrite as error:
        raise StoreVersion(
            str(file),
            f"it is of version {found} and has to be brought to {schema.VERSION}, but cannot be written",
            f"{error.reason}; open it once where it can be written",
            found=found,
            known=schema.VERSION,
        ) from error


def version(base: Base) -> int:
    """The version of a store. ``StoreVersion`` when there is no way from it to this one."""
    found = base.read(migrate.version)
    migrate.refuse(str(base.file), found)
    return found
