"""Logs of contracts from a node: ``fetch_logs``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from chaintrace.errors import Contradiction, InputError, MethodError
from chaintrace.fetch.call import Call
from chaintrace.fetch.log_json import call_from, input_of, log_from
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.rpc import call, things, words
from chaintrace.fetch.rpc.asking import halves
from chaintrace.fetch.rpc.blocks import Blocks
from chaintrace.fetch.rpc.faults import says_too_large
from chaintrace.fetch.rpc.fetcher import Rpc
from chaintrace.fetch.rpc.node import Node
from chaintrace.fetch.words import Bad, items
from chaintrace.model.address import parse_address
from chaintrace.model.log import Logs

Topic = str | Sequence[str] | None


def fetch_logs(
    node: str | Rpc,
    addresses: str | Iterable[str],
    topics: Sequence[Topic] = (),
    first: int = 0,
    last: int | None = None,
    *,
    calls: bool = False,
) -> Logs:
    """Asks a node for the logs of contracts in blocks ``first`` to ``last``, both included.

    ``node``       its url, or an ``Rpc``, which says how it is asked.
    ``addresses``  of contracts; none: every contract.
    ``topics``     by place: a topic, several of which any will do, or None for any; as ``eth_getLogs`` takes them.
    ``last``       the last final block by default.
    ``calls``      whether the transactions that wrote them are asked for too.

    A range that the node finds too large is asked again in halves. Every log is looked at: it is of a block, contract
    and topic that was asked for, and its block has the hash that the node's block of that number has. What a node
    leaves out of a list cannot be seen here, and ``notes`` say so. InputError, MethodError for a question that is none;
    ProviderError (Refused, Malformed, Contradiction …) as every fetcher.
    """
    rpc = Rpc(node) if isinstance(node, str) else node
    chain = rpc.chain
    contracts = [parse_address(one, chain) for one in ([addresses] if isinstance(addresses, str) else addresses)]
    last = rpc.head().number if last is None else last
    if not 0 <= first <= last:
        raise MethodError(f"blocks {first} to {last}", "are no range", "name the first block, then a later one")
    asking = _Asking(rpc.desk, contracts, _filters(topics))
    logs = asking.logs(first, last)
    headers = asking.headers({log.block: log.block_hash for log in logs})
    told = [log_from(log, chain, headers[log.block].time) for log in logs]
    found = asking.calls(logs) if calls else []
    return Logs.of(
        told,
        [call_from(one, data, chain, headers[one.block].time) for one, data in found],
        notes=[f"{rpc.name}: that its lists of logs are whole is the node's word"],
    )


class _Asking:
    """One question to one node."""

    def __init__(self, desk: Node, contracts: list[str], topics: list[list[str] | None]) -> None:
        self.desk, self.contracts, self.topics = desk, contracts, topics
        self.blocks = Blocks(desk)

    def logs(self, first: int, last: int) -> list[things.Log]:
        found: dict[tuple[str, int], things.Log] = {}
        waiting = [(first, last)]
        while waiting:
            asks = [self._call(*span) for span in waiting]
            parts: list[tuple[int, int]] = []
            for span, ask, told in zip(waiting, asks, self.desk.results(asks), strict=True):
                if isinstance(told, Fault):
                    if span[0] == span[1] or not says_too_large(told):
                        raise self.desk.refused(ask, told)
                    parts += halves(*span)
                    continue
                for log in self._read(told, *span):
                    if not found.setdefault((log.tx_hash, log.index), log).agrees(log):
                        raise Contradiction(self.desk.name, f"log {log.index} of {log.tx_hash} is told in two ways")
            waiting = parts
        return list(found.values())

    def _call(self, first: int, last: int) -> Call:
        asked: dict[str, Any] = {"fromBlock": hex(first), "toBlock": hex(last), "topics": self.topics}
        return Call.of("eth_getLogs", asked | ({"address": self.contracts} if self.contracts else {}))

    def _read(self, told: Any, first: int, last: int) -> list[things.Log]:
        try:
            found = [things.log_of(one) for one in items(told)]
        except Bad as error:
            raise self.desk.malformed(f"it answers something else: {error}") from None
        for log in found:
            if not (first <= log.block <= last and self._wanted(log)):
                raise self.desk.malformed(f"a log of block {log.block}, which was not asked for")
        return found

    def _wanted(self, log: things.Log) -> bool:
        fits = (wanted is None or set(log.topics[n : n + 1]) & set(wanted) for n, wanted in enumerate(self.topics))
        return (not self.contracts or log.address in self.contracts) and all(fits)

    def headers(self, blocks: dict[int, str]) -> dict[int, things.Header]:
        """The blocks of some numbers, which have to be those with these hashes."""
        asks = [call.block(number) for number in blocks]
        found = {}
        for (number, digest), told in zip(blocks.items(), self._results(asks), strict=True):
            header = self.blocks.checked(things.header, told)
            if (header.number, header.hash) != (number, digest):
                raise Contradiction(self.desk.name, f"block {number} is another than the one whose logs it tells")
            found[number] = header
        return found

    def calls(self, logs: Sequence[things.Log]) -> list[tuple[things.Transaction, bytes]]:
        """The transactions that wrote logs, each with its input."""
        placed = {log.tx_hash: (log.block, log.block_hash) for log in logs}
        found = []
        asks = [call.transaction(name, False) for name in placed]
        for (name, place), told in zip(placed.items(), self._results(asks), strict=True):
            one, data = self.blocks.checked(things.transaction, told), self.blocks.checked(input_of, told)
            if one.hash != name or (one.block, one.block_hash) != place:
                raise Contradiction(self.desk.name, f"{name} stands in another block than its logs")
            found.append((one, data))
        return found

    def _results(self, asks: list[Call]) -> list[Any]:
        told = self.desk.results(asks)
        for ask, one in zip(asks, told, strict=True):
            if isinstance(one, Fault):
                raise self.desk.refused(ask, one)
        return told


def _filters(topics: Sequence[Topic]) -> list[list[str] | None]:
    try:
        return [
            None if one is None else [words.hash32(each) for each in ([one] if isinstance(one, str) else one)]
            for one in topics
        ]
    except Bad as error:
        raise InputError("topics", str(error), "a topic is 0x and 64 hexadecimal digits") from None
