"""A Bitcoin chain with all sorts of coins, what it did by whom it was planted, and asking a local server about it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import pytest

import chaintrace as ct
from chaintrace.fetch.esplora.decode import decode
from chaintrace.model.chain import get_chain
from chaintrace.model.page import Answer, Archive, Nothing, Page, Question
from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.bitcoin.coins import Coin, Tx
from chaintrace.testing.bitcoin.locks import KINDS, Lock, lock
from chaintrace.testing.bitcoin.told import rows_of_tx
from chaintrace.testing.esplora import Esplora
from chaintrace.testing.truth import Row
from tests.fetch.rpc.asking import Kept

NATIVE = get_chain("bitcoin").native
BITCOIN = get_chain("bitcoin").id
NOTHING = ((), ())
PEOPLE = 3
BUSY = lock("p2wpkh", "busy")

__all__ = ["BITCOIN", "BUSY", "NATIVE", "NOTHING", "Kept", "Stage", "again", "ask", "esplora", "planted", "question"]


@dataclass
class Stage:
    """A chain whose interesting blocks are ``first`` to ``last``. ``locks``: of everybody who can be asked about."""

    chain: Regtest
    first: int
    last: int
    locks: list[Lock] = field(default_factory=list)

    @property
    def accounts(self) -> list[str]:
        return list(dict.fromkeys(one.account for one in self.locks))

    @property
    def last_hash(self) -> str:
        return self.hash(self.last)

    def hash(self, height: int) -> str:
        return self.chain.blocks[height - 1].hash

    @property
    def busiest(self) -> str:
        return BUSY.account

    def sent(self, first: int = 1, last: int | None = None) -> Iterator[tuple[int, int, Tx]]:
        """Blocks, places and transactions."""
        for block in self.chain.blocks[first - 1 : self.last if last is None else last]:
            yield from ((block.height, place, tx) for place, tx in enumerate(block.sent))

    def rows(self, accounts: Iterable[str], first: int, last: int, whole: Sequence[str] = ()) -> tuple[Row, ...]:
        """All rows of the transactions that touch one of the accounts between two blocks, or are wanted whole."""
        wanted = set(accounts)
        found: list[Row] = []
        for height, _, tx in self.sent():
            rows = list(rows_of_tx(tx, height))
            here = first <= height <= last and any({row.sender, row.receiver} & wanted for row in rows)
            if here or tx.txid in whole:
                found += rows
        return tuple(found)

    def unspent(self, account: str, last: int) -> list[Coin]:
        """What an account has at the end of a block, the oldest first."""
        found: dict[str, Coin] = {}
        for _, _, tx in self.sent(1, last):
            for coin in tx.spent:
                found.pop(coin.outpoint, None)
            found |= {coin.outpoint: coin for coin in tx.made if coin.lock.account == account}
        return list(found.values())


def planted(seed: int = 7, blocks: int = 24, most: int = 6) -> Stage:
    """Payments among locks of every kind, several a block, coins spent in the block that made them, coins of one amount
    and one owner twice, coins destroyed, an account with a long history, and transactions that still wait. ``most``:
    payments of a block, without that account's."""
    pytest.importorskip("pbk", reason="py-bitcoinkernel is not installed: pip install 'chaintrace[testing]'")
    random = Random(seed)
    chain = Regtest()
    chain.mine(130)
    everybody = [lock(kind, f"{kind} {n}") for kind in KINDS for n in range(PEOPLE)]
    open_ = [one for one in everybody if one.kind not in ("return", "broken", "future")]
    for one in [*open_, BUSY, BUSY]:
        chain.fund(one, random.randint(10**6, 10**8))
    chain.mine(3)
    first = chain.height + 1
    for _ in range(blocks):
        _busy(chain, random)
        for _ in range(random.randint(2, most)):
            _pay(chain, random, open_, everybody)
        chain.mine()
    last = chain.height
    for _ in range(4):
        _pay(chain, random, open_, everybody)
        _busy(chain, random)
    return Stage(chain, first, last, [*[one for one in everybody if one.kind != "return"], BUSY])


def _pay(chain: Regtest, random: Random, open_: list[Lock], everybody: list[Lock]) -> None:
    payer = random.choice(open_)
    coins = [coin for coin in chain.coins(payer.name) if coin.value > 10_000][:3]
    if not coins:
        chain.fund(payer, random.randint(10**6, 10**7))
        return
    other = random.choice(open_)
    more = [coin for coin in chain.coins(other.name) if coin.value > 10_000][:1] if other != payer else []
    spent = [*coins, *more]
    left = sum(coin.value for coin in spent) - random.randint(200, 3_000)
    count = random.randint(1, 5)
    outputs = [(random.choice(everybody), left // (count + 1)) for _ in range(count)]
    if random.random() < 0.3:
        outputs.append(outputs[0])
        outputs[1:1] = [(lock("return", f"note {random.random()}"), 0)]
    rest = left - sum(value for _, value in outputs)
    chain.pay(spent, *outputs, *([(payer, rest)] if rest > 0 else []))


def _busy(chain: Regtest, random: Random) -> None:
    """Three payments of the busy account to itself in one block, each with the change of the one before."""
    for _ in range(3):
        coin = max(chain.coins(BUSY.name), key=lambda one: one.value)
        chain.pay([coin], (BUSY, 1_000), (BUSY, coin.value - 1_500))


@contextmanager
def esplora(server: Esplora, **how: Any) -> Iterator[ct.Esplora]:
    """A fetcher that never really waits."""
    told: dict[str, Any] = {"limits": ct.Limits(tries=2, patience=0, silence=20)}
    found = ct.Esplora(server.url, **(told | how))
    found._desk.sleep = lambda seconds: None
    try:
        yield found
    finally:
        found.close()


def question(stage: Stage, accounts: Sequence[str] | None = None, **other: Any) -> Question:
    """About everybody and the interesting blocks, unless told otherwise."""
    told: dict[str, Any] = {
        "door": "esplora",
        "provider": "esplora test",
        "chain": BITCOIN,
        "accounts": tuple(stage.accounts if accounts is None else accounts),
        "transactions": (),
        "first": stage.first,
        "last": stage.last,
        "last_hash": stage.last_hash,
        "final": stage.last,
        "since": stage.first,
        "way": "chain",
    }
    return Question(**(told | other))


def ask(server: Esplora, asked: Question, archive: Archive | None = None, **how: Any) -> Page:
    with esplora(server, **how) as fetcher:
        return fetcher.ask(asked, archive or Nothing())


def again(page: Page, archive: Kept | None = None) -> Answer:
    """What the page's evidence says when it is read anew."""
    kept = dict(archive.bodies) if archive else {}
    kept |= {digest: body.data for digest, body in page.bodies.items()}
    return decode(page.question, page.asked, kept.__getitem__)
