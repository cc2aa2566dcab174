"""Blocks: small questions about blocks and transactions of Tron, as of now; their answers are no evidence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chaintrace.errors import SeedError
from chaintrace.fetch.call import Call
from chaintrace.fetch.desk import Desk
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.trongrid import call, things
from chaintrace.fetch.words import Bad

T = TypeVar("T")


class Blocks:
    """TronGrid behind a desk. ProviderError for answers that are none."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def block_of(self, tx_hash: str) -> int:
        told = self._results(call.info(tx_hash, False))
        if told == {}:
            reason = f"{self.desk.name} knows no such transaction"
            raise SeedError(f"theft {tx_hash}", reason, "check the hash and the chain")
        found = self._checked(things.info, told)
        if found.id != tx_hash:
            raise self.desk.malformed(f"it tells of {found.id}, which was not asked for")
        return found.block

    def block_at(self, time: int) -> int:
        blocks = range(self.read(call.now(call.YOUNG), things.header).number + 1)
        return bisect_left(blocks, time * 1000, key=lambda number: self.read(call.header(number), things.header).time)

    def hashes(self, blocks: Sequence[int]) -> dict[int, str]:
        found = {}
        for number in blocks:
            told = self._results(call.header(number))
            if told != {}:
                header = self._checked(things.header, told)
                if header.number != number:
                    raise self.desk.malformed(f"it tells of block {header.number} instead of {number}")
                found[number] = header.id
        return found

    def read(self, one: Call, parse: Callable[[Any], T]) -> T:
        """The answer to a call as a thing. Refused where TronGrid says no."""
        return self._checked(parse, self._results(one))

    def _results(self, one: Call) -> Any:
        told = self.desk.results([one])[0]
        if isinstance(told, Fault):
            raise self.desk.refused(one, told)
        return told

    def _checked(self, parse: Callable[[Any], T], told: Any) -> T:
        try:
            return parse(told)
        except Bad as error:
            raise self.desk.malformed(f"it answers something else: {error}") from None
