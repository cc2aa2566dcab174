"""A campaign's way through Tornado Cash: who can have taken its notes out again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from chaintrace.errors import MethodError
from chaintrace.heuristics.demix.batch import Batch, batches, when
from chaintrace.heuristics.demix.candidate import FORM, RULES, TOGETHER, WHOLE_BATCH, Candidate, Demixed, Lot
from chaintrace.heuristics.demix.form import form
from chaintrace.heuristics.demix.odds import Odds, odds
from chaintrace.heuristics.demix.recipient import Known, Recipient, known_of, recipients
from chaintrace.heuristics.demix.settle import ENDS, MANY, WHOLE, settle
from chaintrace.heuristics.demix.usual import Usual, is_fresh, usual
from chaintrace.heuristics.scorecard import scores_of
from chaintrace.heuristics.tornado.read import read_notes
from chaintrace.model.address import parse_address
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool

NAME = "ct.demix"
MOST_SURE = 99
DOUBT = (
    "Nothing on the chain joins a withdrawal to a deposit. A stranger who took as many notes in the same rhythm at the "
    "same time cannot be told from the campaign: each candidate's chance says how many of them are usual."
)


def demix(notes: Any, payers: Collection[str]) -> Demixed:
    """Who can have taken out what a campaign paid into Tornado Cash.

    ``notes``   ``Notes``, or anything that ``read_notes`` reads: of the campaign's time all events of its pools, and of
                who took notes then, all that it ever took or paid in, in whatever pool.
    ``payers``  the accounts of the campaign that paid in.

    Pools into which these paid nothing are left out. A pool of which deposits are missing in the campaign's time, or of
    which nothing usual was counted, is not looked at and named in the notes, as payers are that paid nothing.
    AddressError for a payer that is none; MethodError where none of them paid in; as ``read_notes``.
    """
    ours, told = _accounts(payers), read_notes(notes)
    by_pool: dict[Pool, list[Note]] = {}
    for note in told:
        by_pool.setdefault(note.pool, []).append(note)
    lots: list[Lot] = []
    said = [f"{many:,} events were not read: {reason}" for reason, many in told.rejected.counts.items()]
    known, paid_into = known_of(told), _paid_into(by_pool, ours)
    span = _span([one for paid in paid_into.values() for one in paid])
    for pool, paid in paid_into.items():
        its = by_pool[pool]
        counted, why = usual(pool), _missing(its, paid)
        if counted is None or why:
            reason = why or "what is usual in it was never counted"
            said.append(f"{pool.name}: not looked at, {reason}")
            lots += [Lot((one.account,), one.notes, (), False) for one in paid]
            continue
        lots += _settled(its, paid, known, counted, span)
    if not lots:
        advice = "give the accounts that paid into the pools, and events of these pools"
        raise MethodError("the campaign", f"paid no note in: none of {len(told):,} events is of its accounts", advice)
    silent = sorted(ours - {one for lot in lots for one in lot.accounts})
    said += [f"{len(silent):,} accounts paid no note in: {', '.join(silent[:5])}"] * bool(silent)
    lots.sort(key=lambda lot: (lot.deposits[0].time, lot.accounts))
    return Demixed(tuple(lots), DOUBT, (*told.told, *said), scores_of(NAME))


def _accounts(payers: Collection[str]) -> set[str]:
    if isinstance(payers, str) or not isinstance(payers, Iterable):
        raise MethodError("payers", f"are {type(payers).__name__}", "give a list of addresses")
    return {parse_address(one) for one in payers}


def _paid_into(by_pool: Mapping[Pool, Sequence[Note]], ours: Collection[str]) -> dict[Pool, list[Batch]]:
    """The campaign's batches, of every pool into which it paid."""
    found: dict[Pool, list[Batch]] = {}
    for pool, its in sorted(by_pool.items(), key=lambda pair: (pair[0].chain, pair[0].address)):
        paid = batches([note for note in its if note.kind == "deposit" and note.account in ours])
        found |= {pool: paid} if paid else {}
    return found


def _span(paid: Sequence[Batch]) -> tuple[int, int]:
    """From the first deposit to when the last candidate has to be done."""
    return min((one.first for one in paid), default=0), max((one.last for one in paid), default=0) + ENDS


def _settled(
    its: Sequence[Note], paid: Sequence[Batch], known: Mapping[str, Known], counted: Usual, span: tuple[int, int]
) -> list[Lot]:
    begin, end = _span(paid)
    able = {who for who, one in known.items() if span[0] <= one.first and one.last < span[1]}
    found = [
        one
        for one in recipients([note for note in its if note.account in able], known)
        if is_fresh(one) and begin <= one.first and one.last < end
    ]
    busy = _busy(its, paid, counted, begin, end)
    likely = odds(found, counted, busy, end - begin, sum(map(len, paid)))
    lots = []
    for group in settle(paid, found, likely.total):
        accounts = tuple(dict.fromkeys(paid[at].account for at in group.batches))
        deposits = tuple(note for at in group.batches for note in paid[at].notes)
        whole = group.left == 0
        sizes = Counter(len(found[at]) for at in group.places)
        ours = [
            _candidate(found[at], at, likely, accounts, whole and len(deposits) >= MANY, rivals, sizes[len(found[at])])
            for at, rivals in zip(group.places, group.rivals, strict=True)
        ]
        lots.append(Lot(accounts, deposits, tuple(ours), whole))
    return lots


def _busy(its: Sequence[Note], paid: Sequence[Batch], counted: Usual, begin: int, end: int) -> float:
    """How much went in or came out without the campaign, whichever is more, of what did when the usual was counted;
    one event at least, since nobody knows that there was nobody."""
    kinds = Counter(note.kind for note in its if begin <= note.time < end)
    ours = sum(map(len, paid))
    came = max(kinds["deposit"] - ours, 1) / max(counted.deposits, 1)
    return max(came, (kinds["withdrawal"] - ours) / max(counted.withdrawals, 1))


def _candidate(
    one: Recipient, place: int, likely: Odds, payers: tuple[str, ...], whole: bool, rivals: int, settled: int
) -> Candidate:
    """``whole``: its batches come out even, and are large enough for that to say something. ``rivals``: others who
    could stand in one of the ``settled`` places of its size; nothing says who of them does."""
    ours = settled / (settled + rivals)
    speaks = {FORM: likely.by_form[place] > 0, TOGETHER: likely.by_time[place] > 0, WHOLE_BATCH: whole}
    total = int(likely.total[place]) + (WHOLE if whole else 0)
    score = min(int(np.rint(100 * ours / (1 + np.exp(-total / 1000)))), MOST_SURE)
    stranger = 1 - ours * (1 - float(likely.strangers[place]) / 1000)
    return Candidate(
        one.account,
        score,
        tuple(rule for rule in RULES if speaks.get(rule, True)),
        max(int(np.rint(100 * stranger)), 1),
        rivals,
        payers,
        str(form(one)),
        one.notes,
    )


def _missing(its: Sequence[Note], paid: Sequence[Batch]) -> str:
    """Why a pool's deposits are not known to be all there in the campaign's time; empty where they are."""
    begin, end = paid[0].first, paid[-1].last
    deposits = [note for note in its if note.kind == "deposit" and begin <= note.time <= end]
    leaves = [note.leaf for note in sorted(deposits, key=when) if note.leaf is not None]
    if len(leaves) < len(deposits):
        return "the numbers of its deposits are not told, so that nobody knows whether all are there"
    gaps = max(leaves) - min(leaves) + 1 - len(set(leaves))
    return f"{gaps:,} of its deposits in the campaign's time are missing" if gaps else ""
