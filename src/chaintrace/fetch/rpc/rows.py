"""Rows: facts as rows of the one table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from chaintrace.fetch.moves import ZERO_ADDRESS
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.rows import END_SEQ, FEE_SEQ
from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, WITHDRAWAL
from chaintrace.fetch.rpc.facts import Facts
from chaintrace.fetch.rpc.moves import moves
from chaintrace.fetch.rpc.things import Header, Log, Receipt
from chaintrace.model.amount import MAX, to_bytes
from chaintrace.model.asset import native
from chaintrace.model.page import Question
from chaintrace.model.transfer import KINDS, SCHEMA, Rejected, Rejection

_WORD = 66  # 0x and 32 bytes
_PAD = "0" * 24  # before an address in 32 bytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where rows of one transaction stand."""

    block: int
    block_hash: str
    time: int
    tx_hash: str
    tx_index: int


@dataclass
class Rows:
    """Rows as they come: those that touch an account that was asked for, or belong to a transaction that was.

    ``unordered`` names transactions whose calls have no order that anybody proves.
    """

    question: Question
    facts: Facts
    found: list[tuple[Any, ...]] = field(default_factory=list)
    rejections: list[Rejection] = field(default_factory=list)
    unordered: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.accounts, self.whole = set(self.question.accounts), set(self.question.transactions)
        self.native = native(self.question.chain)

    def add(
        self,
        at: Place,
        kind: str,
        seq: int,
        sender: str | None,
        receiver: str | None,
        amount: int,
        source: str,
        asset: str | None = None,
    ) -> None:
        if sender not in self.accounts and receiver not in self.accounts and at.tx_hash not in self.whole:
            return
        if amount > MAX:
            raise self.facts.contradiction(f"{at.tx_hash} moves more than an asset can have")
        place = (at.block, at.block_hash, at.time, at.tx_hash, at.tx_index, seq)
        self.found.append((*place, kind, sender, receiver, asset or self.native, amount, source))

    def header(self, block_hash: str, number: int) -> Header:
        if block_hash not in self.facts.headers:
            raise self.facts.contradiction(f"block {number} with hash {block_hash} is not told")
        header = self.facts.headers[block_hash][0]
        if header.number != number:
            raise self.facts.contradiction(f"block {block_hash} has the numbers {header.number} and {number}")
        return header

    def token(self, contract: str) -> str:
        """The asset that a token contract is."""
        return token(self.question, contract)

    def table(self) -> pa.Table:
        """In position order, ``opening`` rows first."""
        rank = {kind: n for n, kind in enumerate(KINDS)}
        rows = sorted(self.found, key=lambda row: (row[6] != "opening", row[0], row[4], row[5], rank[row[6]], row[3]))
        cells = list(zip(*rows, strict=True)) or [()] * 12
        block, block_hash, time, tx_hash, tx_index, seq, kind, sender, receiver, asset, amount, evidence = cells
        count = len(rows)
        columns = {
            "chain": [self.question.chain] * count,
            "block": block,
            "block_hash": block_hash,
            "time": pa.array(time, pa.int64()).cast(SCHEMA.field("time").type),
            "tx_hash": tx_hash,
            "tx_index": tx_index,
            "seq": seq,
            "order": list(map(self._order, tx_hash, kind)),
            "kind": kind,
            "sender": sender,
            "receiver": receiver,
            "asset": asset,
            "amount": [to_bytes(one) for one in amount],
            "outpoint": [None] * count,
            "evidence": evidence,
        }
        return pa.table([pa.array(columns[one.name], one.type) for one in SCHEMA], schema=SCHEMA)

    def _order(self, tx_hash: str, kind: str) -> str:
        return "unknown" if kind == "internal" and tx_hash in self.unordered else "known"


def write(question: Question, facts: Facts) -> tuple[pa.Table, Rejected]:
    """Everything that the facts say about what was asked for, and the logs that could not be read as transfers."""
    rows = Rows(question, facts)
    openings(rows)
    _transactions(rows)
    _traced(rows)
    _inside(rows)
    _fees(rows)
    tokens(rows, logs(rows))
    _blocks(rows)
    _rewards(rows)
    return rows.table(), Rejected.of(rows.rejections)


def openings(rows: Rows) -> None:
    before = rows.question.since - 1
    for (account, contract, number), (held, source) in rows.facts.balances.items():
        if number != before or isinstance(held, Fault) or not held or account not in rows.accounts:
            continue
        asset = rows.token(contract) if contract else rows.native
        name = f"opening:{account}:{contract or 'native'}"
        place = (before, None, None, name, None, 0)
        rows.found.append((*place, "opening", None, account, asset, held, source))


