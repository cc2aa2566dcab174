"""Facts: everything that the answers of one page say, by what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from chaintrace.errors import Contradiction, Malformed
from chaintrace.fetch.call import parse
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.rpc import things, words
from chaintrace.fetch.rpc.call import BALANCE_OF, DECIMALS, SYMBOL
from chaintrace.fetch.rpc.moves import Step, Trace, frames, trace
from chaintrace.fetch.rpc.reply import ADVICE
from chaintrace.fetch.rpc.things import Header, Log, Receipt, Transaction
from chaintrace.fetch.words import Bad, Fields, items
from chaintrace.model.page import Asked

Range = tuple[int, int]
Place = tuple[int, str, int]
"""Block, its hash, and the index of a transaction in it."""

K = TypeVar("K")
V = TypeVar("V")


@dataclass
class Facts:
    """``source`` of a fact is its evidence: ``<body>#<place>``. ``found`` are traces that a filter showed, ``steps``
    the calls of whole transactions, ``places`` where parity says that these stand.
    ``rewards`` of a block are named by what they are for and who gets them, and counted: no answer shows all."""

    provider: str
    headers: dict[str, tuple[Header, str]] = field(default_factory=dict)
    by_number: dict[int, str] = field(default_factory=dict)
    transactions: dict[str, tuple[Transaction, str]] = field(default_factory=dict)
    receipts: dict[str, tuple[Receipt, str]] = field(default_factory=dict)
    logs: dict[tuple[str, int], tuple[Log, str]] = field(default_factory=dict)
    found: dict[tuple[str, tuple[int, ...]], tuple[Trace, str]] = field(default_factory=dict)
    rewards: dict[tuple[int, str, str, int], tuple[Trace, str]] = field(default_factory=dict)
    steps: dict[str, tuple[list[Step], str]] = field(default_factory=dict)
    places: dict[str, tuple[Place, str]] = field(default_factory=dict)
    log_ranges: list[tuple[list[Any], Range | str]] = field(default_factory=list)
    trace_ranges: list[tuple[str, frozenset[str], Range]] = field(default_factory=list)
    balances: dict[tuple[str, str, int], tuple[int | Fault, str]] = field(default_factory=dict)
    metadata: dict[tuple[str, str], tuple[str | None, str]] = field(default_factory=dict)

    def keep_header(self, header: Header, source: str) -> None:
        if self.by_number.setdefault(header.number, header.hash) != header.hash:
            raise self.contradiction(f"block {header.number} has two hashes")
        known = self.headers.get(header.hash)
        if known is None:
            self.headers[header.hash] = header, source
        elif known[0].bare() != header.bare():
            raise self.contradiction(f"block {header.number} is told in two ways")
        elif known[0].transactions is None:
            self.headers[header.hash] = header, source
        for one in header.transactions or ():
            self.keep(self.transactions, one.hash, one, source)

    def keep_log(self, log: Log, source: str) -> None:
        known = self.logs.get((log.tx_hash, log.index))
        if known is None:
            self.logs[log.tx_hash, log.index] = log, source
        elif not log.agrees(known[0]):
            raise self.contradiction(f"log {log.index} of {log.tx_hash} is told in two ways")

    def keep(self, known: dict[K, tuple[V, str]], key: K, fact: V, source: str) -> None:
        """A fact under its key; what is told twice has to be the same."""
        if known.setdefault(key, (fact, source))[0] != fact:
            raise self.contradiction(f"{key} is told in two ways")

    def contradiction(self, reason: str) -> Contradiction:
        return Contradiction(self.provider, reason)


def read(facts: Facts, asked: Asked, told: Any) -> None:
    """Adds what one answer (a result, or a Fault where the call may fail) says."""
    source = f"{asked.body}#{asked.place}"
    try:
        method, params = parse(asked.call)
        _READERS.get(method, _unread)(facts, params, told, source)
    except Bad as error:
        name = asked.call[2:].partition('"')[0][:40]
        raise Malformed(facts.provider, f"{name} answered something else: {error}", ADVICE, asked.body) from None
    except ValueError as error:
        raise Malformed(facts.provider, f"a call that is none: {error}", ADVICE, asked.body) from None


def _unread(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    raise Bad("nothing is known of this method")


def _param(params: list[Any], number: int) -> Any:
    if len(params) <= number:
        raise Bad("the call lacks a parameter")
    return params[number]


def _result(told: Any) -> Any:
    if isinstance(told, Fault):
        raise Bad(f"an error, {told.code}: {told.message}")
    return told


def _block(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    header = things.header(_result(told))
    wanted = _param(params, 0)
    if wanted not in (header.hash, hex(header.number)):
        raise Bad(f"block {header.number} instead of {str(wanted)[:70]}")
    facts.keep_header(header, source)


def _transaction(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    one = things.transaction(_result(told))
    _same(one.hash, params)
    facts.keep(facts.transactions, one.hash, one, source)


def _receipt(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    one = things.receipt(_result(told))
    _same(one.tx_hash, params)
    facts.keep(facts.receipts, one.tx_hash, one, source)


def _receipts(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    for one in map(things.receipt, items(_result(told))):
        if [hex(one.block)] != params:
            raise Bad(f"a receipt of block {one.block}")
        facts.keep(facts.receipts, one.tx_hash, one, source)


def _same(digest: str, params: list[Any]) -> None:
    if params[:1] != [digest]:
        raise Bad(f"{digest} was not asked for")


def _logs(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    asked = Fields(_param(params, 0))
    where: Range | str
    if "blockHash" in asked.told:
        where = asked.need("blockHash", words.hash32)
    else:
        where = asked.need("fromBlock", words.place), asked.need("toBlock", words.place)
    for n, item in enumerate(items(_result(told))):
        log = things.log_of(item)
        if log.block_hash != where if isinstance(where, str) else not where[0] <= log.block <= where[1]:
            raise Bad(f"a log of block {log.block}, which was not asked for")
        facts.keep_log(log, f"{source}/{n}")
    facts.log_ranges.append((asked.need("topics", items), where))


def _found(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    asked = Fields(_param(params, 0))
    first, last = asked.need("fromBlock", words.place), asked.need("toBlock", words.place)
    for side in ("fromAddress", "toAddress"):
        if side in asked.told:
            accounts = frozenset(map(words.address, asked.need(side, items)))
            facts.trace_ranges.append((side, accounts, (first, last)))
    count: Counter[tuple[int, str, str]] = Counter()
    for n, one in enumerate(map(trace, items(_result(told)))):
        if not first <= one.block <= last:
            raise Bad(f"a trace of block {one.block}, which was not asked for")
        where = f"{source}/{n}"
        if one.tx_hash is None:
            name = one.block, one.step.kind, one.step.receiver or ""
            facts.keep(facts.rewards, (*name, count[name]), one, where)
            count[name] += 1
        else:
            facts.keep(facts.found, (one.tx_hash, one.step.path), one, where)


def _parity(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    traces = [trace(one) for one in items(_result(told))]
    for one in traces:
        _same(one.tx_hash or "", params)
    if traces:
        facts.keep(facts.places, str(params[0]), _one_place(traces), source)
        facts.keep(facts.steps, str(params[0]), [one.step for one in traces], source)


def _one_place(traces: list[Trace]) -> Place:
    places = {(one.block, one.block_hash, one.tx_index) for one in traces}
    if len(places) != 1:
        raise Bad("its calls stand in different places")
    return places.pop()


def _geth(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    facts.keep(facts.steps, words.hash32(_param(params, 0)), frames(_result(told)), source)


def _balance(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    held = told if isinstance(told, Fault) else words.quantity(told)
    where = words.address(_param(params, 0)), "", words.place(_param(params, 1))
    facts.keep(facts.balances, where, held, source)


def _view(facts: Facts, params: list[Any], told: Any, source: str) -> None:
    asked = Fields(_param(params, 0))
    contract, data = asked.need("to", words.address), asked.need("data", words.data)
    selector = data[:10]
    if selector == BALANCE_OF and len(data) == 74:
        held = told if isinstance(told, Fault) else _number(words.data(told))
        where = "0x" + data[34:].lower(), contract, words.place(_param(params, 1))
        facts.keep(facts.balances, where, held, source)
    elif selector in (DECIMALS, SYMBOL):
        facts.keep(facts.metadata, (contract, selector), None if isinstance(told, Fault) else words.data(told), source)
    else:
        raise Bad("nothing is known of this function")


def _number(data: str) -> int | Fault:
    """The first word of what a function returned."""
    return int(data[2:66], 16) if len(data) >= 66 else Fault(0, "it returned no number")


_READERS: dict[str, Callable[[Facts, list[Any], Any, str], None]] = {
    "eth_getBlockByNumber": _block,
    "eth_getBlockByHash": _block,
    "eth_getTransactionByHash": _transaction,
    "eth_getTransactionReceipt": _receipt,
    "eth_getBlockReceipts": _receipts,
    "eth_getLogs": _logs,
    "trace_filter": _found,
    "trace_transaction": _parity,
    "debug_traceTransaction": _geth,
    "eth_getBalance": _balance,
    "eth_call": _view,
}
