"""Seal: hashes over what no answer's digest covers, and a file that says how far the store had come.

Pages are a chain, each sealed with the one before. The state is sealed over the chain, reorgs and settings. The file
``seal`` follows the database by one step at most, so that a database that fell back behind it has lost something.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from chaintrace.errors import StoreDamaged
from chaintrace.model.page import Asked
from chaintrace.store import faults, files
from chaintrace.store.base import Con

Bodies = Iterable[tuple[str, int, int]]
"""SHA-256, bytes, when it came."""


def of_page(before: str, question: str, digest: str, asked: Iterable[Asked], bodies: Bodies) -> str:
    """The seal of a page after the one sealed ``before``; ``bodies`` are those that came with it."""
    calls = [[one.call, one.body, one.place, one.lasting] for one in asked]
    return hashed([before, question, digest, calls, sorted(map(list, bodies))])


def of_state(changes: int, last: str, orphans: Sequence[Any], settings: Sequence[Any]) -> str:
    """The seal of everything: after so many changes, ``last`` being the seal of the last page."""
    return hashed([changes, last, orphans, settings])


def next_state(con: Con) -> tuple[int, str]:
    """Count one change and seal the state."""
    changes = 1 + int(_one(con, "SELECT changes FROM state", 0))
    seal = of_state(changes, last(con), orphans(con), settings(con))
    con.execute("DELETE FROM state")
    con.execute("INSERT INTO state VALUES (?, ?)", [changes, seal])
    return changes, seal


def last(con: Con) -> str:
    """The seal of the last page."""
    return str(_one(con, "SELECT seal FROM pages ORDER BY page DESC LIMIT 1", ""))


def orphans(con: Con) -> list[tuple[Any, ...]]:
    """Reorgs in the order in which they were told: provider, block, rows, page."""
    return con.execute("SELECT provider, block, rows, page FROM orphans ORDER BY n").fetchall()


def settings(con: Con) -> list[tuple[Any, ...]]:
    """Keys and values, by key."""
    return con.execute("SELECT key, value FROM settings ORDER BY key").fetchall()


def hashed(told: Any) -> str:
    """SHA-256 of a value as JSON."""
    text = json.dumps(told, ensure_ascii=True, separators=(",", ":"), sort_keys=True)
    return sha256(text.encode()).hexdigest()


class SealFile:
    """How many changes the store had seen, and the seal of its state then."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def read(self) -> tuple[int, str]:
        """``StoreDamaged`` when it is missing or says something else."""
        try:
            changes, seal = self._file.read_text(encoding="ascii").split()
            return int(changes), seal
        except OSError as error:
            raise faults.of_reading(error, self._file) from error
        except ValueError as error:
            raise StoreDamaged(str(self._file), "it is no seal", faults.COPY) from error

    def prepare(self, changes: int, seal: str) -> None:
        try:
            files.prepare(self._file, f"{changes} {seal}\n".encode())
        except OSError as error:
            raise faults.of_writing(error, self._file, 100) from error

    def adopt(self) -> None:
        try:
            files.adopt(self._file)
            files.force([self._file.parent])
        except OSError as error:
            raise faults.of_writing(error, self._file) from error


def _one(con: Con, sql: str, otherwise: Any) -> Any:
    found = con.execute(sql).fetchall()
    return found[0][0] if found else otherwise
