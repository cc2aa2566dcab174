"""JSON of nodes as logs and calls: ``eth_getLogs``, receipts, transactions, and blocks with their transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from chaintrace.fetch.frame import shown
from chaintrace.fetch.reply import clean
from chaintrace.fetch.rpc import things
from chaintrace.fetch.words import Bad
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
            what, take = self._kind(told)
            self._try(what, take, told)

    def reject(self, reason: str, value: object) -> None:
        self.torn.append(Rejection(self.source, max(self.count - 1, 0), reason, "", shown(value)))

    def _kind(self, told: Any) -> tuple[str, Callable[[Any], None]]:
        """What an object is, by its members, and what takes it."""
        names = told.keys() if isinstance(told, dict) else ()
        if "logIndex" in names:
            return "log", self._log
        if "logs" in names and "transactionHash" in names:
            return "receipt", self._receipt
        if "parentHash" in names:
            return "block", self._block
        if "hash" in names and ("input" in names or "data" in names):
            return "transaction", self._call
        return "answer", _nothing

    def _try(self, what: str, take: Callable[[Any], None], told: Any) -> None:
        try:
            take(told)
        except Bad as error:
            self.reject(f"bad {what}", error)

    def _log(self, told: Any) -> None:
        self.logs.append(things.log_of(told))

    def _receipt(self, told: Any) -> None:
        self.logs.extend(things.logs_in(told))

    def _block(self, told: Any) -> None:
        header = things.header(told)
        self.blocks[header.hash] = header.bare()
        for one in told["transactions"] if header.transactions is not None else ():
            self._try("transaction", self._call, one)

    def _call(self, told: Any) -> None:
        self.calls.append((things.transaction(told), things.input_of(told)))

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


def _nothing(told: Any) -> None:
    error = told.get("error") if isinstance(told, dict) else None
    said = clean(error.get("message")) if isinstance(error, dict) else ""
    raise Bad(said or "no log, receipt, block or transaction")


def log_from(log: things.Log, chain: str, time: int | None) -> Log:
    data = bytes.fromhex(log.data[2:])
    when = log.time if log.time is not None else time
    return Log(chain, log.block, when, log.tx_hash, log.index, log.address, log.topics, data)


def call_from(one: things.Transaction, data: bytes, chain: str, time: int | None) -> Call:
    return Call(chain, one.block, time, one.hash, one.sender, one.receiver, data, one.gas_price)


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
