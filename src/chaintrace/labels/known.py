"""Known: what a book says about accounts, asked many times about one moment and about the moments of transfers."""

from __future__ import annotations

from bisect import bisect_right
from datetime import UTC, datetime
from typing import NamedTuple

from chaintrace.labels.answer import Answer
from chaintrace.labels.book import LabelBook
from chaintrace.labels.category import SANCTIONED, categories, is_a
from chaintrace.labels.label import Label
from chaintrace.labels.span import next_day, seconds

GRAVE = (SANCTIONED, "illicit")
UNDATED = -1
"""The era of a transfer whose time is not known."""


class Said(NamedTuple):
    """Categories of an account, sorted: in force when a transfer took place, in force at the moment that is asked
    about, and those that may be in force at either, where the list does not say. ``once``: in force at another time
    before that moment, and at neither. ``withdrawn``: grave ones that a layer of the book took back."""

    then: tuple[str, ...] = ()
    now: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    once: tuple[str, ...] = ()
    withdrawn: tuple[str, ...] = ()

    @property
    def every(self) -> tuple[str, ...]:
        """All of them, the gravest first: sanctioned, other standings, kinds; as the tree has them. What is or may be
        in force stands before what was once, and that before what was taken back."""
        sure = {*self.then, *self.now, *self.doubtful}
        parts = (sure, self.once, self.withdrawn)
        return tuple(dict.fromkeys(name for part in parts for name in sorted(part, key=gravity)))


def gravity(category: str) -> tuple[int, str]:
    """Where a category stands: ``sanctioned`` first, then standings, then kinds, as the tree has them; words that are
    not in it last."""
    return _RANKS.get(category, len(_RANKS)), category


_RANKS = {
    one.name: rank
    for rank, one in enumerate(
        sorted(categories().values(), key=lambda one: (one.name != SANCTIONED, one.side != "standing"))
    )
}


class Known:
    """What ``book`` says as of ``at`` (unix seconds). Labels that begin after it are not known yet."""

    def __init__(self, book: LabelBook, at: int) -> None:
        self.book, self.at = book, at
        snapshots = [one.published for one in book.lists if one.snapshot and one.published]
        self._editions = {second for day in snapshots for second in (seconds(day), seconds(next_day(day)))}
        self._answers: dict[str, Answer] = {}
        self._eras: dict[str, list[int]] = {}
        self._said: dict[tuple[str, int], Said] = {}

    def answer(self, account: str) -> Answer:
        """What the book says at ``at``."""
        if account not in self._answers:
            self._answers[account] = self.book.look(account, _iso(self.at))
        return self._answers[account]

    def labels(self, account: str) -> tuple[Label, ...]:
        """Labels that are or may be in force at ``at``, or were before."""
        said = self.answer(account)
        return (*said.labels, *said.doubtful, *(one for one in said.outside if not self._is_to_come(one)))

    def withdrawn(self, account: str) -> tuple[Label, ...]:
        """Grave labels that a layer took back: no longer labels, and still something that was said."""
        taken = (
            label for label, _ in self.answer(account).withdrawn if any(is_a(label.category, one) for one in GRAVE)
        )
        return tuple(label for label in taken if not self._is_to_come(label))

    def name(self, account: str) -> str:
        """What the lists call the account, where one of them has a name for it."""
        told = (*self.labels(account), *self.withdrawn(account))
        return next((label.name for label in told if label.name), "")

    def parties(self, account: str) -> set[tuple[str, str]]:
        """Whom lists name behind the account: (list, the list's own id)."""
        return {(label.source, label.actor) for label in self.labels(account) if label.actor}

    def eras(self, account: str) -> list[int]:
        """The moments at which what is said about an account may change, ascending; empty where it never does."""
        if account not in self._eras:
            told = self.labels(account)
            ends = {seconds(one) for label in told for one in _changes(label)}
            dated = any(label.edition is not None and label.edition.snapshot for label in told)
            self._eras[account] = sorted(ends | self._editions) if dated else sorted(ends)
        return self._eras[account]

    def era(self, account: str, moment: int) -> int:
        """The number of the stretch of time, between two eras, that a moment lies in."""
        return bisect_right(self.eras(account), moment)

    def said(self, account: str, era: int) -> Said:
        """What is said about the account of a transfer in an era (``UNDATED``: at no known time), and at ``at``."""
        key = (account, era)
        if key not in self._said:
            now, then = self.answer(account), self._then(account, era)
            told = [then[0], _names(now.labels), _names(now.doubtful) | then[1]]
            for others in (self.labels(account), self.withdrawn(account)):
                told.append(_names(others).difference(*told))
            self._said[key] = Said(*(tuple(sorted(names)) for names in told))
        return self._said[key]

    def _then(self, account: str, era: int) -> tuple[set[str], set[str]]:
        """Categories in force, and those that may be."""
        eras = self.eras(account)
        if not eras:
            now = self.answer(account)
            return _names(now.labels), _names(now.doubtful)
        if era == UNDATED:
            told = self.labels(account)
            always = [one for one in told if one.since is None and one.until is None and not one.since_at_latest]
            return _names(always), _names(told) - _names(always)
        moment = eras[era - 1] if era else eras[0] - 1
        then = self.book.look(account, _iso(min(moment, self.at)))
        return _names(then.labels), _names(then.doubtful)

    def _is_to_come(self, label: Label) -> bool:
        return label.since is not None and not label.since_at_latest and seconds(label.since) > self.at


def _names(labels: tuple[Label, ...] | list[Label]) -> set[str]:
    return {label.category for label in labels}


def _changes(label: Label) -> list[str]:
    """The days on which what a label says changes."""
    seen = label.last_seen
    return [one for one in (label.since, label.until, seen and next_day(seen)) if one]


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()
