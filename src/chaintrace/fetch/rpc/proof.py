"""Proof: that the answers of a page are complete, from the calls and answers alone.

Transfers of tokens are complete when the queries for an account, as sender and as receiver, cover every block; native
ones when every block of the range is there, each the parent of the next, or when the trace queries cover every block.
What two answers say about one thing has to be the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chaintrace.fetch.rpc import words
from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, WITHDRAWAL
from chaintrace.fetch.rpc.facts import Facts
from chaintrace.fetch.rpc.things import Log
from chaintrace.model.page import Covered, Missing, Question

Range = tuple[int, int]

TRACE_FILTER, CALL_TRACER, LOGS = "trace_filter", "call_tracer", "logs"
WAYS = (TRACE_FILTER, CALL_TRACER, LOGS)
TOKENS = ("token", "mint", "burn")
PLAIN_GAS = 21_000
"""Yellow Paper, appendix G: what a transaction pays that runs no code."""


def prove(question: Question, facts: Facts) -> tuple[tuple[Covered, ...], tuple[Missing, ...]]:
    """For which accounts and kinds the page is complete, and what its way cannot show. Contradiction where answers are
    missing or disagree."""
    _heads(question, facts)
    _hashes_agree(facts)
    for tx_hash in question.transactions:
        _is_there(question, facts, tx_hash)
    if not question.accounts:
        return (), ()
    for account in question.accounts:
        _logs_cover(question, facts, account)
    kinds, lacks = _TRACED if question.way == TRACE_FILTER else _BLOCKS if question.way == CALL_TRACER else _BARE
    if question.way == TRACE_FILTER:
        _traces_cover(question, facts)
    else:
        _blocks_cover(question, facts)
    _receipts_agree(question, facts)
    if lacks is _BLOCKS[1] and any(header.mined for header, _ in facts.headers.values()):
        kinds, lacks = tuple(kind for kind in kinds if kind != "reward"), (*lacks, _MINED)
    covered = tuple(Covered(one, kinds, question.first, question.last) for one in question.accounts)
    return covered, tuple(Missing(one, kind, why) for one in question.accounts for kind, why in lacks)


_MINED = ("reward", "blocks do not say what proof of work issued")
_TRACED = (
    ("native", "internal", "fee", *TOKENS),
    (
        ("withdrawal", "trace_filter does not show what validators withdraw"),
        ("reward", "trace_filter does not show what the makers of blocks are paid in fees"),
    ),
)
_BLOCKS: tuple[tuple[str, ...], tuple[tuple[str, str], ...]] = (
    ("native", "internal", "fee", "withdrawal", "reward", *TOKENS),
    (),
)
_BARE = (
    ("native", "fee", "withdrawal", "reward", *TOKENS),
    (("internal", "the node traces no transactions"),),
)


def _heads(question: Question, facts: Facts) -> None:
    found = facts.by_number.get(question.last)
    if found != question.last_hash:
        raise facts.contradiction(
            f"block {question.last} is {found or 'not there'}, not {question.last_hash}: the node lags behind, "
            "or the chain was reorganised"
        )


def _hashes_agree(facts: Facts) -> None:
    """Whatever names a block names it by the hash that its number has."""
    told: list[tuple[int, str]] = [(log.block, log.block_hash) for log, _ in facts.logs.values()]
    told += [(trace.block, trace.block_hash) for trace, _ in facts.found.values()]
    told += [(receipt.block, receipt.block_hash) for receipt, _ in facts.receipts.values()]
    known = dict(facts.by_number)
    for number, digest in told:
        if known.setdefault(number, digest) != digest:
            raise facts.contradiction(f"block {number} has two hashes, {known[number]} and {digest}")


def _is_there(question: Question, facts: Facts, tx_hash: str) -> None:
    if tx_hash not in facts.transactions or tx_hash not in facts.receipts:
        raise facts.contradiction(f"{tx_hash} is not told whole")
    if question.way != LOGS and tx_hash not in facts.steps:
        raise facts.contradiction(f"the calls of {tx_hash} are not told")


# ---- tokens ------------------------------------------------------------------------------------------------------


_QUERIES = (("sends", TRANSFER, 1), ("receives", TRANSFER, 2), ("wraps", DEPOSIT, 1), ("unwraps", WITHDRAWAL, 1))


def _logs_cover(question: Question, facts: Facts, account: str) -> None:
    for name, topic, side in _QUERIES:
        ranges = [_blocks_of(facts, where) for topics, where in facts.log_ranges if _asks(topics, topic, side, account)]
        if not _is_covered(question, ranges):
            raise facts.contradiction(f"not every block was asked for what {account} {name}")


def _asks(topics: list[Any], topic: str, side: int, account: str) -> bool:
    """Whether a query lets every log of ``topic`` through in which ``account`` stands at ``side``."""
    places = [_accepts(topics, n) for n in range(4)]
    if any(places[n] is not None for n in range(4) if n not in (0, side)):
        return False
    first, parties = places[0], places[side]
    return (first is None or topic in first) and (parties is None or account in {"0x" + one[26:] for one in parties})


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
            runs_code = facts.receipts[one.hash][0].gas_used != PLAIN_GAS
            if question.way == CALL_TRACER and runs_code and one.hash not in facts.steps:
                raise facts.contradiction(f"the calls of {one.hash} are not told")


# ---- receipts ----------------------------------------------------------------------------------------------------


def _receipts_agree(question: Question, facts: Facts) -> None:
    """A transfer that a receipt shows has to be among the logs: a node that answers with none is found out."""
    topics = {"0x" + "0" * 24 + account[2:] for account in question.accounts}
    for receipt, _ in facts.receipts.values():
        if not question.first <= receipt.block <= question.last:
            continue
        for log in receipt.logs:
            if _touches(log, topics, question.wrappers) and (log.tx_hash, log.index) not in facts.logs:
                raise facts.contradiction(
                    f"log {log.index} of {log.tx_hash} stands in its receipt and not in the answer of eth_getLogs"
                )


def _touches(log: Log, accounts: set[str], wrappers: Sequence[str]) -> bool:
    if not log.topics:
        return False
    sides = log.topics[1:3] if log.topics[0] == TRANSFER else ()
    if log.topics[0] in (DEPOSIT, WITHDRAWAL) and log.address in wrappers:
        sides = log.topics[1:2]
    return any(side in accounts for side in sides)