def _place(rows: Rows, receipt: Receipt) -> Place:
    header = rows.header(receipt.block_hash, receipt.block)
    return Place(header.number, header.hash, header.time, receipt.tx_hash, receipt.tx_index)


def _transactions(rows: Rows) -> None:
    """The value of transactions that came whole. A failed one moves nothing; one that creates pays the contract."""
    for tx_hash, (one, source) in rows.facts.transactions.items():
        told = rows.facts.receipts.get(tx_hash)
        if told is None:
            raise rows.facts.contradiction(f"{tx_hash} has no receipt")
        receipt = told[0]
        if succeeded(rows.facts, receipt):
            receiver = one.receiver or receipt.created
            if receiver is None:
                raise rows.facts.contradiction(f"{tx_hash} pays nobody")
            rows.add(_place(rows, receipt), "native", 0, one.sender, receiver, one.value, source)


def _traced(rows: Rows) -> None:
    """Top calls that a trace shows, of transactions that did not come whole."""
    for (tx_hash, path), (trace, source) in rows.facts.found.items():
        step = trace.step
        if path or step.failed or tx_hash in rows.facts.transactions:
            continue
        if step.receiver is None:
            raise rows.facts.contradiction(f"{tx_hash} pays nobody")
        header = rows.header(trace.block_hash, trace.block)
        at = Place(header.number, header.hash, header.time, tx_hash, trace.tx_index)
        rows.add(at, "native", 0, step.sender, step.receiver, step.amount, source)


def _inside(rows: Rows) -> None:
    """Value moved by calls inside transactions."""
    for tx_hash, (steps, source) in rows.facts.steps.items():
        if tx_hash in rows.facts.places:
            number, digest, index = rows.facts.places[tx_hash][0]
            header = rows.header(digest, number)
            at = Place(header.number, header.hash, header.time, tx_hash, index)
        elif tx_hash in rows.facts.receipts:
            at = _place(rows, rows.facts.receipts[tx_hash][0])
        else:
            raise rows.facts.contradiction(f"nobody says where {tx_hash} stands")
        since_cancun = rows.facts.headers[at.block_hash][0].since_cancun
        for move in moves(steps, since_cancun):
            kind, seq = ("burn", END_SEQ + move.rank) if move.receiver is None else ("internal", move.rank)
            rows.add(at, kind, seq, move.sender, move.receiver, move.amount, source)


def _fees(rows: Rows) -> None:
    for tx_hash, (receipt, source) in rows.facts.receipts.items():
        if receipt.sender in rows.accounts or tx_hash in rows.whole:
            amount = receipt.gas_used * price(rows.facts, receipt) + receipt.extra
            rows.add(_place(rows, receipt), "fee", FEE_SEQ, receipt.sender, None, amount, source)


def succeeded(facts: Facts, receipt: Receipt) -> bool:
    """Before Byzantium receipts did not say; the top call of the trace does."""
    if receipt.succeeded is not None:
        return receipt.succeeded
    steps = facts.steps.get(receipt.tx_hash)
    if steps is None:
        raise facts.contradiction(f"{receipt.tx_hash} does not say whether it succeeded, and there is no trace of it")
    return not next(step for step in steps[0] if not step.path).failed


def price(facts: Facts, receipt: Receipt) -> int:
    """Wei a unit of gas: as the receipt says, before London as the transaction offers."""
    if receipt.price is not None:
        return receipt.price
    told = facts.transactions.get(receipt.tx_hash)
    if told is None or told[0].gas_price is None:
        raise facts.contradiction(f"nobody says what {receipt.tx_hash} paid for its gas")
    return told[0].gas_price


# ---- tokens ------------------------------------------------------------------------------------------------------


def token(question: Question, contract: str) -> str:
    return f"{question.chain}/erc20:{contract}"


def logs(rows: Rows) -> Iterable[tuple[Log, str]]:
    """The logs that were asked for, and those in receipts of whole transactions."""
    told = dict(rows.facts.logs)
    for tx_hash in rows.whole:
        if tx_hash in rows.facts.receipts:
            receipt, source = rows.facts.receipts[tx_hash]
            for log in receipt.logs:
                told.setdefault((log.tx_hash, log.index), (log, source))
    return told.values()


def tokens(rows: Rows, told: Iterable[tuple[Log, str]]) -> None:
    """Transfers, and what wrapped coins issue and take back, from logs and their sources."""
    wrappers = set(rows.question.wrappers)
    wrapped: list[tuple[Log, str]] = []
    issued: Counter[tuple[str, str, str, str | None, int]] = Counter()
    for log, source in told:
        topic = log.topics[0] if log.topics else None
        if topic == TRANSFER:
            _transfer(rows, log, source, issued)
        elif topic in (DEPOSIT, WITHDRAWAL) and log.address in wrappers:
            wrapped.append((log, source))
    for log, source in sorted(wrapped, key=lambda one: (one[0].tx_hash, one[0].index)):
        _wrap(rows, log, source, issued)


