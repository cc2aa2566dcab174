"""Kept: a page as the store tells of it."""

from __future__ import annotations

from dataclasses import dataclass

from chaintrace.model.page import Asked, Question


@dataclass(frozen=True, slots=True)
class Kept:
    """A page that was committed.

    ``question``    what was asked; ``asked`` the calls that answered it, in order.
    ``digest``      SHA-256 of the answer.
    ``kept_until``  the last block for which the page still counts: that of the question, or lower after a reorg.
    """

    question: Question
    asked: tuple[Asked, ...]
    digest: str
    kept_until: int


@dataclass(frozen=True, slots=True)
class Orphan:
    """A reorg that was found: ``rows`` above ``block`` that ``provider`` had told count no more. ``page``: the number
    of the first page that was committed afterwards."""

    provider: str
    block: int
    rows: int
    page: int


def again(question: Question) -> str:
    """What to fetch again, as advice."""
    named = [*question.accounts, *question.transactions]
    more = f" and {len(named) - 5:,} more" if len(named) > 5 else ""
    who = ", ".join(map(plain, named[:5])) + more
    return (
        f"restore the file from a copy, or start a new store and ask {plain(question.provider)} again "
        f"for {who} in blocks {question.first} to {question.last}"
    )


def plain(text: str) -> str:
    """Text of unknown origin in one line of printable characters."""
    return text if text.isprintable() else ascii(text)[1:-1]
