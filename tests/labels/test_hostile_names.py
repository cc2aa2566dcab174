"""Names of strangers come through every reader as text, and leave by every door as text and nothing else."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import pytest
import yaml

from chaintrace.labels.book import LabelBook
from chaintrace.labels.label import Label, labels_text
from chaintrace.labels.labellist import LabelList
from chaintrace.labels.read.tagpack import tagpack_text
from chaintrace.report.console import render
from chaintrace.report.labelled import answer_dict, answer_view
from tests.labels.lists import RONIN, Party, advanced, read, sdn

OTHER = "0x" + "2" * 40
NAMES = [
    '=HYPERLINK("http://evil.example","click")',
    "+1+cmd|' /C calc'!A0",
    "@SUM(1)",
    "-2+3",
    "'=quoted",
    "<script>alert(1)</script>&amp;",
    "[red]markup[/red] [link=http://evil.example]x[/link]",
    "\u202egnp.exe\u202c \u2066isolated\u2069",
    "zero\u200bwidth\u00adsoft\ufeffmark",
    "T\u041eRNAD\u041e C\u0410SH",
    "!!python/object:os.system",
    "*alias &anchor",
    "a" * 5000,
]
CONTROLS = ["\x1b[2J\x1b]0;title\x07", "bell\x07 null-like\x01", "tab\tand\nline"]


def in_csv(name: str) -> str:
    told = io.StringIO()
    csv.writer(told, lineterminator="\n").writerows([["address", "category", "name"], [RONIN, "hack", name]])
    return told.getvalue()


def in_pack(name: str) -> str:
    tags = [{"address": RONIN, "currency": "ETH", "label": name, "category": "exchange"}]
    return yaml.safe_dump({"title": "T", "tags": tags}, allow_unicode=True)


def in_dump(name: str) -> str:
    return json.dumps({RONIN: {"name": name, "labels": ["heist"]}})


def in_history(name: str) -> str:
    told = io.StringIO()
    csv.writer(told, lineterminator="\n").writerows([["address", "entity", "since"], [RONIN, name, "2020-01-01"]])
    return told.getvalue()


XML: dict[str, Callable[[str], LabelList]] = {
    "advanced": lambda name: read(advanced([Party(name, addresses=[("ETH", RONIN)])])),
    "sdn": lambda name: read(sdn([Party(name, addresses=[("ETH", RONIN)])])),
}
TEXT: dict[str, Callable[[str], LabelList]] = {
    "csv": lambda name: read(in_csv(name), name="x.csv", format="csv"),
    "tagpack": lambda name: read(in_pack(name), name="x.yaml"),
    "explorer": lambda name: read(in_dump(name), name="x.json"),
    "timeline": lambda name: read(in_history(name), name="x.csv", format="timeline"),
}
CASES = [(kind, name) for kind in (*XML, *TEXT) for name in NAMES] + [
    (kind, name) for kind in TEXT for name in CONTROLS
]


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_name_is_text(kind: str, name: str) -> None:
    found = {**XML, **TEXT}[kind](name)
    (label,) = found.labels
    expected = name[1:] if kind == "csv" and name.startswith("'=") else name.strip()
    assert label.name == expected

    answer = LabelBook(found).look(RONIN, "2027-01-01")
    shown = render(answer_view(answer, "2027-01-02"))
    assert all(one.isprintable() or one == "\n" for one in shown)
    assert "\x1b" not in shown
    assert json.loads(json.dumps(answer_dict(answer, "2027-01-02")))["labels"][0]["name"] == expected

    table = labels_text(found.labels)
    cells = [cell for row in csv.reader(io.StringIO(table, newline="")) for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")] == []
    assert read(table, name="x.csv", format="csv").labels == found.labels
    assert read(tagpack_text(found.labels, name), name="x.yaml").labels == found.labels


def test_a_look_alike_is_nobody_else() -> None:
    """Names are never identities: the sanctioned party is not found under a Cyrillic spelling."""
    book = LabelBook(read(advanced([Party("T\u041eRNAD\u041e C\u0410SH"), Party("TORNADO CASH")])))
    assert [one.reference for one in book.find("tornado cash")] == ["2"]
    own = [Label(RONIN.lower(), "sanctioned", "T\u041eRNAD\u041e CASH"), Label(OTHER, "sanctioned", "Tornado Cash")]
    assert book.over(own).look(RONIN, "2027-01-01").actors == ()
    assert [one.reference for one in book.over(own).look(OTHER, "2027-01-01").actors] == ["2"]