def _transfer(rows: Rows, log: Log, source: str, issued: Counter[tuple[str, str, str, str | None, int]]) -> None:
    reading = parties(log)
    if isinstance(reading, str):
        rows.rejections.append(Rejection(source, log.index, reading, "topics", f"{log.address} in {log.tx_hash}"))
        return
    sender, receiver, amount = reading
    made, burnt = sender == ZERO_ADDRESS, receiver == ZERO_ADDRESS
    if made and burnt:
        rows.rejections.append(Rejection(source, log.index, "no party", "topics", f"{log.address} in {log.tx_hash}"))
        return
    kind = "mint" if made else "burn" if burnt else "token"
    if kind != "token":
        issued[log.tx_hash, log.address, kind, receiver if made else sender, amount] += 1
    given, taken = None if made else sender, None if burnt else receiver
    rows.add(_log_place(rows, log), kind, log.index, given, taken, amount, source, rows.token(log.address))


def parties(log: Log) -> tuple[str, str, int] | str:
    """Sender, receiver and amount of a Transfer; or why it is none of a token's, or none that can be asked for."""
    if len(log.topics) == 4:
        return "NFT"
    if len(log.topics) == 1 and len(log.data) == 2 + 3 * 64:
        return "parties not indexed"
    if len(log.topics) != 3 or len(log.data) != _WORD:
        return "undecodable log"
    ends, amount = (log.topics[1][2:], log.topics[2][2:]), log.data[2:]
    if not ends[0].startswith(_PAD) or not ends[1].startswith(_PAD):
        return "undecodable log"
    return "0x" + ends[0][24:], "0x" + ends[1][24:], int(amount, 16)


def _wrap(rows: Rows, log: Log, source: str, issued: Counter[tuple[str, str, str, str | None, int]]) -> None:
    """A deposit into a wrapped coin is a mint, a withdrawal a burn, unless a Transfer of the same says so already."""
    plain = len(log.topics) == 2 and log.topics[1].startswith("0x" + _PAD) and len(log.data) == _WORD
    if not plain:
        reason = "undecodable log"
        rows.rejections.append(Rejection(source, log.index, reason, "topics", f"{log.address} in {log.tx_hash}"))
        return
    account = "0x" + log.topics[1][26:]
    made, amount = log.topics[0] == DEPOSIT, int(log.data, 16)
    said = (log.tx_hash, log.address, "mint" if made else "burn", account, amount)
    if issued[said]:
        issued[said] -= 1
        return
    given, taken = (None, account) if made else (account, None)
    asset = rows.token(log.address)
    rows.add(_log_place(rows, log), said[2], log.index, given, taken, amount, source, asset)


def _log_place(rows: Rows, log: Log) -> Place:
    time = log.time
    if time is None or log.block_hash in rows.facts.headers:
        time = rows.header(log.block_hash, log.block).time
    return Place(log.block, log.block_hash, time, log.tx_hash, log.tx_index)


# ---- what no transaction shows -----------------------------------------------------------------------------------


def _blocks(rows: Rows) -> None:
    """Withdrawals, and what transactions paid to whoever made the block, of blocks that came whole."""
    for header, source in rows.facts.headers.values():
        if header.transactions is None:
            continue
        count = len(header.transactions)
        for n, one in enumerate(header.withdrawals or ()):
            at = Place(header.number, header.hash, header.time, f"withdrawal:{one.index}", count)
            rows.add(at, "withdrawal", n, None, one.address, one.amount, source)
        if header.miner in rows.accounts and header.base_fee is not None and not header.mined:
            tips = sum(_tip(rows.facts, one.hash, header.base_fee) for one in header.transactions)
            at = Place(header.number, header.hash, header.time, f"reward:{header.number}", count)
            if tips:
                rows.add(at, "reward", 0, None, header.miner, tips, source)


def _tip(facts: Facts, tx_hash: str, base_fee: int) -> int:
    """EIP-1559: what is paid above the base fee goes to the block's maker."""
    if tx_hash not in facts.receipts:
        raise facts.contradiction(f"{tx_hash} has no receipt")
    receipt = facts.receipts[tx_hash][0]
    return receipt.gas_used * max(price(facts, receipt) - base_fee, 0)


def _rewards(rows: Rows) -> None:
    """What proof of work issued, as traces tell it."""
    for (number, what, author, n), (trace, source) in rows.facts.rewards.items():
        header = rows.header(trace.block_hash, number)
        at = Place(header.number, header.hash, header.time, f"reward:{number}:{what}:{author}", 0)
        rows.add(at, "reward", n, None, trace.step.receiver, trace.step.amount, source)
