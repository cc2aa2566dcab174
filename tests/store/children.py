"""Other processes that use a store, and die in the midst of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import duckdb

from chaintrace.store import base, files
from chaintrace.store.store import Store
from tests.store.worlds import PAGES, filled

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.store.children"])


def started(work: Callable[..., None], *told: Any) -> BaseProcess:
    child = _context.Process(target=work, args=told, daemon=True)
    child.start()
    return child


def pipe() -> Any:
    return _context.Pipe()


def fill(folder: Path) -> None:
    """Commit all pages, one at a time."""
    filled(Store.create(folder), PAGES)


def fill_and_die(folder: Path, step: int) -> None:
    """Commit all pages, and die before the given step: one of the moments at which something reaches the disk."""
    steps = iter(range(1_000_000))

    def dying(work: Callable[..., Any]) -> Callable[..., Any]:
        def stepped(*args: Any, **kwargs: Any) -> Any:
            if next(steps) == step:
                os.kill(os.getpid(), signal.SIGKILL)
            return work(*args, **kwargs)

        return stepped

    for name in ("prepare", "adopt", "force"):
        setattr(files, name, dying(getattr(files, name)))
    base.duckdb = _Dying(dying)  # type: ignore[assignment]
    filled(Store.create(folder), PAGES[:1])


class _Dying:
    """DuckDB whose connections for writing count their steps."""

    def __init__(self, dying: Callable[..., Any]) -> None:
        self._dying = dying
        self.Error, self.IOException = duckdb.Error, duckdb.IOException

    def connect(self, file: Path, *, read_only: bool, config: Any) -> Any:
        con = duckdb.connect(file, read_only=read_only, config=config)
        return con if read_only else _DyingCon(con, self._dying)


class _DyingCon:
    def __init__(self, con: Any, dying: Callable[..., Any]) -> None:
        self._con = con
        for name in ("register", "commit", "close"):
            setattr(self, name, dying(getattr(con, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._con, name)


def hold(folder: Path, told: Any) -> None:
    """Be the writer until told to go on, then die with the lock in hand."""
    with Store.open(folder).writing():
        told.send(os.getpid())
        told.recv()
        os.kill(os.getpid(), signal.SIGKILL)


def watch(folder: Path, told: Any) -> None:
    """Read until told to stop; tell how many rows and pages were seen each time."""
    store, seen = Store.open(folder), []
    told.send("ready")
    while not told.poll():
        seen.append((len(store.pages()), store.rows("rpc one").num_rows))
    told.send(seen)


def settle(folder: Path, name: str, times: int) -> None:
    """Set a setting so many times, each time waiting for one's turn."""
    from chaintrace.errors import StoreBusy

    store = Store.open(folder)
    for n in range(times):
        while True:
            try:
                with store.writing():
                    store.set("sum", str(int(store.get("sum") or 0) + 1))
                    store.set(name, str(n))
                break
            except StoreBusy:
                pass
