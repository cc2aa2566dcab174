"""People who use Tornado Cash, made up: who is who is known, and so is who was careless in which way.

Everybody pays notes in from one account and takes them out to another. How many are careless, how often friends deal
with each other's accounts, and how prices of gas come about was made up by us: figures are about this crowd, and say
how rules fail rather than how often.
"""

from __future__ import annotations

from random import Random

import pyarrow as pa

from chaintrace.heuristics.rows import Rows
from chaintrace.heuristics.tornado.pools import pool_named
from chaintrace.labels.label import Label
from chaintrace.model.amount import to_bytes
from chaintrace.model.chain import get_chain
from chaintrace.model.log import Call, Logs
from chaintrace.model.pool import Pool
from scores._town import made_of

ETHEREUM = get_chain("ethereum")
POOLS = tuple(pool_named(f"1_eth_{much}") for much in ("0.1", "1", "10"))
ETHER, GWEI = 10**18, 10**9
HOUR, DAY = 3_600, 86_400
START, BLOCK, SECONDS = 1_610_000_000, 11_600_000, 13
DAYS, PEOPLE, EXCHANGES = 150, 600, 4
HABITS = {"price": 10, "shared": 12, "own": 8, "sends": 5, "deals": 10, "exchange": 10, "friend": 10, "relayer": 35}
"""What people do, of a hundred: use a gas price of their own, give gas from a third account, from the first, send for
the note from the first, deal between the two, take gas from an exchange, from a friend, or need none."""


class Crowd:
    """``owner``: whose each account is. ``planted``: by habit the accounts that rules should name."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.rows: list[tuple[int, str, str | None, str | None, int, str]] = []
        self.calls: list[Call] = []
        self.owner: dict[str, int] = {}
        self.planted: dict[str, set[str]] = {habit: set() for habit in HABITS}
        self.exchanges = [self.account() for _ in range(EXCHANGES)]
        self.relayers = [self.account() for _ in range(3)]
        self.labels = [Label(self.exchanges[0], "exchange", chain=ETHEREUM.id)]
        self.people = [(self.account(n), self.account(n), self.account(n)) for n in range(PEOPLE)]
        for one in (*self.exchanges, *self.relayers):
            self.rows.append((START - DAY, "", None, one, 10**6 * ETHER, "opening"))
        for n in range(PEOPLE):
            self.person(n)

    def account(self, owner: int | None = None) -> str:
        made = f"0x{self.random.getrandbits(160):040x}"
        if owner is not None:
            self.owner[made] = owner
        return made

    def person(self, n: int) -> None:
        random, (first, second, third) = self.random, self.people[n]
        habit = random.choices(list(HABITS), list(HABITS.values()))[0]
        self.planted[habit].add(first if habit == "sends" else second)
        pool, notes = random.choice(POOLS), random.randint(1, 3)
        price = random.randint(20 * GWEI, 200 * GWEI) if habit == "price" else None
        begin = START + random.randrange((DAYS - 40) * DAY)
        source = random.choice(self.exchanges)
        self.pay(begin, source, third, ETHER)
        if habit == "shared":
            self.pay(begin + HOUR, third, first, ETHER // 50)
        self.pay(begin + 2 * HOUR, source, first, notes * pool.denomination + ETHER)
        at = begin + DAY
        for _ in range(notes):
            at += random.randrange(HOUR, DAY)
            self.sent(at, first, pool.address, pool.denomination, price)
        at += int(random.lognormvariate(1, 1) * DAY)
        self.gas(habit, at - HOUR, n, source)
        for _ in range(notes):
            at += random.randrange(HOUR, DAY)
            relayer = {"relayer": random.choice(self.relayers), "sends": first, "deals": random.choice(self.relayers)}
            self.taken(at, relayer.get(habit, second), second, habit, pool, price)
        for _ in range(random.randint(2, 12) if habit == "deals" else 0):
            at += random.randrange(HOUR, DAY)
            self.pay(at, *random.sample([first, second], 2), ETHER // 100)
        for friend in random.sample(self.people, random.randint(0, 2)):
            ends = random.choice([first, second]), random.choice(friend[:2])
            for _ in range(random.randint(1, 4)):
                at += random.randrange(HOUR, DAY)
                self.pay(at, *ends, ETHER // 200)
        self.pay(at + DAY, second, random.choice(self.exchanges), notes * pool.denomination // 2)

    def gas(self, habit: str, at: int, n: int, source: str) -> None:
        """Who gives gas to the account that takes out, where it needs some."""
        first, second, third = self.people[n]
        friend = self.people[self.random.randrange(PEOPLE)][0]
        giver = {"shared": third, "own": first, "exchange": source, "price": source, "friend": friend}.get(habit)
        if giver == friend:
            self.pay(at - HOUR, source, friend, ETHER // 10)
        if giver:
            self.pay(at, giver, second, ETHER // 50)

    def pay(self, at: int, sender: str, receiver: str, amount: int) -> None:
        self.sent(at, sender, receiver, amount, None)

    def sent(self, at: int, sender: str, receiver: str, amount: int, price: int | None) -> str:
        """A transaction with its fee, at a price of its own or the market's."""
        tx = f"0x{self.random.getrandbits(256):064x}"
        price = self.market(at) if price is None else price
        self.rows.append((at, tx, sender, receiver, amount, "native"))
        self.rows.append((at, tx, sender, None, 21_000 * price, "fee"))
        block = BLOCK + (at - START) // SECONDS
        self.calls.append(Call(ETHEREUM.id, block, at, tx, sender, receiver, b"", price))
        return tx

    def taken(self, at: int, sender: str, who: str, habit: str, pool: Pool, price: int | None) -> None:
        fee = pool.denomination // 50 if habit in ("relayer", "deals") else 0
        tx = self.sent(at, sender, pool.address, 0, price)
        self.rows.append((at, tx, pool.address, who, pool.denomination - fee, "internal"))
        if fee:
            self.rows.append((at, tx, pool.address, sender, fee, "internal"))

    def market(self, at: int) -> int:
        """What wallets propose: the same to everybody within ten minutes, or a whole number of gwei."""
        slow = Random(at // DAY).randint(40, 180)
        odd = slow * GWEI + Random(at // 600).randint(0, 20 * GWEI)
        return odd if self.random.random() < 0.5 else odd // GWEI * GWEI

    def read(self) -> Rows:
        rows = sorted(self.rows, key=lambda row: row[0])
        places = {tx: n for n, (_, tx, *_) in enumerate(rows)}
        count = len(rows)
        columns = {
            "chain": [ETHEREUM.id] * count,
            "block": [BLOCK + (at - START) // SECONDS for at, *_ in rows],
            "time": [at for at, *_ in rows],
            "tx_hash": [tx or f"0x{n:064x}" for n, (_, tx, *_) in enumerate(rows)],
            "tx_index": [None if kind == "opening" else places[tx] for _, tx, *_, kind in rows],
            "seq": list(range(count)),
            "order": ["known"] * count,
            "kind": [kind for *_, kind in rows],
            "sender": [sender for _, _, sender, *_ in rows],
            "receiver": [receiver for _, _, _, receiver, *_ in rows],
            "asset": [ETHEREUM.native] * count,
            "amount": [to_bytes(amount) for *_, amount, _ in rows],
        }
        table: pa.Table = made_of(columns, count)
        return Rows(table, Logs.of([], self.calls))
