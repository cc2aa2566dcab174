"""Base: ``case.duckdb``, opened for a moment at a time.

DuckDB locks its file for a whole process, so nobody keeps it open: connect, work, close, and try again for a while
when another process has it. What was read is a snapshot; what was changed is one transaction.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

import duckdb

from chaintrace.errors import StoreError
from chaintrace.store import faults
from chaintrace.store.lock import host

Con = duckdb.DuckDBPyConnection
T = TypeVar("T")

PATIENCE = 15.0  # seconds for which a file that another process has open is tried again
CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "threads": 2,
    "memory_limit": "2GB",
}

_turns: dict[Path, threading.Lock] = {}
_turns_guard = threading.Lock()


class Base:
    """The database file of one store."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._mine = threading.local()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """What this thread reads within is of one connection, opened once. Nothing may be changed within."""
        if getattr(self._mine, "con", None) is not None:
            yield
            return
        with self._opened(read_only=True) as con:
            self._mine.con = con
            try:
                yield
            finally:
                self._mine.con = None

    def read(self, work: Callable[[Con], T]) -> T:
        """What ``work`` finds. ``StoreDamaged``, ``StoreBusy`` after ``PATIENCE`` seconds."""
        if not self.file.is_file():
            raise StoreError(str(self.file), "there is no store", "fetch first, or name the folder of a case")
        with self.snapshot():
            return work(self._mine.con)

    def change(self, work: Callable[[Con], T], wanted: int | None = None) -> T:
        """What ``work`` gives, and all it changed; or nothing changed and an error.

        ``wanted``: about how many bytes it writes. ``CannotWrite``, ``StoreDamaged``, ``StoreBusy``.
        """
        with self._opened(read_only=False, wanted=wanted) as con:
            con.begin()
            try:
                result = work(con)
                con.commit()
            except BaseException:
                with suppress(duckdb.Error):
                    con.rollback()
                raise
            return result

    def settle(self, wanted: int | None = None) -> None:
        """Bring what was changed from DuckDB's log into the file itself. It does so on closing, but fails silently."""
        with self._opened(read_only=False, wanted=wanted) as con:
            con.execute("CHECKPOINT")

    @contextmanager
    def _opened(self, *, read_only: bool, wanted: int | None = None) -> Iterator[Con]:
        with self._turn():
            try:
                con = self._connected(read_only)
                try:
                    yield con
                finally:
                    con.close()
            except RuntimeError as error:
                if "interrupted" in str(error).lower() and not isinstance(error, duckdb.Error):
                    raise KeyboardInterrupt from None  # what DuckDB makes of Ctrl-C
                raise
            except duckdb.Error as error:
                raise faults.of_duckdb(error, self.file, host(), wanted) from error

    def _turn(self) -> threading.Lock:
        with _turns_guard:
            return _turns.setdefault(self.file.resolve(), threading.Lock())

    def _connected(self, read_only: bool) -> Con:
        end, pause = time.monotonic() + PATIENCE, 0.002
        while True:
            try:
                return duckdb.connect(self.file, read_only=read_only, config=CONFIG)
            except duckdb.IOException as error:
                if not faults.is_held(error) or time.monotonic() > end:
                    raise
            time.sleep(pause)
            pause = min(pause * 1.5, 0.03)
