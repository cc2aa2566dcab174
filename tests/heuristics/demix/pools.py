"""A pool with strangers, and campaigns through it whose truth is known."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from chaintrace.labels.pools import tornado_pools
from chaintrace.model.note import Note

POOL = next(one for one in tornado_pools() if one.chain == "eip155:1" and one.written == "100" and one.symbol == "ETH")
START = 1_700_000_000
HOUR = 3600
FEE = 35 * 10**16


def address(kind: str, number: int) -> str:
    return f"0x{ord(kind):02x}{number:038x}"


def paid(account: str, time: int, leaf: int | None = None) -> Note:
    return Note(POOL, "deposit", account, time, None, f"0x{hash_of('in', account, time, leaf)}", None, leaf=leaf)


def taken(account: str, time: int, fee: int = FEE) -> Note:
    return Note(POOL, "withdrawal", account, time, None, f"0x{hash_of('out', account, time)}", None, fee=fee)


def hash_of(*what: object) -> str:
    from hashlib import sha256

    return sha256(repr(what).encode()).hexdigest()


def numbered(notes: list[Note]) -> list[Note]:
    """Deposits with the numbers that the pool would have given them."""
    from dataclasses import replace

    deposits = sorted((one for one in notes if one.kind == "deposit"), key=lambda one: one.time)
    return [replace(one, leaf=n) for n, one in enumerate(deposits)] + [one for one in notes if one.kind != "deposit"]


@dataclass(frozen=True)
class Planted:
    notes: list[Note]
    payers: set[str]
    thieves: set[str]


def strangers(random: Random, days: int, a_day: int) -> list[Note]:
    """People who pay one note in and take one out, a while later: every fifth through a relayer, as is usual."""
    notes = []
    for number in range(days * a_day):
        time = START - 5 * 86400 + random.randrange(days * 86400)
        notes += [paid(address("s", number), time)]
        fee = FEE if random.randrange(5) == 0 else 0
        notes += [taken(address("t", number), time + random.randrange(HOUR, 5 * 86400), fee)]
    return notes


def campaign(random: Random, batches: int = 4, recipients: int = 5) -> tuple[list[Note], set[str], set[str]]:
    """Accounts that pay a batch in each, a day after another; recipients take five to nine each, side by side."""
    notes, payers, thieves = [], set(), set()
    for batch in range(batches):
        begin, payer = START + batch * 86400, address("p", batch)
        counts = [random.randrange(5, 10) for _ in range(recipients)]
        payers.add(payer)
        notes += [paid(payer, begin + 60 * n) for n in range(sum(counts))]
        for number, count in enumerate(counts):
            who, time = address("m", 100 * batch + number), begin + 2 * HOUR + random.randrange(HOUR)
            thieves.add(who)
            for _ in range(count):
                notes.append(taken(who, time))
                time += random.randrange(20 * 60, 90 * 60)
    return notes, payers, thieves


def planted(seed: int, *, a_day: int = 30, **more: int) -> Planted:
    random = Random(seed)
    notes, payers, thieves = campaign(random, **more)
    return Planted(numbered([*notes, *strangers(random, 15, a_day)]), payers, thieves)
