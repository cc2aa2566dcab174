"""What is usual: how many recipients of each form a pool sees for each deposit into it."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from chaintrace.heuristics.demix.form import FORMS, Form, form
from chaintrace.heuristics.demix.recipient import Known, Recipient, recipients
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool

FILE = "usual.csv"
LONGEST = 4 * 86400
"""Seconds from a recipient's first note to its last: who takes longer is no candidate, and is not counted as usual. Our
own; of 27 cases 85.5 % have less than a day between deposit and withdrawal (MixLaunder, at second hand)."""


@dataclass(frozen=True, slots=True)
class Usual:
    """Fresh recipients by form, and the deposits and withdrawals of the same time.

    ``since``, ``until``  days: when these were counted.
    """

    counts: Mapping[Form, int]
    deposits: int
    withdrawals: int
    since: str
    until: str


def is_fresh(one: Recipient) -> bool:
    """Whether a recipient has the marks of an address that was made for the purpose: relayers pay its way, it never
    paid in, and it took all that it ever took within ``LONGEST``. In every pool that is given."""
    known = one.known
    return known.relayed and not known.pays_in and known.last - known.first <= LONGEST


def count(notes: Iterable[Note], known: Mapping[str, Known], since: int, until: int, days: tuple[str, str]) -> Usual:
    """What is usual of one pool, counted from all its notes between two moments (unix seconds, the second excluded).
    ``known``: of everybody who took one."""
    kept = list(notes)
    fresh = [one for one in recipients(kept, known) if is_fresh(one) and since <= one.first and one.last < until]
    kinds = Counter(note.kind for note in kept if since <= note.time < until)
    return Usual(Counter(map(form, fresh)), kinds["deposit"], kinds["withdrawal"], *days)


def usual(pool: Pool) -> Usual | None:
    """What was counted of a pool; None where nothing was."""
    return _read().get((pool.chain, pool.address))


def write_usual(counted: Mapping[tuple[str, str], Usual], origin: str) -> str:
    """The file that ``usual`` reads, as text."""
    lines = ["chain,pool,since,until,deposits,withdrawals,many,apart,recipients,origin"]
    for (chain, pool), one in sorted(counted.items()):
        head = f"{chain},{pool},{one.since},{one.until},{one.deposits},{one.withdrawals}"
        seen = {at: many for at in FORMS if (many := one.counts.get(at, 0))} or {FORMS[0]: 0}
        lines += [f"{head},{at.many},{at.apart},{many},{origin}" for at, many in seen.items()]
    return "\n".join(lines) + "\n"


@lru_cache(maxsize=1)
def _read() -> dict[tuple[str, str], Usual]:
    text = files("chaintrace.heuristics.demix").joinpath(FILE).read_text(encoding="utf-8")
    found: dict[tuple[str, str], tuple[dict[Form, int], int, int, str, str]] = {}
    for line in csv.DictReader(text.splitlines()):
        key = (line["chain"], line["pool"])
        counts, *_ = found.setdefault(key, _empty(line))
        counts[Form(int(line["many"]), int(line["apart"]))] = int(line["recipients"])
    return {key: Usual(*told) for key, told in found.items()}


def _empty(line: Mapping[str, str]) -> tuple[dict[Form, int], int, int, str, str]:
    return {}, int(line["deposits"]), int(line["withdrawals"]), line["since"], line["until"]
