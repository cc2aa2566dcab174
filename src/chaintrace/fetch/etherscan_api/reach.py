"""Reach: whether an explorer's lists come as far as its node does, tried on the last transactions there are.

Lists are filled after blocks are known; an explorer that is behind shows what is new as if it had not happened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chaintrace.fetch.call import Call
from chaintrace.fetch.etherscan_api.call import SENT, TOKENS
from chaintrace.fetch.etherscan_api.facts import Facts, Want
from chaintrace.fetch.etherscan_api.walk import Look, Walk
from chaintrace.fetch.explorer.things import Sent
from chaintrace.fetch.moves import ZERO_ADDRESS
from chaintrace.fetch.rpc import call
from chaintrace.fetch.rpc.call import TRANSFER
from chaintrace.fetch.rpc.rows import parties
from chaintrace.fetch.rpc.things import Receipt, Transaction
from chaintrace.model.page import Question

BLOCKS, RECEIPTS = 64, 12
"""How many blocks before the last one are looked through, and how many receipts for a transfer of a token."""
PLAIN = 21_000
"""The gas of a payment that runs no code. Rule: the Yellow Paper, appendix G, G_transaction."""
UNTRIED = "whether the lists of {} reach the last block could not be tried: none is seen shortly before it"

Need = Callable[[Iterable[Call]], None]


def reach(question: Question, facts: Facts, need: Need, look: Look) -> list[str]:
    """Notes of what could not be tried. Contradiction where the explorer's node knows what a list does not.

    ``need`` asks for calls; nothing where evidence is looked through, which has to hold all that was asked.
    """
    tried = looked = 0
    for one in _last_transactions(question, facts, need):
        if not tried:
            _shows(question, facts, Want(SENT, one.sender), one.block, one.hash, look)
            tried = 1
        if one.gas <= PLAIN:
            continue
        need([call.receipt(one.hash, one.block <= question.final)])
        if one.hash not in facts.receipts:
            raise facts.contradiction(f"{one.hash} has no receipt")
        party, looked = _party(facts.receipts[one.hash][0]), looked + 1
        if party is not None:
            _shows(question, facts, Want(TOKENS, party), one.block, one.hash, look)
            return []
        if looked == RECEIPTS:
            break
    return [UNTRIED.format("tokens" if tried else "transactions")]


def _last_transactions(question: Question, facts: Facts, need: Need) -> Iterator[Transaction]:
    """Newest blocks first, in each in order."""
    for number in range(question.last, max(question.last - BLOCKS, -1), -1):
        need([call.block(number, True, number <= question.final)])
        header = facts.headers[facts.by_number[number]][0] if number in facts.by_number else None
        if header is None or header.transactions is None:
            raise facts.contradiction(f"block {number} is not told whole")
        yield from header.transactions


def _shows(question: Question, facts: Facts, want: Want, block: int, tx_hash: str, look: Look) -> None:
    rows = Walk(question.provider, want, look).run(block, block)
    if tx_hash not in {one.one.hash if isinstance(one, Sent) else one.tx_hash for one, _ in rows}:
        raise facts.contradiction(
            f"{want.method} of {want.account} does not show {tx_hash} of block {block}: the lists lag behind"
        )


def _party(receipt: Receipt) -> str | None:
    """Somebody in whose list of tokens the transaction stands; None where it moves none."""
    for log in receipt.logs:
        reading = parties(log) if len(log.topics) == 3 and log.topics[0] == TRANSFER else ""
        if not isinstance(reading, str):
            return reading[0] if reading[0] != ZERO_ADDRESS else reading[1]
    return None
