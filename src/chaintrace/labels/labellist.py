"""What a reader makes of a list: labels, actors, and every row that it could not use."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chaintrace.labels.actor import Actor
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label


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
    all) of ``source`` (empty: any). What is taken back stays visible."""

    address: str
    category: str = ""
    source: str = ""
    reason: str = ""
    by: str = ""


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

    def dated(self, edition: Edition) -> LabelList:
        """The same, as of another edition."""
        return LabelList(
            edition,
            tuple(replace(one, edition=edition) for one in self.labels),
            tuple(replace(one, edition=edition) for one in self.actors),
            self.unusable,
            self.withdrawals,
        )
