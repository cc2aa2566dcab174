"""Blocks: small questions about blocks and transactions, as of now; their answers are no evidence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chaintrace.errors import Refused, SeedError
from chaintrace.fetch.call import Call
from chaintrace.fetch.desk import Desk
from chaintrace.fetch.esplora import call, things, words
from chaintrace.fetch.words import Bad, decimal, placed

T = TypeVar("T")

GONE = 404
AHEAD = 2 * 60 * 60
"""How far, in seconds, a block may be stamped ahead of the time at which it comes (MAX_FUTURE_BLOCK_TIME)."""
SPAN = 11
"""Over how many blocks the median time is taken (BIP-113)."""


class Blocks:
    """Whoever answers about blocks, behind a desk. ``chain``: CAIP-2. ProviderError for answers that are none."""

    def __init__(self, desk: Desk, chain: str) -> None:
        self.desk, self.chain = desk, chain

    def tip(self) -> int:
        return self._read(call.tip(), lambda told: placed(decimal(told)))

    def hash(self, number: int) -> str | None:
        """The hash of a block; None where there is none."""
        try:
            return self._read(call.height(number), words.hash32)
        except Refused as error:
            if error.code != GONE:
                raise
            return None

    def header(self, number: int) -> things.Header:
        digest = self.hash(number)
        if digest is None:
            raise self.desk.malformed(f"it has no block {number}, though it has later ones")
        found = self._read(call.block(digest), things.header)
        if (found.hash, found.number) != (digest, number):
            raise self.desk.malformed(f"it tells of block {found.number} instead of {number}")
        return found

    def hashes(self, blocks: Sequence[int]) -> dict[int, str]:
        """See ``Fetcher.hashes``."""
        told = ((number, self.hash(number)) for number in blocks)
        return {number: digest for number, digest in told if digest is not None}

    def block_of(self, txid: str) -> int:
        """See ``Fetcher.block_of``."""
        try:
            found = self._read(call.transaction(txid), lambda told: things.transaction(told, self.chain))
        except Refused as error:
            if error.code != GONE:
                raise
            reason = f"{self.desk.name} knows no such transaction"
            raise SeedError(f"theft {txid}", reason, "check the id and the chain") from None
        if found.txid != txid:
            raise self.desk.malformed(f"it tells of {found.txid}, which was not asked for")
        if found.standing is None:
            raise SeedError(f"theft {txid}", "it is in no block yet", "wait until it is in one")
        return found.block

    def block_at(self, time: int) -> int:
        """The first block that is stamped ``time`` or later.

        Stamps go up and down, their median over eleven blocks only up. So the search begins where that median is so
        long before ``time`` that no block before it can have been stamped so late, unless most of eleven blocks in a
        row were stamped two hours behind their time, and goes on block by block.
        """
        end = self.tip() + 1
        number = max(bisect_left(range(end), time - 2 * AHEAD, key=self._median) - SPAN, 0)
        while number < end and self.header(number).time < time:
            number += 1
        return number

    def _median(self, number: int) -> int:
        """Where an old server does not tell it, the search begins at the first block."""
        found = self.header(number).median
        return 2**63 if found is None else found

    def _read(self, one: Call, parse: Callable[[Any], T]) -> T:
        try:
            return parse(self.desk.results([one])[0])
        except Bad as error:
            raise self.desk.malformed(f"it answers something else: {error}") from None
