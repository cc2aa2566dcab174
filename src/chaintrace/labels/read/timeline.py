"""Timelines: tables that say from when until when each address stood on a list."""

from __future__ import annotations

import csv
from bisect import bisect_right
from collections.abc import Callable
from typing import NamedTuple

from chaintrace.errors import ListError
from chaintrace.labels.category import SANCTIONED
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import WORDS, Label, must_end_later
from chaintrace.labels.labellist import LabelList, Unusable
from chaintrace.labels.read.rows import Rows, iso_date
from chaintrace.labels.read.source import Source
from chaintrace.labels.span import next_day

BY = "<="
Row = dict[str, str]


class Times(NamedTuple):
    """``seen``: the last day on which it was seen; ``gap``: it may have left any time between that and ``until``."""

    since: str
    at_latest: bool
    until: str | None
    seen: str
    gap: bool = False


def read_timeline(source: Source, published: str = "", *, name: str = "ofac", by: str = "") -> LabelList:
    """Three forms, known by their columns: ``first_seen_commit_date`` (a mirror's history: an address was on the list
    by then, and left it between two dates of the history), ``first_seen_sdn_date`` (the list's own dates, ``<=`` before
    one that may be too late), and plain ``since``, ``until``. A row that says ``address_case_ok`` 0 is unusable."""
    reader = csv.DictReader(source.lines())
    heads = set(reader.fieldnames or ())
    times = next((read for column, read in _FORMS.items() if column in heads), None)
    if times is None or "address" not in heads:
        raise ListError(source.name, "it is no timeline", "it needs address, since, until")
    rows, read = Rows(by or _SOURCES.get(name, name)), []
    for row in reader:
        rows.entries += 1
        place = f"line {reader.line_num}"
        if None in row or None in row.values():
            raise ListError(f"{source.name}, {place}", "it has not as many cells as columns", "fetch it again")
        read.append((row, times(row, f"{source.name}, {place}"), place))
    looked = sorted({day for _, when, _ in read for day in (when.since, when.seen)})
    for row, when, place in read:
        _row(rows, row, when, looked, place)
    published = iso_date(published, source.name) if published else max(looked, default="")
    edition = Edition(name, published, source.sha256, rows.entries, source.name, snapshot=True)
    return rows.done(edition)


def _row(rows: Rows, row: Row, when: Times, looked: list[str], place: str) -> None:
    entity, uid = row.get("entity") or row.get("name") or "", row.get("sdn_uid", "")
    if row.get("address_case_ok", "1") != "1":
        rows.unusable.append(Unusable(row["address"].strip()[:200], LOST, place, entity))
        return
    since, at_latest, until, seen, gap = when
    if gap:
        after = bisect_right(looked, seen)
        until = looked[after] if after < len(looked) else until
    origin = f"uid {uid}" if uid else row.get("origin", "")
    label = Label(
        "", row.get("category") or SANCTIONED, entity, source=rows.source, since=since, until=until,
        programme=row.get("program") or row.get("programme") or "", confidence="designated", actor=uid,
        since_at_latest=at_latest, last_seen=seen if gap else None, origin=origin,
    )  # fmt: skip
    rows.address(row["address"], row.get("asset", ""), label, place)


LOST = "the list was copied in lower case, so the capitals of this address are lost"
_SOURCES = {"ofac": "US OFAC SDN list"}


def _commits(row: Row, where: str) -> Times:
    last = iso_date(row["last_seen_commit_date"], where)
    there = row["present_in_last_snapshot"] == "1"
    return Times(
        iso_date(row["first_seen_commit_date"], where), True, None if there else next_day(last), last, not there
    )


def _sdn(row: Row, where: str) -> Times:
    first, last = row["first_seen_sdn_date"], iso_date(row["last_seen_sdn_date"], where)
    there = row["still_listed_at_last_snapshot"] == "1"
    return Times(iso_date(first.removeprefix(BY), where), first.startswith(BY), None if there else next_day(last), last)


def _plain(row: Row, where: str) -> Times:
    at_latest = row["since"].startswith(BY) or WORDS.get(row.get("since_at_latest", "").lower(), False)
    since, until = row["since"].removeprefix(BY), row.get("until", "")
    end = iso_date(until, where) if until else None
    begin = iso_date(since, where)
    must_end_later(where, begin, end)
    return Times(begin, at_latest, end, end or begin)


_FORMS: dict[str, Callable[[Row, str], Times]] = {
    "first_seen_commit_date": _commits,
    "first_seen_sdn_date": _sdn,
    "since": _plain,
}
