"""Answer: everything that a book says about an address at a moment, and what it cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations

from chaintrace.labels.category import SANCTIONED, disagree, is_a
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import Unusable, Withdrawal
from chaintrace.labels.span import next_day, seconds


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two labels that cannot both be right. ``about``: ``kind`` (an exchange or a mixer), or ``dates`` (one says that
    it is in force, the other that it is not)."""

    about: str
    one: Label
    other: Label


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said about ``address`` at ``at`` (unix seconds), label by label; conflicts are shown, not resolved.

    ``labels``     in force.
    ``doubtful``   may be in force: the sources do not reach back so far, or had not looked again by then.
    ``outside``    in force at another time only.
    ``elsewhere``  about the same text on another chain than the one asked for.
    ``withdrawn``  taken back by a layer above, and by which withdrawal.
    ``unusable``   rows that would be about this address had they not lost the case of its letters. They are no labels;
                   the list itself has to be looked at.
    ``lists``      every list that was looked through.
    ``speaks_from``  the first day on which a sanctions list among them says who is on it; None where none is there.
    """

    address: str
    chain: str
    at: int
    labels: tuple[Label, ...] = ()
    doubtful: tuple[Label, ...] = ()
    outside: tuple[Label, ...] = ()
    elsewhere: tuple[Label, ...] = ()
    withdrawn: tuple[tuple[Label, Withdrawal], ...] = ()
    unusable: tuple[Unusable, ...] = ()
    lists: tuple[Edition, ...] = ()
    speaks_from: str | None = None

    @property
    def moment(self) -> str:
        """``at`` as ISO-8601 text, UTC."""
        return datetime.fromtimestamp(self.at, UTC).isoformat().replace("+00:00", "Z")

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories in force, sorted."""
        return tuple(sorted({label.category for label in self.labels}))

    def is_a(self, category: str) -> bool | None:
        """Whether a label in force is of a category or below it. None where only a doubtful label or an unusable row
        is there: that is no No. Nor is it one that nobody is known to be sanctioned where no sanctions list was looked
        through, or before the first day of all; an address whose own days are known is False outside them."""
        if any(is_a(label.category, category) for label in self.labels):
            return True
        if self.unusable or any(is_a(label.category, category) for label in self.doubtful):
            return None
        if category == SANCTIONED and not (
            self._spoken_of or any(is_a(one.category, category) for one in self.outside)
        ):
            return None
        return False

    @property
    def sanctioned(self) -> bool | None:
        """``is_a("sanctioned")``: True, False, or None where the lists do not say."""
        return self.is_a(SANCTIONED)

    @property
    def sanctioned_because(self) -> str:
        """What ``sanctioned`` rests on, in words."""
        if self.sanctioned:
            return "a label in force says so"
        if self.sanctioned is False:
            newest = max((one.published for one in self.lists if one.snapshot), default="")
            known = f"as of the list of {newest}" if newest else "as of labels that are not in force"
            return f"{known}; the moment is after it" if newest and self.at >= seconds(next_day(newest)) else known
        if self.unusable or any(is_a(one.category, SANCTIONED) for one in self.doubtful):
            return "a label may be in force, or a row may be about it"
        if self.speaks_from is None:
            return "no sanctions list was looked through"
        return f"the sanctions lists say nothing about the time before {self.speaks_from}"

    @property
    def _spoken_of(self) -> bool:
        return self.speaks_from is not None and self.at >= seconds(self.speaks_from)

    @property
    def conflicts(self) -> tuple[Conflict, ...]:
        """Pairs of labels that contradict each other, in the order of the labels."""
        kinds = [
            Conflict("kind", one, other)
            for one, other in combinations(self.labels, 2)
            if disagree(one.category, other.category)
        ]
        dates = [
            Conflict("dates", one, other)
            for one in self.labels
            for other in self.outside
            if (one.category, one.programme, one.name) == (other.category, other.programme, other.name)
            and one.source != other.source
        ]
        return tuple(kinds + dates)
