"""Proof: that the answers of a page are complete, from the calls and answers alone.

Transfers of tokens are complete when the queries for an account, as sender and as receiver, cover every block; native
ones when every block of the range is there, each the parent of the next, or when the trace queries cover every block.
What two answers say about one thing has to be the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chaintrace.fetch.rpc import words
from chaintrace.fetch.rpc.agree import agree
from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, WITHDRAWAL, padded
from chaintrace.fetch.rpc.facts import Facts, Range
from chaintrace.fetch.rpc.moves import Step
from chaintrace.fetch.rpc.things import Log
from chaintrace.fetch.rpc.ways import CALL_TRACER, LACKS, LOGS, MINED, SHOWN, TRACE_FILTER
from chaintrace.model.page import Covered, Missing, Question

PLAIN_GAS = 21_000
"""Yellow Paper, appendix G: what a transaction pays that runs no code."""


def prove(question: Question, facts: Facts) -> tuple[tuple[Covered, ...], tuple[Missing, ...]]:
    """For which accounts and kinds the page is complete, and what its way cannot show. Contradiction where answers are
    missing or disagree."""
    _heads(question, facts)
    agree(facts)
    for tx_hash in question.transactions:
        _is_there(question, facts, tx_hash)
    if not question.accounts:
        return (), ()
    _logs_cover(question, facts)
    if question.way == TRACE_FILTER:
        _traces_cover(question, facts)
    else:
        _blocks_cover(question, facts)
    _receipts_agree(question, facts)
    kinds, lacks = SHOWN[question.way], LACKS[question.way]
    if question.way != TRACE_FILTER and any(header.mined for header, _ in facts.headers.values()):
        kinds, lacks = tuple(kind for kind in kinds if kind != "reward"), (*lacks, MINED)
    covered = tuple(Covered(one, kinds, question.first, question.last) for one in question.accounts)
    return covered, tuple(Missing(one, kind, why) for one in question.accounts for kind, why in lacks)


def runs_code(facts: Facts, tx_hash: str) -> bool:
    """Whether calls of a transaction have to be looked at. Before London refunds could bring the gas of any transaction
    down to what a plain payment costs (EIP-3529), so that only one that had no more to spend is surely plain."""
    receipt, one = facts.receipts[tx_hash][0], facts.transactions[tx_hash][0]
    since_london = facts.headers[one.block_hash][0].base_fee is not None
    return receipt.gas_used != PLAIN_GAS or not (since_london or one.gas == PLAIN_GAS)


def _heads(question: Question, facts: Facts) -> None:
    found = facts.by_number.get(question.last)
    if found != question.last_hash:
        raise facts.contradiction(
            f"block {question.last} is {found or 'not there'}, not {question.last_hash}: the node lags behind, "
            "or the chain was reorganised"
        )


def _is_there(question: Question, facts: Facts, tx_hash: str) -> None:
    if tx_hash not in facts.transactions or tx_hash not in facts.receipts:
        raise facts.contradiction(f"{tx_hash} is not told whole")
    if question.way != LOGS and tx_hash not in facts.steps:
        raise facts.contradiction(f"the calls of {tx_hash} are not told")


# ---- tokens ------------------------------------------------------------------------------------------------------


_QUERIES = (("sends", TRANSFER, 1), ("receives", TRANSFER, 2), ("wraps", DEPOSIT, 1), ("unwraps", WITHDRAWAL, 1))


def _logs_cover(question: Question, facts: Facts) -> None:
    asked = [([_accepts(topics, n) for n in range(4)], _blocks_of(facts, where)) for topics, where in facts.log_ranges]
    for name, topic, side in _QUERIES:
        ranges = [(places[side], blocks) for places, blocks in asked if _lets_through(places, topic, side)]
        for account in question.accounts:
            word = padded(account)
            if not _is_covered(question, (blocks for parties, blocks in ranges if parties is None or word in parties)):
                raise facts.contradiction(f"not every block was asked for what {account} {name}")


def _lets_through(places: Sequence[set[str] | None], topic: str, side: int) -> bool:
    """Whether a query takes every log of ``topic``, if only the party at ``side`` is one of those that it names."""
    first = places[0]
    return (first is None or topic in first) and all(places[n] is None for n in range(1, 4) if n != side)


def _accepts(topics: list[Any], place: int) -> set[str] | None:
    """The values that a query takes at a place; None where it takes any."""
    wanted = topics[place] if place < len(topics) else None
    if wanted is None:
        return None
    return {words.hash32(one) for one in (wanted if isinstance(wanted, list) else [wanted])}


def _blocks_of(facts: Facts, where: Range | str) -> Range:
    if not isinstance(where, str):
        return where
    if where not in facts.headers:
        raise facts.contradiction(f"block {where} is not told")
    number = facts.headers[where][0].number
    return number, number


def _is_covered(question: Question, ranges: Iterable[Range]) -> bool:
    return any(first <= question.first and question.last <= last for first, last in joined(ranges))


def joined(ranges: Iterable[Range]) -> Iterator[Range]:
    """Ranges of blocks, both ends included, in order and joined where they touch."""
    current: Range | None = None
    for first, last in sorted(ranges):
        if current is not None and first <= current[1] + 1:
            current = current[0], max(current[1], last)
            continue
        if current is not None:
            yield current
        current = first, last
    if current is not None:
        yield current


# ---- native ------------------------------------------------------------------------------------------------------


def _traces_cover(question: Question, facts: Facts) -> None:
    for account in question.accounts:
        for side in ("fromAddress", "toAddress"):
            ranges = [where for asked, accounts, where in facts.trace_ranges if asked == side and account in accounts]
            if not _is_covered(question, ranges):
                raise facts.contradiction(f"not every block was asked for the calls of {account}")
    _young_agree(question, facts)
    accounts = set(question.accounts)
    for (tx_hash, path), (trace, _) in facts.found.items():
        if path and tx_hash not in facts.steps:
            raise facts.contradiction(f"the calls of {tx_hash} are not told")
        if not path and trace.step.sender in accounts and tx_hash not in facts.receipts:
            raise facts.contradiction(f"{tx_hash} has no receipt")
    for tx_hash, ((block, _, _), _) in facts.places.items():
        if question.first <= block <= question.last:
            _filter_shows(facts, accounts, tx_hash, facts.steps[tx_hash][0])


def _filter_shows(facts: Facts, accounts: set[str], tx_hash: str, steps: Sequence[Step]) -> None:
    """A call of these accounts that a whole transaction shows has to be among what trace_filter found."""
    for step in steps:
        touches = step.sender in accounts or (step.kind == "call" and step.receiver in accounts)
        if touches and step.kind != "borrowed" and (tx_hash, step.path) not in facts.found:
            raise facts.contradiction(f"call {list(step.path)} of {tx_hash} is not in the answer of trace_filter")


def _young_agree(question: Question, facts: Facts) -> None:
    """Blocks that may still change are chained to the last one, so that all answers are about one chain."""
    if question.last > question.final:
        _chained(question, facts, max(question.first, question.final + 1))


def _chained(question: Question, facts: Facts, first: int) -> None:
    wanted = question.last_hash
    for number in range(question.last, first - 1, -1):
        if facts.by_number.get(number) != wanted:
            raise facts.contradiction(f"block {number} is not told, or is no parent of the next one")
        wanted = facts.headers[wanted][0].parent


def _blocks_cover(question: Question, facts: Facts) -> None:
    _chained(question, facts, question.first)
    for number in range(question.first, question.last + 1):
        header = facts.headers[facts.by_number[number]][0]
        if header.transactions is None:
            raise facts.contradiction(f"the transactions of block {number} are not told")
        for n, one in enumerate(sorted(header.transactions, key=lambda one: one.index)):
            if one.index != n:
                raise facts.contradiction(f"block {number} does not tell its transactions one by one")
            if one.hash not in facts.receipts:
                raise facts.contradiction(f"{one.hash} has no receipt")
            if question.way == CALL_TRACER and one.hash not in facts.steps and runs_code(facts, one.hash):
                raise facts.contradiction(f"the calls of {one.hash} are not told")
    for told in (facts.receipts, {log.tx_hash for log, _ in facts.logs.values()}):
        for tx_hash in told:
            if tx_hash not in facts.transactions:
                raise facts.contradiction(f"{tx_hash} stands in no block that was told")


# ---- receipts ----------------------------------------------------------------------------------------------------


def _receipts_agree(question: Question, facts: Facts) -> None:
    """The transfers that a receipt shows are those that stand among the logs: a node that answers with none is found
    out."""
    topics = set(map(padded, question.accounts))
    shown: dict[tuple[str, int], Log] = {}
    for receipt, _ in facts.receipts.values():
        shown.update(((log.tx_hash, log.index), log) for log in receipt.logs)
    for key, log in shown.items():
        inside = question.first <= log.block <= question.last
        if inside and key not in facts.logs and _touches(log, topics, question.wrappers):
            raise facts.contradiction(
                f"log {log.index} of {log.tx_hash} stands in its receipt and not in the answer of eth_getLogs"
            )
    for key, (log, _) in facts.logs.items():
        if log.tx_hash in facts.receipts and (key not in shown or not log.agrees(shown[key])):
            raise facts.contradiction(
                f"log {log.index} of {log.tx_hash} is another in its receipt than in the answer of eth_getLogs"
            )


def _touches(log: Log, accounts: set[str], wrappers: Sequence[str]) -> bool:
    if not log.topics:
        return False
    sides = log.topics[1:3] if log.topics[0] == TRANSFER else ()
    if log.topics[0] in (DEPOSIT, WITHDRAWAL) and log.address in wrappers:
        sides = log.topics[1:2]
    return any(side in accounts for side in sides)
