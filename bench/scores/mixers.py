"""Custodial mixers: lists against lists, ten real mixes, real transactions that are none, and simulated payments.

``mixers/mixing_records.json``: what an experiment published at WWW'21 sent to Bitmix and ChipMixer, and got. The
transactions themselves are not there: fees and sizes are what they tell. The simulation is seeded by a constant.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from chaintrace.fetch.files import read_transfers
from chaintrace.heuristics.chips import CHIPS
from chaintrace.heuristics.finding import Score
from chaintrace.heuristics.findings import Findings, findings
from chaintrace.heuristics.scorecard import wilson
from chaintrace.labels.label import Label
from chaintrace.model.address import transaction_account
from chaintrace.model.chain import get_chain
from chaintrace.model.script import account_of
from scores.coinjoin import is_second

PAGE = "methods/custodial-mixers.md"
NEEDS_DATA = True
LIST, CHIP, SUGGESTION = "custodial-mixer", "chipmixer-chips", "custodial-suggestion"
RULES = (LIST, CHIP, SUGGESTION)
RECALL, ALARMS, PRECISION, CHANCE = "recall", "false alarms", "precision", "chance"
POSTMIX = ("whirlpool_postmix", "wasabi_postmix", "other_postmix")
FILES = ("whirlpool_mix", "whirlpool_tx0", "wasabi1", "wasabi1_end", "wasabi2", *POSTMIX)
SEED, HOUR, DAY, START = 20_260_000, 3_600, 86_400, 1_660_003_200
BITCOIN = get_chain("bitcoin")
LISTS = {"blender_io": "2022-05-06", "sinbad_io": "2023-11-29"}
"""TagPacks of mixers that OFAC designated, and the day."""
MINERS = 4_000
"""Satoshi: no chip of the records lost more on its way to who wrote them down."""


PARTIES = ("payer", "payee", "change", "customer", "recipient", "mixer", "own", "hot")


class Pay(NamedTuple):
    """``ins``, ``outs``: (address, satoshi)."""

    name: str
    time: int
    ins: Sequence[tuple[str, int]]
    outs: Sequence[tuple[str, int]]


def address(name: str) -> str:
    """The account of somebody; an address stands for itself."""
    is_name = name.split(" ")[0] in PARTIES
    return account_of(b"\x00\x14" + sha256(name.encode()).digest()[:20], BITCOIN.id) if is_name else name


def ask(pays: Sequence[Pay], labels: Sequence[Label] = (), only: str | None = None) -> Findings:
    """What the rules say of made-up transactions."""
    rows: list[dict[str, Any]] = []
    for n, pay in enumerate(pays):
        tx = sha256(pay.name.encode()).hexdigest()
        fee = sum(value for _, value in pay.ins) - sum(value for _, value in pay.outs)
        account = transaction_account(tx)
        moves = [("input", address(who), account, value) for who, value in pay.ins]
        moves += [("output", account, address(who), value) for who, value in pay.outs] + [("fee", account, None, fee)]
        for seq, (kind, sender, receiver, amount) in enumerate(moves):
            place = {"time": pay.time, "tx_hash": tx, "tx_index": n, "seq": seq, "kind": kind}
            coin = {"sender": sender, "receiver": receiver, "amount": amount, "outpoint": f"{tx}:{seq}"}
            rows.append(place | coin | {"asset": BITCOIN.native})
    return findings(pd.DataFrame(rows), labels, only=only, chain="bitcoin")


class Tally(NamedTuple):
    """Of the payments that are watched: how many came out; whose payout is shown, is shown first, is among what beats
    chance; findings that beat chance, and those whose first candidate is right; and payments that never came out, with
    those for which something beats chance."""

    came: int = 0
    shown: int = 0
    first: int = 0
    better: int = 0
    beaten: int = 0
    right: int = 0
    never: int = 0
    wrong: int = 0

    def plus(self, other: Tally) -> Tally:
        return Tally(*(one + more for one, more in zip(self, other, strict=True)))


@dataclass(frozen=True)
class Simulation:
    """Twelve days of payments between anybody; 120 customers pay a mixer, which keeps 0.5 to 5 % and pays out after 1
    to 72 hours from one account, but never to every second of 60 that are watched. ``listed``: lists name that account
    too. Five times."""

    listed: bool
    others: int = 4_000
    customers: int = 120
    watched: int = 60
    rounds: int = 5

    def scores(self, date: str) -> list[Score]:
        sum_ = Tally()
        for n in range(self.rounds):
            sum_ = sum_.plus(self.once(np.random.default_rng([SEED, self.listed, n])))
        who = "simulated payments to a mixer whose payouts " + ("lists name" if self.listed else "no list names")
        return [
            score(SUGGESTION, RECALL, f"{who}: the payout is shown", sum_.shown, sum_.came, date),
            score(SUGGESTION, RECALL, f"{who}: the payout is shown first", sum_.first, sum_.came, date),
            score(SUGGESTION, RECALL, f"{who}: the payout beats chance", sum_.better, sum_.came, date),
            score(SUGGESTION, PRECISION, f"{who}: the first of what beats chance", sum_.right, sum_.beaten, date),
            score(SUGGESTION, ALARMS, f"{who} and never come: something beats chance", sum_.wrong, sum_.never, date),
        ]

    def once(self, random: Any) -> Tally:
        pays, owed = self._played(random)
        names = ("mixer", "hot") if self.listed else ("mixer",)
        labels = [Label(address(name), "custodial-mixer", "M") for name in names]
        never = self.watched - len(owed)
        tally = Tally(came=len(owed), never=never)
        for found in ask(pays, labels, SUGGESTION):
            shown = [one["address"] for one in found.evidence["candidates"]]
            most = found.thresholds["most_chance"]
            better = [one["address"] for one in found.evidence["candidates"] if one["chance"] <= most]
            mine = owed.get(found.tx_hashes[0])
            here = (mine in shown, shown[:1] == [mine], mine in better, bool(better), better[:1] == [mine])
            tally = tally.plus(Tally(0, *map(int, here), 0, int(mine is None and bool(better))))
        return tally

    def _played(self, random: Any) -> tuple[list[Pay], dict[str, str]]:
        """The payments, and whom the mixer paid for those that are watched."""
        ones, twos, amounts = (values(random, n) for n in (self.others, self.others, self.customers))
        when = (START + random.integers(0, 12 * DAY, self.others)).tolist()
        pays = [
            Pay(f"other {n}", time, ((f"payer {n}", one + two + 500),), ((f"payee {n}", one), (f"change {n}", two)))
            for n, (time, one, two) in enumerate(zip(when, ones, twos, strict=True))
        ]
        owed: dict[str, str] = {}
        for n, amount in enumerate(amounts):
            watched, time = n < self.watched, START + 4 * DAY + int(random.integers(0, 4 * DAY))
            into = Pay(f"in {n}", time, ((f"customer {n}", amount + 500),), (("mixer" if watched else "own", amount),))
            kept, delay = int(random.integers(5, 51)), int(random.integers(HOUR, 72 * HOUR))
            value, rest = amount * (1_000 - kept) // 1_000, 10**9
            outs = ((f"recipient {n}", value), ("hot", rest))
            pays.append(into)
            if not watched or n % 2 == 0:
                pays.append(Pay(f"out {n}", time + delay, (("hot", value + rest + 500),), outs))
            if watched and n % 2 == 0:
                owed[sha256(into.name.encode()).hexdigest()] = address(f"recipient {n}")
        return pays, owed


def values(random: Any, n: int) -> list[int]:
    """Satoshi from 0.001 to 10 BTC, as many between one power of ten and the next as between any others."""
    found: list[int] = np.exp(random.uniform(np.log(10**5), np.log(10**9), n)).astype(np.int64).tolist()
    return found


def score(rule: str, measure: str, data: str, count: int, n: int, date: str) -> Score:
    return Score(rule, measure, data, count, n, *wilson(count, n), date)


def by_list(data: Path, date: str) -> list[Score]:
    """Addresses of TagPacks are found by the bundled lists, and sanctioned from the day on, not the day before."""
    found = right = n = 0
    for name, day in LISTS.items():
        addresses = re.findall(r"address: (\S+)", (data / "labels" / "graphsense" / f"{name}.yaml").read_text())
        first = int(pd.Timestamp(day, tz="UTC").timestamp())
        for address in addresses:
            pays = [Pay(f"{address} {at}", at, (("payer", 2_000),), ((address, 1_000),)) for at in (first - 1, first)]
            said = {one.tx_hashes[0]: one.evidence.get("designated_then") for one in ask(pays, only=LIST)}
            told = [said.get(sha256(pay.name.encode()).hexdigest(), "nothing") for pay in pays]
            found, right, n = found + ("nothing" not in told), right + (told == [False, True]), n + 1
    what = "addresses of Blender.io and Sinbad in TagPacks, in planted payments"
    return [
        score(LIST, RECALL, what, found, n, date),
        score(LIST, RECALL, f"{what}: not sanctioned the second before the day, sanctioned on it", right, n, date),
    ]


def real(data: Path, date: str) -> list[Score]:
    """Of real transactions of the second half that are CoinJoins or near them, those that these rules flag."""
    counts = {rule: [0, 0] for rule in (LIST, CHIP)}
    for name in FILES:
        read = read_transfers(data / "coinjoin" / f"{name}.jsonl.gz", chain="bitcoin")
        second = {tx for tx in read.table["tx_hash"].unique().to_pylist() if is_second(tx)}
        for rule, count in counts.items():
            count[0] += len(second & {tx for one in findings(read, only=rule) for tx in one.tx_hashes})
            count[1] += len(second)
    what = "transactions of CoinJoins, before and after them"
    return [score(rule, ALARMS, what, count, n, date) for rule, (count, n) in counts.items()]


def records(data: Path, date: str) -> list[Score]:
    """What ten real mixes say: sizes of chips; and of each fee, whether it lies between those of the others."""
    mixes = json.loads((data / "mixers" / "mixing_records.json").read_text())
    chips = [
        satoshi(one["bitcoin_received"]) for mix in mixes if mix["service"] == "ChipMixer" for one in mix["receiving"]
    ]
    sized = sum(is_chip(value) for value in chips)
    values = np.exp(np.random.default_rng(SEED).uniform(np.log(min(chips)), np.log(max(chips)), 1_000)).astype(int)
    fees = [fee(mix) for mix in mixes if mix["service"] != "ChipMixer" and "bitcoin_sent" in mix["sending"]]
    within = sum(min(rest) <= one <= max(rest) for n, one in enumerate(fees) for rest in [fees[:n] + fees[n + 1 :]])
    alone = sum(len(mix["receiving"]) == 1 for mix in mixes)
    return [
        score(CHIP, RECALL, "payouts of four real mixes of ChipMixer: by their size alone", sized, len(chips), date),
        score(
            CHIP, CHANCE, "random amounts between these: by their size alone", sum(map(is_chip, values)), 1_000, date
        ),
        score(
            SUGGESTION,
            RECALL,
            "real mixes of Bitmix: the fee lies between those of the others",
            within,
            len(fees),
            date,
        ),
        score(SUGGESTION, RECALL, "real mixes of Bitmix and ChipMixer: came out in one piece", alone, len(mixes), date),
    ]


def is_chip(value: int, sizes: Collection[int] = CHIPS) -> bool:
    """Whether it is a chip, less what miners took."""
    return any(0 <= size - value <= MINERS for size in sizes)


def satoshi(text: str) -> int:
    return int(Decimal(text.removesuffix("BTC")) * 10**8)


def fee(mix: dict[str, Any]) -> Decimal:
    """The share that did not come back."""
    sent = satoshi(mix["sending"]["bitcoin_sent"])
    return Decimal(sent - sum(satoshi(one["bitcoin_received"]) for one in mix["receiving"])) / sent


def scores(data: Path, date: str) -> list[Score]:
    """By rule."""
    made = [*by_list(data, date), *real(data, date), *records(data, date)]
    made += [one for listed in (True, False) for one in Simulation(listed).scores(date)]
    return sorted(made, key=lambda one: RULES.index(one.rule))
