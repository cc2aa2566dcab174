"""Agree: what two answers of one page say about one thing has to be the same, whichever of them came first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from chaintrace.fetch.rpc.facts import Facts, Place
from chaintrace.fetch.rpc.moves import Path, Step, is_whole
from chaintrace.fetch.rpc.things import Header


def agree(facts: Facts) -> None:
    """Contradiction where answers cannot all be true."""
    _headers(facts)
    _places(facts)
    _times(facts)
    _transactions(facts)
    _calls(facts)


def _headers(facts: Facts) -> None:
    """Blocks that follow each other are parent and child, and time does not run backwards."""
    told = sorted((header for header, _ in facts.headers.values()), key=lambda header: header.number)
    for one, other in pairwise(told):
        if one.number + 1 == other.number and other.parent != one.hash:
            raise facts.contradiction(f"block {one.number} is no parent of the next one")
        if one.time > other.time:
            raise facts.contradiction(f"block {other.number} is earlier than block {one.number}")
        lacks = any(later < earlier for earlier, later in zip(_forks(one), _forks(other), strict=True))
        if lacks and one.number:  # block 0 is made by hand, and by some nodes carelessly
            raise facts.contradiction(f"block {other.number} lacks what block {one.number} has")


def _forks(header: Header) -> tuple[bool, bool, bool]:
    """Whether a block has what came with London, Shanghai and Cancun, and does not go away again."""
    return header.base_fee is not None, header.withdrawals is not None, header.since_cancun


def _places(facts: Facts) -> None:
    """Whatever names a block names it by the hash that its number has, and a transaction stands in one place of it,
    alone."""
    hashes, numbers = dict(facts.by_number), {digest: number for number, digest in facts.by_number.items()}
    places: dict[str, Place] = {}
    holders: dict[tuple[str, int], str] = {}
    for tx_hash, place in set(_told_places(facts)):
        number, digest, index = place
        if hashes.setdefault(number, digest) != digest or numbers.setdefault(digest, number) != number:
            raise facts.contradiction(f"block {number} has two hashes, or {digest} two numbers")
        if places.setdefault(tx_hash, place) != place or holders.setdefault((digest, index), tx_hash) != tx_hash:
            raise facts.contradiction(f"{tx_hash} stands in two places, or not alone in one")


def _told_places(facts: Facts) -> Iterator[tuple[str, Place]]:
    for log, _ in facts.logs.values():
        yield log.tx_hash, (log.block, log.block_hash, log.tx_index)
    for trace, _ in facts.found.values():
        yield trace.tx_hash or "", (trace.block, trace.block_hash, trace.tx_index)
    for receipt, _ in facts.receipts.values():
        yield receipt.tx_hash, (receipt.block, receipt.block_hash, receipt.tx_index)
        for log in receipt.logs:
            yield log.tx_hash, (log.block, log.block_hash, log.tx_index)
    for tx_hash, (place, _) in facts.places.items():
        yield tx_hash, place
    for one, _ in facts.transactions.values():
        yield one.hash, (one.block, one.block_hash, one.index)


def _times(facts: Facts) -> None:
    times = {digest: header.time for digest, (header, _) in facts.headers.items()}
    for log, _ in facts.logs.values():
        if log.time is not None and times.setdefault(log.block_hash, log.time) != log.time:
            raise facts.contradiction(f"block {log.block} has two times")


def _transactions(facts: Facts) -> None:
    for tx_hash, (one, _) in facts.transactions.items():
        receipt = facts.receipts[tx_hash][0] if tx_hash in facts.receipts else None
        if receipt is None:
            continue
        if receipt.sender != one.sender or receipt.receiver not in (None, one.receiver):
            raise facts.contradiction(f"{tx_hash} and its receipt disagree")


def _calls(facts: Facts) -> None:
    """The calls of a transaction are one tree, whose top is the transaction itself; filters show parts of it."""
    trees: dict[str, dict[Path, Step]] = {}
    for tx_hash, (steps, _) in facts.steps.items():
        if not is_whole(steps):
            raise facts.contradiction(f"the calls of {tx_hash} are not all told")
        trees[tx_hash] = {step.path: step for step in steps}
        _top(facts, tx_hash, trees[tx_hash][()])
    for (tx_hash, path), (trace, _) in facts.found.items():
        if tx_hash in trees and trees[tx_hash].get(path) != trace.step:
            raise facts.contradiction(f"call {list(path)} of {tx_hash} is told in two ways")
        if not path:
            _top(facts, tx_hash, trace.step)


def _top(facts: Facts, tx_hash: str, top: Step) -> None:
    if tx_hash in facts.receipts:
        receipt = facts.receipts[tx_hash][0]
        made = top.receiver if top.kind == "create" else None
        receiver = None if top.kind == "create" else top.receiver
        parties = receipt.sender, receipt.receiver or receiver
        if parties != (top.sender, receiver) or receipt.succeeded is top.failed:
            raise facts.contradiction(f"the receipt of {tx_hash} and its calls disagree")
        if not top.failed and receipt.created != made:
            raise facts.contradiction(f"the receipt of {tx_hash} and its calls name two contracts that it made")
    if tx_hash in facts.transactions:
        one = facts.transactions[tx_hash][0]
        receiver = None if top.kind == "create" else top.receiver
        if (one.sender, one.receiver, one.value) != (top.sender, receiver, top.amount):
            raise facts.contradiction(f"{tx_hash} and its calls disagree")
