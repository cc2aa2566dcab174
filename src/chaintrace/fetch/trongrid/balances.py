"""Balances: what accounts held before the first block and at the last one, reckoned from what they hold now.

TronGrid knows no old balances. What came before the first block is added up from the lists, which begin with the chain;
what an account holds now, less what came after the last block, is what it held then. The first says nothing about
the second: so the two check all lists of the account, from its beginning until now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from chaintrace.fetch.reply import Fault
from chaintrace.fetch.trongrid.contracts import REWARD, TRC10
from chaintrace.fetch.trongrid.facts import Facts
from chaintrace.fetch.trongrid.history import History, attempt, parties_of
from chaintrace.fetch.trongrid.proof import held, info_of, is_nft
from chaintrace.fetch.trongrid.rows import gained
from chaintrace.fetch.trongrid.things import (
    CALLS,
    PAYS,
    SUCCESS,
    TOKEN,
    Inner,
    ListedInner,
    ListedSent,
    Moved,
    is_staking,
)
from chaintrace.fetch.trongrid.words import named
from chaintrace.model.asset import native
from chaintrace.model.page import Balance, Question


class Unknown(Exception):
    """Why a sum cannot be told. Never leaves this room."""


def reckon(question: Question, facts: Facts, histories: Mapping[str, History]) -> dict[Balance, str]:
    """Every balance and its source."""
    nfts = {log.address for info, _ in facts.infos.values() for log in info.logs if is_nft(log)}
    pairs = [(account, "") for account in question.accounts]
    pairs += [pair for pair in held(question, facts) if pair[1] not in nfts]
    found: dict[Balance, str] = {}
    for account, contract in pairs:
        found |= _pair(question, facts, histories[account], account, contract)
    return dict(sorted(found.items(), key=lambda one: (one[0].account, one[0].asset, one[0].block)))


def _pair(
    question: Question, facts: Facts, history: History, account: str, contract: str
) -> Iterator[tuple[Balance, str]]:
    asset = f"{question.chain}/trc20:{named(contract)}" if contract else native(question.chain)
    early, late = ([one for one, _ in rows] for rows in (history.early, history.late))
    if question.since:
        source = history.early[-1][1] if history.early else ""
        told = _told(lambda: _sum(question, facts, early, account, contract))
        yield Balance(named(account), asset, question.since - 1, *told), source
    told = _told(lambda: _now(facts, history, account, contract) - _sum(question, facts, late, account, contract))
    yield Balance(named(account), asset, question.last, *told), ""


def _told(reckoned: Callable[[], int]) -> tuple[int | None, str]:
    """An amount, or why there is none."""
    try:
        amount = reckoned()
    except Unknown as why:
        return None, str(why)
    return (amount, "") if amount >= 0 else (None, "the lists tell of more that went out than came in")


def _now(facts: Facts, history: History, account: str, contract: str) -> int:
    held = facts.held.get((account, contract, attempt(facts)), (Fault(0, "it was not asked for"), ""))[0]
    if isinstance(held, Fault):
        raise Unknown(f"{held.code}: {held.message}")
    if history.restless:
        raise Unknown("the account moved something while it was asked for")
    return held


def _sum(question: Question, facts: Facts, rows: Iterable[Any], account: str, contract: str) -> int:
    """What rows leave an account with: coins, or a token."""
    if not contract:
        return sum(_coins(facts, one, account) for one in rows)
    wrapping: dict[str, None] = {}
    if contract in question.wrappers:
        wrapping = dict.fromkeys(one.tx_hash for one in rows if contract in parties_of(one))
    moved = (one for one in rows if isinstance(one, Moved) and one.kind == TOKEN and one.contract == contract)
    plain = (one for one in moved if one.tx_hash not in wrapping)
    listed = sum(one.amount * ((one.receiver == account) - (one.sender == account)) for one in plain)
    return listed + gained(question, facts, wrapping, account, contract)


def _coins(facts: Facts, one: Any, account: str) -> int:
    if isinstance(one, ListedSent):
        return _sent(facts, one, account)
    return _inner(one.call, account) if isinstance(one, ListedInner) else 0


def _sent(facts: Facts, row: ListedSent, account: str) -> int:
    one, contract = row.one, row.one.contract
    fee = row.fee if row.fee is not None else info_of(facts, row.tx_hash).fee
    total = -fee if contract.owner == account else 0
    if one.went is None and contract.runs_code:
        raise Unknown(f"nobody says how {one.id} ended")
    if one.went not in (SUCCESS, None):
        return total
    if contract.untold and contract.untold != TRC10:
        raise Unknown(f"{one.id} is {contract.untold}")
    if contract.kind == REWARD:
        total += info_of(facts, row.tx_hash).withdrawn
    if contract.moves and contract.owner != contract.receiver:
        total += -contract.amount if contract.owner == account else contract.amount
    return total


def _inner(call: Inner, account: str) -> int:
    if call.rejected or not call.amount or is_staking(call):
        return 0
    if call.kind == PAYS:
        return call.amount
    if call.kind not in CALLS.values():
        raise Unknown("an inner call of a kind that is not known here")
    if call.kind == "end" and call.sender == call.receiver:
        raise Unknown("a contract that ended for its own benefit")
    return call.amount * ((call.receiver == account) - (call.sender == account))
