"""Proof: that the lists of a page are complete and agree with blocks and with what transactions did."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, WITHDRAWAL
from chaintrace.fetch.rpc.rows import parties
from chaintrace.fetch.rpc.things import Log
from chaintrace.fetch.trongrid.call import TOKENS
from chaintrace.fetch.trongrid.contracts import CREATE
from chaintrace.fetch.trongrid.facts import Facts
from chaintrace.fetch.trongrid.history import History, moves, needs_info, needs_more, parties_of, time_of
from chaintrace.fetch.trongrid.things import SUCCESS, TOKEN, Block, Info, ListedSent, Moved, Sent
from chaintrace.fetch.trongrid.ways import LACKS, LISTS, SHOWN
from chaintrace.model.page import Covered, Missing, Question

Reading = tuple[str, str, int] | str
"""Sender, receiver and amount of a transfer; or why it is none."""


def prove(
    question: Question, facts: Facts, histories: Mapping[str, History]
) -> tuple[tuple[Covered, ...], tuple[Missing, ...]]:
    """For which accounts and kinds the page is complete, and what TronGrid cannot show. Contradiction where answers are
    missing or disagree."""
    if question.way != LISTS:
        raise facts.contradiction(f"nothing is known of the way {question.way[:40]!r}")
    _heads(question, facts)
    for tx_hash in question.transactions:
        if tx_hash not in facts.sent or tx_hash not in facts.infos:
            raise facts.contradiction(f"{tx_hash} is not told whole")
        if block_of(facts, tx_hash, facts.infos[tx_hash][0].block) != facts.sent[tx_hash][0]:
            raise facts.contradiction(f"{tx_hash} is told in two ways")
    for account, history in histories.items():
        _sent_stand(question, facts, history)
        _infos_stand(question, facts, history)
        _infos_agree(question, facts, account, history)
        _blocks_agree(question, facts, account, history)
    covered = tuple(Covered(one, SHOWN, question.first, question.last) for one in question.accounts)
    return covered, tuple(Missing(one, kind, why) for one in question.accounts for kind, why in LACKS)


def _heads(question: Question, facts: Facts) -> None:
    found = facts.tops[question.last][0].id if question.last in facts.tops else None
    if found != question.last_hash:
        raise facts.contradiction(
            f"block {question.last} is {found or 'not there'}, not {question.last_hash}: the provider lags behind, "
            "or the chain was reorganised"
        )
    told = sorted((one for one, _ in facts.tops.values()), key=lambda one: one.number)
    for one, other in pairwise(told):
        if one.number + 1 == other.number and other.parent != one.id:
            raise facts.contradiction(f"block {one.number} is no parent of the next one")
        if one.time >= other.time:
            raise facts.contradiction(f"block {other.number} is no later than block {one.number}")


def whole_block(facts: Facts, number: int) -> Block:
    if number not in facts.blocks:
        raise facts.contradiction(f"block {number} is not told whole")
    return facts.blocks[number][0]


def block_of(facts: Facts, tx_hash: str, number: int) -> Sent:
    """A transaction as the block has it that is said to."""
    found = [one for one in whole_block(facts, number).sent if one.id == tx_hash]
    if len(found) != 1:
        raise facts.contradiction(f"{tx_hash} stands {len(found)} times in block {number}")
    return found[0]


def info_of(facts: Facts, tx_hash: str) -> Info:
    if tx_hash not in facts.infos:
        raise facts.contradiction(f"nobody says what {tx_hash} did")
    return facts.infos[tx_hash][0]


def succeeded(facts: Facts, one: Sent) -> bool:
    """Blocks of the first years do not say how a transaction ended; one that ran no code is in none if it failed."""
    info = facts.infos[one.id][0] if one.id in facts.infos else None
    told = {how for how in (one.went, info.went if info else None) if how is not None}
    if len(told) > 1 or (not told and one.contract.runs_code):
        raise facts.contradiction(f"{one.id} ended in {len(told)} ways")
    went = told <= {SUCCESS}
    if info is not None and info.failed is went:
        raise facts.contradiction(f"{one.id} has failed and has not")
    return went


# ---- lists and blocks --------------------------------------------------------------------------------------------


def _sent_stand(question: Question, facts: Facts, history: History) -> None:
    """Every row is a transaction of the block that it names."""
    for tx_hash, (row, _) in history.sent.items():
        here = block_of(facts, tx_hash, row.block)
        told = row.one if row.one.went is not None else Sent(row.one.id, row.one.contract, here.went)
        if here.went is None:
            here = Sent(here.id, here.contract, told.went)
        if here != told or row.time != time_of(facts, row.block):
            raise facts.contradiction(f"{tx_hash} is another in its block than in the list")
        if not question.first <= row.block <= question.last:
            raise facts.contradiction(f"{tx_hash} stands in block {row.block}, and is listed in another")
        succeeded(facts, told)


def _blocks_agree(question: Question, facts: Facts, account: str, history: History) -> None:
    """Whatever a whole block shows of an account has to be in its list."""
    for number, (block, _) in facts.blocks.items():
        if question.first <= number <= question.last:
            for one in block.sent:
                if account in one.contract.parties and one.id not in history.sent:
                    raise facts.contradiction(f"{one.id} is missing from a list")


def _infos_stand(question: Question, facts: Facts, history: History) -> None:
    """What transactions did is told, and stands where the lists say."""
    times = {tx_hash: row.time for tx_hash, (row, _) in history.sent.items()}
    for moved in history.moved.values():
        times |= {row.tx_hash: row.time for row in moved}
    for tx_hash in needs_info(question, history):
        info = info_of(facts, tx_hash)
        here = block_of(facts, tx_hash, info.block)
        if info.time != time_of(facts, info.block) or times.get(tx_hash, info.time) != info.time:
            raise facts.contradiction(f"{tx_hash} has two times")
        if not question.first <= info.block <= question.last:
            raise facts.contradiction(f"{tx_hash} stands in block {info.block}, and is listed in another")
        succeeded(facts, here)
        if here.contract.runs_code and info.made not in (None, here.contract.receiver) and here.contract.receiver:
            raise facts.contradiction(f"{tx_hash} has called two contracts")
    for one, _ in (*history.early, *history.late, *history.sent.values()):
        _costs(facts, one)
    for tx_hash in needs_more(question, history):
        info_of(facts, tx_hash)


def _costs(facts: Facts, one: object) -> None:
    if isinstance(one, ListedSent) and one.tx_hash in facts.infos:
        info = facts.infos[one.tx_hash][0]
        if one.fee not in (None, info.fee) or (one.block, one.time) != (info.block, info.time):
            raise facts.contradiction(f"{one.tx_hash} is another in a list than in what it did")


# ---- lists and what transactions did -----------------------------------------------------------------------------


def _infos_agree(question: Question, facts: Facts, account: str, history: History) -> None:
    """Transfers that a transaction shows of an account are those of its lists, each as often."""
    for tx_hash, (info, _) in facts.infos.items():
        if not question.first <= info.block <= question.last:
            continue
        calls = Counter(one.said for one in info.calls if moves(one) and account in (one.sender, one.receiver))
        if calls != Counter(one.said for one in history.inner.get(tx_hash, ())):
            raise facts.contradiction(f"the calls of {tx_hash} and the list of an account disagree")
        listed = Counter(one.said for one in history.moved.get(tx_hash, ()))
        plain, every = (Counter(_said(info.logs, account, read)) for read in (parties, loosely))
        if plain - listed or listed - every:
            raise facts.contradiction(f"the logs of {tx_hash} and the list of an account show different transfers")
        if tx_hash not in history.sent and _is_own(facts, info, account):
            raise facts.contradiction(f"{tx_hash} is missing from a list")


def _is_own(facts: Facts, info: Info, account: str) -> bool:
    here = block_of(facts, info.id, info.block).contract
    return account == here.owner or (here.kind == CREATE and account == info.made and not info.failed)


def _said(logs: Iterable[Log], account: str, read: Callable[[Log], Reading]) -> Iterator[tuple[str, str, str, int]]:
    """The transfers of tokens that logs show of an account."""
    for log in logs:
        reading = read(log) if log.topics[:1] == (TRANSFER,) else ""
        if not isinstance(reading, str) and account in reading[:2]:
            yield (log.address, *reading)


def loosely(log: Log) -> Reading:
    """As ``parties``, whatever the log indexes: lists show transfers of TRC-721 and of odd tokens as well."""
    words = [topic[2:] for topic in log.topics[1:]] + [log.data[n : n + 64] for n in range(2, len(log.data), 64)]
    if [len(word) for word in words] != [64] * 3:
        return "undecodable log"
    return parties(replace(log, topics=(TRANSFER, *(f"0x{word}" for word in words[:2])), data=f"0x{words[2]}"))


def is_nft(log: Log) -> bool:
    return log.topics[:1] == (TRANSFER,) and len(log.topics) == 4


def is_wrapping(question: Question, log: Log) -> bool:
    return log.topics[:1] in ((DEPOSIT,), (WITHDRAWAL,)) and log.address in question.wrappers


# ---- tokens held -------------------------------------------------------------------------------------------------


def held(question: Question, facts: Facts) -> list[tuple[str, str]]:
    """Accounts and the tokens that moved in or out of them between the blocks, in order of first appearance."""
    first, last = (time_of(facts, number) for number in (question.first, question.last))
    found = dict.fromkeys((account, token) for account in question.accounts for token in question.tokens)
    for (want, _), (page, _) in facts.lists.items():
        rows = [one for one, _ in page.rows if first <= one.time <= last]
        if want.method == TOKENS:
            tokens = (one.contract for one in rows if isinstance(one, Moved) and one.kind == TOKEN)
        else:
            tokens = (party for one in rows for party in parties_of(one) if party in question.wrappers)
        found |= dict.fromkeys((want.account, token) for token in tokens)
    return list(found)
