"""Walk: a list read to its end, and the proof that this was the end, whatever the explorer's largest page is.

A list has ended where the explorer, asked for what comes after its last row, says that there is nothing. A page that
is as long as was asked for is surely not known to be the last; of a shorter one, which may be cut as well, the page
after it is asked for, of just as many rows as came. Where that is not empty the walk goes on from the block of the last
row, whose rows are read anew; and where one block fills a page, page by page through that block.
The same walk asks an explorer and looks through kept evidence, so what is kept proves itself.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from chaintrace.errors import Contradiction, TooLong
from chaintrace.fetch.etherscan_api.facts import Listed, Span, Want

Rows = list[tuple[Any, str]]
Look = Callable[[Want, Span, int | None], Listed | None]
"""A page of a list, with so many rows as are asked for (None: as many as usual). None: too much for the explorer."""


class Walk:
    """Through the list ``want`` from block ``first`` to ``last``. ``rows`` are in order of blocks, each once."""

    def __init__(self, provider: str, want: Want, look: Look) -> None:
        self.provider, self.want, self.look = provider, want, look
        self.rows: Rows = []
        self._seen: dict[Any, None] = {}

    def run(self, first: int, last: int) -> Rows:
        """The ``rows``. TooLong for a block that has more rows than the explorer shows; Contradiction for rows out of
        order or in one page only, or a page that is not there."""
        waiting = [(first, last)]
        while waiting:
            first, last = waiting.pop()
            page = self._page(first, last, 1)
            if page is None:
                if first == last:
                    raise self._contradiction(f"block {first} is not told")
                middle = (first + last) // 2
                waiting += [(middle + 1, last), (first, middle)]
            elif page.rows:
                waiting += self._taken(first, last, page)
        if self._seen.keys() - {one for one, _ in self.rows}:
            raise self._contradiction("a row that one page has is missing from another")
        return self.rows

    def _taken(self, first: int, last: int, page: Listed) -> list[tuple[int, int]]:
        """Keeps what is whole of a page; the blocks that are left to read."""
        count = len(page.rows)
        if count < page.offset:
            after = self._page(first, last, 2, count)
            if after is not None and not after.rows:
                self.rows += page.rows
                return []
        reached = page.rows[-1][0].block
        if reached > first:
            self.rows += [row for row in page.rows if row[0].block < reached]
            return [(reached, last)]
        self._block(first)
        return [(first + 1, last)] if first < last else []

    def _block(self, number: int) -> None:
        """All pages of one block."""
        page = self._page(number, number, 1)
        found, count, place = 0, 0 if page is None else len(page.rows), 1
        while page is None or page.rows:
            if page is None:
                reason = f"block {number} alone has more rows than the explorer shows, {found} and more"
                advice = "a service with many customers: name it as a stop, or ask another provider"
                raise TooLong(self.provider, reason, advice, (self.want.account,), found)
            self.rows += page.rows
            found, place = found + len(page.rows), place + 1
            page = self._page(number, number, place, count)

    def _page(self, first: int, last: int, place: int, offset: int | None = None) -> Listed | None:
        page = self.look(self.want, Span(first, last, place), offset)
        if page is None:
            return None
        if offset is not None and page.offset != offset:
            raise self._contradiction("its pages are of different sizes")
        if any(one.block > other.block for (one, _), (other, _) in pairwise(page.rows)):
            raise self._contradiction("its rows are not in the order of blocks")
        self._seen |= dict.fromkeys(one for one, _ in page.rows)
        return page

    def _contradiction(self, reason: str) -> Contradiction:
        return Contradiction(self.provider, f"{self.want.method} of {self.want.account}: {reason}")
