"""What screening found, as text: harmless whoever wrote the names, and the same figures in every form."""

from __future__ import annotations

import csv
import json
import unicodedata
from fractions import Fraction
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.case.screened import Screened
from chaintrace.labels.actor import Actor
from chaintrace.labels.book import LabelBook
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList
from chaintrace.report.console import render
from chaintrace.report.escape import FORMULA_LEADS, cell
from chaintrace.report.screened import batch_view, fraction, screened_csv, screened_json, screened_view
from tests.taint.test_exposure import day, graph_of

A, B, S = ("0x" + digit * 40 for digit in "123")
NASTY = (
    "[bold]x[/bold]", "<script>alert(1)</script>", "\x1b[2Jx", "\u202egnp.exe", "=HYPERLINK(1)", "+1", "-1", "@x",
    "\t=1", "\x00", "a\u200bb", "|x|", "a\nb", "\r=1", " =1", "\u2066x\u2069",
)  # fmt: skip


def answers(name: str) -> list[Screened]:
    labels = [
        Label(one, category, name=name, source=name, programme=name, since="2024-01-01")
        for one in (A, S)
        for category in ("sanctioned", "mixer")
    ]
    actor = LabelList(Edition("actors"), actors=(Actor(name, source=name, programme=name, since="2024-01-01"),))
    graph = graph_of((day(1), A, S, 10**18), (day(2), S, A, 10**18), (day(3), A, B, 5))
    asked = [A, name, B] if isinstance(name, str) else [A]
    return ct.screen(asked, at="2024-06-01", book=LabelBook(labels, actor), graph=graph)


def is_harmless(text: str) -> bool:
    return all(one == "\n" or unicodedata.category(one) not in ("Cc", "Cf") for one in text)


@pytest.mark.parametrize("name", NASTY)
def test_names_of_strangers_stay_text(name: str) -> None:
    found = answers(name)
    told = render(batch_view(found)) + "".join(render(screened_view(one)) for one in found)
    assert is_harmless(told)
    if name.startswith("["):
        assert name in told
    as_json = screened_json(found, several=True)
    assert as_json.isascii()
    assert is_harmless(as_json)
    assert json.loads(as_json)[0]["labels"][0]["name"] == name
    assert json.loads(as_json)[0]["actors"][0]["name"] == name
    as_csv = screened_csv(found)
    for row in csv.reader(StringIO(as_csv)):
        assert len(row) == 10
        for one in row:
            assert not one.lstrip(" ").startswith(FORMULA_LEADS)
            assert is_harmless(one)


@given(st.text())
def test_no_cell_is_a_formula_or_steers(text: str) -> None:
    told = cell(text)
    assert not told.lstrip(" ").startswith(FORMULA_LEADS)
    assert is_harmless(told)
    assert "\n" not in told


@given(st.integers(0, 2**256), st.integers(1, 2**256))
def test_a_fraction_is_right_to_twelve_digits(part: int, whole: int) -> None:
    told = fraction(min(part, whole), whole)
    assert abs(Fraction(told) - Fraction(min(part, whole), whole)) <= Fraction(1, 2 * 10**12)
    assert fraction(0, 0) == "0"


def test_json_has_what_is_promised_and_sums() -> None:
    told = json.loads(screened_json(answers("x")[:1], several=False))
    assert {"address", "at", "verdict", "rules", "lists", "sanctioned", "labels", "exposure"} <= told.keys()
    assert {"list", "entity", "programme", "since", "until"} <= told["sanctioned"][0].keys()
    sums: dict[tuple[str, str], int] = {}
    for line in told["exposure"]:
        assert {"direction", "category", "method", "direct", "indirect", "share", "once", "withdrawn"} <= line.keys()
        key = (line["direction"], line["method"])
        sums[key] = sums.get(key, 0) + int(line["direct"]) + int(line["indirect"])
        assert int(line["funds"]) == 2 * 10**18
    assert set(sums.values()) == {2 * 10**18}


def test_one_answer_shows_both_directions_and_what_was_not_evaluated() -> None:
    told = render(screened_view(answers("x")[2]))
    assert "Where its ETH came from" in told
    assert "Where its ETH went" in told
    assert "100.00 %" in told
    alone = render(screened_view(ct.screen(B, book=LabelBook(), at="2024-06-01")))
    assert "review, by labels" in alone
    assert "Not evaluated" in alone
    assert "labels alone" in alone
    assert "nan" not in told
