"""Walk: a list read to its end, and the proof that this was the end.

A page leads to the next by its fingerprint. Where there is none the list may have ended, or was cut. So it is read
once more from the other side: backwards, from the end of time down to the block of its last row. That has to show the
rows of that block and no others; where it shows more, the walk goes on from there. The bounds of what is asked lie
between two blocks, so that it does not matter whether they are meant to be included.
The same walk asks TronGrid and looks through kept evidence, so what is kept proves itself.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from chaintrace.errors import Contradiction
from chaintrace.fetch.trongrid.call import ASCENDING, DESCENDING
from chaintrace.fetch.trongrid.facts import Listed, Span, Want

Rows = list[tuple[Any, str]]
Look = Callable[[Want, Span], Listed]


class Walk:
    """Through the list ``want`` up to the time ``until``. ``rows`` are in order of time. ``restless``: whether the list
    grew between ``until`` and ``later``, when it was read once more."""

    def __init__(self, provider: str, want: Want, look: Look) -> None:
        self.provider, self.want, self.look = provider, want, look
        self.rows: Rows = []
        self.restless = False

    def run(self, until: int, later: int) -> Walk:
        """Contradiction for rows out of order, pages that lead in a circle, rows that one look shows and another does
        not, or a page that is not there."""
        self.rows = self._read(0, until, ASCENDING)
        while not self._is_whole(until, later):
            begin, before = self._begin(), len(self.rows)
            kept = [row for row in self.rows if row[0].time < begin]
            self.rows = kept + self._read(begin, until, ASCENDING)
            if len(self.rows) <= before:
                raise self._contradiction("it shows more rows from one side than from the other")
        return self

    def look_ahead(self, until: int) -> None:
        """Reads the list once, without any proof."""
        self._read(0, until, ASCENDING)

    def _begin(self) -> int:
        return self.rows[-1][0].time - 1 if self.rows else 0

    def _is_whole(self, until: int, later: int) -> bool:
        begin = self._begin()
        seen = [one for one, _ in self._read(begin, later, DESCENDING)]
        self.restless = any(one.time > until for one in seen)
        there = Counter(one for one in seen if one.time <= until)
        tail = Counter(one for one, _ in self.rows if one.time >= begin)
        if tail - there:
            raise self._contradiction("a row that one look shows is missing from another")
        return there == tail

    def _read(self, first: int, last: int, order: str) -> Rows:
        """All pages between two times."""
        found = [row for page in self._pages(Span(first, last, order)) for row in page.rows]
        times = [one.time for one, _ in found]
        if any(a > b if order == ASCENDING else a < b for a, b in pairwise(times)):
            raise self._contradiction("its rows are not in the order of time")
        return found

    def _pages(self, span: Span) -> Iterator[Listed]:
        seen: set[str] = set()
        while True:
            page = self.look(self.want, span)
            yield page
            if not page.following:
                return
            if page.following in seen or not page.rows:
                raise self._contradiction("its pages lead in a circle")
            seen.add(page.following)
            span = span._replace(fingerprint=page.following)

    def _contradiction(self, reason: str) -> Contradiction:
        return Contradiction(self.provider, f"{self.want.method} of an account: {reason}")
