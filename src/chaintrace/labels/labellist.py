"""What a reader makes of a list: labels, actors, and every row that it could not use."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaintrace.errors import InputError
from chaintrace.labels.actor import Actor
from chaintrace.labels.category import SANCTIONED
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.span import seconds


@dataclass(frozen=True, slots=True)
class Unusable:
    """A row that is about an address which cannot be known: its ``text``, what is wrong with it, and where it stands.
    It is counted and never matched."""

    text: str
    reason: str
    place: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Somebody takes back what lists below say about an address: labels of ``category`` (or any below it; empty:
    all) of ``source`` (empty: any). What is taken back stays visible. InputError where neither is named: a sanction is
    not taken back by the way."""

    address: str
    category: str = ""
    source: str = ""
    reason: str = ""
    by: str = ""

    def __post_init__(self) -> None:
        if not (self.category or self.source):
            told = "it names neither category nor source"
            raise InputError(f"a withdrawal of {self.address}", told, "name what is taken back")


@dataclass(frozen=True, slots=True)
class LabelList:
    """One edition of one list. Labels and actors carry the edition themselves."""

    edition: Edition
    labels: tuple[Label, ...] = ()
    actors: tuple[Actor, ...] = ()
    unusable: tuple[Unusable, ...] = ()
    withdrawals: tuple[Withdrawal, ...] = ()

    @property
    def name(self) -> str:
        return self.edition.name

    @property
    def speaks_from(self) -> str | None:
        """The first day on which it says which addresses are sanctioned and which are not: the day on which its source
        was first seen. None for what is no whole list of sanctioned addresses, such as own labels."""
        sanctions = [one for one in self.labels if one.category == SANCTIONED]
        if not (self.edition.snapshot and self.edition.published and (sanctions or self.unusable)):
            return None
        seen = [one.since for one in sanctions if one.since and one.since_at_latest]
        return min([self.edition.published, *seen], key=seconds)

    def dated(self, edition: Edition) -> LabelList:
        """The same, as of another edition."""
        return LabelList(
            edition,
            tuple(replace(one, edition=edition) for one in self.labels),
            tuple(replace(one, edition=edition) for one in self.actors),
            self.unusable,
            self.withdrawals,
        )
