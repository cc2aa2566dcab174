"""Answer: everything that a book says about an address at a moment, and what it cannot say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations

from chaintrace.labels.actor import Actor
from chaintrace.labels.category import SANCTIONED, disagree, is_a
from chaintrace.labels.edition import Edition
from chaintrace.labels.heists import StatedHeist, stated_about
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
    ``actors``     whom sanctions lists name as those labels (in force or doubtful, a standing) do, of every regime and
                   time.
    ``lists``      every list that was looked through.
    ``speaks``     the first day on which each sanctions list among them, by name, says who is on it.
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
    actors: tuple[Actor, ...] = ()
    lists: tuple[Edition, ...] = ()
    speaks: tuple[tuple[str, str], ...] = ()

    @property
    def moment(self) -> str:
        """``at`` as ISO-8601 text, UTC."""
        return datetime.fromtimestamp(self.at, UTC).isoformat().replace("+00:00", "Z")

    @property
    def thefts(self) -> tuple[StatedHeist, ...]:
        """Stated thefts one of whose accounts it is, by lists of ours; also those stated after ``at``."""
        return stated_about(self.address)

    @property
    def speaks_from(self) -> str | None:
        """The first day on which a sanctions list says who is on it; None where none is there."""
        return min((day for _, day in self.speaks), key=seconds, default=None)

    @property
    def silent(self) -> tuple[str, ...]:
        """Sanctions lists that say nothing about ``at``, since they begin later: that an address is on none is said
        without them."""
        return tuple(name for name, day in self.speaks if self.at < seconds(day))

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
            return self._none_of
        if self.unusable or any(is_a(one.category, SANCTIONED) for one in self.doubtful):
            return "a label may be in force, or a row may be about it"
        if self.speaks_from is None:
            return "no sanctions list was looked through"
        return f"the sanctions lists say nothing about the time before {self.speaks_from}"

    @property
    def _none_of(self) -> str:
        """The lists that speak of the moment, by name and date, and those that do not."""
        speaking = {name for name, day in self.speaks if self.at >= seconds(day)}
        newest = {one.name: one.published for one in sorted(self.lists, key=_published) if one.snapshot}
        told = {name: day for name, day in newest.items() if name in speaking}
        own = [one for one in self.outside if is_a(one.category, SANCTIONED)]
        parts = [f"as of {' and '.join(f'{name} of {day}' for name, day in told.items())}"] if told else []
        if any(self.at >= seconds(next_day(day)) for day in told.values()):
            parts.append("the moment is after it" if len(told) == 1 else "the moment is after one of them")
        if own:
            parts.append(f"its own days there: {', '.join(dict.fromkeys(map(_days, own)))}")
        if self.silent and told:
            parts.append(f"{', '.join(self.silent)} does not reach back so far")
        return "; ".join(parts)

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


def _days(label: Label) -> str:
    begin = f"from {label.since}" if label.since else ""
    return f"{begin}{f' to {label.until}' if label.until else ''}".strip() or "not said"


def _published(edition: Edition) -> int:
    return seconds(edition.published) if edition.published else 0
