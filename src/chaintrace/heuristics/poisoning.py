"""Poisoning: look-alike addresses that are put into somebody's history."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.heuristics.dusting import DustThresholds, is_dust
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.parties import by_asset, proof, services
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import NOBODY, Ints
from chaintrace.model.asset import contract_of


@dataclass(frozen=True)
class PoisonThresholds:
    """Of a poisoned history.

    ``prefix``, ``suffix``  letters alike at the beginning and at the end: the floors of Tsuchiya et al. (USENIX
                            Security 2025), as read elsewhere.
    ``least_targets``, ``least_bait``  a campaign has so many targets, and so many times as much bait as payments:
                            crypttrace. It raises the confidence.
    ``dust``                what is dust: our own.
    """

    prefix: int = 3
    suffix: int = 4
    least_targets: int = 10
    least_bait: int = 2
    dust: DustThresholds = field(default_factory=DustThresholds)


class Bait(NamedTuple):
    """A row that puts a look-alike into the history of ``victim``: why it counts as bait, and whom it looks like."""

    row: int
    why: str
    victim: int
    like: int


@heuristic(
    "address-poisoning",
    PoisonThresholds(),
    doubt="Addresses are alike by chance once in 268 million pairs. Who sends the bait is not said.",
)
def address_poisoning(rows: Rows, labels: Known, at: PoisonThresholds) -> Iterator[Finding]:
    """An address that looks like one that the victim has paid is put into the victim's history, by a transfer of
    nothing, of dust, or of a token that copies the payment."""
    moves = rows.moves
    # THRESHOLD
    baits: dict[int, list[Bait]] = defaultdict(list)
    for lookalike, bait in _baits(rows, labels, at):
        baits[lookalike].append(bait)
    in_tx: dict[int, set[int]] = defaultdict(set)
    for bait in (one for some in baits.values() for one in some):
        in_tx[int(moves.tx[bait.row])].add(bait.victim)
    for lookalike, some in baits.items():
        used = sorted({bait.row for bait in some})
        real = _lost(rows, lookalike, some, at)
        targets = set[int]().union(*(in_tx[int(moves.tx[n])] for n in used), (bait.victim for bait in some))
        campaign = len(targets) >= at.least_targets and len(used) >= at.least_bait * len(real)
        # CLAIM, EVIDENCE
        yield Finding(
            subject=moves.account(lookalike),
            claim="looks like an address that somebody paid, and was put into their history: address poisoning",
            confidence=90 if campaign else 70,
            evidence={
                "looks_like": sorted({moves.account(bait.like) for bait in some}),
                "victims": sorted({moves.account(bait.victim) for bait in some}),
                "bait": {why: sum(bait.why == why for bait in some) for why in ("nothing", "dust", "copy")},
                "targets": len(targets),
                "paid_to_it": by_asset(moves, real),
            },
            **proof(moves, [*used, *real]),
        )
    # DOUBT: of the rule


def _baits(rows: Rows, labels: Known, at: PoisonThresholds) -> Iterator[tuple[int, Bait]]:
    """Each look-alike with its bait."""
    moves = rows.moves
    kin, tiny = _alike(moves, at), is_dust(rows, at.dust)
    is_token = np.array([contract_of(asset) is not None for asset in moves.assets.to_pylist()], dtype=bool)
    real = np.flatnonzero(moves.pays & ~tiny & (kin[moves.receiver] != NOBODY))
    payers = moves.sender[real] * len(moves.accounts) + kin[moves.receiver[real]]
    may_bait = (moves.sender != NOBODY) & (moves.receiver != NOBODY) & (moves.sender != moves.receiver)
    may_bait &= tiny | is_token[moves.asset]
    sides = []
    by_service, to_service = services(rows, labels)
    parties = (moves.sender, moves.receiver, to_service), (moves.receiver, moves.sender, by_service)
    for mine, theirs, quiet in parties:
        likely = np.flatnonzero(may_bait & ~quiet & (kin[theirs] != NOBODY))
        likely = likely[np.isin(mine[likely] * len(moves.accounts) + kin[theirs[likely]], payers)]
        sides.append((likely, mine, theirs))
    wanted = np.isin(moves.sender[real], np.concatenate([mine[likely] for likely, mine, _ in sides]))
    paid: dict[tuple[int, int], dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for n in real[wanted].tolist():
        paid[int(moves.sender[n]), int(kin[moves.receiver[n]])][int(moves.receiver[n])].append(n)
    for likely, mine, theirs in sides:
        for n in likely.tolist():
            victim, lookalike = int(mine[n]), int(theirs[n])
            payments = paid.get((victim, int(kin[lookalike])), {})
            known = _earlier(moves, payments.get(lookalike, ()), n)
            bait = None if known else _bait(moves, n, victim, payments, bool(tiny[n]))
            if bait is not None:
                yield lookalike, bait


def _bait(moves: Moves, n: int, victim: int, payments: Mapping[int, list[int]], tiny: bool) -> Bait | None:
    """What a row of a victim and a look-alike is bait by, if it is, of earlier payments to others that look like it."""
    for like, those in payments.items():
        if not (earlier := _earlier(moves, those, n)):
            continue
        if tiny:
            return Bait(n, "dust" if moves.amount[n] else "nothing", victim, like)
        is_token = contract_of(moves.asset_id(int(moves.asset[n]))) is not None
        if is_token and any(moves.rank[one] == moves.rank[n] and moves.asset[one] != moves.asset[n] for one in earlier):
            return Bait(n, "copy", victim, like)
    return None


def _earlier(moves: Moves, payments: Sequence[int], n: int) -> Sequence[int]:
    """Those of some payments, in position order, that are before a row."""
    return payments[: bisect_left(payments, int(moves.place[n]), key=lambda one: int(moves.place[one]))]


def _alike(moves: Moves, at: PoisonThresholds) -> Ints:
    """A number for accounts that begin and end alike, ``NOBODY`` for those that are like no other."""
    names = moves.accounts
    bare = pc.utf8_slice_codeunits(names, start=1)
    bare = pc.if_else(pc.starts_with(names, "0x"), pc.utf8_slice_codeunits(names, start=2), bare)
    head = pc.utf8_slice_codeunits(bare, start=0, stop=at.prefix)
    tail = pc.utf8_slice_codeunits(bare, start=-at.suffix) if at.suffix else pa.array([""] * len(names))
    ends = pc.binary_join_element_wise(head, tail, " ").dictionary_encode()
    code = np.asarray(ends.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    return np.where(np.bincount(code, minlength=1)[code] > 1, code, NOBODY) if len(code) else code


def _lost(rows: Rows, lookalike: int, some: list[Bait], at: PoisonThresholds) -> list[int]:
    """What victims have really paid to the look-alike after its bait."""
    moves, tiny, baits = rows.moves, is_dust(rows, at.dust), {bait.row for bait in some}
    first: dict[int, int] = {}
    for bait in some:
        place = int(moves.place[bait.row])
        first[bait.victim] = min(place, first.get(bait.victim, place))
    return [
        n
        for n in moves.into(lookalike).tolist()
        if moves.pays[n] and not tiny[n] and n not in baits
        if (begun := first.get(int(moves.sender[n]))) is not None and moves.place[n] > begun
    ]
