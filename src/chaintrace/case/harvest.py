"""Harvest: what the pages of a store say together — transfers, whose history is whole, what is in doubt."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.case.differences import Difference, differences, shown_with
from chaintrace.case.kinds import basic
from chaintrace.case.range import Range
from chaintrace.case.reconcile import Reconciled, reconcile
from chaintrace.case.sums import Entry, entries
from chaintrace.case.wraps import wraps
from chaintrace.fetch.cards import Card
from chaintrace.fetch.doors import card
from chaintrace.graph.link import Link
from chaintrace.model.page import Balance, Covered, Metadata
from chaintrace.model.token import Token
from chaintrace.model.transfer import SCHEMA, Rejected, Transfers
from chaintrace.store.store import Store

CUT = "cut"
"""The setting that names accounts whose history is too long, and why."""

STATE, RUNNING, ENDED = "state", "running", "ended"
"""The setting that says whether the last fetch came to its end."""


@dataclass(frozen=True)
class Harvest:
    """``transfers``    of each account and kind as the first provider tells them that can.
    ``fetched``      accounts whose history is there, from the first block to the last.
    ``coverage``     pairs of account and asset of them: those that nothing speaks against.
    ``reconciled``   each pair that the chain was asked about, with what it says.
    ``differences``  where providers disagree. ``links``: coins that were wrapped and unwrapped.
    ``tokens``       what contracts call themselves; untrusted. ``cards``: what each provider can and cannot see.
    """

    transfers: Transfers
    fetched: frozenset[str]
    coverage: tuple[tuple[str, str], ...]
    reconciled: tuple[Reconciled, ...]
    differences: tuple[Difference, ...]
    links: tuple[Link, ...]
    tokens: Mapping[str, Token]
    where: Range
    providers: tuple[str, ...]
    cut: Mapping[str, str]
    cards: Mapping[str, Card]

    def to_dict(self) -> dict[str, Any]:
        """Plain values; amounts are decimal texts."""
        residuals = [one for one in self.reconciled if not one.agrees]
        return {
            "providers": list(self.providers),
            "doors": {provider: card.to_dict() for provider, card in self.cards.items()},
            "first": self.where.first,
            "last": self.where.last,
            "last_hash": self.where.last_hash,
            "accounts": sorted(self.fetched),
            "too_long": dict(self.cut),
            "reconciled": {
                "pairs": len(self.reconciled),
                "agree": len(self.reconciled) - len(residuals),
                "residuals": [plain_values(one) for one in residuals],
            },
            "disagreements": [plain_values(one) for one in self.differences],
        }


def plain_values(one: Reconciled | Difference) -> dict[str, Any]:
    """Fields by name; amounts as decimal text."""
    large = {"rows", "chain", "residual", "amount"}
    return {k: str(v) if k in large and v is not None else v for k, v in asdict(one).items()}


def harvest(store: Store, where: Range, wrappers: Collection[str]) -> Harvest:
    """Everything that is kept of blocks ``where``."""
    with store.reading():
        return _harvest(store, where, wrappers)


def _harvest(store: Store, where: Range, wrappers: Collection[str]) -> Harvest:
    asked = store.asked()
    providers, cards = list(asked), {one: card(question) for one, question in asked.items()}
    kinds = {one: _shown(store.covered(one), where, cards[one]) for one in providers}
    tables = {one: _until(store.rows(one), where.last) for one in providers}
    table = _chosen(tables, kinds)
    wanted = frozenset().union(*(basic(question.chain) for question in asked.values()))
    fetched = frozenset(_fetched(kinds, wanted))
    unweighed = fetched - {account for one in providers if cards[one].balances for account in kinds[one]}
    found = list(entries(table, fetched))
    missing = [lack for one in providers for lack in store.missing(one)]
    balances = [balance for one in reversed(providers) for balance in store.balances(one)]
    agreed = reconcile(found, balances, missing, where.first - 1, where.last)
    differing = differences(tables, kinds)
    rejected = sum((store.rejected(one) for one in providers), Rejected())
    notes = [f"{one}: {note}" for one in providers for note in store.notes(one)]
    notes += _about(agreed, differing, {(one.kind, one.reason) for one in missing})
    notes += _on_its_word(unweighed)
    notes += _unopened(balances, where.first - 1)
    if store.get(STATE) == RUNNING:
        notes.append("the last fetch did not come to its end: these figures are of what was fetched until then")
    return Harvest(
        transfers=Transfers(table, rejected, tuple(notes), "fetched"),
        fetched=fetched,
        coverage=tuple(_coverage(found, agreed, where.last, unweighed)),
        reconciled=tuple(agreed),
        differences=tuple(differing),
        links=tuple(wraps(table, wrappers)),
        tokens=_tokens(one for provider in reversed(providers) for one in store.metadata(provider)),
        where=where,
        providers=tuple(providers),
        cut=json.loads(store.get(CUT) or "{}"),
        cards=cards,
    )


def _shown(covered: Iterable[Covered], where: Range, card: Card) -> dict[str, frozenset[str]]:
    """As ``complete``; who tells balances tells what was held before the first block, too."""
    opening = frozenset({"opening"}) if card.balances else frozenset()
    return {account: kinds | opening for account, kinds in complete(covered, where).items()}


def complete(covered: Iterable[Covered], where: Range) -> dict[str, frozenset[str]]:
    """Each account and the kinds of its transfers that are covered from the first block to the last, gaps excluded."""
    ranges: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for one in covered:
        for kind in one.kinds:
            ranges.setdefault((one.account, kind), []).append((one.first, one.last))
    found: dict[str, set[str]] = {}
    for (account, kind), spans in ranges.items():
        if gap(spans, where) is None:
            found.setdefault(account, set()).add(kind)
    return {account: frozenset(kinds) for account, kinds in found.items()}


def gap(spans: Iterable[tuple[int, int]], where: Range) -> tuple[int, int] | None:
    """The first blocks of ``where`` that no span covers; None where there are none."""
    reached = where.first
    for first, last in sorted(spans):
        if first > reached:
            return reached, min(first - 1, where.last)
        reached = max(reached, last + 1)
    return (reached, where.last) if reached <= where.last else None


def _fetched(kinds: Mapping[str, Mapping[str, frozenset[str]]], wanted: frozenset[str]) -> set[str]:
    accounts = {account for known in kinds.values() for account in known}
    return {
        account
        for account in accounts
        if frozenset().union(*(known.get(account, frozenset()) for known in kinds.values())) >= wanted
    }


def _chosen(tables: Mapping[str, pa.Table], kinds: Mapping[str, Mapping[str, frozenset[str]]]) -> pa.Table:
    """Rows of each account and kind from the first provider that has them complete, and rows of seeds from the first
    that has them at all; each identity once."""
    if not tables:
        return SCHEMA.empty_table()
    if len(tables) == 1:
        return next(iter(tables.values()))
    first: dict[tuple[str, str], str] = {}
    for provider, known in kinds.items():
        for account, whole in known.items():
            for kind in sorted(whole):
                first.setdefault((account, kind), provider)
    parts, told = [], set[tuple[Any, ...]]()
    for provider, table in tables.items():
        keep = np.zeros(table.num_rows, dtype=bool)
        names = ("chain", "tx_hash", "kind", "seq", "sender", "receiver", "asset")
        for row, cells in enumerate(zip(*(table.column(name).to_pylist() for name in names), strict=True)):
            kind = shown_with(cells[2], cells[6])
            chosen = {first.get((account, kind)) for account in cells[4:6] if account is not None}
            wanted = provider in chosen or chosen == {None}
            if wanted and cells[:4] not in told:
                told.add(cells[:4])
                keep[row] = True
        parts.append(table.filter(pa.array(keep)))
    joined = pa.concat_tables(parts)
    is_later = pc.not_equal(joined["kind"], "opening")
    order = pc.sort_indices(
        joined.append_column("later", is_later),
        sort_keys=[("later", "ascending"), *((name, "ascending") for name in ("block", "tx_index", "seq", "kind"))],
    )
    return joined.take(order)


def _coverage(
    found: Iterable[Entry], agreed: Iterable[Reconciled], last: int, unweighed: Collection[str]
) -> list[tuple[str, str]]:
    """Pairs that move something and that the chain, at the last block, agrees with, or of which nothing tells a
    balance."""
    agree = {(one.account, one.asset) for one in agreed if one.agrees and one.block == last}
    pairs = {(entry.account, entry.asset) for entry in found}
    return sorted(pair for pair in pairs if pair in agree or pair[0] in unweighed)


def _until(table: pa.Table, last: int) -> pa.Table:
    """The rows up to a block; what was fetched of later ones is not part of the case as it stands."""
    return table.filter(pc.less_equal(table["block"], last))


def _about(
    agreed: Collection[Reconciled], differing: Collection[Difference], missing: Collection[tuple[str, str]]
) -> list[str]:
    notes = [f"transfers of kind {kind} are not in the data: {reason}" for kind, reason in sorted(missing)]
    if agreed:
        same = sum(one.agrees for one in agreed)
        notes.append(
            f"reconciled with the chain's own balances: {same:,} of {len(agreed):,} pairs of account and asset"
        )
    if differing:
        accounts = len({one.account for one in differing})
        notes.append(f"providers disagree about {len(differing):,} transfers of {accounts:,} accounts")
    return notes


def _on_its_word(accounts: Collection[str]) -> list[str]:
    if not accounts:
        return []
    return [f"the histories of {len(accounts):,} accounts are whole on their source's word alone: it tells no balances"]


def _unopened(balances: Iterable[Balance], before: int) -> list[str]:
    unknown = [one for one in balances if one.block == before and one.amount is None]
    if not unknown:
        return []
    accounts, reason = len({one.account for one in unknown}), unknown[0].reason
    return [
        f"what {accounts:,} accounts held before the first block is not known ({reason}); taken as none, so that what "
        "they sent on may be more or less of the stolen money than is told"
    ]


def _tokens(told: Iterable[Metadata]) -> dict[str, Token]:
    return {
        one.asset: Token(one.symbol, one.decimals, "the contract's own word")
        for one in told
        if one.decimals is not None and one.symbol.strip() and one.symbol.isprintable()
    }
