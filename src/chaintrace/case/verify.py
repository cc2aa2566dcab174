"""Verify: every figure of a case derived again from its evidence, offline, and compared."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from chaintrace.case.range import kept_range
from chaintrace.case.result import INPUTS, RESULT, canonical, inputs, result
from chaintrace.errors import CaseError, ChaintraceError, ProviderError
from chaintrace.fetch.doors import decode
from chaintrace.model.page import Answer, row_lines
from chaintrace.store.kept import Kept
from chaintrace.store.store import Store

if TYPE_CHECKING:
    from chaintrace.case.case import Case


@dataclass(frozen=True, slots=True)
class Differs:
    """Something that does not come out again. ``where`` names the page, row or figure; ``kept`` and ``derived`` are
    what was kept and what the evidence says, as text; empty where there is nothing."""

    what: str
    where: str
    kept: str
    derived: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was derived again: ``pages`` and ``responses`` of evidence, ``rows``, ``figures`` of the result; and the
    ``differences``. ``digest``: of everything that is kept."""

    pages: int
    responses: int
    rows: int
    figures: int
    differences: tuple[Differs, ...]
    digest: str

    @property
    def same(self) -> bool:
        return not self.differences


def verify(case: Case) -> Verified:
    """See ``Case.verify``."""
    store = case.store
    if store is None:
        raise CaseError(case.name, "has no evidence to derive it from", "only cases that were fetched can be verified")
    pages = store.pages()
    found: list[Differs] = []
    derived: dict[str, list[tuple[Kept, Answer]]] = {}
    for kept in pages:
        try:
            answer = decode(kept.question, kept.asked, store.body)
        except ProviderError as error:
            found.append(Differs("page", _name(kept), kept.digest, error.message))
            continue
        derived.setdefault(kept.question.provider, []).append((kept, answer))
        if answer.digest != kept.digest:
            found.append(Differs("page", _name(kept), kept.digest, answer.digest))
    rows = 0
    for provider, answers in derived.items():
        table = store.rows(provider)
        rows += table.num_rows
        found += _rows_differ(provider, table, answers)
    found += _range_differs(store)
    figures, differing = _figures(case, store)
    bodies = len({one.body for kept in pages for one in kept.asked})
    return Verified(len(pages), bodies, rows, figures, (*found, *differing), store.digest())


def _range_differs(store: Store) -> Iterator[Differs]:
    """The blocks that the case is about are those that its pages were asked for."""
    where = kept_range(store)
    if where is None:
        return
    told = {(one.question.since, one.question.last_hash) for one in store.pages() if one.question.last == where.last}
    if told and told != {(where.first, where.last_hash)}:
        yield Differs("range", f"blocks {where.first} to {where.last}", where.last_hash, str(sorted(told)))
    for provider in store.providers():
        beyond = [one for one in store.covered(provider) if one.first < where.first]
        if beyond or store.hashes(provider).get(where.last, where.last_hash) != where.last_hash:
            yield Differs("range", provider, f"blocks {where.first} to {where.last}", "its pages say otherwise")


def _name(kept: Kept) -> str:
    question = kept.question
    who = ", ".join((*question.accounts, *question.transactions)[:3])
    return f"{question.provider}, {who}, blocks {question.first} to {question.last}"


def _rows_differ(provider: str, table: pa.Table, answers: list[tuple[Kept, Answer]]) -> Iterator[Differs]:
    """Rows that are kept and not derived, or the other way round."""
    told: dict[tuple[str, str], str] = {}
    for kept, answer in answers:
        lines = row_lines(answer.rows)
        for line, block, identity in zip(
            lines, answer.rows["block"].to_pylist(), _identities(answer.rows), strict=True
        ):
            if block <= kept.kept_until:
                told.setdefault(identity, line)
    there, derived = Counter(row_lines(table)), Counter(told.values())
    for line in (there - derived).elements():
        yield Differs("row", provider, line, "")
    for line in (derived - there).elements():
        yield Differs("row", provider, "", line)


def _identities(table: pa.Table) -> Iterator[Any]:
    return zip(*(table.column(name).to_pylist() for name in ("chain", "tx_hash", "kind", "seq")), strict=True)


def _figures(case: Case, store: Store) -> tuple[int, list[Differs]]:
    kept = store.get(RESULT)
    if kept is None:
        return 0, [
            Differs("result", case.name, "", "the case was not fetched to an end; fetch goes on where it stopped")
        ]
    before, now = json.loads(store.get(INPUTS) or "{}"), inputs(case)
    found = [
        Differs("question", name, before.get(name, ""), now.get(name, ""))
        for name in sorted({*before, *now})
        if before.get(name) != now.get(name)
    ]
    try:
        derived = json.loads(canonical(result(case)))
    except ChaintraceError as error:
        return 0, [*found, Differs("result", case.name, "", error.message)]
    figures = list(_compared(json.loads(kept), derived, "result"))
    return len(figures), [*found, *(one for one in figures if one.kept != one.derived)]


def _compared(kept: Any, derived: Any, where: str) -> Iterator[Differs]:
    """Every single value of two results, side by side."""
    if isinstance(kept, dict) and isinstance(derived, dict):
        for name in sorted({*kept, *derived}):
            yield from _compared(kept.get(name), derived.get(name), f"{where}.{name}")
    elif isinstance(kept, list) and isinstance(derived, list):
        for n in range(max(len(kept), len(derived))):
            one, other = (told[n] if n < len(told) else None for told in (kept, derived))
            yield from _compared(one, other, f"{where}[{n}]")
    else:
        yield Differs("figure", where, canonical(kept), canonical(derived))
