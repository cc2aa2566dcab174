"""Rows: lists, blocks and what transactions did as rows of the one table, as a node's answers make them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

from chaintrace.fetch.rows import END_SEQ, FEE_SEQ
from chaintrace.fetch.rpc.call import TRANSFER
from chaintrace.fetch.rpc.moves import Step, moves
from chaintrace.fetch.rpc.rows import Place, Rows, tokens
from chaintrace.fetch.rpc.things import Log
from chaintrace.fetch.trongrid.contracts import REWARD, TRC10
from chaintrace.fetch.trongrid.facts import Facts
from chaintrace.fetch.trongrid.history import History
from chaintrace.fetch.trongrid.proof import block_of, info_of, is_wrapping, loosely, succeeded, whole_block
from chaintrace.fetch.trongrid.things import CALLS, PAYS, Info, Inner, is_staking
from chaintrace.fetch.trongrid.words import named
from chaintrace.model.page import Balance, Question
from chaintrace.model.transfer import Rejected, Rejection

_WRITTEN = re.compile(r"0x[0-9a-f]{40}")


@dataclass
class TronRows(Rows):
    """Accounts are twenty bytes until the table is made."""

    facts: Facts

    def token(self, contract: str) -> str:
        return f"{self.question.chain}/trc20:{named(contract)}"

    def table(self) -> pa.Table:
        self.found = [(*row[:7], *(_maybe(one) for one in row[7:9]), *row[9:]) for row in self.found]
        return super().table()

    def reject(self, source: str, number: int, reason: str, name: str, value: str) -> None:
        self.rejections.append(Rejection(source, number, reason, name, value))

    def wants(self, tx_hash: str, *parties: str | None) -> bool:
        return tx_hash in self.whole or bool(self.accounts.intersection(parties))


def _maybe(account: str | None) -> str | None:
    return None if account is None else named(account)


def write(
    question: Question, facts: Facts, histories: Mapping[str, History], opened: Mapping[Balance, str]
) -> tuple[pa.Table, Rejected]:
    """Everything that is said about what was asked for, and what could not be read. ``opened``: what accounts held
    before the first block, and whence that is known."""
    rows = TronRows(question, facts)
    for one, source in opened.items():
        _opening(rows, one, source)
    for tx_hash, number in _transactions(question, facts, histories).items():
        _transaction(rows, histories, tx_hash, number)
        if tx_hash in facts.infos:
            _inside(rows, _place(rows, tx_hash, number), *facts.infos[tx_hash])
    tokens(rows, _logs(rows))
    plain = (replace(one, value=_WRITTEN.sub(lambda found: named(found[0]), one.value)) for one in rows.rejections)
    return rows.table(), Rejected.of(plain)


def _opening(rows: TronRows, one: Balance, source: str) -> None:
    contract = one.asset.partition("/trc20:")[2]
    name = f"opening:{one.account}:{contract or 'native'}"
    place = (one.block, None, None, name, None, 0)
    account = next(each for each in rows.accounts if named(each) == one.account)
    rows.found.append((*place, "opening", None, account, one.asset, one.amount, source))


def _transactions(question: Question, facts: Facts, histories: Mapping[str, History]) -> dict[str, int]:
    """All transactions between the blocks, and those that are wanted whole, with their blocks."""
    found = {tx_hash: row.block for history in histories.values() for tx_hash, (row, _) in history.sent.items()}
    for history in histories.values():
        found |= {tx_hash: info_of(facts, tx_hash).block for tx_hash in (*history.inner, *history.moved)}
    return found | {tx_hash: info_of(facts, tx_hash).block for tx_hash in question.transactions}


def _place(rows: TronRows, tx_hash: str, number: int) -> Place:
    block = whole_block(rows.facts, number)
    index = next(n for n, one in enumerate(block.sent) if one.id == tx_hash)
    return Place(number, block.header.id, block.header.time // 1000, tx_hash, index)


def _transaction(rows: TronRows, histories: Mapping[str, History], tx_hash: str, number: int) -> None:
    """What a transaction moved at its top, unless it failed, and its fee."""
    facts, at = rows.facts, _place(rows, tx_hash, number)
    one, source = block_of(facts, tx_hash, number).contract, facts.blocks[number][1]
    source = f"{source}/{at.tx_index}"
    went = succeeded(facts, block_of(facts, tx_hash, number))
    info, paid = facts.infos.get(tx_hash, (None, source))
    if went and one.moves:
        receiver = one.receiver or (info.made if info else None)
        if receiver is None:
            raise facts.contradiction(f"{tx_hash} pays nobody")
        rows.add(at, "native", 0, one.owner, receiver, one.amount, source)
    if went and one.kind == REWARD and info is not None and info.withdrawn:
        rows.add(at, "reward", 0, None, one.owner, info.withdrawn, paid)
    if went and one.untold and rows.wants(tx_hash, *one.parties):
        rows.reject(source, at.tx_index, one.untold, one.kind, tx_hash)
    if not rows.wants(tx_hash, one.owner):
        return
    listed = next((told.sent[tx_hash] for told in histories.values() if tx_hash in told.sent), None)
    fee = info.fee if info is not None else listed[0].fee if listed is not None else None
    if fee is None:
        raise facts.contradiction(f"nobody says what {tx_hash} cost")
    if fee:
        rows.add(at, "fee", FEE_SEQ, one.owner, None, fee, paid if info is not None or listed is None else listed[1])


def _inside(rows: TronRows, at: Place, info: Info, source: str) -> None:
    """Value that inner calls moved, in their order. What was undone is told as rejected, call by call."""
    steps = [Step((), "call", "", None, 0, info.failed)]
    for n, one in enumerate(info.calls):
        if one.kind in CALLS.values():
            steps.append(Step((n,), one.kind, one.sender, one.receiver, one.amount, one.rejected))
        elif not one.rejected and not info.failed:
            _other(rows, at, n, one, source)
        if one.assets and not one.rejected and rows.wants(at.tx_hash, one.sender, one.receiver):
            rows.reject(source, n, TRC10, "internal_transactions", at.tx_hash)
    made = {step.receiver for step in steps if step.kind == "create" and not step.failed}
    for step in steps:
        unsure = step.kind == "end" and step.sender == step.receiver and step.sender not in made
        if unsure and step.amount and not step.failed and not info.failed and rows.wants(at.tx_hash, step.sender):
            reason = "a contract that ended for its own benefit"
            rows.reject(source, step.path[0], reason, "internal_transactions", at.tx_hash)
    # A contract that was made before and ends for its own benefit burns its coins by old rules and not by new ones.
    for move in moves(steps, since_cancun=True):
        kind, seq = ("burn", END_SEQ + move.rank) if move.receiver is None else ("internal", move.rank)
        rows.add(at, kind, seq, move.sender, move.receiver, move.amount, source)


def _other(rows: TronRows, at: Place, n: int, one: Inner, source: str) -> None:
    """Inner calls of the chain's own: rewards are paid, staking moves nothing, and the rest is not known."""
    if one.kind == PAYS:
        if one.amount:
            rows.add(at, "reward", n + 1, None, one.receiver, one.amount, source)
    elif one.amount and not is_staking(one) and rows.wants(at.tx_hash, one.sender, one.receiver):
        rows.reject(source, n, "a kind of inner call that is not known here", "note", at.tx_hash)


