"""Each official form with everything that its schema puts around what is read."""

from __future__ import annotations

import pytest

from chaintrace.labels.account import BITCOIN
from chaintrace.labels.read.ofac_advanced import NAMESPACES as ADVANCED
from chaintrace.labels.read.ofac_sdn import NAMESPACES as SDN
from tests.labels.lists import BLENDER, RONIN, read
from tests.labels.read import as_published


@pytest.mark.parametrize("text", [*map(as_published.advanced, ADVANCED), *map(as_published.sdn, SDN)])
def test_the_sdn_list_in_both_forms_and_all_namespaces_that_it_has_had(text: str) -> None:
    found = read(text)
    said = {(one.chain, one.address): (one.name, one.programme, one.actor) for one in found.labels}
    assert len(said) == 2
    assert said["", RONIN.lower()] == ("LAZARUS GROUP", "DPRK3", "27307")
    name, programme, uid = said[BITCOIN, BLENDER]
    assert ({*name.split()}, "CYBER2" in programme, uid) == ({"KIM", "Il"}, True, "35681")
    assert [(one.kind, one.reference) for one in found.actors] == [("Entity", "27307"), ("Individual", "35681")]
    assert found.actors[0].aliases == ("HIDDEN COBRA",)
    assert (found.edition.published, found.edition.count, found.unusable) == ("2026-08-20", 2, ())


def test_the_number_of_a_document_is_no_address() -> None:
    text = as_published.advanced(ADVANCED[0])
    assert text.count(BLENDER) == 2
    found = read(text.replace(f'DetailTypeID="1432">{BLENDER}', 'DetailTypeID="1432">'))
    assert [one.address for one in found.labels] == [RONIN.lower()]


def test_a_programme_is_known_by_the_lists_own_word_for_it() -> None:
    """IDs are the list's own, and may be others tomorrow."""
    text = as_published.advanced(ADVANCED[0])
    moved = text.replace('SanctionsType ID="1"', 'SanctionsType ID="7"').replace('sTypeID="1">', 'sTypeID="7">')
    assert moved.count('"7">') == 3
    assert [one.programme for one in read(moved).actors] == ["DPRK3", "CYBER2"]


def test_the_day_of_a_party_is_that_of_its_entry_and_not_of_a_birth() -> None:
    found = read(as_published.advanced(ADVANCED[1]))
    assert [one.since for one in found.actors] == ["2019-09-13", "2018-09-06"]


def test_the_european_unions_list() -> None:
    found = read(as_published.eu())
    (actor,) = found.actors
    assert (actor.name, actor.aliases, actor.programme) == ("Reconnaissance General Bureau", ("RGB",), "PRK")
    assert (actor.since, actor.kind, actor.reference) == ("2016-05-20", "enterprise", "EU.3594.94")
    assert (found.labels, found.unusable, found.edition.published) == ((), (), "2026-08-19")


def test_the_united_kingdoms_list() -> None:
    found = read(as_published.uk(), name="UK-Sanctions-List.xml")
    (actor,) = found.actors
    assert (actor.name, actor.aliases, actor.reference) == ("LAZARUS GROUP", ("HIDDEN COBRA",), "DPR0001")
    assert "Korea" in actor.programme
    assert (actor.since, actor.kind) == ("2020-07-22", "Entity")
    assert found.edition.published == "2026-08-19"
