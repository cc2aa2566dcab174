"""What lists say about an address, and which lists these are, on a terminal and as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType

from chaintrace.labels.actor import Actor
from chaintrace.labels.answer import Answer
from chaintrace.labels.book import LabelBook
from chaintrace.labels.edition import STALE_DAYS, Edition
from chaintrace.labels.heists import StatedHeist
from chaintrace.labels.label import COLUMNS, Label
from chaintrace.labels.span import seconds
from chaintrace.model.address import format_address
from chaintrace.report.escape import plain
from chaintrace.report.figures import count
from chaintrace.report.table import make_table

HEADS = ("category", "name", "programme", "from", "until", "source", "list of")
SANCTIONED = {
    True: "On a sanctions list at that moment",
    False: "On none of these sanctions lists at that moment",
    None: "Whether it was on a sanctions list at that moment is not known",
}


def answer_view(answer: Answer, today: str) -> RenderableType:
    """Labels in force, then everything that is in doubt, at another time, or taken back, and the dates of the lists."""
    parts: list[RenderableType] = [plain(f"{_written(answer.address)} at {answer.moment}", "bold")]
    parts.append(plain(f"{SANCTIONED[answer.sanctioned]}: {answer.sanctioned_because}."))
    if answer.moment[: len(today)] > today:
        parts.append(plain("That moment is yet to come: this is what is known today."))
    for title, labels in (
        ("In force", answer.labels),
        ("Perhaps in force: the lists do not reach so far", answer.doubtful),
        ("At another time", answer.outside),
        ("On another chain", answer.elsewhere),
    ):
        parts += [_table(title, labels)] if labels else []
    if not (answer.labels or answer.doubtful):
        parts.append(plain("No label is in force."))
    parts += [
        plain(
            f"Withdrawn by {one.by}: {label.category} of {label.source or 'nobody named'} ({one.reason or 'no reason'})"
        )
        for label, one in answer.withdrawn
    ]
    parts += [
        plain(f"A row that cannot be used may be about it: {row.text} ({row.name}, {row.place}): {row.reason}")
        for row in answer.unusable
    ]
    parts += [
        plain(f"These contradict each other ({one.about}): {_who(one.one)} and {_who(one.other)}")
        for one in answer.conflicts
    ]
    parts += behind_lines(answer)
    return Group(*parts, plain(f"Looked through: {lists_line(answer.lists, today)}."))


def behind_lines(answer: Answer) -> list[RenderableType]:
    """Whom the labels name, with the day of each regime, and the thefts that the address belongs to."""
    parts: list[RenderableType] = []
    names: dict[str, list[str]] = {}
    for actor in answer.actors:
        names.setdefault(actor.name, []).append(_regime(actor, answer.at))
    parts += [plain(f"{name} is listed by {'; by '.join(regimes)}.") for name, regimes in names.items()]
    return [*parts, *theft_lines(answer.thefts, answer.at)]


def found_view(name: str, actors: Sequence[Actor], thefts: Sequence[StatedHeist], at: int) -> RenderableType:
    """Everybody of a name, a line for each regime that lists them, and the thefts that are ascribed to them."""
    if not actors and not thefts:
        return plain(f"No list names {name}, and no theft is ascribed to it.")
    table = make_table("Listed", "name", "by", "programme", "from", "until", "reference")
    for one in actors:
        begin = f"{'by ' if one.since_at_latest else ''}{one.since or '–'}"
        table.add_row(one.name, one.source, one.programme, begin, one.until or "–", one.reference)
    return Group(*([table] if actors else []), *theft_lines(thefts, at))


def theft_lines(thefts: Iterable[StatedHeist], at: int) -> list[RenderableType]:
    """A sentence for each stated theft."""
    return [
        plain(f"{one.attributed_by}, {one.attributed_on}{_later(one.attributed_on, at)}: {_stated(one)}.")
        for one in thefts
    ]


def behind_dict(answer: Answer) -> dict[str, Any]:
    """The same as plain values."""
    return found_dict(answer.actors, answer.thefts)


def found_dict(actors: Iterable[Actor], thefts: Iterable[StatedHeist]) -> dict[str, Any]:
    """Actors and stated thefts as plain values."""
    told = [{name: value for name, value in asdict(one).items() if name != "edition"} for one in actors]
    return {"actors": told, "thefts": [asdict(one) for one in thefts]}


def lists_line(lists: tuple[Edition, ...], today: str) -> str:
    """``ofac of 2026-08-20 (747), …``; a list older than it may be is called stale."""
    return ", ".join(
        f"{one.name} of {one.published or 'no date'} ({one.count:,}{', stale' if one.stale(today) else ''})"
        for one in lists
    )


def lists_view(book: LabelBook, today: str) -> RenderableType:
    """Every list with its date, age, counts and SHA-256."""
    table = make_table(f"Lists, on {today}", "list", "date", "age", "entries", "labels", "actors", "unusable", "sha256")
    for layer in book.layers:
        one, age = layer.edition, layer.edition.age(today)
        told = "–" if age is None else f"{count(age, 'day')}{', stale' if one.stale(today) else ''}"
        figures = (one.count, len(layer.labels), len(layer.actors), len(layer.unusable))
        table.add_row(one.name, one.published or "–", told, *(f"{each:,}" for each in figures), one.sha256 or "–")
    stale = [one.name for one in _newest(book.lists) if one.stale(today)]
    parts: list[RenderableType] = [table]
    if stale:
        told = f"Older than {STALE_DAYS} days: {', '.join(stale)}. chaintrace labels update fetches new editions."
        parts.append(plain(told))
    return Group(*parts)


def answer_dict(answer: Answer, today: str) -> dict[str, Any]:
    """The same as plain values."""
    return {
        "address": answer.address,
        "chain": answer.chain,
        "at": answer.moment,
        "sanctioned": answer.sanctioned,
        "because": answer.sanctioned_because,
        "categories": list(answer.categories),
        **{
            part: [label_dict(one) for one in getattr(answer, part)]
            for part in ("labels", "doubtful", "outside", "elsewhere")
        },
        "withdrawn": [{"label": label_dict(label), "by": asdict(one)} for label, one in answer.withdrawn],
        "unusable": [asdict(row) for row in answer.unusable],
        **behind_dict(answer),
        "conflicts": [
            {"about": one.about, "one": label_dict(one.one), "other": label_dict(one.other)} for one in answer.conflicts
        ],
        "lists": [edition_dict(one, today) for one in answer.lists],
    }


def label_dict(label: Label) -> dict[str, Any]:
    """A label as plain values, its list by name and date."""
    told = {name: getattr(label, name) for name in COLUMNS}
    edition = label.edition
    return told | {"list": edition.name if edition else "", "published": edition.published if edition else ""}


def edition_dict(edition: Edition, today: str) -> dict[str, Any]:
    """An edition as plain values, with its age in days."""
    return asdict(edition) | {"age": edition.age(today), "stale": edition.stale(today)}


def _newest(lists: tuple[Edition, ...]) -> list[Edition]:
    """Of each list the last edition in the book."""
    return list({one.name: one for one in sorted(lists, key=lambda one: one.published)}.values())


def _regime(actor: Actor, at: int) -> str:
    """``US OFAC from 2019-09-13 (E.O. 13722)``"""
    begin = f" from {'at the latest ' if actor.since_at_latest else ''}{actor.since}" if actor.since else ""
    end = f" to {actor.until}" if actor.until else ""
    later = _later(actor.since, at) if not actor.since_at_latest else ""
    return f"{actor.source}{begin}{end}{f' ({actor.programme})' if actor.programme else ''}{later}"


def _stated(one: StatedHeist) -> str:
    what = f"the theft from {one.heist}" if one.date else one.heist
    when = f", {one.date}" if one.date else ""
    whom = f"{'perhaps by' if one.claim == 'perhaps' else 'by'} {' / '.join(one.actors)}"
    tie = f"; its address by {one.accounts_origin}" if one.accounts else "; no address of it is in our sources"
    return f"{what}{when}, stated as {one.amount}, {whom} ({one.stated_in}); {one.checked}{tie}"


def _later(day: str | None, at: int) -> str:
    return ", after that moment" if day and seconds(day) > at else ""


def _table(title: str, labels: tuple[Label, ...]) -> RenderableType:
    table = make_table(title, *HEADS)
    for one in labels:
        begin = (
            f"{'by ' if one.since_at_latest else ''}{one.since or ('an unknown day' if one.since_at_latest else '–')}"
        )
        table.add_row(one.category, one.name or one.role, one.programme, begin, _end(one), one.source, _of(one))
    return table


def _end(label: Label) -> str:
    if label.last_seen is None:
        return label.until or "–"
    return f"{label.last_seen} to {label.until}" if label.until else f"{label.last_seen} or later"


def _of(label: Label) -> str:
    return f"{label.edition.name} {label.edition.published}" if label.edition else "–"


def _who(label: Label) -> str:
    return f"{label.category} ({label.source or 'nobody named'})"


def _written(address: str) -> str:
    return format_address(address)
