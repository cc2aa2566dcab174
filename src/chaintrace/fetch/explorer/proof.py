"""Proof: that the lists of a page are complete and agree with the receipts, from the calls and answers alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from chaintrace.fetch.explorer.history import History
from chaintrace.fetch.explorer.things import Inner
from chaintrace.fetch.explorer.ways import LACKS, SHOWN
from chaintrace.fetch.rpc.agree import agree
from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, WITHDRAWAL, padded
from chaintrace.fetch.rpc.facts import Facts
from chaintrace.fetch.rpc.rows import parties
from chaintrace.fetch.rpc.things import Log, Receipt
from chaintrace.model.page import Covered, Missing, Question

ETHEREUM = "eip155:1"


def prove(question: Question, facts: Facts, history: History) -> tuple[tuple[Covered, ...], tuple[Missing, ...]]:
    """For which accounts and kinds the page is complete, and what an explorer cannot show. Contradiction where answers
    are missing or disagree."""
    found = facts.by_number.get(question.last)
    if found != question.last_hash:
        raise facts.contradiction(
            f"block {question.last} is {found or 'not there'}, not {question.last_hash}: the explorer lags behind, "
            "or the chain was reorganised"
        )
    agree(facts)
    for tx_hash in question.transactions:
        if tx_hash not in facts.transactions or tx_hash not in facts.receipts or tx_hash not in history.inside:
            raise facts.contradiction(f"{tx_hash} is not told whole")
    for tx_hash in needs_receipts(question, facts, history):
        if tx_hash not in facts.receipts:
            raise facts.contradiction(f"{tx_hash} has no receipt")
    _young_are_told(question, facts, history)
    _receipts_agree(facts, history)
    for receipt, _ in facts.receipts.values():
        if question.first <= receipt.block <= question.last:
            _lists_show(question, facts, history, receipt)
    _calls_agree(question, facts, history)
    _withdrawals_agree(facts, history)
    kinds, lacks = _shown(question, facts)
    covered = tuple(Covered(one, kinds, question.first, question.last) for one in question.accounts)
    return covered, tuple(Missing(one, kind, why) for one in question.accounts for kind, why in lacks)


def _shown(question: Question, facts: Facts) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    if question.way not in SHOWN:
        raise facts.contradiction(f"nothing is known of the way {question.way[:40]!r}")
    return SHOWN[question.way], LACKS[question.way]


def needs_receipts(question: Question, facts: Facts, history: History) -> list[str]:
    """Transactions whose receipt has to be seen: those that move tokens or have calls, and those that an account paid
    for where more than gas may have been paid, for blobs (EIP-4844) or by a rollup's rules."""
    last = facts.headers[facts.by_number[question.last]][0] if question.last in facts.by_number else None
    more = question.chain != ETHEREUM or last is None or last.since_cancun
    paid = [one.one.hash for one, _ in history.sent.values() if one.one.sender in question.accounts] if more else []
    return list(history.moving | dict.fromkeys(paid))


def burns_itself(calls: Sequence[Inner]) -> bool:
    """Whether a contract ends for its own benefit, of which the rules changed (EIP-6780)."""
    return any(one.kind == "end" and one.sender == one.receiver for one in calls)


# ---- transactions ------------------------------------------------------------------------------------------------


def _young_are_told(question: Question, facts: Facts, history: History) -> None:
    for block in history.times:
        if block > question.final and block not in facts.by_number:
            raise facts.contradiction(f"block {block} may still change, and is not told")


def _receipts_agree(facts: Facts, history: History) -> None:
    for tx_hash, (one, _) in history.sent.items():
        if tx_hash not in facts.receipts:
            continue
        receipt = facts.receipts[tx_hash][0]
        told = receipt.gas_used, receipt.price, receipt.succeeded
        known = one.gas_used, one.price, not one.failed
        if any(a is not None and a != b for a, b in zip(told, known, strict=True)):
            raise facts.contradiction(f"{tx_hash} is another in its receipt than in the list")
        if not one.failed and one.created != receipt.created and one.one.receiver is None:
            raise facts.contradiction(f"{tx_hash} made one contract by its receipt and another by the list")
    for told_by_account in history.moved.values():
        for tx_hash, rows in told_by_account.items():
            receipt = facts.receipts[tx_hash][0]
            if {(row.block, row.block_hash) for row in rows} != {(receipt.block, receipt.block_hash)}:
                raise facts.contradiction(f"{tx_hash} stands in two blocks")


