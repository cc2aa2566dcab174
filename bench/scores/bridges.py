"""Swaps, wraps and bridges: planted among look-alikes on simulated ledgers.

Truth is what was planted. The simulation is our own: real routers, fees and delays are not in it, so that these figures
say whether the rules do what they say, and how soon amount and time alone mislead, and not how often they are right
on a chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa

from chaintrace.heuristics.bridge_guess import AmountTimeThresholds
from chaintrace.heuristics.finding import Finding, Score
from chaintrace.heuristics.registry import known_heuristics
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.scorecard import wilson
from chaintrace.labels.label import Label
from chaintrace.model.amount import to_bytes
from chaintrace.model.asset import native
from chaintrace.model.log import Log, Logs
from chaintrace.model.transfer import SCHEMA

PAGE = "methods/bridges.md"
NEEDS_DATA = False
RIVALS = (1, 2, 4, 8)
RIVALLED = {rivals: f"bridge-amount-time, most_rivals={rivals}" for rivals in RIVALS}
"""No heuristics, but one with another threshold: what it would be worth to choose among several."""
RULES = ("swap", "wrap", "bridge-link", "bridge-amount-time", *RIVALLED.values())
SEED = 20_261_130
EACH = 500
ONE, OTHER = "eip155:1", "eip155:42161"
START, WINDOW = 1_650_000_000, 300
APART = 10 * WINDOW
FEE_SEQ = 2**62


def account(name: str) -> str:
    return "0x" + sha256(name.encode()).hexdigest()[:40]


def token(name: str, chain: str = ONE) -> str:
    return f"{chain}/erc20:{account(name)}"


@dataclass
class Ledger:
    """Rows as they are planted, and the logs beside them."""

    random: Random
    rows: list[dict[str, Any]] = field(default_factory=list)
    logs: list[Log] = field(default_factory=list)

    def pay(self, tx: str, *moves: tuple[str | None, str | None, str, int], sender: str, time: int) -> None:
        """One transaction: (from, to, asset, base units) in this order, and its fee."""
        chain = moves[0][2].partition("/")[0]
        place = {"chain": chain, "block": time // 12, "time": START + time, "tx_hash": digest(tx), "tx_index": 0}
        for seq, (giver, taker, asset, amount) in enumerate(moves, start=1):
            kind = (
                "internal" if "/slip44:" in asset else "mint" if giver is None else "burn" if taker is None else "token"
            )
            parties = {"sender": giver and account(giver), "receiver": taker and account(taker)}
            self.rows.append(place | parties | {"seq": seq, "kind": kind, "asset": asset, "amount": to_bytes(amount)})
        fee = {"sender": account(sender), "seq": FEE_SEQ, "kind": "fee", "asset": native(chain), "amount": to_bytes(0)}
        self.rows.append(place | fee)

    def seen(self) -> Rows:
        columns = [[({"order": "known"} | row).get(one.name) for row in self.rows] for one in SCHEMA]
        arrays = [
            pa.array(cells, pa.int64() if one.name == "time" else one.type).cast(one.type)
            for one, cells in zip(SCHEMA, columns, strict=True)
        ]
        return Rows(pa.table(arrays, schema=SCHEMA), Logs.of(self.logs, []))


def digest(tx: str) -> str:
    return "0x" + sha256(tx.encode()).hexdigest()


def asked(rule: str, ledger: Ledger, labels: Iterable[Label] = (), at: Any = None) -> list[Finding]:
    return known_heuristics()[rule](ledger.seen(), Known(labels), at)


def score(rule: str, measure: str, data: str, count: int, n: int, date: str) -> Score:
    return Score(rule, measure, f"{data} (simulated)", count, n, *wilson(count, n), date=date)


# ---- swaps and wraps ----

Plant = Callable[[Ledger, str, int], None]


def _direct(ledger: Ledger, who: str, time: int) -> None:
    given, got = ledger.random.randint(1, 10**24), ledger.random.randint(1, 10**20)
    moves = ((who, "pool", token("gold"), given), ("pool", who, native(ONE), got))
    ledger.pay(who, *moves, sender=who, time=time)


def _routed(ledger: Ledger, who: str, time: int) -> None:
    """Through a router, two to five pools, with change for the sender half of the time, and a fee for the router."""
    random, given = ledger.random, ledger.random.randint(1_000, 10**24)
    change, cut = random.choice([0, given // 10]), given // 1_000
    assets = [token("gold"), *(token(f"middle {n}") for n in range(random.randint(1, 4))), native(ONE)]
    sums = [given - change - cut, *(random.randint(1, 10**20) for _ in assets[1:])]
    moves: list[tuple[str | None, str | None, str, int]] = [(who, "router", assets[0], given)]
    moves += [("router", "cashier", assets[0], cut)]
    holders = ["router", *(f"pool {n}" for n in range(len(assets) - 1)), who]
    moves += [(holders[n], holders[n + 1], assets[n], sums[n]) for n in range(len(assets))]
    moves += [("router", who, assets[0], change)] if change else []
    ledger.pay(who, *moves, sender=who, time=time)


def _gift(ledger: Ledger, who: str, time: int) -> None:
    moves = ((who, "friend", token("gold"), 500), ("faucet", who, native(ONE), 400))
    ledger.pay(who, *moves, sender=who, time=time)


def _three(ledger: Ledger, who: str, time: int) -> None:
    moves = ((who, "pool", token("gold"), 500), (who, "pool", token("silver"), 5), ("pool", who, native(ONE), 400))
    ledger.pay(who, *moves, sender=who, time=time)


def _relayed(ledger: Ledger, who: str, time: int) -> None:
    moves = ((who, "pool", token("gold"), 500), ("pool", f"{who} other", native(ONE), 400))
    ledger.pay(who, *moves, sender=who, time=time)


def _settled(ledger: Ledger, who: str, time: int) -> None:
    moves = ((who, "pool", token("gold"), 500), ("pool", who, native(ONE), 400))
    ledger.pay(who, *moves, sender="solver", time=time)


def _wrapped(ledger: Ledger, who: str, time: int) -> None:
    amount = ledger.random.randint(1, 10**21)
    moves = [(who, "wrapper", native(ONE), amount), (None, who, token("wrapper"), amount)]
    back = [(who, None, token("wrapper"), amount), ("wrapper", who, native(ONE), amount)]
    ledger.pay(who, *ledger.random.choice([moves, back]), sender=who, time=time)


def _vault(ledger: Ledger, who: str, time: int) -> None:
    moves = ((who, "vault", native(ONE), 500), (None, who, token("vault"), 499))
    ledger.pay(who, *moves, sender=who, time=time)


def _airdrop(ledger: Ledger, who: str, time: int) -> None:
    moves = ((who, "shop", native(ONE), 500), (None, who, token("wrapper"), 500))
    ledger.pay(who, *moves, sender=who, time=time)


def planted(rule: str, kinds: Sequence[Plant], whole: bool = False) -> tuple[int, int]:
    """How many of ``EACH`` of every kind are found (``whole``: with a link), of how many."""
    ledger, names = Ledger(Random(SEED)), []
    for number in range(EACH * len(kinds)):
        names.append(f"{rule} {number}")
        kinds[number % len(kinds)](ledger, names[-1], number * 12)
    found = {one.subject for one in asked(rule, ledger) if one.links or not whole}
    return sum(account(name) in found for name in names), len(names)


def exchanged(date: str) -> list[Score]:
    return [
        score("swap", "recall", "swaps, direct and routed", *planted("swap", (_direct, _routed)), date),
        score("swap", "recall", "swaps, with a link", *planted("swap", (_direct, _routed), whole=True), date),
        score(
            "swap",
            "false alarms",
            "look-alikes of four kinds",
            *planted("swap", (_gift, _three, _relayed, _settled)),
            date,
        ),
        score("wrap", "recall", "wraps and the way back", *planted("wrap", (_wrapped,)), date),
        score("wrap", "false alarms", "look-alikes of two kinds", *planted("wrap", (_vault, _airdrop)), date),
    ]


# ---- bridges ----


@dataclass(frozen=True)
class Crossed:
    """A crossing by LayerZero: what its two logs say. ``lie``: what is wrong with the second."""

    name: str
    amount: int
    lie: str = ""

    def logs(self) -> list[Log]:
        sent, received = (event(name) for name in ("OFTSent", "OFTReceived"))
        guid = digest(f"{self.name} guid")
        arrives = self.amount - (1 if self.lie == "sum" else 0)
        other = digest("another") if self.lie == "guid" else guid
        words = "".join(f"{word:064x}" for word in (1, self.amount, self.amount))
        who, taker = ("0x" + "0" * 24 + account(one)[2:] for one in (self.name, f"{self.name} there"))
        place = account("bridge")
        return [
            Log(ONE, 1, None, digest(f"{self.name} in"), 0, place, (sent, guid, who), bytes.fromhex(words)),
            Log(OTHER, 1, None, digest(f"{self.name} out"), 0, place, (received, other, taker),
                bytes.fromhex(f"{1:064x}{arrives:064x}")),
        ]  # fmt: skip


def event(name: str) -> str:
    from chaintrace.heuristics.bridge_events import IN, OUT

    return next(one.topic for one in (*IN, *OUT) if one.declared.startswith(f"{name}("))


def cross(ledger: Ledger, name: str, time: int, given: int, got: int, seconds: int, out: bool = True) -> None:
    ledger.pay(f"{name} in", (name, "across", native(ONE), given), sender=name, time=time)
    if out:
        pay_out(ledger, name, time + seconds, got)


def pay_out(ledger: Ledger, name: str, time: int, got: int) -> None:
    ledger.pay(f"{name} out", ("across", f"{name} there", native(OTHER), got), sender="relayer", time=time)


def identified(date: str) -> list[Score]:
    """Half of the crossings share time and sum with another; lies are told of sums, identifiers, and by copies."""
    results = []
    for measure, data, lies in (("recall", "crossings", [""]), ("false alarms", "lies", ["sum", "guid", "copy"])):
        ledger, names = Ledger(Random(SEED)), []
        for number in range(EACH):
            one = Crossed(f"crossing {number}", 10**18 + number // 2, lies[number % len(lies)])
            cross(ledger, one.name, number // 2 * 60, one.amount, one.amount, 30)
            ledger.logs += one.logs()
            if one.lie == "copy":
                ledger.logs.append(replace(one.logs()[0], tx_hash=digest(f"{one.name} copy")))
            names.append(account(one.name))
        found = {one.subject for one in asked("bridge-link", ledger) if one.links}
        results.append(score("bridge-link", measure, data, sum(name in found for name in names), EACH, date))
    return results


def amount_and_time(date: str) -> list[Score]:
    found = [*rivalled(0, date), *(alone(count, date) for count in (1, 10, 100))]
    return [*found, *(one for rivals in RIVALS for one in rivalled(rivals, date))]


def rivalled(rivals: int, date: str) -> list[Score]:
    """How many are claimed, and of these how many go to the right account, where others fit as well."""
    random = Random(SEED + rivals)
    ledger = Ledger(random)
    for number in range(EACH):
        name, time, given = f"crossing {number}", number * APART, random.randint(10**16, 10**20)
        sums = [given - given * random.randint(0, 99) // 10_000 for _ in range(rivals + 1)]
        cross(ledger, name, time, given, sums[0], random.randint(1, WINDOW))
        for rival, got in enumerate(sums[1:]):
            pay_out(ledger, f"{name} rival {rival}", time + random.randint(1, WINDOW), got)
    found = asked("bridge-amount-time", ledger, LABELS, AmountTimeThresholds(most_rivals=rivals))
    right = {account(f"crossing {number}"): account(f"crossing {number} there") for number in range(EACH)}
    count = sum(right[one.subject] == one.evidence["paid_to"] for one in found)
    rule, others = RIVALLED.get(rivals, "bridge-amount-time"), f"{rivals} other payouts that fit"
    claimed = score(rule, "recall", f"crossings with {others}", count, EACH, date)
    return [claimed, score(rule, "precision", f"claims about crossings with {others}", count, len(found), date)]


def alone(payouts: int, date: str) -> Score:
    """Payments in that never come out, among strangers' payouts whose sums are spread over four decades."""
    random = Random(SEED + payouts)
    ledger = Ledger(random)
    spread = lambda: int(10 ** random.uniform(16, 20))  # noqa: E731
    for number in range(EACH):
        name, time = f"crossing {number}", number * APART
        cross(ledger, name, time, spread(), 0, 0, out=False)
        for other in range(payouts):
            pay_out(ledger, f"{name} stranger {other}", time + random.randint(1, WINDOW), spread())
    found = asked("bridge-amount-time", ledger, LABELS)
    data = f"payments in without a payout, among {payouts} of strangers in the window"
    return score("bridge-amount-time", "chance", data, len(found), EACH, date)


LABELS = [Label(account("across"), "bridge", name="Across")]


def scores(data: Path | None, date: str) -> list[Score]:
    """By rule."""
    return [*exchanged(date), *identified(date), *amount_and_time(date)]
