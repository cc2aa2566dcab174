"""Lasting: where answers that can never change are, by provider and call, in memory."""

from __future__ import annotations

import threading
from pathlib import Path

from chaintrace.model.page import Asked
from chaintrace.store import told
from chaintrace.store.base import Base, Con


class Lasting:
    """The lasting answers of one store. Looks into the database when its file is another than last time, and then
    only at pages that are new."""

    def __init__(self, base: Base) -> None:
        self._base = base
        self._found: dict[tuple[str, str], Asked] = {}
        self._page = 0
        self._seen: object = None
        self._turn = threading.Lock()

    def find(self, provider: str, call: str) -> Asked | None:
        with self._turn:
            seen = self._look()
            if seen != self._seen:
                self._page = self._base.read(self._more)
                self._seen = seen
            return self._found.get((provider, call))

    def _look(self) -> object:
        return tuple(map(_mark, (self._base.file, self._base.file.with_name(self._base.file.name + ".wal"))))

    def _more(self, con: Con) -> int:
        found = con.execute(
            "SELECT provider, call, body, place, lasting FROM asked JOIN pages USING (page) "
            "WHERE lasting AND page > ? ORDER BY page, n",
            [self._page],
        ).fetchall()
        for provider, *line in found:
            self._found.setdefault((provider, line[0]), told.as_asked(tuple(line)))
        return int(con.execute("SELECT coalesce(max(page), 0) FROM pages").fetchall()[0][0])


def _mark(file: Path) -> object:
    try:
        told = file.stat()
    except OSError:
        return None
    return told.st_ino, told.st_size, told.st_mtime_ns
