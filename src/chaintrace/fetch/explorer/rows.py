"""Rows: lists and receipts as rows of the one table, the same that a node's answers make."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa

from chaintrace.fetch.explorer.history import History
from chaintrace.fetch.explorer.proof import is_wrapping
from chaintrace.fetch.explorer.things import Inner
from chaintrace.fetch.rows import FEE_SEQ
from chaintrace.fetch.rpc.call import TRANSFER, padded
from chaintrace.fetch.rpc.facts import Facts
from chaintrace.fetch.rpc.moves import Path, Step, moves
from chaintrace.fetch.rpc.rows import END_SEQ, Place, Rows, openings, parties, price, tokens
from chaintrace.fetch.rpc.things import Log, Receipt
from chaintrace.model.page import Question
from chaintrace.model.transfer import Rejected


def write(question: Question, facts: Facts, history: History) -> tuple[pa.Table, Rejected]:
    """Everything that lists and receipts say about what was asked for, and the logs that could not be read."""
    rows = Rows(question, facts)
    openings(rows)
    for tx_hash in dict.fromkeys((*history.sent, *question.transactions)):
        _transaction(rows, history, tx_hash)
    for tx_hash in history.inside:
        _inside(rows, facts, history, tx_hash)
    tokens(rows, _logs(rows, history))
    _withdrawals(rows, facts, history)
    return rows.table(), Rejected.of(rows.rejections)


def _time(rows: Rows, history: History, block: int) -> int:
    if block not in history.times:
        raise rows.facts.contradiction(f"nobody says when block {block} was")
    return history.times[block]


def _place(rows: Rows, history: History, receipt: Receipt) -> Place:
    time = _time(rows, history, receipt.block)
    return Place(receipt.block, receipt.block_hash, time, receipt.tx_hash, receipt.tx_index)


def _transaction(rows: Rows, history: History, tx_hash: str) -> None:
    """What a transaction moved at its top, unless it failed, and its fee."""
    one, source = rows.facts.transactions[tx_hash]
    listed = history.sent.get(tx_hash, (None, ""))[0]
    receipt, paid = rows.facts.receipts.get(tx_hash, (None, source))
    at = Place(one.block, one.block_hash, _time(rows, history, one.block), tx_hash, one.index)
    if not _failed(rows, history, tx_hash):
        receiver = one.receiver or (listed.created if listed else receipt.created if receipt else None)
        if receiver is None:
            raise rows.facts.contradiction(f"{tx_hash} pays nobody")
        rows.add(at, "native", 0, one.sender, receiver, one.value, source)
    if receipt is not None:
        fee = receipt.gas_used * (listed.price if listed else price(rows.facts, receipt)) + receipt.extra
    elif listed is not None:
        fee = listed.gas_used * listed.price
    else:
        raise rows.facts.contradiction(f"{tx_hash} has no receipt")
    if one.sender in rows.accounts or tx_hash in rows.whole:
        rows.add(at, "fee", FEE_SEQ, one.sender, None, fee, paid)


def _failed(rows: Rows, history: History, tx_hash: str) -> bool:
    if tx_hash in history.sent:
        return history.sent[tx_hash][0].failed
    succeeded = rows.facts.receipts[tx_hash][0].succeeded if tx_hash in rows.facts.receipts else None
    if succeeded is None:
        raise rows.facts.contradiction(f"{tx_hash} does not say whether it succeeded")
    return not succeeded


def _inside(rows: Rows, facts: Facts, history: History, tx_hash: str) -> None:
    """Value that calls moved, ranked by their place; where that is not told, as they are listed, and in no order."""
    receipt = facts.receipts[tx_hash][0]
    calls = [one for one, _ in history.inside[tx_hash]]
    paths = _paths(history, tx_hash, calls)
    if paths is None:
        rows.unordered.add(tx_hash)
        paths = [(n,) for n in range(len(calls))]
    header = facts.headers.get(receipt.block_hash)
    top = Step((), "create" if receipt.created else "call", receipt.sender, receipt.created, 0, not receipt.succeeded)
    if receipt.succeeded is None:
        top = replace(top, failed=tx_hash in history.sent and history.sent[tx_hash][0].failed)
    steps = [top, *(one.step(path) for one, path in zip(calls, paths, strict=True))]
    sources = {path: source for path, (_, source) in zip(paths, history.inside[tx_hash], strict=True)}
    at = _place(rows, history, receipt)
    for move in moves(steps, header is not None and header[0].since_cancun):
        kind, seq = ("burn", END_SEQ + move.rank) if move.receiver is None else ("internal", move.rank)
        rows.add(at, kind, seq, move.sender, move.receiver, move.amount, sources[move.path])


def _paths(history: History, tx_hash: str, calls: Sequence[Inner]) -> list[Path] | None:
    """The places of all calls of a transaction, as its list or those of the accounts tell them; None where they do
    not, and there is more than one."""
    told: dict[tuple[Any, ...], dict[Path, None]] = {}
    for own in history.inner.values():
        for one in own.get(tx_hash, ()):
            if one.path is not None:
                told.setdefault(one.said, {})[one.path] = None
    left = {said: sorted(paths, reverse=True) for said, paths in told.items()}
    found: list[Path] = []
    for one in calls:
        if one.path is not None:
            found.append(one.path)
        elif left.get(one.said):
            found.append(left[one.said].pop())
    if len(set(found)) == len(calls):
        return found
    return [(0,)] if len(calls) == 1 else None


def _logs(rows: Rows, history: History) -> Iterator[tuple[Log, str]]:
    """Transfers from receipts, which alone say where in a transaction they stand, and what wrappers told."""
    words = set(map(padded, rows.accounts))
    told = dict(history.logs)
    for receipt, source in rows.facts.receipts.values():
        whole = receipt.tx_hash in rows.whole
        if not whole and not rows.question.first <= receipt.block <= rows.question.last:
            continue
        listed = {row.said for own in history.moved.values() for row in own.get(receipt.tx_hash, ())}
        for log in receipt.logs:
            wanted = _is_shown(log, words, listed)
            if wanted or (whole and (log.topics[:1] == (TRANSFER,) or is_wrapping(rows.question, log))):
                told.setdefault((log.tx_hash, log.index), (log, source))
    for log, source in told.values():
        yield replace(log, time=_time(rows, history, log.block)), source


def _is_shown(log: Log, words: set[str], listed: set[tuple[str, str, str, int]]) -> bool:
    """Whether a transfer is of one of these accounts; where the log does not index its parties, the lists say so."""
    if log.topics[:1] != (TRANSFER,):
        return False
    reading = parties(log) if len(log.topics) == 1 else ""
    return bool(words & set(log.topics[1:3])) or (not isinstance(reading, str) and (log.address, *reading) in listed)


def _withdrawals(rows: Rows, facts: Facts, history: History) -> None:
    """Of blocks that were told whole."""
    numbers = {one.block for told in history.withdrawn.values() for one in told}
    for number in sorted(numbers):
        header, source = facts.headers[facts.by_number[number]]
        for n, one in enumerate(header.withdrawals or ()):
            name, count = f"withdrawal:{one.index}", len(header.transactions or ())
            at = Place(header.number, header.hash, header.time, name, count)
            rows.add(at, "withdrawal", n, None, one.address, one.amount, source)
