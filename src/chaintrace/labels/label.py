"""A label: what somebody says about an address."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from io import StringIO
from pathlib import Path
from typing import Any

from chaintrace.errors import InputError, UserError
from chaintrace.labels.account import canonical
from chaintrace.labels.edition import Edition
from chaintrace.model.moment import parse_moment

# CWE-1236: what a cell must not begin with.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")
WORDS = {"": False, "no": False, "false": False, "0": False, "yes": True, "true": True, "1": True}


@dataclass(frozen=True, slots=True)
class Label:
    """``source`` says that ``address`` is ``category``, from ``since`` (included) to ``until`` (excluded).

    Dates are ISO-8601 with a zone, or a date alone (its first second, UTC); empty means without end. With
    ``since_at_latest`` it may have begun earlier: the source was not seen before. After the day ``last_seen``, where
    there is one, it may have ended: the source was not seen again before ``until``. ``name`` is what the source calls
    it, ``actor`` the source's own id of who is behind it, ``programme`` the sanctions programme, ``confidence`` the
    source's own word. ``chain`` empty means every chain on which the address is one. ``edition`` is the list that it
    came from; two labels that say the same are equal, whatever list they came from.
    """

    address: str
    category: str
    name: str = ""
    role: str = ""
    chain: str = ""
    source: str = ""
    since: str | None = None
    until: str | None = None
    confidence: str = ""
    origin: str = ""
    programme: str = ""
    actor: str = ""
    since_at_latest: bool = False
    last_seen: str | None = None
    edition: Edition | None = field(default=None, compare=False, repr=False)


COLUMNS = tuple(one.name for one in fields(Label) if one.name != "edition")


def read_labels(path: str | Path) -> list[Label]:
    """Labels of a CSV file with the columns of ``Label``; ``address`` and ``category`` are needed.

    Addresses are checked on their chain. InputError names the file and line of the first bad one.
    """
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as file:
            return labels_of(str(path), csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(str(path), str(error), "give a UTF-8 CSV file of labels") from error


def labels_of(path: str, reader: csv.DictReader[str], edition: Edition | None = None) -> list[Label]:
    """The labels of an open CSV table."""
    missing = {"address", "category"} - set(reader.fieldnames or ())
    if missing:
        raise InputError(path, f"missing column {', '.join(sorted(missing))}", "a label list needs address,category")
    rows = [(reader.line_num, cells_said(row)) for row in reader]
    return [make_label(f"{path}, line {line}", row, edition) for line, row in rows]


def cells_said(row: dict[str, str]) -> dict[str, str]:
    """The columns of a label that a row of a CSV table fills, without the ``'`` of ``labels_text``."""
    said = {name: row[name] for name in COLUMNS if row.get(name)}
    return {name: text[1:] if _ESCAPED.match(text) else text for name, text in said.items()}


def make_label(place: str, row: dict[str, str], edition: Edition | None = None) -> Label:
    """One label of the texts of its columns. InputError names ``place``."""
    if not row.get("address") or not row.get("category"):
        raise InputError(place, "an address or category is empty", "each label needs both")
    said: dict[str, Any] = dict(row)
    try:
        for moment in (row.get("since"), row.get("until"), row.get("last_seen")):
            if moment is not None:
                parse_moment(moment)
        must_end_later(place, row.get("since"), row.get("until"))
        said["address"] = canonical(row["address"], row.get("chain", ""))
    except UserError as error:
        raise InputError(place, error.message, error.hint) from error
    said["since_at_latest"] = WORDS.get(row.get("since_at_latest", "").lower())
    if said["since_at_latest"] is None:
        raise InputError(place, f"since_at_latest is {row['since_at_latest']!r}", "write yes, or leave it empty")
    return Label(**said, edition=edition)


def must_end_later(place: str, since: str | None, until: str | None) -> None:
    """InputError for what ends before it begins, or at once."""
    if since is None or until is None:
        return
    (begin, in_blocks), (end, also) = parse_moment(since), parse_moment(until)
    if in_blocks == also and end <= begin:
        raise InputError(place, f"it ends on {until} and begins on {since}", "mend the row")


def labels_text(labels: Iterable[Label]) -> str:
    """A CSV table that ``read_labels`` takes. Text that a spreadsheet would take for a formula has a ``'`` before it,
    which reading takes away again."""
    told = StringIO()
    writer = csv.writer(told, lineterminator="\n")
    writer.writerow(COLUMNS)
    for label in labels:
        writer.writerow(_cell(getattr(label, name)) for name in COLUMNS)
    return told.getvalue()


def _cell(value: str | bool | None) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"'{value}" if value and _FORMULA.match(value) else value or ""


def with_category(labels: Iterable[Label], categories: Iterable[str]) -> list[Label]:
    """The labels whose category is one of ``categories``."""
    wanted = set(categories)
    return [label for label in labels if label.category in wanted]
