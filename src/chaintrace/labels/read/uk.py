"""The lists of the United Kingdom: the UK Sanctions List (FCDO), and OFSI's consolidated list, which it replaced."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

from chaintrace.errors import ListError
from chaintrace.labels.actor import Actor
from chaintrace.labels.edition import Edition
from chaintrace.labels.labellist import LabelList
from chaintrace.labels.read.markup import bare, children, elements
from chaintrace.labels.read.rows import Rows, iso_date, joined, must_be_dated
from chaintrace.labels.read.source import Source

OFSI, FCDO = "UK OFSI consolidated list", "UK Sanctions List"
ROOTS = ("{http://schemas.hmtreasury.gov.uk/ofsi/consolidatedlist}ArrayOfFinancialSanctionsTarget",)
TARGET = "FinancialSanctionsTarget"
NEEDED = {"name6", "groupid", "regime", "listedon", "lastupdated"}
NAMES = ("name1", "name2", "name3", "name4", "name5", "name6")
# What the XML calls otherwise than the CSV.
SAME = {"grouptypedescription": "grouptype", "regimename": "regime", "datelisted": "listedon"}
LIST_ROOT, DESIGNATION = "Designations", "Designation"
_UK_DATE = re.compile(r"(\d{2})/(\d{2})/(\d{4})(?: .*)?", re.ASCII)


def read_uk_csv(source: Source, published: str = "") -> LabelList:
    """The first line says when the list was last changed, the second names the columns."""
    lines = csv.reader(source.lines(("utf-8-sig", "cp1252")))
    first, heads = next(lines, []), next(lines, [])
    if len(first) < 2 or _plain(first[0]) != "lastupdated":
        raise ListError(source.name, "its first line is not “Last Updated,date”", "give ConList.csv as it is")
    named = [_plain(head) for head in heads]
    if NEEDED - set(named):
        raise ListError(source.name, f"it lacks {', '.join(sorted(NEEDED - set(named)))}", "give ConList.csv as it is")
    published = published or _date(first[1], source.name)
    return _made(source, (dict(zip(named, line, strict=False)) for line in lines if line), published)


def read_uk_xml(source: Source, published: str = "") -> LabelList:
    """One target a name. The list is as of its newest change, unless ``published`` says otherwise."""
    found = []
    for name, element in elements(source, ROOTS, (TARGET,)):
        if name == TARGET:
            row = {_plain(bare(one.tag)): (one.text or "").strip() for one in element}
            found.append({SAME.get(key, key): text for key, text in row.items()})
    changed = [_date(row["lastupdated"], source.name) for row in found if row.get("lastupdated")]
    return _made(source, iter(found), published or max(changed, default=""))


def read_uk_list(source: Source, published: str = "") -> LabelList:
    """The UK Sanctions List as XML: one designation an actor, with all names. As of its newest change, unless
    ``published`` says otherwise."""
    found = []
    for name, element in elements(source, (LIST_ROOT,), (DESIGNATION,)):
        if name != DESIGNATION:
            continue
        row = {_plain(bare(one.tag)): (one.text or "").strip() for one in element if not len(one)}
        row |= {"groupid": row.get("uniqueid", ""), "regime": row.get("regimename", "")}
        row |= {"listedon": row.get("datedesignated", ""), "grouptype": row.get("individualentityship", "")}
        names = [
            {_plain(bare(one.tag)): (one.text or "").strip() for one in told}
            for told in children(element, "Names", "Name")
        ]
        found += [row | {"aliastype": told.get("nametype", "")} | told for told in names or [{}]]
    changed = [_date(row["lastupdated"], source.name) for row in found if row.get("lastupdated")]
    return _made(source, iter(found), published or max(changed, default=""), FCDO)


def _made(source: Source, lines: Iterator[dict[str, str]], published: str, by: str = OFSI) -> LabelList:
    """Lines of one group are the names of one actor; the primary name comes first."""
    published, rows = must_be_dated(published, source.name), Rows(by)
    groups: dict[str, list[dict[str, str]]] = {}
    for line in lines:
        if not line.get("groupid"):
            raise ListError(source.name, "a row has no group id", "fetch the list again")
        groups.setdefault(line["groupid"], []).append(line)
    for group, told in groups.items():
        told.sort(key=lambda line: not line.get("aliastype", "").lower().startswith("primary name"))
        names = list(dict.fromkeys(filter(None, (joined(line.get(part, "") for part in NAMES) for line in told))))
        listed = sorted(_date(line["listedon"], source.name) for line in told if line.get("listedon"))
        rows.actors.append(
            Actor(
                name=names[0] if names else "",
                aliases=tuple(names[1:]),
                kind=told[0].get("grouptype", ""),
                programme=told[0].get("regime", ""),
                reference=group,
                source=by,
                since=listed[0] if listed else published,
                since_at_latest=not listed,
            )
        )
    return rows.done(Edition("uk", published, source.sha256, len(rows.actors), source.name, snapshot=True))


def _plain(head: str) -> str:
    return "".join(head.split()).lower()


def _date(text: str, place: str) -> str:
    match = _UK_DATE.fullmatch(text.strip())
    return iso_date(f"{match[3]}-{match[2]}-{match[1]}" if match else text, place)
