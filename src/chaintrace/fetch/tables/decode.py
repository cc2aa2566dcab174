"""Decode: the evidence of a page as its answer. Pure: the same bytes always say the same."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from chaintrace.errors import Contradiction, Malformed
from chaintrace.fetch.tables import body as bodies
from chaintrace.fetch.tables import lake as lakes
from chaintrace.fetch.tables.body import Told
from chaintrace.fetch.tables.fill import Known, known
from chaintrace.fetch.tables.lake import Holding, Lake
from chaintrace.fetch.tables.prove import prove
from chaintrace.fetch.tables.rows import write
from chaintrace.fetch.tables.shown import notes, shown
from chaintrace.fetch.tables.step import LAKE, steps
from chaintrace.fetch.words import Bad
from chaintrace.model.page import Answer, Asked, Covered, Missing, Question

T = TypeVar("T")

ADVICE = "what was kept is not what was written; fetch into a new case"


def decode(question: Question, asked: Sequence[Asked], body: Callable[[str], bytes]) -> Answer:
    """What ``asked`` answers to ``question``; ``body`` gives a body by its SHA-256.

    Raises a ProviderError (Malformed: bytes that are no rows of these tables; Contradiction: rows that cannot all be
    true), whatever the bytes are, and nothing else.
    """
    if not asked or asked[0].call != LAKE.text:
        raise Contradiction(question.provider, "it is not told which tables there are")
    lake = _read(question, asked[0], lakes.read, body)
    expected = steps(question, lake)
    if [one.call for one in asked[1:]] != [step.call.text for step in expected]:
        raise Contradiction(question.provider, "not every table was asked for what the question needs")
    found: list[tuple[Holding, Told]] = []
    for one, step in zip(asked[1:], expected, strict=True):
        parse = partial(bodies.read, columns=step.table.columns, source=f"{one.body}#0")
        found.append((step.table, _read(question, one, parse, body)))
    return tell(question, lake, found)


def tell(question: Question, lake: Lake, found: Sequence[tuple[Holding, Told]]) -> Answer:
    """What rows of tables say to a question."""
    if not (lake.first <= question.first and question.last <= lake.last):
        reason = f"it holds blocks {lake.first} to {lake.last}, not {question.first} to {question.last}"
        raise Contradiction(question.provider, reason, "ask for blocks that it holds: until=…, or give other tables")
    try:
        facts = known(found)
    except Bad as error:
        raise Contradiction(question.provider, str(error)) from None
    prove(question, found, facts)
    rows, rejected, more = write(question, found, facts)
    kinds, lacks = shown(lake)
    covered = tuple(Covered(one, kinds, question.first, question.last) for one in question.accounts)
    return Answer(
        rows=rows,
        covered=covered if kinds else (),
        missing=tuple(Missing(one, kind, why) for one in question.accounts for kind, why in lacks),
        hashes=_hashes(question, rows["block"].to_pylist(), facts),
        rejected=rejected,
        notes=(*notes(lake), *more),
    )


def _hashes(question: Question, standing: Sequence[int], facts: Known) -> dict[int, str]:
    told = {number: facts.hashes[number] for number in standing if number in facts.hashes}
    return dict(sorted((told | {question.last: question.last_hash}).items()))


def _read(question: Question, one: Asked, parse: Callable[[bytes], T], body: Callable[[str], bytes]) -> T:
    if one.place != 0:
        raise Malformed(question.provider, "a body has one answer only", ADVICE, one.body)
    try:
        return parse(body(one.body))
    except Bad as error:
        raise Malformed(question.provider, f"a body is none: {error}", ADVICE, one.body) from None
