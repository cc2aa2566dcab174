"""Lists that name actors: who was listed, by what name, since when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chaintrace.errors import ListError
from chaintrace.labels.read.formats import read_list
from tests.labels.lists import BLENDER, eu, read, uk_csv, uk_list, uk_xml, un


def test_the_united_nations() -> None:
    found = read(un())
    first = found.actors[0]
    assert (first.name, first.aliases, first.kind) == ("RECONNAISSANCE GENERAL BUREAU", ("RGB",), "entity")
    assert (first.programme, first.reference, first.since) == ("DPRK", "KPe.000", "2016-03-02")
    assert (found.edition.name, found.edition.published, found.edition.count) == ("un", "2026-02-27", 2)
    assert found.labels == ()


def test_the_united_nations_as_it_is(data: Path) -> None:
    found = read_list(data / "un" / "UN_consolidated.xml")
    assert found.edition.published == "2026-02-27"
    assert [sum(one.kind == kind for one in found.actors) for kind in ("individual", "entity")] == [730, 273]
    assert sum(one.programme == "DPRK" for one in found.actors) == 155
    (bureau,) = (one for one in found.actors if one.reference == "KPe.031")
    assert (bureau.name, bureau.since) == ("RECONNAISSANCE GENERAL BUREAU", "2016-03-02")
    assert "RGB" in bureau.aliases
    assert all(one.name and one.since for one in found.actors)


def test_the_european_union() -> None:
    """The first regulation begins it."""
    found = read(eu())
    (actor,) = found.actors
    assert (actor.name, actor.aliases, actor.programme) == ("Reconnaissance General Bureau", ("RGB",), "PRK")
    assert (actor.since, actor.kind, actor.reference) == ("2016-05-20", "enterprise", "EU.0")
    assert [(one.address, one.since_at_latest) for one in found.labels] == [(BLENDER, True)]
    assert (found.edition.name, found.edition.published) == ("eu", "2026-08-01")


@pytest.mark.parametrize(("write", "published"), [(uk_csv, "2026-01-27"), (uk_xml, "2020-12-31")], ids=["csv", "xml"])
def test_the_united_kingdom(write: Callable[[], str], published: str) -> None:
    found = read(write(), name="ConList")
    (actor,) = found.actors
    assert (actor.name, actor.programme, actor.since, actor.reference) == (
        "LAZARUS GROUP", "DPR Korea", "2020-07-22", "0",
    )  # fmt: skip
    assert actor.aliases == (("COBRA HIDDEN",) if write is uk_csv else ())
    assert (found.edition.name, found.edition.published) == ("uk", published)


def test_the_united_kingdom_since_2026() -> None:
    found = read(uk_list(["A", "B"]), name="UK-Sanctions-List.xml")
    assert [(one.name, one.aliases, one.reference) for one in found.actors] == [
        ("A", ("HIDDEN COBRA",), "DPR0"),
        ("B", ("HIDDEN COBRA",), "DPR1"),
    ]
    assert {(one.since, one.programme, one.kind, one.source) for one in found.actors} == {
        ("2020-07-22", "DPR Korea", "Entity", "UK Sanctions List")
    }
    assert (found.edition.name, found.edition.published) == ("uk", "2026-01-27")


@pytest.mark.parametrize(
    "text",
    [un().replace("CONSOLIDATED_LIST", "OTHER_LIST"), eu(space="urn:other"), uk_xml(space="urn:other")],
    ids=["un", "eu", "uk"],
)
def test_another_root_is_refused(text: str) -> None:
    with pytest.raises(ListError):
        read(text)
    for form in ("un", "eu", "uk-xml"):
        with pytest.raises(ListError, match="its root is"):
            read(text, format=form)


def test_a_csv_that_lost_a_column_is_refused() -> None:
    with pytest.raises(ListError, match="it lacks regime"):
        read(uk_csv().replace("Regime", "Programme"), name="ConList.csv")
    with pytest.raises(ListError, match="first line"):
        read(uk_csv().partition("\n")[2], name="ConList.csv", format="uk-csv")


def test_a_date_that_is_none_is_refused() -> None:
    for text in (
        un().replace("2016-03-02", "2016-13-02"),
        eu().replace("2016-05-20", "soon"),
        uk_xml().replace("2020-07-22", "x"),
    ):
        with pytest.raises(ListError, match="is no date"):
            read(text)
