"""History: Blockscout's lists of the accounts of a question, joined with the receipts of what stands in them.

A list says neither the hash of a block nor what a wrapped coin issues; the receipt of each transaction says both.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from chaintrace.fetch.blockscout.call import INNER, INSIDE, MOVED, SENT, WITHDRAWN
from chaintrace.fetch.blockscout.facts import Facts, Listed, Want
from chaintrace.fetch.blockscout.things import Called, Payment, Transfer
from chaintrace.fetch.blockscout.walk import Look, Rows, Walk
from chaintrace.fetch.explorer.history import History
from chaintrace.fetch.explorer.proof import is_wrapping
from chaintrace.fetch.explorer.things import Inner, Sent
from chaintrace.fetch.explorer.ways import PLAIN
from chaintrace.fetch.moves import ZERO_ADDRESS
from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, WITHDRAWAL, padded
from chaintrace.fetch.rpc.rows import parties
from chaintrace.fetch.rpc.things import Log, Receipt, Transaction
from chaintrace.model.page import Question

DOUBTED = "it calls these tokens scams, or of doubtful repute, which is its word: "
UNDONE = (
    "calls that failed stand inside of transactions that did not: which later calls they undid is its word, and only "
    "balances tell otherwise"
)
NOT_INDEXED = "transfers of tokens whose logs do not index their parties are left out"
UNNAMED = "what a wrapped coin issues and takes back is left out, for it was not named as one: "


@dataclass
class Lists:
    """The rows of each account's lists, of the blocks that are wanted; of its calls those that move something.
    ``notes``: what is to be said of what is left out."""

    sent: dict[str, list[tuple[Payment, str]]] = field(default_factory=dict)
    inner: dict[str, list[Called]] = field(default_factory=dict)
    moved: dict[str, list[Transfer]] = field(default_factory=dict)
    paid: dict[str, list[Any]] = field(default_factory=dict)
    notes: dict[str, None] = field(default_factory=dict)

    @property
    def hashes(self) -> dict[str, None]:
        """Every transaction that moves coins or tokens of the accounts, or that they sent."""
        sent = (one.tx_hash for rows in self.sent.values() for one, _ in rows)
        inner = (one.tx_hash for rows in self.inner.values() for one in rows)
        moved = (one.tx_hash for rows in self.moved.values() for one in rows)
        return dict.fromkeys((*sent, *inner, *moved))

    @property
    def called(self) -> dict[str, None]:
        """Transactions that have calls which touch the accounts."""
        return dict.fromkeys(one.tx_hash for rows in self.inner.values() for one in rows)


def read_lists(question: Question, provider: str, look: Look) -> Lists:
    """The lists of all accounts, through whoever can show their pages."""
    lists = Lists()
    for account in question.accounts:
        told = {
            method: Walk(provider, Want(method, account), look).run(question.first)
            for method in (SENT, INNER, MOVED, *(() if question.way == PLAIN else (WITHDRAWN,)))
        }
        lists.sent[account] = _mined(question, told[SENT], lists)
        lists.inner[account] = [one for one, _ in _within(question, told[INNER]) if one.index and one.one.moves]
        lists.moved[account] = [one for one, _ in _within(question, told[MOVED]) if not one.is_nft]
        lists.paid[account] = [one.one for one, _ in _within(question, told.get(WITHDRAWN, []))]
    doubted = sorted({one.contract for rows in lists.moved.values() for one in rows if one.doubted})
    if doubted:
        lists.notes[DOUBTED + ", ".join(doubted)] = None
    return lists


def _within(question: Question, rows: Rows) -> Iterator[tuple[Any, str]]:
    return ((one, source) for one, source in rows if question.first <= one.block <= question.last)


def _mined(question: Question, rows: Rows, lists: Lists) -> list[tuple[Payment, str]]:
    for one, _ in rows:
        if one.block is None:
            what = "was dropped or replaced" if one.failed else "is pending"
            lists.notes[f"{one.tx_hash} {what}: it is in no block, and left out"] = None
    return list(_within(question, [row for row in rows if row[0].block is not None]))


def inside(provider: str, tx_hash: str, look: Look) -> tuple[tuple[Inner, str], ...]:
    """All calls of a transaction but the top one, in order."""
    rows = Walk(provider, Want(INSIDE, tx_hash), look).run()
    return tuple((one.one, source) for one, source in sorted(rows, key=lambda row: row[0].index) if one.index)


def kept(question: Question, facts: Facts) -> History:
    """The lists as the evidence has them, joined. Contradiction where a page or a receipt is missing."""

    def look(want: Want, after: str) -> Listed | None:
        return facts.lists.get((want, after), (None, ""))[0]

    found = facts.indexed.get(question.last, ("not there", ""))[0]
    if question.accounts and found != question.last_hash:
        raise facts.contradiction(f"block {question.last} is {found} in its own tables, which lag behind or are stale")
    lists = read_lists(question, facts.provider, look) if question.accounts else Lists()
    return join(question, facts, lists, look)


def join(question: Question, facts: Facts, lists: Lists, look: Look) -> History:
    """Lists and receipts as one history."""
    history = History(facts.provider)
    for account in question.accounts:
        for one, source in lists.sent[account]:
            history.add(account, _sent(facts, one), source)
        for call in lists.inner[account]:
            history.add(account, call.one, "")
        for transfer in lists.moved[account]:
            _add_transfer(question, facts, lists, history, transfer, account)
        for withdrawn in lists.paid[account]:
            history.add(account, withdrawn, "")
    for tx_hash in lists.hashes:
        _add_wraps(question, history, *_receipt(facts, tx_hash))
    for tx_hash in dict.fromkeys((*question.transactions, *lists.called)):
        history.inside[tx_hash] = inside(facts.provider, tx_hash, look)
        if _may_undo([one for one, _ in history.inside[tx_hash]], _receipt(facts, tx_hash)[0]):
            lists.notes[UNDONE] = None
    history.agree(facts)
    history.notes = list(lists.notes)
    return history


def _receipt(facts: Facts, tx_hash: str) -> tuple[Receipt, str]:
    if tx_hash not in facts.receipts:
        raise facts.contradiction(f"{tx_hash} has no receipt")
    return facts.receipts[tx_hash]


def _sent(facts: Facts, one: Payment) -> Sent:
    receipt, _ = _receipt(facts, one.tx_hash)
    if (one.block, one.index if one.index is not None else receipt.tx_index) != (receipt.block, receipt.tx_index):
        raise facts.contradiction(f"{one.tx_hash} stands in two places")
    failed = not receipt.succeeded if one.failed is None and receipt.succeeded is not None else one.failed
    if failed is None:
        raise facts.contradiction(f"{one.tx_hash} does not say whether it succeeded")
    if one.price is None and receipt.price is None:
        raise facts.contradiction(f"nobody says what {one.tx_hash} paid for its gas")
    known = facts.transactions.get(one.tx_hash)
    told = Transaction(
        hash=one.tx_hash,
        index=receipt.tx_index,
        block=receipt.block,
        block_hash=receipt.block_hash,
        sender=one.sender,
        receiver=one.receiver,
        value=one.value,
        gas=known[0].gas if known else 0,  # of no use to lists
        gas_price=one.price,
    )
    return Sent(
        one=told,
        time=one.time or 0,
        failed=failed,
        gas_used=receipt.gas_used if one.gas_used is None else one.gas_used,
        price=receipt.price if receipt.price is not None else one.price or 0,
        created=one.created or receipt.created,
    )


# ---- transfers and the logs that they stand in -------------------------------------------------------------------


def _add_transfer(
    question: Question, facts: Facts, lists: Lists, history: History, one: Transfer, account: str
) -> None:
    """A transfer is what the log says whose number it has, or it is a contradiction."""
    receipt, _ = _receipt(facts, one.tx_hash)
    log = next((log for log in receipt.logs if log.index == one.index), None)
    told = (one.contract, one.sender, one.receiver, one.amount)
    said = None if log is None else (log.address, *_said(log))
    if log is None or (receipt.block, one.block_hash or receipt.block_hash) != (one.block, receipt.block_hash):
        raise facts.contradiction(f"{one.tx_hash} has no log {one.index} in block {one.block}")
    if log.topics[:1] == (TRANSFER,) and len(log.topics) == 1 and log.address == one.contract:
        lists.notes[NOT_INDEXED] = None
    elif said != told:
        raise facts.contradiction(f"log {one.index} of {one.tx_hash} and the list of {account} disagree")
    elif log.topics[0] == TRANSFER:
        history.add(account, one.moved(receipt.block_hash), "")
    elif not is_wrapping(question, log):
        lists.notes[UNNAMED + log.address] = None


def _said(log: Log) -> tuple[Any, ...]:
    """Sender, receiver and amount, as Blockscout reads a log: wrapped coins come from nobody and go there."""
    if log.topics[:1] == (TRANSFER,):
        reading = parties(log)
        return () if isinstance(reading, str) else reading
    if len(log.topics) != 2 or len(log.data) != 66:
        return ()
    who, amount = "0x" + log.topics[1][26:], int(log.data, 16)
    if log.topics[0] == DEPOSIT:
        return ZERO_ADDRESS, who, amount
    return (who, ZERO_ADDRESS, amount) if log.topics[0] == WITHDRAWAL else ()


def _add_wraps(question: Question, history: History, receipt: Receipt, source: str) -> None:
    """Who wraps a coin pays for it, and who unwraps one is paid: both stand in a list of the account."""
    words = set(map(padded, question.accounts))
    for log in receipt.logs:
        if is_wrapping(question, log) and words.intersection(log.topics[1:2]):
            history.logs.setdefault((log.tx_hash, log.index), (log, source))


def _may_undo(calls: list[Inner], receipt: Receipt) -> bool:
    """Whether a call that failed may have undone a later one that is told as one that lasts."""
    first = next((n for n, one in enumerate(calls) if one.failed), len(calls))
    return receipt.succeeded is not False and any(one.amount and not one.failed for one in calls[first:])
