"""Links and rows of notes: where rows show what a finding is about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chaintrace.graph.link import Link
from chaintrace.heuristics.finding import Finding, RowId
from chaintrace.heuristics.rows import Rows
from chaintrace.heuristics.tornado.notes import Columns
from chaintrace.heuristics.tornado.payments import payments
from chaintrace.model.note import Note

Pair = tuple[int, int]
"""A deposit and a withdrawal, by their numbers among the notes."""


def finding(
    rows: Rows,
    subject: str,
    claim: str,
    notes: Sequence[int],
    confidence: int,
    evidence: Mapping[str, Any],
    *,
    pairs: Iterable[Pair] = (),
    also: Iterable[RowId] = (),
    doubt: str = "",
) -> Finding:
    """A finding about notes, and ``also`` rows that are none. Where rows show both ends of a pair, it carries the link
    from one to the other."""
    columns, also = rows.notes.columns, tuple(also)
    hashes = tuple(dict.fromkeys([*(columns.notes[n].tx_hash for n in notes), *(row[0] for row in also)]))
    shown = tuple(dict.fromkeys([*(row for n in notes for row in rows_of(rows).get(n, ())), *also]))
    links = tuple(_links(rows, claim, pairs))
    return Finding(subject, claim, hashes, confidence, evidence, shown, links, doubt=doubt)


def rows_of(rows: Rows) -> Mapping[int, tuple[RowId, ...]]:
    """Of each note the rows that moved it, where they are here."""
    return rows.once("rows of notes", lambda: _rows_of(rows, rows.notes.columns))


def _rows_of(rows: Rows, columns: Columns) -> dict[int, tuple[RowId, ...]]:
    if not len(rows.moves):
        return {}
    waiting: dict[tuple[str, ...], list[tuple[int, ...]]] = {}
    for one in payments(rows.moves, columns.pools).placed:
        waiting.setdefault(_key(one.note), []).append(one.rows)
    found = {}
    for number, note in enumerate(columns.notes):
        if places := waiting.get(_key(note)):
            found[number] = tuple(rows.moves.row(n) for n in places.pop(0))
    return found


def _key(note: Note) -> tuple[str, ...]:
    return note.pool.chain, note.pool.address, note.tx_hash, note.kind, "" if note.kind == "deposit" else note.account


def _links(rows: Rows, claim: str, pairs: Iterable[Pair]) -> Iterable[Link]:
    where, notes = rows_of(rows), rows.notes.columns.notes
    for paid, taken in pairs:
        if paid in where and taken in where:
            name = f"note {notes[paid].tx_hash} to {notes[taken].tx_hash}, {taken}"
            yield Link(where[paid], where[taken], id=name, kind="mixer", basis="inferred", evidence=claim)