def _logs(rows: TronRows) -> Iterator[tuple[Log, str]]:
    """Transfers, and what wrappers told, of all transactions whose logs are there."""
    for tx_hash, (info, source) in rows.facts.infos.items():
        if info.block not in rows.facts.blocks:
            continue
        at = _place(rows, tx_hash, info.block)
        for log in info.logs:
            if _touches(rows, log) or (tx_hash in rows.whole and _is_shown(rows, log)):
                yield replace(log, tx_index=at.tx_index, block_hash=at.block_hash, time=at.time), source


def _is_shown(rows: TronRows, log: Log) -> bool:
    return log.topics[:1] == (TRANSFER,) or is_wrapping(rows.question, log)


def _touches(rows: TronRows, log: Log) -> bool:
    """Whether it may be of one of these accounts, however it is written."""
    reading = loosely(log)
    parties = {"0x" + topic[26:] for topic in log.topics[1:3]} | set(() if isinstance(reading, str) else reading[:2])
    return _is_shown(rows, log) and not rows.accounts.isdisjoint(parties)


def gained(question: Question, facts: Facts, transactions: Iterable[str], account: str, contract: str) -> int:
    """What the logs of transactions, wherever they stand, leave an account with of a token, wrapped coins included."""
    rows = TronRows(question, facts)
    infos = [info_of(facts, tx_hash) for tx_hash in transactions]
    tokens(rows, ((replace(log, time=info.time // 1000), "") for info in infos for log in info.logs))
    found = [row[7:11] for row in rows.found if row[9] == rows.token(contract)]
    return sum(amount * ((receiver == account) - (sender == account)) for sender, receiver, _, amount in found)
