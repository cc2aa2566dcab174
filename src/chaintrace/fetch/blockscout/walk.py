"""Walk: a list read from its newest row to its end, page by page, and the proof that nothing was left out between.

Each page tells the key of the next, and the last one that there is none. Rows come one after another, newest first,
across all pages, none twice; and where a key names the row that it comes after, that is the last row of its page. A
list that has come to blocks before those that are wanted is read no further, for what follows is older still.
The same walk asks the explorer and looks through kept evidence, so what is kept proves itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from chaintrace.errors import Contradiction
from chaintrace.fetch.blockscout.call import INSIDE, START
from chaintrace.fetch.blockscout.facts import Listed, Want
from chaintrace.fetch.blockscout.things import Key, Row

Rows = list[tuple[Any, str]]
Look = Callable[[Want, str], Listed | None]
"""The page of a list with a key. None: it is not there."""


class Walk:
    """Through the list ``want``, down to block ``first``."""

    def __init__(self, provider: str, want: Want, look: Look) -> None:
        self.provider, self.want, self.look = provider, want, look
        self._names: set[Any] = set()
        self._last: Row | None = None

    def run(self, first: int = 0) -> Rows:
        """All rows, in the order told. Contradiction where pages or rows are missing, repeated or out of order."""
        rows: Rows = []
        after: str | None = START
        asked: set[str] = set()
        while after is not None:
            if after in asked:
                raise self._contradiction("its pages come round again")
            asked.add(after)
            page = self.look(self.want, after)
            if page is None:
                raise self._contradiction("a page of it is not told")
            for one, _ in page.rows:
                self._check(one)
            rows += page.rows
            if self._last is not None and self._last.block is not None and self._last.block < first:
                return rows
            if page.after is not None:
                self._seam(page)
            after = page.after
        return rows

    def _check(self, one: Row) -> None:
        if one.name is not None:
            if one.name in self._names:
                raise self._contradiction("a row stands there twice")
            self._names.add(one.name)
        before, self._last = self._last, one
        if before is None or self.want.method == INSIDE:
            return
        if before.block is None or one.block is None:
            if before.block is not None:
                raise self._contradiction("what is in no block stands among what is")
        elif one.block > before.block or not _is_newer(before.key, one.key):
            raise self._contradiction("its rows are not in order, newest first")

    def _seam(self, page: Listed) -> None:
        """The key of the next page comes after the last row of this one."""
        if not page.rows:
            raise self._contradiction("an empty page has another one after it")
        key, told = json.loads(page.after or "{}"), page.rows[-1][0].seam
        for name, value in told.items():
            if value is not None and type(key.get(name)) is int and key[name] != value:
                raise self._contradiction("the next page does not begin where the one before it ends")

    def _contradiction(self, reason: str) -> Contradiction:
        return Contradiction(self.provider, f"{self.want.method} of {self.want.of}: {reason}")


def _is_newer(one: Key, other: Key) -> bool:
    """Whether a row stands before another in a list, newest first; what is not told decides nothing."""
    for a, b in zip(one, other, strict=True):
        if a is None or b is None:
            return True
        if a != b:
            return a > b
    return False
