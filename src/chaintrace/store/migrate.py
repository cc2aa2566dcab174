"""Migrate: a store of an older version, made into one of this, in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from chaintrace.errors import StoreDamaged, StoreVersion
from chaintrace.store.base import Con
from chaintrace.store.faults import COPY
from chaintrace.store.schema import VERSION

MIGRATIONS: dict[int, Callable[[Con], None]] = {}
"""By the version that each starts from; it ends at the next."""


def version(con: Con) -> int:
    """The version of a database, -1 when it does not say."""
    found = con.execute("SELECT number FROM version").fetchall()
    return int(found[0][0]) if len(found) == 1 and found[0][0] is not None else -1


def migrate(con: Con) -> None:
    """Step by step to this version; the caller's transaction holds all of it."""
    for number in range(version(con), VERSION):
        MIGRATIONS[number](con)
        con.execute("UPDATE version SET number = ?", [number + 1])


def refuse(file: str, found: int) -> None:
    """``StoreVersion`` when there is no way from that version to this, ``StoreDamaged`` when there is no version."""
    if found < 0:
        raise StoreDamaged(file, "it does not say of which version it is", COPY)
    if found > VERSION:
        raise StoreVersion(
            file,
            f"it is of version {found}, later than {VERSION}",
            "use a newer chaintrace",
            found=found,
            known=VERSION,
        )
    if any(number not in MIGRATIONS for number in range(found, VERSION)):
        raise StoreVersion(
            file,
            f"it is of version {found}, which this chaintrace cannot read",
            "start a new store and fetch again",
            found=found,
            known=VERSION,
        )
