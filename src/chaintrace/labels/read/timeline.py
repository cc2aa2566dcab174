"""Timelines: tables that say from when until when each address stood on a list."""

from __future__ import annotations

import csv
from collections.abc import Callable

from chaintrace.errors import ListError
from chaintrace.labels.category import SANCTIONED
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import WORDS, Label
from chaintrace.labels.labellist import LabelList, Unusable
from chaintrace.labels.read.rows import Rows, iso_date
from chaintrace.labels.read.source import Source
from chaintrace.labels.span import next_day

BY = "<="
Row = dict[str, str]
Times = tuple[str, bool, str | None, str]
"""Since, whether that is at the latest, until, and the last day on which it was seen."""


def read_timeline(source: Source, published: str = "", *, name: str = "ofac", by: str = "") -> LabelList:
    """Three forms, known by their columns: ``first_seen_commit_date`` (a mirror's history: an address was on the list
    by then), ``first_seen_sdn_date`` (the list's own dates, ``<=`` before one that may be too late), and plain
    ``since``, ``until``. A row that says ``address_case_ok`` 0 is unusable."""
    reader = csv.DictReader(source.text().splitlines())
    heads = set(reader.fieldnames or ())
    times = next((read for column, read in _FORMS.items() if column in heads), None)
    if times is None or "address" not in heads:
        raise ListError(source.name, "it is no timeline", "it needs address, since, until")
    rows, newest = Rows(by or _SOURCES.get(name, name)), ""
    for row in reader:
        rows.entries += 1
        place = f"line {reader.line_num}"
        if None in row or None in row.values():
            raise ListError(f"{source.name}, {place}", "it has not as many cells as columns", "fetch it again")
        newest = max(newest, _row(rows, row, times, f"{source.name}, {place}", place))
    edition = Edition(name, published or newest, source.sha256, rows.entries, source.name, snapshot=True)
    return rows.done(edition)


def _row(rows: Rows, row: Row, times: Callable[[Row, str], Times], where: str, place: str) -> str:
    since, at_latest, until, seen = times(row, where)
    entity, uid = row.get("entity") or row.get("name") or "", row.get("sdn_uid", "")
    if row.get("address_case_ok", "1") != "1":
        rows.unusable.append(Unusable(row["address"].strip()[:200], LOST, place, entity))
        return seen
    label = Label(
        "", row.get("category") or SANCTIONED, entity, source=rows.source, since=since, until=until,
        programme=row.get("program") or row.get("programme") or "", confidence="designated", actor=uid,
        since_at_latest=at_latest, origin=f"uid {uid}" if uid else row.get("origin", ""),
    )  # fmt: skip
    rows.address(row["address"], row.get("asset", ""), label, place)
    return seen


LOST = "the list was copied in lower case, so the capitals of this address are lost"
_SOURCES = {"ofac": "US OFAC SDN list"}


def _commits(row: Row, where: str) -> Times:
    last = iso_date(row["last_seen_commit_date"], where)
    there = row["present_in_last_snapshot"] == "1"
    return iso_date(row["first_seen_commit_date"], where), True, None if there else next_day(last), last


def _sdn(row: Row, where: str) -> Times:
    first, last = row["first_seen_sdn_date"], iso_date(row["last_seen_sdn_date"], where)
    there = row["still_listed_at_last_snapshot"] == "1"
    return iso_date(first.removeprefix(BY), where), first.startswith(BY), None if there else next_day(last), last


def _plain(row: Row, where: str) -> Times:
    at_latest = row["since"].startswith(BY) or WORDS.get(row.get("since_at_latest", "").lower(), False)
    since, until = row["since"].removeprefix(BY), row.get("until", "")
    end = iso_date(until, where) if until else None
    begin = iso_date(since, where)
    if end is not None and end <= begin:
        raise ListError(where, f"it ends on {end} and begins on {begin}", "mend the row")
    return begin, at_latest, end, end or begin


_FORMS: dict[str, Callable[[Row, str], Times]] = {
    "first_seen_commit_date": _commits,
    "first_seen_sdn_date": _sdn,
    "since": _plain,
}
