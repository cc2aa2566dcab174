"""Notes in a few words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from chaintrace.heuristics.findings import Findings, findings
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.heuristics.tornado.pools import pool_named
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool
from tests.heuristics.ledger import HOUR, START, address

HUNDRED, ONE, TENTH = (pool_named(f"1_eth_{much}") for much in ("100", "1", "0.1"))
BLOCK = 14_500_000


def paid(who: str, at: int = 0, pool: Pool = HUNDRED, **more: Any) -> Note:
    """``at``: hours after the start."""
    return made("deposit", who, at, pool, **more)


def taken(who: str, at: int = 0, pool: Pool = HUNDRED, **more: Any) -> Note:
    return made("withdrawal", who, at, pool, **more)


def made(kind: Any, who: str, at: int, pool: Pool, **more: Any) -> Note:
    tx = more.pop("tx", f"{kind} {who} {at} {pool.denomination}")
    note = Note(pool, kind, address(who), START + at * HOUR, BLOCK + at, "0x" + address(tx)[2:].ljust(64, "0"), None)
    return replace(note, **more)


def numbered(notes: Iterable[Note]) -> list[Note]:
    """The same notes; deposits have their leaves, pool by pool in order."""
    leaves: dict[Pool, int] = {}
    found = []
    for note in sorted(notes, key=lambda one: one.time):
        if note.kind == "deposit":
            leaves[note.pool] = leaves.get(note.pool, -1) + 1
            note = replace(note, leaf=leaves[note.pool])
        found.append(note)
    return found


def ask(notes: Iterable[Note], rule: str, **options: Any) -> Findings:
    return findings(Notes.of(notes), only=f"tornado-{rule}", **options)
