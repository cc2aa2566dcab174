"""Gas price: a note taken out at a gas price at which one note alone had been paid in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.tornado.chance import elsewhere, measured
from chaintrace.heuristics.tornado.couples import acts_for_many
from chaintrace.heuristics.tornado.links import finding
from chaintrace.heuristics.tornado.notes import Columns
from chaintrace.model.log import Call

CHAIN = "eip155:1"
"""The one chain that is looked at: the others had other markets of gas, and other days on which they changed."""


@dataclass(frozen=True)
class GasPriceThresholds:
    """``deposits``: at how many of a pool a gas price stands, at most: Tutela has exactly one. ``before``: the first
    block of Ethereum that is not looked at: London's, since when the chain names the price (EIP-1559)."""

    deposits: int = 1
    before: int = 12_965_000


class Match(NamedTuple):
    """A deposit, the withdrawals at its gas price, of how many others of the pool no price is known."""

    paid: int
    taken: list[int]
    price: int
    unknown: int


NOT_WHOLE = "Not all notes of this pool are here: others may have paid in at this price."
Prices = dict[str, Call]
"""Calls of Ethereum whose gas price is known, by transaction."""


@heuristic(
    "tornado-gas-price",
    GasPriceThresholds(),
    doubt="Wallets propose the same price to many, and a price that was used once was often one of these. Where "
    "demixer measured it, it found 45 among 152 depositors and 64 among their decoys: no better than chance. 44 of the "
    "45 were taken out by relayers, who are left out here.",
)
def gas_price(rows: Rows, labels: Known, at: GasPriceThresholds) -> Iterator[Finding]:
    """A note that its recipient took out itself, at the gas price of one deposit of the pool alone."""
    columns = rows.notes.columns
    prices = {call.tx_hash: call for call in rows.calls if call.chain == CHAIN and call.gas_price is not None}
    if not prices:
        return

    # THRESHOLD
    def ask(some: Columns) -> tuple[int, int]:
        found = {n for one in matches(some, prices, at) for n in one.taken}
        return len(found), sum(1 for _ in _alone(some, prices, at))

    chance = rows.once(("chance", gas_price, at), lambda: measured(ask, columns, elsewhere(columns)))
    for one in matches(columns, prices, at):
        paid, names = columns.notes[one.paid], sorted({columns.notes[n].account for n in one.taken})
        missing = f"No gas price is known of {one.unknown:,} other deposits of the pool. " if one.unknown else ""
        missing += "" if columns.whole[columns.pool[one.paid]] else f"{NOT_WHOLE} "
        for taken in one.taken:
            if any(acts_for_many(labels, columns.notes[n].account, columns.notes[taken]) for n in (one.paid, taken)):
                continue
            # CLAIM, EVIDENCE, DOUBT
            claim = f"took a note out of {paid.pool.name} at a gas price at which one alone had been paid in"
            evidence = {"pool": paid.pool.address, "paid_in": paid.account, "gas_price": one.price}
            evidence |= {"fits": len(one.taken), "taken_by": names, "unknown": one.unknown} | chance.evidence
            yield finding(
                rows, columns.notes[taken].account, claim, [one.paid, taken], 10 // len(one.taken), evidence,
                pairs=[(one.paid, taken)] if len(one.taken) == 1 else (), doubt=f"{missing}{chance.doubt}",
            )  # fmt: skip


def matches(columns: Columns, prices: Prices, at: GasPriceThresholds) -> Iterator[Match]:
    """By pool the deposits whose price is rare enough, each with the withdrawals after it at that price."""
    alone: dict[tuple[int, int], list[int]] = {}
    for n in _alone(columns, prices, at):
        alone.setdefault((columns.plain.pool[n], _price(columns, prices, n)), []).append(n)
    for pool in sorted({pool for pool, _ in alone}):
        known = [n for n in columns.of(pool, deposit=True).tolist() if columns.notes[n].tx_hash in prices]
        times = Counter(_price(columns, prices, n) for n in known)
        for paid in known:
            price = _price(columns, prices, paid)
            later = [n for n in alone.get((pool, price), ()) if columns.place[paid] < columns.place[n]]
            if later and times[price] <= at.deposits and _call(columns, prices, paid).block < at.before:
                yield Match(paid, later, price, len(columns.of(pool, deposit=True)) - len(known))


def _alone(columns: Columns, prices: Prices, at: GasPriceThresholds) -> Iterator[int]:
    """Withdrawals that their recipients sent themselves and whose gas price is known, of pools of which some deposit's
    is."""
    known = [(n, note, prices[note.tx_hash]) for n, note in enumerate(columns.notes) if note.tx_hash in prices]
    known = [(n, note, call) for n, note, call in known if note.pool.chain == CHAIN and call.block < at.before]
    pools = {columns.plain.pool[n] for n, note, _ in known if note.kind == "deposit"}
    for n, note, call in known:
        alone = note.kind == "withdrawal" and not note.fee and call.sender == note.account
        if alone and columns.plain.pool[n] in pools:
            yield n


def _call(columns: Columns, prices: Prices, n: int) -> Call:
    return prices[columns.notes[n].tx_hash]


def _price(columns: Columns, prices: Prices, n: int) -> int:
    return _call(columns, prices, n).gas_price or 0
