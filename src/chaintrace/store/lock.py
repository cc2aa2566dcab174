"""Lock: one writer at a time, across threads and processes, free again when the holder dies.

The system's lock on the file is what counts; the text in it (pid, host, boot id) only says who has it.
"""

from __future__ import annotations

import os
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chaintrace.errors import StoreBusy
from chaintrace.store import faults

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_FAR = 1 << 30  # on Windows a locked byte cannot be read, so one that nobody reads is locked


def host() -> str:
    """The name of this machine."""
    return platform.node()


class Lock:
    """The lock on one file. The file stays when the lock is gone."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold it. ``StoreBusy`` at once when another has it, ``CannotWrite`` when the file may not be written."""
        try:
            number = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise faults.of_writing(error, self._file) from error
        try:
            if not _taken(number):
                raise self._busy()
            self._say(number, f"pid {os.getpid()}\nhost {host()}\nboot {_boot()}\n")
            yield
            self._say(number, "")
        finally:
            os.close(number)

    def _say(self, number: int, text: str) -> None:
        with suppress(OSError):
            os.ftruncate(number, 0)
            os.pwrite(number, text.encode(), 0) if hasattr(os, "pwrite") else os.write(number, text.encode())

    def _busy(self) -> StoreBusy:
        pid, where = self._holder()
        who = f"process {pid} on {where}" if pid else "another process"
        return StoreBusy(
            str(self._file), f"{who} is writing to it", "wait until it is done, or end it", pid=pid, host=where
        )

    def _holder(self) -> tuple[int, str]:
        """Who has it. The text is written after the lock is had, so that it may lag by a moment."""
        pid, where = 0, ""
        for _ in range(40):
            told = dict(line.split(" ", 1) for line in self._text().splitlines() if " " in line)
            with suppress(ValueError):
                pid, where = int(told.get("pid", "0")), told.get("host", "")
            if pid and (where != host() or told.get("boot") != _boot() or _lives(pid)):
                break
            time.sleep(0.005)
        return pid, where

    def _text(self) -> str:
        with suppress(OSError):
            return self._file.read_text(errors="replace")
        return ""


def _taken(number: int) -> bool:
    try:
        if sys.platform == "win32":
            os.lseek(number, _FAR, os.SEEK_SET)
            msvcrt.locking(number, msvcrt.LK_NBLCK, 1)
            os.lseek(number, 0, os.SEEK_SET)
        else:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _boot() -> str:
    with suppress(OSError):
        return _BOOT.read_text().strip()
    return ""


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
