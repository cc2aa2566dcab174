"""JSON of nodes as logs and calls: ``eth_getLogs``, receipts, transactions, and blocks with their transactions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chaintrace.fetch.frame import shown
from chaintrace.fetch.reply import clean
from chaintrace.fetch.rpc import things, words
from chaintrace.fetch.words import Bad, Fields
from chaintrace.model.log import Call, Log, Logs
from chaintrace.model.transfer import Rejected, Rejection


@dataclass
class JsonLogs:
    """Logs and calls of one source, gathered from its documents. Bad members are rejected one by one."""

    source: str
    chain: str
    logs: list[things.Log] = field(default_factory=list)
    calls: list[tuple[things.Transaction, bytes]] = field(default_factory=list)
    blocks: dict[str, things.Header] = field(default_factory=dict)
    torn: list[Rejection] = field(default_factory=list)
    count: int = 0

    def read(self, document: Any) -> None:
        """Adds what a JSON value says: a response, several, or what stands in one."""
        for told in _members(document):
            self.count += 1
            try:
                self._take(told)
            except Bad as error:
                self.reject(str(error), told)

    def reject(self, reason: str, told: object) -> None:
        self.torn.append(Rejection(self.source, max(self.count - 1, 0), reason, "", shown(told)))

    def _take(self, told: Any) -> None:
        if not isinstance(told, dict):
            raise Bad("no log, receipt, block or transaction")
        if "logIndex" in told:
            self.logs.append(things.log_of(told))
        elif "logs" in told and "transactionHash" in told:
            self.logs.extend(things.logs_in(told))
        elif "parentHash" in told:
            self._block(told)
        elif "hash" in told and ("input" in told or "data" in told):
            self._call(told)
        elif isinstance(told.get("error"), dict):
            raise Bad(f"an error: {clean(told['error'].get('message'))}")
        else:
            raise Bad("no log, receipt, block or transaction")

    def _block(self, told: dict[str, Any]) -> None:
        header = things.header(told)
        self.blocks[header.hash] = header.bare()
        if header.transactions is not None:
            for one in told["transactions"]:
                self._call(one)

    def _call(self, told: Any) -> None:
        self.calls.append((things.transaction(told), input_of(told)))

    def finish(self) -> Logs:
        times = {digest: header.time for digest, header in self.blocks.items()}
        standing = {header.number: digest for digest, header in self.blocks.items()}
        told: list[things.Log | things.Transaction] = [*self.logs, *(one for one, _ in self.calls)]
        for one in told:
            if standing.setdefault(one.block, one.block_hash) != one.block_hash:
                self.torn.append(Rejection(self.source, one.block, "a block with two hashes", "", one.block_hash))
        logs = [log for log in self.logs if standing[log.block] == log.block_hash]
        calls = [call for call in self.calls if standing[call[0].block] == call[0].block_hash]
        return Logs.of(
            [log_from(log, self.chain, times.get(log.block_hash)) for log in logs],
            [call_from(each, data, self.chain, times.get(each.block_hash)) for each, data in calls],
            Rejected.of(self.torn),
        )


def log_from(log: things.Log, chain: str, time: int | None) -> Log:
    data = bytes.fromhex(log.data[2:])
    when = log.time if log.time is not None else time
    return Log(chain, log.block, when, log.tx_hash, log.index, log.address, log.topics, data)


def call_from(one: things.Transaction, data: bytes, chain: str, time: int | None) -> Call:
    return Call(chain, one.block, time, one.hash, one.sender, one.receiver, data, one.gas_price)


def input_of(told: Any) -> bytes:
    """What a transaction gives to the contract; nodes call it ``input``, ``data``, or both."""
    one = Fields(told)
    given = {found for name in ("input", "data") if (found := one.maybe(name, words.data)) is not None}
    if len(given) != 1:
        raise Bad("a transaction has not one input")
    return bytes.fromhex(given.pop()[2:])


def _members(told: Any) -> Iterator[Any]:
    """Responses opened, lists taken apart."""
    waiting = [told]
    while waiting:
        one = waiting.pop()
        if isinstance(one, list):
            waiting.extend(reversed(one))
        elif isinstance(one, dict) and "result" in one and one.get("error") is None:
            waiting.append(one["result"])
        else:
            yield one
