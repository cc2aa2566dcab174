"""Blocks: small questions about blocks and transactions, as of now; their answers are no evidence."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from chaintrace.errors import SeedError
from chaintrace.fetch.call import Call
from chaintrace.fetch.desk import Desk
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.rpc import call, things
from chaintrace.fetch.words import Bad

T = TypeVar("T")


class Blocks:
    """Whoever answers a node's calls, behind a desk. ProviderError for answers that are none."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def final(self) -> things.Header | None:
        """The last final block; None where the node knows no such tag."""
        told = self.desk.results([Call.of("eth_getBlockByNumber", "finalized", False)])[0]
        return None if isinstance(told, Fault) or told is None else self.checked(things.header, told)

    def header(self, name: str) -> things.Header:
        """The block of a tag, such as ``latest``, or of a number in hexadecimal."""
        return self.read(Call.of("eth_getBlockByNumber", name, False), things.header)

    def hashes(self, blocks: Sequence[int]) -> dict[int, str]:
        """See ``Fetcher.hashes``."""
        calls = [call.block(number) for number in blocks]
        found = {}
        for number, asked, told in zip(blocks, calls, self.desk.results(calls), strict=True):
            if isinstance(told, Fault):
                raise self.desk.refused(asked, told)
            if told is not None:
                header = self.checked(things.header, told)
                if header.number != number:
                    raise self.desk.malformed(f"it tells of block {header.number} instead of {number}")
                found[number] = header.hash
        return found

    def block_of(self, tx_hash: str) -> int:
        """See ``Fetcher.block_of``."""
        asked = call.receipt(tx_hash, False)
        told = self.desk.results([asked])[0]
        if told is None:
            reason = f"{self.desk.name} knows no such transaction"
            raise SeedError(f"theft {tx_hash}", reason, "check the hash and the chain")
        if isinstance(told, Fault):
            raise self.desk.refused(asked, told)
        receipt = self.checked(things.receipt, told)
        if receipt.tx_hash != tx_hash:
            raise self.desk.malformed(f"it tells of {receipt.tx_hash}, which was not asked for")
        return receipt.block

    def block_at(self, time: int) -> int:
        """See ``Fetcher.block_at``."""
        blocks = range(self.header("latest").number + 1)
        return bisect_left(blocks, time, key=lambda number: self.header(hex(number)).time)

    def read(self, one: Call, parse: Callable[[Any], T]) -> T:
        """The answer to a call as a thing. Refused where the node says no."""
        told = self.desk.results([one])[0]
        if isinstance(told, Fault):
            raise self.desk.refused(one, told)
        return self.checked(parse, told)

    def checked(self, parse: Callable[[Any], T], told: object) -> T:
        try:
            return parse(told)
        except Bad as error:
            raise self.desk.malformed(f"it answers something else: {error}") from None
