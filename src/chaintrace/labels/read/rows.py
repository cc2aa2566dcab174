"""Rows: what readers of sanctions lists share, from an address as written to a label."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from chaintrace.errors import ListError, UserError
from chaintrace.labels.account import canonical, chain_named, locate
from chaintrace.labels.actor import Actor
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList, Unusable
from chaintrace.labels.span import day, seconds

DIGITAL = re.compile(r"Digital Currency Address - ([A-Z0-9]{2,12})\b")
_ISO_DATE = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?(?:Z|[+-]\d{2}:?\d{2})?", re.ASCII)
_US_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})", re.ASCII)


@dataclass
class Rows:
    """A list being read. ``told`` holds labels and actors without their edition, which is known at the end."""

    source: str
    labels: dict[Label, None] = field(default_factory=dict)
    actors: list[Actor] = field(default_factory=list)
    unusable: list[Unusable] = field(default_factory=list)
    entries: int = 0

    def address(self, text: str, ticker: str, label: Label, place: str) -> None:
        """A label like ``label`` about an address as the list writes it, or a row that cannot be used."""
        try:
            chain, address = locate(text, ticker)
        except UserError as error:
            reason = getattr(error, "reason", error.message)
            self.unusable.append(Unusable(text.strip()[:200], str(reason), place, label.name))
            return
        self.labels[replace(label, address=address, chain=chain)] = None

    def ready(self, label: Label, place: str) -> None:
        """A label that is whole already, if its address is one and its dates are days."""
        try:
            for moment in (label.since, label.until, label.last_seen):
                if moment is not None:
                    seconds(moment)
            self.labels[replace(label, address=canonical(label.address, chain_named(label.chain)))] = None
        except UserError as error:
            self.unusable.append(Unusable(label.address[:200], error.message, place, label.name))

    def done(self, edition: Edition) -> LabelList:
        """The whole list; what is equal is there once."""
        labels = tuple(replace(one, edition=edition) for one in self.labels)
        actors = tuple(replace(one, edition=edition) for one in self.actors)
        return LabelList(edition, labels, actors, tuple(self.unusable))


def iso_date(text: str, place: str) -> str:
    """A day as ISO text from ISO text, with or without a time; the day is the list's own. ListError otherwise."""
    match = _ISO_DATE.fullmatch(text.strip())
    try:
        return day(match[1] if match else "").isoformat()
    except UserError:
        raise ListError(place, f"{text[:40]!r} is no date", "write it as 2026-08-20, or fetch the list again") from None


def us_date(text: str, place: str) -> str:
    """A day as ISO text from the text of the SDN list (08/20/2026), or from ISO text. ListError otherwise."""
    match = _US_DATE.fullmatch(text.strip())
    return iso_date(f"{match[3]}-{match[1]}-{match[2]}" if match else text, place)


def must_be_dated(published: str, name: str) -> str:
    """A list that does not say its date has to be given one: a date left out would make every answer undated."""
    if not published:
        raise ListError(name, "it does not say when it was published", "say it: published=, or --published DATE")
    return iso_date(published, name)


def joined(parts: Iterable[str]) -> str:
    """Words with one space between them."""
    return " ".join(part for part in (one.strip() for one in parts) if part)
