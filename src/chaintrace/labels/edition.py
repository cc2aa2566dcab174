"""Edition: one publication of a list, by its date and its SHA-256."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chaintrace.labels.span import day

STALE_DAYS = 30
"""Sanctions lists change every few days; one that is older than this is called stale."""


@dataclass(frozen=True, slots=True)
class Edition:
    """``published``: the date that the list gives itself, as ISO text; ``sha256``: of the file as it came; ``count``:
    entries in it, usable or not; ``snapshot``: it is a whole list as of its date, so that what is missing from a later
    edition of the same ``name`` has left the list."""

    name: str
    published: str = ""
    sha256: str = ""
    count: int = 0
    origin: str = ""
    snapshot: bool = False

    def age(self, today: str | date) -> int | None:
        """Days from its publication to a date; None where it does not say when it was published."""
        if not self.published:
            return None
        return (day(str(today)) - day(self.published)).days

    def stale(self, today: str | date, limit: int = STALE_DAYS) -> bool:
        """Whether it is older than ``limit`` days; a snapshot without a date always is. Own notes never are."""
        age = self.age(today)
        return self.snapshot and (age is None or age > limit)
