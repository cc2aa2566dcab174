"""The SDN list of the United States as SDN.CSV, with SDN_COMMENTS.CSV for remarks that do not fit."""

from __future__ import annotations

import csv
import re

from chaintrace.errors import ListError
from chaintrace.labels.actor import Actor
from chaintrace.labels.category import SANCTIONED
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList, Unusable
from chaintrace.labels.read.ofac_advanced import SOURCE
from chaintrace.labels.read.rows import Rows, must_be_dated
from chaintrace.labels.read.source import Source

COLUMNS = 12
NULL = "-0-"
_ADDRESS = re.compile(r"Digital Currency Address - ([A-Z0-9]{2,12}) ([^;]+?)(?:\.?$|;)")
_ALIAS = re.compile(r"a\.k\.a\. '([^']+)'")


def read_ofac_csv(source: Source, published: str = "", comments: Source | None = None) -> LabelList:
    """Addresses are told in the remarks. The file says no date, so ``published`` has to. A remark that is cut, and goes
    on in ``comments``, which is not there, gives an unusable row for the address at its end."""
    published, rows = must_be_dated(published, source.name), Rows(SOURCE)
    more: dict[str, str] = {}
    for line in _lines(comments) if comments else ():
        if len(line) == 2:
            more[line[0].strip()] = more.get(line[0].strip(), "") + line[1]
    for line in _lines(source):
        if len(line) != COLUMNS:
            raise ListError(source.name, f"a row has {len(line)} columns, not {COLUMNS}", "give SDN.CSV as it is")
        rows.entries += 1
        _entry(rows, [_cell(one) for one in line], published, more)
    whole = not any(row.reason == CUT for row in rows.unusable)
    return rows.done(Edition("ofac", published, source.sha256, rows.entries, source.name, snapshot=whole))


CUT = "the remark is cut here; it goes on in SDN_COMMENTS.CSV"


def _entry(rows: Rows, cells: list[str], published: str, more: dict[str, str]) -> None:
    uid, name, kind, programmes, remarks = cells[0], cells[1], cells[2], cells[3], cells[11]
    whole = remarks + more.get(uid, "")
    programme = programmes.replace("] [", ", ").strip("[]")
    place = f"ent_num {uid}"
    rows.actors.append(
        Actor(name, tuple(_ALIAS.findall(whole)), kind, programme, uid, SOURCE, published, None, True, place)
    )
    label = Label(
        "", SANCTIONED, name, source=SOURCE, since=published, programme=programme,
        confidence="designated", actor=uid, since_at_latest=True, origin=place,
    )  # fmt: skip
    cut = bool(remarks) and not whole.rstrip().endswith((".", "'", '"'))
    found = list(_ADDRESS.finditer(whole))
    for match in found:
        if cut and match.end() == len(whole):
            rows.unusable.append(Unusable(match[2][:200], CUT, place, name))
        else:
            rows.address(match[2], match[1], label, place)
    if cut and not (found and found[-1].end() == len(whole)):
        rows.unusable.append(Unusable(whole[-60:], CUT, place, name))


def _lines(source: Source) -> list[list[str]]:
    # SDN.CSV ends in the end-of-file character of DOS.
    found = csv.reader(source.lines(("utf-8-sig", "cp1252")), strict=True)
    return [line for line in found if line and line != ["\x1a"]]


def _cell(text: str) -> str:
    text = text.strip()
    return "" if text == NULL else text
