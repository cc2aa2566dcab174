"""Check: everything that is kept, read and compared with its hashes.

Rows and what stands beside them are put together into answers again, so that a changed bit anywhere shows in the
digest of its page; seals cover the rest. Pages never change, so they are read a few at a time, and a writer may come
in between.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from chaintrace.errors import ChaintraceError, StoreDamaged
from chaintrace.model.page import Asked, Question
from chaintrace.store import faults, migrate, schema, seal, told
from chaintrace.store.base import Base, Con
from chaintrace.store.evidence import Evidence
from chaintrace.store.kept import again

_ROWS_AT_ONCE = 200_000
_ODD = (ValueError, TypeError, LookupError, AttributeError, ArithmeticError, pa.ArrowException)


@dataclass(frozen=True)
class _Page:
    number: int
    id: str
    provider: str
    chain: str
    last: int
    text: str
    digest: str
    seal: str
    question: Question
    rows: int


@dataclass(frozen=True)
class _State:
    pages: list[_Page]
    asked: dict[int, tuple[Asked, ...]]
    bodies: dict[int, tuple[tuple[str, int, int], ...]]
    orphans: list[Any]
    settings: list[Any]
    changes: int
    seal: str


def check(base: Base, evidence: Evidence, least: tuple[int, str]) -> None:
    """``StoreDamaged`` when anything is not what was kept. ``least``: changes and seal that the store had come to."""
    file = str(base.file)
    try:
        state = base.read(lambda con: _state(con, file))
        _check_state(state, least, file)
        for first, last in _spans(state.pages):
            _check_answers(base, state.pages[first - 1 : last], file)
    except ChaintraceError as error:
        if isinstance(error, ValueError):
            raise StoreDamaged(file, f"it holds what was never kept: {error.message}", faults.COPY) from error
        raise
    except _ODD as error:
        raise StoreDamaged(file, f"it holds what was never kept: {type(error).__name__}", faults.COPY) from error
    _check_evidence(state, evidence)


def _state(con: Con, file: str) -> _State:
    migrate.refuse(file, migrate.version(con))
    schema.check(con, file)
    counted = dict(con.execute("SELECT page, count(*) FROM rows GROUP BY page").fetchall())
    found = con.execute(
        "SELECT page, id, provider, chain, last, question, digest, seal FROM pages ORDER BY page"
    ).fetchall()
    pages = [_made(line, counted) for line in found]
    if [page.number for page in pages] != list(range(1, len(pages) + 1)):
        raise StoreDamaged(file, "pages are missing", faults.COPY)
    for name in schema.PAGED:
        if con.execute(f"SELECT 1 FROM {name} WHERE page NOT BETWEEN 1 AND ? LIMIT 1", [len(pages)]).fetchall():
            raise StoreDamaged(file, f"the table {name} speaks of a page that is not there", faults.COPY)
    changes, sealed = con.execute("SELECT changes, seal FROM state").fetchall()[0]
    return _State(
        pages,
        told.by_page(con, "asked", "n, call, body, place, lasting", told.as_asked),
        told.by_page(con, "bodies", "sha256, sha256, size, asked_at", lambda line: (line[0], line[1], line[2])),
        seal.orphans(con),
        seal.settings(con),
        changes,
        sealed,
    )


def _made(line: tuple[Any, ...], counted: dict[int, int]) -> _Page:
    number, name, provider, chain, last, text, digest, sealed = line
    question = Question.from_json(text)
    return _Page(number, name, provider, chain, last, text, digest, sealed, question, counted.get(number, 0))


def _check_state(state: _State, least: tuple[int, str], file: str) -> None:
    before = ""
    for page in state.pages:
        asked, bodies = state.asked.get(page.number, ()), state.bodies.get(page.number, ())
        before = seal.of_page(before, page.text, page.digest, asked, bodies)
        told_twice = (page.question.id, page.question.provider, page.question.chain, page.question.last)
        if before != page.seal or told_twice != (page.id, page.provider, page.chain, page.last):
            raise _damaged(page, file)
    if state.seal != seal.of_state(state.changes, before, state.orphans, state.settings):
        raise StoreDamaged(file, "reorgs or settings are not what was kept", faults.COPY)
    if state.changes < least[0] or (state.changes == least[0] and state.seal != least[1]):
        raise StoreDamaged(file, "it fell back: the last changes are lost", faults.COPY)


def _check_answers(base: Base, pages: list[_Page], file: str) -> None:
    answers = base.read(lambda con: told.answers(con, pages[0].number, pages[-1].number))
    for page in pages:
        if answers[page.number].digest != page.digest:
            raise _damaged(page, file)


def _spans(pages: list[_Page]) -> Iterator[tuple[int, int]]:
    """Numbers of the first and last of pages that are read at once."""
    first, rows = 1, 0
    for page in pages:
        rows += page.rows
        if rows >= _ROWS_AT_ONCE or page.number - first >= 1000:
            yield first, page.number
            first, rows = page.number + 1, 0
    if first <= len(pages):
        yield first, len(pages)


def _check_evidence(state: _State, evidence: Evidence) -> None:
    for number, bodies in sorted(state.bodies.items()):
        advice = again(state.pages[number - 1].question)
        for digest, size, _ in bodies:
            evidence.check(digest, size, advice)


def _damaged(page: _Page, file: str) -> StoreDamaged:
    return StoreDamaged(file, f"page {page.number} is not what was kept", again(page.question))
