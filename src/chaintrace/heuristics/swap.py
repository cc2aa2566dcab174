"""Swaps and wraps: one asset becomes another within one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chaintrace.graph.link import Link
from chaintrace.heuristics.exchanges import Exchange, by_wrapping, exchanges, ids, wraps
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.model.asset import chain_of, contract_of
from chaintrace.model.wrapped import wrapper

BY = "chaintrace"


@dataclass(frozen=True)
class SwapThresholds:
    """Of a swap. All are our own.

    ``most_hops``   exchanges in a row between what is given and what is got.
    ``most_rows``   rows of value of one transaction; larger ones settle for many at once and are passed over.
    """

    most_hops: int = 8
    most_rows: int = 200


@dataclass(frozen=True)
class WrapThresholds:
    """Of a wrap, our own. ``known_only``: whether only contracts count that are known to wrap their chain's coin."""

    known_only: bool = False


@heuristic(
    "swap",
    SwapThresholds(),
    doubt="Any exchange within one transaction looks like this: a swap, a purchase, a deposit for shares, a loan "
    "against a deposit. That the one was given for the other is concluded from the sums.",
)
def swap(rows: Rows, labels: Known, at: SwapThresholds) -> Iterator[Finding]:
    """Who sent the transaction ends it with less of one asset and more of one other, and others turned the one into
    the other."""
    moves = rows.moves
    for one in exchanges(rows, at.most_rows):
        # THRESHOLD
        if one.hops <= at.most_hops and not by_wrapping(rows, one):
            # CLAIM, EVIDENCE, DOUBT
            yield _swapped(moves, one)


def _swapped(moves: Moves, one: Exchange) -> Finding:
    name, account = moves.name(one.tx), moves.account(one.account)
    evidence = {
        "gives": moves.asset_id(one.gives),
        "given": one.given,
        "gets": moves.asset_id(one.gets),
        "got": one.got,
        "hops": one.hops,
    }
    sources, targets = ids(moves, one.sources or ()), ids(moves, one.targets or ())
    link = Link(
        sources,
        targets,
        id=f"swap {name}",
        by=BY,
        confidence="90 of 100",
        evidence=f"{account} gave {one.given} of {evidence['gives']} for {one.got} of {evidence['gets']}",
    )
    whole = bool(sources and targets)
    return Finding(
        subject=account,
        claim="exchanges one asset for another",
        tx_hashes=(name,),
        confidence=90,
        evidence=evidence,
        rows=(*sources, *targets),
        links=(link,) if whole else (),
        doubt="" if whole else "No rows bring exactly these sums, so that no link can be drawn.",
    )


@heuristic(
    "wrap",
    WrapThresholds(),
    doubt="A contract that issues as much of its token as it is paid may do so for other reasons than to wrap.",
)
def wrap(rows: Rows, labels: Known, at: WrapThresholds) -> Iterator[Finding]:
    """A coin paid to a contract that issues as much of its own token to the payer, and the way back. Rows that a swap
    speaks for are left to it."""
    moves = rows.moves
    swaps = (one for one in exchanges(rows, SwapThresholds().most_rows) if not by_wrapping(rows, one))
    taken = {n for one in swaps for n in (*(one.sources or ()), *(one.targets or ()))}
    for source, target in wraps(rows):
        back = contract_of(moves.asset_id(int(moves.asset[source]))) is not None
        token = moves.asset_id(int(moves.asset[source if back else target]))
        known = contract_of(token) in wrapper(chain_of(token))
        # THRESHOLD
        if {source, target} & taken or (at.known_only and not known):
            continue
        # CLAIM, EVIDENCE, DOUBT
        (said, arrives), name = ids(moves, (source, target)), moves.name(int(moves.tx[source]))
        amount, account = int(moves.amount[source]), moves.account(int(moves.sender[source]))
        confidence = 95 if known else 80
        evidence = {"token": token, "amount": amount, "direction": "back" if back else "in", "known": known}
        link = Link(
            [said],
            [arrives],
            id=f"wrap {name} {said[1]} {said[2]}",
            kind="wrap",
            by=BY,
            confidence=f"{confidence} of 100",
            evidence=f"as much of {token} as of the coin, with its own contract, in one transaction",
        )
        yield Finding(
            subject=account,
            claim="turns a wrapped coin back into the coin" if back else "wraps the chain's coin",
            tx_hashes=(name,),
            confidence=confidence,
            evidence=evidence,
            rows=(said, arrives),
            links=(link,),
        )
