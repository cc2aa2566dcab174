"""Proof: that a page is complete and agrees with itself, from the calls and answers alone.

A transaction's id is the hash of what it spends and pays, its block's root is made of the ids, and the block's hash of
the root: so what transactions pay, where they stand and when is proven. What the coins they spend held is proven where
the transaction that made them is told too, as it is for all coins of the accounts asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from chaintrace.fetch.esplora.facts import Facts, Told
from chaintrace.fetch.esplora.history import History
from chaintrace.fetch.esplora.things import Coin, Standing, Transaction, root_of
from chaintrace.fetch.esplora.ways import SHOWN, UNCONFIRMED
from chaintrace.model.page import Covered, Missing, Question

Histories = Mapping[str, History]


def prove(question: Question, facts: Facts, told: Histories) -> tuple[tuple[Covered, ...], tuple[Missing, ...]]:
    """For which accounts the page is complete, and what of them is in no block yet. Contradiction where answers are
    missing or disagree."""
    found = facts.heights.get(question.last, (None, ""))[0]
    if found != question.last_hash:
        raise facts.contradiction(
            f"block {question.last} is {found or 'not there'}, not {question.last_hash}: the server lags behind, "
            "or the chain was reorganised"
        )
    _is_up_to_date(question, facts)
    shown = transactions(question, facts, told)
    _coins_agree(facts, [one for one, _ in shown.values()])
    _roots_agree(facts)
    young = dict(_young(question, facts, young_blocks(question, shown)))
    for one, _ in shown.values():
        _stands(facts, young, one)
        _pays(facts, one)
    for one in edges(question, told):
        _dated(facts, one)
    covered = tuple(Covered(one, SHOWN, question.first, question.last) for one in question.accounts)
    return covered, tuple(lack for one in told.values() for lack in _waiting(one))


def _is_up_to_date(question: Question, facts: Facts) -> None:
    """It knows the first transaction of the last block, so that it does not only know of the block."""
    ids = facts.txids.get(question.last_hash, (None, ""))[0]
    known = facts.transactions.get(ids[0]) if ids else None
    if known is None or known[0].standing is None or known[0].standing.block_hash != question.last_hash:
        raise facts.contradiction(f"it does not know the transactions of block {question.last} yet")


def transactions(question: Question, facts: Facts, told: Histories) -> dict[str, Told[Transaction]]:
    """The transactions that a page shows, by id: those of its blocks that touch an account, and those wanted whole.
    Contradiction where one is told in two ways, or is in no block."""
    unknown = [one for one in question.transactions if one not in facts.transactions]
    if unknown:
        raise facts.contradiction(f"{unknown[0]} is not told")
    found = {one: facts.transactions[one] for one in question.transactions}
    for history in told.values():
        for one, source in history.listed:
            wanted = question.first <= one.block <= question.last or one.txid in found
            if wanted and found.setdefault(one.txid, (one, source))[0] != one:
                raise facts.contradiction(f"{one.txid} is told in two ways")
    for one, _ in found.values():
        if one.standing is None or one.block > question.last:
            raise facts.contradiction(f"{one.txid} is in no block up to {question.last}")
    return found


def young_blocks(question: Question, shown: Mapping[str, Told[Transaction]]) -> int:
    """How many blocks, from the last one down, have to be told because what is shown stands in some that may still
    change."""
    lowest = min((one.block for one, _ in shown.values() if one.block > question.final), default=question.last + 1)
    return question.last - lowest + 1


def _young(question: Question, facts: Facts, count: int) -> Iterator[tuple[int, str]]:
    """The last blocks, each the parent of the next."""
    digest = question.last_hash
    for number in range(question.last, question.last - count, -1):
        if digest not in facts.headers:
            raise facts.contradiction(f"block {number} may still change, and is not told")
        yield number, digest
        digest = facts.headers[digest][0].parent


def edges(question: Question, told: Histories) -> Iterator[Transaction]:
    """The transactions on both sides of where a question begins and ends: if these are in the blocks that they are said
    to be in, what is further out is out of it."""
    for history in told.values():
        for bound in sorted({question.since, question.first, question.last + 1}):
            later = [one for one, _ in history.listed if one.block >= bound]
            yield from later[-1:]
            yield from (one for one, _ in history.listed[len(later) : len(later) + 1])


def _dated(facts: Facts, one: Transaction) -> None:
    at = standing(facts, one)
    header = facts.headers.get(at.block_hash, (None, ""))[0]
    if header is None or (header.number, header.time) != (at.block, at.time):
        raise facts.contradiction(f"{one.txid} stands in block {at.block}, which is another, or is not told")


def _stands(facts: Facts, young: Mapping[int, str], one: Transaction) -> None:
    """The transaction is in its block, at a place that the block's root proves."""
    at = standing(facts, one)
    _dated(facts, one)
    if at.block_hash not in facts.txids or young.get(at.block, at.block_hash) != at.block_hash:
        raise facts.contradiction(f"{one.txid} stands in block {at.block}, which is another, or is not told")
    if one.txid not in facts.txids[at.block_hash][0]:
        raise facts.contradiction(f"{one.txid} is not in block {at.block}")


def standing(facts: Facts, one: Transaction) -> Standing:
    if one.standing is None:
        raise facts.contradiction(f"{one.txid} is in no block")
    return one.standing


def _roots_agree(facts: Facts) -> None:
    """Blocks were made of the transactions that are told."""
    for digest, (ids, _) in facts.txids.items():
        if digest in facts.headers and root_of(ids) != facts.headers[digest][0].root:
            raise facts.contradiction(f"the transactions of block {digest} are not those that it was made of")


def _pays(facts: Facts, one: Transaction) -> None:
    if not one.mints and (one.paid < 0 or one.fee not in (None, one.paid)):
        raise facts.contradiction(f"{one.txid} leaves {one.paid} satoshi for a fee of {one.fee}")


def _coins_agree(facts: Facts, shown: Iterable[Transaction]) -> None:
    """No coin is spent twice, and none held another amount, or belonged to another, when it was made."""
    shown = list(shown)
    made: dict[str, Coin] = {name: coin for one in shown for name, coin in one.made}
    gone: set[str] = set()
    for one in shown:
        for name, coin in one.spent:
            if name in gone:
                raise facts.contradiction(f"{name} is spent twice")
            if made.get(name, coin) != coin:
                raise facts.contradiction(f"{name} is another coin where {one.txid} spends it than where it was made")
            gone.add(name)


def _waiting(history: History) -> Iterator[Missing]:
    sums = history.stats.waiting
    if sums.count:
        reason = (
            f"{history.account} had {sums.count} in no block yet when its history was read, {sums.funded_sum} satoshi "
            f"coming and {sums.spent_sum} going"
        )
        yield Missing(history.account, UNCONFIRMED, reason)
