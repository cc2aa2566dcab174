"""Changes to a ledger that a law says do not matter, with the row numbers that go with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from random import Random

from tests.oracle.words import Answer, Question, Row, Rows, Since


def shuffled(rows: list[Row], luck: Random) -> list[Row]:
    """Another reading order; rows of one place keep theirs, since nothing else says which came first."""
    order = list(range(len(rows)))
    luck.shuffle(order)
    waiting = {place: [row for row in rows if row.place == place] for place in {row.place for row in rows}}
    return [waiting[rows[i].place].pop(0) for i in order]


def with_extra(rows: list[Row], extra: list[tuple[int, Row]]) -> tuple[list[Row], dict[int, int]]:
    """Rows with others just after row ``at`` (0: first), at the same place; and old number -> new number.

    Opening balances stay first.
    """
    opening = sum(row.kind == "opening" for row in rows)
    extra = [(max(at, opening), row) for at, row in extra]
    new: list[Row] = []
    number: dict[int, int] = {}
    for at in range(len(rows) + 1):
        if at:
            number[at - 1] = len(new)
            new.append(rows[at - 1])
        before = rows[at - 1] if at else rows[0]
        if before.kind == "opening":
            before = before._replace(block=1, place=before.place + 1)
        new += [row._replace(block=before.block, place=before.place) for where, row in extra if where == at]
    return new, number


def without(rows: list[Row], gone: set[int]) -> tuple[list[Row], dict[int, int]]:
    """Rows without some, and old number -> new number of the others."""
    kept = [i for i in range(len(rows)) if i not in gone]
    return [rows[i] for i in kept], {old: new for new, old in enumerate(kept)}


def renumbered(question: Question, number: Mapping[int, int]) -> Question:
    """The same question about rows that now have other numbers."""
    seeds = [Rows(tuple(number[i] for i in seed.rows)) if isinstance(seed, Rows) else seed for seed in question.seeds]
    return question.but(seeds=tuple(seeds))


def as_numbered(answer: Answer, number: Mapping[int, int]) -> Answer:
    """The answer with row numbers as they were; a row that was not there before shows as -1."""
    old = {new: was for was, new in number.items()}
    tainted = Counter({(old.get(row, -1), seed): amount for (row, seed), amount in answer.tainted.items()})
    return Answer(answer.seeded, answer.ledger, tainted, answer.held, answer.exits)


def renamed(rows: list[Row], question: Question, names: Mapping[str, str]) -> tuple[list[Row], Question]:
    new = [row._replace(sender=names.get(row[0] or ""), receiver=names.get(row[1] or "")) for row in rows]
    seeds = [seed._replace(account=names[seed.account]) if isinstance(seed, Since) else seed for seed in question.seeds]
    stops = {names[account]: category for account, category in question.stops.items()}
    covered = None if question.covered is None else frozenset(names[account] for account in question.covered)
    return new, question.but(seeds=tuple(seeds), stops=stops, covered=covered)


def renamed_answer(answer: Answer, names: Mapping[str, str]) -> Answer:
    held = Counter({(names[account], *rest): n for (account, *rest), n in answer.held.items()})
    exits = Counter({(kind, names[account], *rest): n for (kind, account, *rest), n in answer.exits.items()})
    return Answer(answer.seeded, answer.ledger, answer.tainted, held, exits)
