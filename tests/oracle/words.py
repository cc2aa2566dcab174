"""The words every oracle uses: rows, seeds, a question and its answer, all plain tuples and dicts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

Pot = tuple[str, str, str | None]  # account, asset, outpoint (the coin, on UTXO chains)

ISSUED = ("mint", "reward", "withdrawal")


class Row(NamedTuple):
    """One movement. A list of rows is in position order; rows with an equal ``place`` stand as they were read."""

    sender: str | None
    receiver: str | None
    asset: str
    amount: int
    kind: str = "native"
    block: int = 0
    outpoint: str | None = None
    place: int = 0


class Rows(NamedTuple):
    """A seed: chosen rows, by number."""

    rows: tuple[int, ...]


class Since(NamedTuple):
    """A seed: what the account held just before ``since``, and everything that arrives from then on."""

    account: str
    since: int | None = None
    asset: str | None = None


@dataclass(frozen=True)
class Question:
    """What is asked of a ledger. ``stops`` maps account to category; ``covered`` None: every history was fetched."""

    seeds: tuple[Rows | Since, ...]
    method: str = "fifo"
    direction: str = "forward"
    stops: Mapping[str, str] = field(default_factory=dict)
    covered: frozenset[str] | None = None
    max_hops: int | None = None
    min_amount: int = 0
    until: int | None = None
    unexplained: str = "arrival"

    def but(self, **changes: object) -> Question:
        return replace(self, **changes)  # type: ignore[arg-type]


@dataclass
class Answer:
    """``ledger`` {(asset, bucket, category)}, ``tainted`` {(row, seed)}, ``held`` {(account, asset, bucket, seed)},
    ``exits`` {(category, account, asset, seed)} and ``seeded`` {asset}, each to an amount above zero."""

    seeded: Counter[str] = field(default_factory=Counter)
    ledger: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    tainted: Counter[tuple[int, int]] = field(default_factory=Counter)
    held: Counter[tuple[str, str, str, int]] = field(default_factory=Counter)
    exits: Counter[tuple[str, str, str, int]] = field(default_factory=Counter)

    def rest(self, question: Question, pot: Pot, seed: int, amount: int) -> None:
        """Value that stays in a pot (backwards: that begins there unexplained), known or not fetched."""
        bucket = "held" if question.direction == "forward" else "unexplained"
        if question.covered is not None and pot[0] not in question.covered:
            bucket = "not_fetched"
        self.ledger[pot[1], bucket, ""] += amount
        if bucket != "unexplained":
            self.held[pot[0], pot[1], bucket, seed] += amount

    def tidy(self) -> Answer:
        """The same without zeros."""
        parts = (self.seeded, self.ledger, self.tainted, self.held, self.exits)
        return Answer(*(Counter({k: v for k, v in part.items() if v}) for part in parts))

    def on_rows(self) -> dict[int, int]:
        """Tainted amount per row, all seeds together."""
        total: Counter[int] = Counter()
        for (row, _), amount in self.tainted.items():
            total[row] += amount
        return dict(total)

    def support(self) -> set[int]:
        return {row for (row, _), amount in self.tainted.items() if amount}


def source(row: Row) -> Pot | None:
    """The pot a row takes from. An ``input`` takes a coin; an ``output`` takes from its transaction."""
    if row.sender is None:
        return None
    return (row.sender, row.asset, row.outpoint if row.kind == "input" else None)


def target(row: Row) -> Pot | None:
    """The pot a row fills. An ``output`` makes a coin; an ``input`` goes into its transaction."""
    if row.receiver is None:
        return None
    return (row.receiver, row.asset, row.outpoint if row.kind == "output" else None)


def moves(row: Row) -> bool:
    """Whether anything changes pots: zero amounts and transfers from a pot to itself move nothing."""
    return row.amount > 0 and source(row) != target(row)


def until(rows: list[Row], question: Question) -> list[Row]:
    """Rows that exist for the question: those of a block later than ``until`` do not."""
    return [row for row in rows if question.until is None or row.block <= question.until]


def shortfall(rows: list[Row]) -> dict[Pot, int]:
    """Units each pot sends without having been seen to receive them, over all rows."""
    balance: Counter[Pot] = Counter()
    missing: Counter[Pot] = Counter()
    for row in filter(moves, rows):
        if (pot := source(row)) is not None:
            missing[pot] += max(0, row.amount - balance[pot])
            balance[pot] = max(0, balance[pot] - row.amount)
        if (pot := target(row)) is not None:
            balance[pot] += row.amount
    return {pot: amount for pot, amount in missing.items() if amount}


def heads(rows: list[Row], question: Question) -> dict[Pot, int]:
    """What stands unexplained at the head of each pot before the first row."""
    return shortfall(rows) if question.unexplained == "opening" else {}


def seeds_by_row(rows: list[Row], question: Question) -> dict[int, list[int]]:
    """Row number -> the seeds that name it, in the order the seeds were given."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    for number, seed in enumerate(question.seeds):
        for i, row in enumerate(rows):
            if moves(row) and _names(seed, i, row):
                found[i].append(number)
    return dict(found)


