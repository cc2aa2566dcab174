"""Reconcile: what the rows say that accounts hold, beside what the chain says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chaintrace.case.sums import Entry, Pair, held
from chaintrace.model.asset import contract_of
from chaintrace.model.page import Balance, Missing

HIDDEN = ("internal", "withdrawal", "reward")
"""Kinds of native transfers that not every provider shows."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """One account and asset at the end of ``block``. ``residual``: what the chain has more (or, negative, less) than
    the rows; None where the chain gave no number. ``reason`` is empty where both agree."""

    account: str
    asset: str
    block: int
    rows: int
    chain: int | None
    residual: int | None
    reason: str

    @property
    def agrees(self) -> bool:
        return self.residual == 0


def reconcile(
    found: Sequence[Entry], balances: Iterable[Balance], missing: Iterable[Missing], before: int, last: int
) -> list[Reconciled]:
    """Each pair that the chain was asked about, at the last block up to ``last`` that it was asked for, in order of
    account and asset; tokens that an account neither moved nor has are left out. ``before``: the block of the opening
    balances."""
    told = list(balances)
    unopened = {(one.account, one.asset): one.reason for one in told if one.block == before and one.amount is None}
    latest: dict[Pair, Balance] = {}
    for one in told:
        known = latest.get((one.account, one.asset))
        if before < one.block <= last and (known is None or known.block <= one.block):
            latest[one.account, one.asset] = one
    touched = {(one.account, one.asset) for one in found}
    latest = {
        pair: one for pair, one in latest.items() if one.amount != 0 or pair in touched or not contract_of(pair[1])
    }
    sums = held(found, {pair: one.block for pair, one in latest.items()})
    lacks: dict[str, list[Missing]] = {}
    for lack in missing:
        lacks.setdefault(lack.account, []).append(lack)
    return [
        _compared(one, sums[pair], unopened.get(pair), lacks.get(one.account, []))
        for pair, one in sorted(latest.items())
    ]


def _compared(one: Balance, rows: int, unopened: str | None, lacks: Sequence[Missing]) -> Reconciled:
    residual = None if one.amount is None else one.amount - rows
    if residual is None:
        reason = f"the provider gave no balance ({one.reason})"
    elif residual == 0:
        reason = ""
    elif unopened is not None:
        reason = f"the balance before the first block is not known ({unopened})"
    elif contract_of(one.asset) is not None:
        reason = "the token's balances change without transfers, or not all of its transfers are told"
    else:
        kinds = HIDDEN if residual > 0 else ("internal",)  # withdrawals and rewards only add
        hidden = [f"{lack.kind} ({lack.reason})" for lack in lacks if lack.kind in kinds]
        reason = "; ".join(hidden) or "not all transfers of the account are told"
    return Reconciled(one.account, one.asset, one.block, rows, one.amount, residual, reason)
