"""Differences: where two providers tell different things about one account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import pyarrow as pa

from chaintrace.model.amount import from_bytes
from chaintrace.model.asset import contract_of

Kinds = Mapping[str, frozenset[str]]
"""Account to the kinds of its transfers that are complete."""

_COLUMNS = ("chain", "tx_hash", "kind", "seq", "block", "sender", "receiver", "asset", "amount")


@dataclass(frozen=True, slots=True)
class Difference:
    """A transfer of ``account`` that ``told_by`` has and ``not_by``, asked for the same, has not, or has otherwise.
    ``amount`` in base units."""

    account: str
    told_by: str
    not_by: str
    tx_hash: str
    kind: str
    seq: int
    block: int
    sender: str | None
    receiver: str | None
    asset: str
    amount: int


def differences(tables: Mapping[str, pa.Table], kinds: Mapping[str, Kinds]) -> list[Difference]:
    """Every transfer that only one of two providers tells, of accounts and kinds that both say are complete."""
    found: list[Difference] = []
    for one, other in combinations(tables, 2):
        both = {
            account: kinds[one][account] & kinds[other][account]
            for account in sorted(kinds[one].keys() & kinds[other].keys())
        }
        here, there = _rows(tables[one], both), _rows(tables[other], both)
        found += [_difference(key, one, other) for key in here if key not in there]
        found += [_difference(key, other, one) for key in there if key not in here]
    return sorted(found, key=lambda one: (one.account, one.block, one.tx_hash, one.kind, one.seq, one.told_by))


def shown_with(kind: str, asset: str) -> str:
    """The kind of transfers with which one is seen or missed: native coins are burnt inside of transactions."""
    return "internal" if kind == "burn" and contract_of(asset) is None else kind


def _rows(table: pa.Table, wanted: Kinds) -> dict[tuple[Any, ...], None]:
    found: dict[tuple[Any, ...], None] = {}
    for cells in zip(*(table.column(name).to_pylist() for name in _COLUMNS), strict=True):
        kind, sender, receiver = shown_with(cells[2], cells[7]), cells[5], cells[6]
        for account in dict.fromkeys((sender, receiver)):
            if account in wanted and kind in wanted[account]:
                found[account, *cells] = None
    return found


def _difference(key: tuple[Any, ...], told_by: str, not_by: str) -> Difference:
    account, _, tx_hash, kind, seq, block, sender, receiver, asset, amount = key
    who = (account, told_by, not_by)
    return Difference(*who, tx_hash, kind, seq, block, sender, receiver, asset, from_bytes(amount))
