"""What lists say about an address, and which lists these are, on a terminal and as plain values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.console import Group, RenderableType

from chaintrace.labels.answer import Answer
from chaintrace.labels.book import LabelBook
from chaintrace.labels.edition import STALE_DAYS, Edition
from chaintrace.labels.label import COLUMNS, Label
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
    return Group(*parts, plain(f"Looked through: {lists_line(answer.lists, today)}."))


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