def _lists_show(question: Question, facts: Facts, history: History, receipt: Receipt) -> None:
    """Whatever a receipt shows of an account has to be in the account's lists, and the other way round."""
    for account in question.accounts:
        made = receipt.created if receipt.succeeded else None
        if account in (receipt.sender, receipt.receiver, made) and receipt.tx_hash not in history.own.get(account, ()):
            raise facts.contradiction(f"{receipt.tx_hash} is missing from the list of {account}")
        _tokens_agree(facts, history, receipt, account)
        for log in receipt.logs:
            if is_wrapping(question, log) and log.topics[1:2] == (padded(account),):
                known = history.logs.get((log.tx_hash, log.index))
                if known is None or not known[0].agrees(log):
                    raise facts.contradiction(f"log {log.index} of {log.tx_hash} is missing from the logs of {account}")


def _tokens_agree(facts: Facts, history: History, receipt: Receipt, account: str) -> None:
    listed = Counter(one.said for one in history.moved.get(account, {}).get(receipt.tx_hash, ()))
    indexed = Counter(_said((log for log in receipt.logs if len(log.topics) == 3), account))
    every = Counter(_said(receipt.logs, account))
    if indexed - listed or listed - every:
        raise facts.contradiction(
            f"the receipt of {receipt.tx_hash} and the list of {account} show different transfers"
        )


def _said(logs: Iterable[Log], account: str) -> Iterator[tuple[str, str, str, int]]:
    """The transfers of tokens that logs show of an account."""
    for log in logs:
        reading = parties(log) if log.topics[:1] == (TRANSFER,) else ""
        if not isinstance(reading, str) and account in reading[:2]:
            yield (log.address, *reading)


def is_wrapping(question: Question, log: Log) -> bool:
    return log.topics[:1] in ((DEPOSIT,), (WITHDRAWAL,)) and log.address in question.wrappers


# ---- calls and withdrawals ---------------------------------------------------------------------------------------


def _calls_agree(question: Question, facts: Facts, history: History) -> None:
    """The calls of a transaction that touch an account are those of its list, and stand where the receipt does."""
    for tx_hash in history.called:
        if tx_hash not in history.inside:
            raise facts.contradiction(f"the calls of {tx_hash} are not told")
    for tx_hash, told in history.inside.items():
        calls = [one for one, _ in told]
        if tx_hash not in facts.receipts:
            raise facts.contradiction(f"{tx_hash} has no receipt")
        block = facts.receipts[tx_hash][0].block
        if any(one.block != block for one in calls):
            raise facts.contradiction(f"{tx_hash} stands in two blocks")
        if burns_itself(calls) and block not in facts.by_number:
            raise facts.contradiction(f"block {block} is not told")
        if question.first <= block <= question.last:
            for account in question.accounts:
                here = _counted(one for one in calls if account in (one.sender, one.receiver))
                if here != _counted(history.inner.get(account, {}).get(tx_hash, ())):
                    raise facts.contradiction(f"the calls of {tx_hash} and the list of {account} disagree")


def _counted(calls: Iterable[Inner]) -> Counter[tuple[Any, ...]]:
    """Those that move something: not every list has the others."""
    return Counter(one.said for one in calls if one.moves)


def _withdrawals_agree(facts: Facts, history: History) -> None:
    for account, rows in history.withdrawn.items():
        for number in {one.block for one in rows}:
            header = facts.headers[facts.by_number[number]][0] if number in facts.by_number else None
            if header is None or header.transactions is None:
                raise facts.contradiction(f"block {number} is not told whole")
            inside = Counter((one.index, one.amount) for one in header.withdrawals or () if one.address == account)
            if inside != Counter((one.index, one.amount) for one in rows if one.block == number):
                raise facts.contradiction(f"block {number} and the list of {account} show different withdrawals")


# ---- tokens held -------------------------------------------------------------------------------------------------


def held(question: Question, history: History) -> list[tuple[str, str]]:
    """Accounts and the tokens that moved in or out of them, in order of first appearance."""
    found = dict.fromkeys((account, token) for account in question.accounts for token in question.tokens)
    for account in question.accounts:
        for rows in history.moved.get(account, {}).values():
            found |= dict.fromkeys((account, one.contract) for one in rows)
        word = padded(account)
        wrapped = (log for log, _ in history.logs.values() if log.topics[1:2] == (word,))
        found |= dict.fromkeys((account, log.address) for log in wrapped)
    return list(found)
