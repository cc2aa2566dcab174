"""Dust: next to nothing, sent to many."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.parties import by_asset, large_groups, proof, services
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import Mask
from chaintrace.model.asset import contract_of
from chaintrace.model.token import NATIVES, Token


@dataclass(frozen=True)
class DustThresholds:
    """Of dust.

    ``coin_parts``, ``token_parts``  dust is at most one so-manieth of a whole coin, or of a token whose decimals are
                                     known; of other tokens nothing is. Our own.
    ``least_accounts``               that get dust of one sender: the size of a campaign, tornado-demix's crypttrace.
    """

    coin_parts: int = 100_000
    token_parts: int = 100
    least_accounts: int = 10


@heuristic(
    "dust",
    DustThresholds(),
    doubt="Faucets and tests of software send little too. It says nothing against who gets it.",
)
def dust(rows: Rows, labels: Known, at: DustThresholds) -> Iterator[Finding]:
    """One account sends next to nothing to many."""
    moves = rows.moves
    by_service, _ = services(rows, labels)
    tiny = is_dust(rows, at) & moves.pays & ~by_service
    # THRESHOLD
    for group in large_groups(tiny, at.least_accounts, moves.sender, moves.asset):
        accounts = np.unique(moves.receiver[group])
        if len(accounts) >= at.least_accounts:
            # CLAIM, EVIDENCE
            yield Finding(
                subject=moves.account(int(moves.sender[group[0]])),
                claim=f"sends dust to {len(accounts)} accounts",
                confidence=50,
                evidence={"accounts": len(accounts), "payments": len(group), "sent": by_asset(moves, group)},
                **proof(moves, group),
            )
    # DOUBT: of the rule


def is_dust(rows: Rows, at: DustThresholds) -> Mask:
    """Which rows move next to nothing, or nothing."""
    moves = rows.moves
    limits = np.empty(len(moves.assets), object)
    limits[:] = [_most(str(asset), rows.tokens, at) for asset in moves.assets.to_pylist()]
    result: Mask = (moves.amount <= limits[moves.asset]).astype(bool)
    return result


def _most(asset: str, tokens: Mapping[str, Token], at: DustThresholds) -> int:
    token = NATIVES.get(asset) or tokens.get(asset)
    if token is None:
        return 0
    return int(10**token.decimals // (at.coin_parts if contract_of(asset) is None else at.token_parts))
