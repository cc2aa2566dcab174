"""Demixing: measured on the Ronin campaign, on the same campaign moved to times when it was not, and on planted ones.

Nobody has published who took the Ronin campaign's notes out in a form that we could use, so that neither precision nor
recall of it is known here; how many of its batches come out to the last note is. The thresholds were chosen with this
campaign in view. Planted campaigns pay into the real pool of 100 ETH, among its real deposits and withdrawals of the
year before the theft, and are told by a generator with a constant seed; their truth is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from random import Random

from chaintrace.case.case import Case
from chaintrace.heuristics.demix.campaign import demix
from chaintrace.heuristics.demix.candidate import Demixed
from chaintrace.heuristics.finding import Score
from chaintrace.heuristics.scorecard import wilson
from chaintrace.heuristics.tornado.read import read_notes
from chaintrace.model.note import Note

PAGE = "methods/demix.md"
NEEDS_DATA = True
RULES = ("ct.demix",)
DAY = 86400
MOVED = tuple(range(60, 361, 60))
"""Days by which the Ronin campaign is moved back."""
SEED = 20_220_323
FEE = 4 * 10**17
SIZES = (5, 30)
TRIES = 25
STYLES = ("side by side", "one after another", "one note each")


def scores(data: Path, date: str) -> list[Score]:
    measured = Measured(data, date)
    planted = (one for style in STYLES for one in measured.planted(style))
    return [*measured.ronin(), *measured.moved(), *(measured.invented(size) for size in SIZES), *planted]


class Measured:
    def __init__(self, data: Path, date: str) -> None:
        self.date = date
        events = data / "tornado" / "events"
        self.notes = list(read_notes([events / f"{kind}_1_eth_100.json.zip" for kind in ("deposits", "withdrawals")]))
        self.ours = demix_of_ronin()

    def ronin(self) -> list[Score]:
        whole = sum(lot.whole for lot in self.ours.lots)
        return [
            self._score("settled", "batches of the Ronin campaign, to the last note", whole, len(self.ours.lots)),
            self._score("settled", "notes of the Ronin campaign", self.ours.taken_out, self.ours.paid_in),
        ]

    def moved(self) -> list[Score]:
        made = [demix(numbered(self._strangers, self._moved(days)), self._payers) for days in MOVED]
        whole, lots = sum(lot.whole for one in made for lot in one.lots), sum(len(one.lots) for one in made)
        out, paid = sum(one.taken_out for one in made), sum(one.paid_in for one in made)
        when = f"moved back by {MOVED[0]} to {MOVED[-1]} days"
        return [
            self._score("chance", f"batches of the Ronin campaign {when}", whole, lots),
            self._score("chance", f"notes of the Ronin campaign {when}", out, paid),
        ]

    def invented(self, size: int) -> Score:
        """Deposits by one account that never were: whoever is proposed for them is a stranger."""
        random, proposed = Random(SEED), 0
        for _ in range(TRIES):
            start = self._begin - random.randrange(MOVED[0], MOVED[-1]) * DAY + random.randrange(DAY)
            payer, like = f"0x{0xFA << 152:040x}", self.notes[0]
            paid = [
                replace(like, kind="deposit", account=payer, time=start + 400 * n, tx_hash=f"paid-{n}")
                for n in range(size)
            ]
            proposed += bool(demix(numbered(self._strangers, paid), [payer]).candidates)
        what = f"campaigns of {size} invented notes, one payer, for which somebody is proposed"
        return self._score("chance", what, proposed, TRIES)

    def planted(self, style: str) -> list[Score]:
        found = right = thieves = 0
        for number, days in enumerate(MOVED):
            paid, taken = campaign(Random(SEED + number), self._begin - days * DAY, style, self.notes[0])
            made = {one.address for one in demix(numbered(self._strangers, paid, taken), {one.account for one in paid})}
            them = {one.account for one in taken}
            found, right, thieves = found + len(made), right + len(made & them), thieves + len(them)
        told = f"recipients of planted campaigns (simulated), {style}"
        return [self._score("recall", told, right, thieves), self._score("precision", told, right, found)]

    @cached_property
    def _payers(self) -> set[str]:
        return {one for lot in self.ours.lots for one in lot.accounts}

    @cached_property
    def _begin(self) -> int:
        return self.ours.lots[0].deposits[0].time

    @cached_property
    def _strangers(self) -> list[Note]:
        return [one for one in self.notes if one.kind == "withdrawal" or one.account not in self._payers]

    def _moved(self, days: int) -> list[Note]:
        return [replace(note, time=note.time - days * DAY) for lot in self.ours.lots for note in lot.deposits]

    def _score(self, measure: str, data: str, count: int, n: int) -> Score:
        return Score(RULES[0], measure, data, count, n, *wilson(count, n), self.date)


def demix_of_ronin() -> Demixed:
    return Case.open("ronin").demix()


def numbered(*notes: Iterable[Note]) -> list[Note]:
    """Notes of one pool with its deposits numbered anew, and named so that none stands twice."""
    every = [one for some in notes for one in some]
    deposits = sorted((one for one in every if one.kind == "deposit"), key=lambda one: one.time)
    told = [replace(one, leaf=n, tx_hash=f"{one.tx_hash}/{n}", mark="") for n, one in enumerate(deposits)]
    return told + [one for one in every if one.kind == "withdrawal"]


def campaign(random: Random, begin: int, style: str, like: Note) -> tuple[list[Note], list[Note]]:
    """Twenty batches of 20 to 50 notes, a day and a half after each other, of which every twentieth note stays."""
    paid: list[Note] = []
    taken: list[Note] = []
    for batch in range(20):
        start, payer = begin + batch * 36 * 3600, f"0x{0xBA << 152 | batch:040x}"
        size = random.randrange(20, 51)
        times = sorted(start + random.randrange(3 * 3600) for _ in range(size))
        paid += [
            replace(like, kind="deposit", account=payer, time=at, tx_hash=f"paid-{payer}-{n}")
            for n, at in enumerate(times)
        ]
        out = size - sum(random.randrange(20) == 0 for _ in range(size))
        taken += _take(random, batch, times[-1], _counts(random, out, style), style, like)
    return paid, taken


def _counts(random: Random, out: int, style: str) -> list[int]:
    counts: list[int] = []
    while sum(counts) < out:
        counts.append(min(1 if style == STYLES[2] else random.randrange(3, 10), out - sum(counts)))
    return counts


def _take(random: Random, batch: int, last: int, counts: Sequence[int], style: str, like: Note) -> list[Note]:
    pause: Callable[[], int] = {
        STYLES[0]: lambda: 300 + int(random.expovariate(1 / 3600)),
        STYLES[1]: lambda: 60 + random.randrange(180),
        STYLES[2]: lambda: 0,
    }[style]
    taken, at = [], last + 3600
    for number, count in enumerate(counts):
        who, time = f"0x{0xBE << 152 | batch << 16 | number:040x}", at
        for _ in range(count):
            taken.append(
                replace(
                    like,
                    kind="withdrawal",
                    account=who,
                    time=time,
                    tx_hash=f"out-{who}-{time}",
                    fee=FEE,
                    leaf=None,
                    mark="",
                )
            )
            time += pause()
        at = time + 300 if style == STYLES[1] else at + random.randrange(60, 1800)
    return taken