def _names(seed: Rows | Since, i: int, row: Row) -> bool:
    if isinstance(seed, Rows):
        return i in seed.rows
    late = seed.since is None or is_late(row, seed.since)
    return late and row.receiver == seed.account and seed.asset in (None, row.asset)


def is_late(row: Row, since: int) -> bool:
    """Whether a row is at or after a block; an opening balance is from before every block."""
    return row.block >= since and row.kind != "opening"


def holdings_by_moment(rows: list[Row], question: Question) -> dict[int, list[tuple[int, Since]]]:
    """Moment (the number of the row it stands just before) -> address seeds that take what is held then."""
    found: defaultdict[int, list[tuple[int, Since]]] = defaultdict(list)
    for number, seed in enumerate(question.seeds):
        if isinstance(seed, Since):
            early = 0 if seed.since is None else sum(not is_late(row, seed.since) for row in rows)
            found[early].append((number, seed))
    return dict(found)


def is_held_by(pot: Pot, seed: Since) -> bool:
    return pot[0] == seed.account and seed.asset in (None, pot[1])


def followed_stops(rows: list[Row], question: Question) -> Mapping[str, str]:
    """The stops, without the accounts that receive a seed: a seed that is itself a stop is followed."""
    receivers = {rows[i].receiver for i in seeds_by_row(rows, question)}
    receivers |= {seed.account for seed in question.seeds if isinstance(seed, Since)}
    return {account: category for account, category in question.stops.items() if account not in receivers}


def held_hops(direction: str) -> int:
    """Hops of seeded holdings. Backwards the rows that brought them in are hop 0, like the rows that arrive later."""
    return 0 if direction == "forward" else -1


def further(hops: int, row: Row, direction: str) -> int:
    """Hops after a row: one more, and passing through a Bitcoin transaction is one; a first row is never below 0."""
    passing = row.kind == ("input" if direction == "forward" else "output")
    return max(0, hops + (not passing))


def end_of(row: Row, question: Question, stops: Mapping[str, str]) -> tuple[str, str] | None:
    """(bucket, category) at which following ends with this row, or None when the value goes on to a pot."""
    account = row.receiver if question.direction == "forward" else row.sender
    if account is None:
        endings = {"burn": "burnt", "fee": "fees", "opening": "opening"}
        return endings.get(row.kind, "issued"), ""
    return ("exit", stops[account]) if account in stops else None


def cut(question: Question, hops: int, amount: int) -> str | None:
    """The bucket of a piece that may not pass a row, or None."""
    if question.max_hops is not None and hops > question.max_hops:
        return "cut_hops"
    return "below_threshold" if amount < question.min_amount else None


def in_order(count: int, direction: str) -> Iterator[tuple[str, int]]:
    """("moment", k) and ("row", i) in the order a trace meets them; moment k stands just before row k."""
    for k in range(count + 1):
        at = k if direction == "forward" else count - k
        yield "moment", at
        if k < count:
            yield "row", at if direction == "forward" else at - 1
