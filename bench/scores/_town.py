"""A made-up town of account chains: honest people, what thieves do among them, and who owns what.

Nothing here was measured: how often people pay, share or wait is invented. Thieves draw their sizes, pauses and shares
from wider ranges than the rules' thresholds, so that a part of them must be missed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from hashlib import sha256
from random import Random
from typing import Any

import pyarrow as pa

from chaintrace.labels.label import Label
from chaintrace.model.amount import to_bytes
from chaintrace.model.chain import get_chain
from chaintrace.model.token import Token
from chaintrace.model.transfer import SCHEMA

CHAIN = get_chain("ethereum")
ETHER, USDT = 10**18, 10**6
MINUTE, HOUR, DAY = 60, 3_600, 86_400
START, FIRST_BLOCK, SECONDS = 1_640_000_000, 13_800_000, 13
DAYS = 240
STABLE = f"{CHAIN.id}/erc20:0xdac17f958d2ee523a2206206994597c13d831ec7"


def made_of(columns: Mapping[str, list[Any]], count: int) -> pa.Table:
    """A table of so many rows from lists of cells; other columns are empty, times are seconds."""
    made = []
    for one in SCHEMA:
        cells = columns.get(one.name, [None] * count)
        made.append(pa.array(cells, pa.int64() if one.name == "time" else one.type).cast(one.type))
    return pa.table(made, schema=SCHEMA)


class Town:
    """``rows`` as (seconds, sender, receiver, asset, amount); ``planted`` by rule: what should be found, each as the
    subjects that would do, and ``within`` those of them that keep to the thresholds; ``owner`` of each account;
    ``honest``: those of whom nothing should be said."""

    def __init__(self, seed: int, people: int = 2_500) -> None:
        self.random = Random(seed)
        self.seed = seed
        self.rows: list[tuple[int, str, str, str, int]] = []
        self.planted: dict[str, list[frozenset[str]]] = defaultdict(list)
        self.within: dict[str, list[frozenset[str]]] = defaultdict(list)
        self.owner: dict[str, str] = {}
        self.honest: set[str] = set()
        self.labels: list[Label] = []
        self.tokens: dict[str, Token] = {STABLE: Token("USDT", 6)}
        self.exchanges = [self.account(f"exchange {n}") for n in range(8)]
        self.labels += [Label(one, "exchange") for one in self.exchanges]
        self.services = [self.account(f"service {n}") for n in range(30)]
        self.labels += [Label(one, "service") for one in self.services[::2]]
        self.people = [self.account(f"person {n}", f"person {n}") for n in range(people)]
        for n, one in enumerate(self.people):
            self._live(n, one)
        for n in range(people // 100):
            self._employ(n)

    def account(self, name: str, owner: str = "") -> str:
        address = "0x" + sha256(f"{self.seed} {name}".encode()).hexdigest()[:40]
        self.owner[address] = owner or name
        return address

    def pay(self, at: float, sender: str, receiver: str, amount: int, asset: str = CHAIN.native) -> None:
        self.rows.append((int(at), sender, receiver, asset, amount))

    def sum(self, unit: int = ETHER, round_share: float = 0.3) -> int:
        """An amount as people pay: a third are round, the others any; mostly from a hundredth of a unit to ten."""
        millionths = int(self.random.lognormvariate(-0.5, 1.6) * 10**6) + 1
        if self.random.random() < round_share:
            zeros = 10 ** max(len(str(millionths)) - self.random.choice((1, 1, 2)), 0)
            return millionths // zeros * zeros * (unit // 10**6)
        return millionths * (unit // 10**6) + self.random.randrange(unit // 10**6)

    # ---- honest people

    def _live(self, n: int, me: str) -> None:
        """Gets gas, pays friends, services and an exchange now and then; one in five has one to three more accounts."""
        random, born = self.random, self.random.uniform(0, DAYS * 0.6) * DAY
        self.honest.add(me)
        self._start(me, born, n)
        deposit = self.account(f"deposit of {me}", f"person {n}")
        mine = [me]
        others = random.randint(1, 3) if random.random() < 0.2 else 0
        own_gas = random.random() < 0.6
        for k in range(others):
            mine.append(self.account(f"other {k} of {n}", f"person {n}"))
            if own_gas:
                self.pay(born + HOUR, me, mine[-1], random.randrange(ETHER // 2000, ETHER // 5))
            else:
                self._start(mine[-1], born + HOUR, n)
        self.honest |= {*mine, deposit}
        if others > 1 and own_gas:
            self.planted["common-funder"].append(frozenset({me}))
        friends = random.sample(self.people, 3)
        shared = deposit if random.random() > 0.03 else self.account(f"deposit of {friends[0]}")
        payers = set()
        for _ in range(min(int(random.expovariate(1 / 10)) + 1, 60)):
            at, who, what = random.uniform(born + 2 * HOUR, DAYS * DAY), random.choice(mine), random.random()
            is_stable = random.random() < 0.4
            asset, amount = (STABLE, self.sum(USDT * 100)) if is_stable else (CHAIN.native, self.sum())
            if what < 0.25:
                payers.add(who)
                self._deposit(at, who, shared, amount, asset)
            else:
                self.pay(at, who, random.choice(friends if what < 0.6 else self.services), amount, asset)
        if len(payers) > 1:
            self.planted["deposit-reuse"].append(frozenset({shared}))

    def _start(self, me: str, at: float, n: int) -> None:
        """The first gas: of an exchange, of a friend, or of a faucet that nobody has labelled."""
        random, how = self.random, self.random.random()
        by = random.choice(self.exchanges)
        if how < 0.1:
            by = random.choice(self.people)
        elif how < 0.13:
            by = self.account(f"faucet {n % 4}")
        self.pay(at, by, me, random.randrange(ETHER // 1000, ETHER // 10) if how < 0.5 else self.sum())

    def _deposit(self, at: float, who: str, deposit: str, amount: int, asset: str) -> None:
        """Most deposits are sent on one by one within hours, a few with others or the next day."""
        random = self.random
        self.pay(at, who, deposit, amount, asset)
        kept = random.choice((0, 0, ETHER // 1000, ETHER // 50)) if asset == CHAIN.native else 0
        wait = random.expovariate(1 / HOUR) if random.random() < 0.85 else random.uniform(6 * HOUR, 2 * DAY)
        if amount > kept:
            self.pay(at + wait + 30, deposit, random.choice(self.exchanges[:2]), amount - kept, asset)

    def _employ(self, n: int) -> None:
        """Wages, once a month, half of them all the same."""
        random, me = self.random, self.account(f"employer {n}")
        self.honest.add(me)
        staff, same = random.sample(self.people, random.randint(4, 25)), random.random() < 0.5
        wage = self.sum(USDT * 1000, 1.0)
        for month in range(DAYS // 30):
            for one in staff:
                at = month * 30 * DAY + random.uniform(0, 2 * HOUR)
                self.pay(at, me, one, wage if same else self.sum(USDT * 1000), STABLE)

    # ---- rows

    def table(self, rows: list[tuple[int, str, str, str, int]] | None = None) -> pa.Table:
        rows = sorted(self.rows if rows is None else rows, key=lambda row: row[0])
        count = len(rows)
        columns = {
            "chain": [CHAIN.id] * count,
            "block": [FIRST_BLOCK + row[0] // SECONDS for row in rows],
            "time": [START + row[0] for row in rows],
            "tx_hash": [f"0x{n:064x}" for n in range(count)],
            "tx_index": list(range(count)),
            "seq": [0] * count,
            "order": ["known"] * count,
            "kind": ["native" if row[3] == CHAIN.native else "token" for row in rows],
            "sender": [row[1] for row in rows],
            "receiver": [row[2] for row in rows],
            "asset": [row[3] for row in rows],
            "amount": [to_bytes(row[4]) for row in rows],
        }
        return made_of(columns, count)

    def dealt(self) -> list[tuple[int, str, str, str, int]]:
        """The same payments with receivers and amounts dealt out again at random, each within its asset."""
        dealt = []
        for asset in sorted({row[3] for row in self.rows}):
            some = [row for row in self.rows if row[3] == asset]
            receivers, amounts = [row[2] for row in some], [row[4] for row in some]
            self.random.shuffle(receivers)
            self.random.shuffle(amounts)
            dealt += [
                (row[0], row[1], receiver, asset, amount)
                for row, receiver, amount in zip(some, receivers, amounts, strict=True)
            ]
        return dealt
