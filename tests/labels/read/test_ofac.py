"""The SDN list in its three forms says the same, and what cannot be read is counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import ListError
from chaintrace.labels.account import BITCOIN
from chaintrace.labels.account import TRON as TRON_CHAIN
from chaintrace.labels.read.ofac_csv import CUT, read_ofac_csv
from chaintrace.labels.read.source import Source
from tests.labels.lists import (
    BLENDER,
    LAZARUS,
    LITECOIN,
    PARTIES,
    RONIN,
    SPACES,
    TRON,
    Party,
    advanced,
    read,
    sdn,
    sdn_csv,
)

NEW = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports"
NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).map(str.strip).filter(bool)


@pytest.mark.parametrize(
    ("write", "options"),
    [(advanced, {}), (sdn, {}), (sdn_csv, {"published": "2026-08-20", "name": "SDN.CSV"})],
    ids=["advanced", "sdn", "csv"],
)
def test_addresses_with_names_programmes_and_chains(write: Callable[[], str], options: dict[str, str]) -> None:
    found = read(write(), **options)
    said = {(one.chain, one.address): (one.name, one.programme) for one in found.labels}
    assert said == {
        ("", RONIN.lower()): ("LAZARUS GROUP", "DPRK3"),
        (BITCOIN, BLENDER): ("LAZARUS GROUP", "DPRK3"),
        ("other:LTC", LITECOIN): ("SUEX OTC, S.R.O.", "CYBER2"),
        (TRON_CHAIN, TRON): ("SUEX OTC, S.R.O.", "CYBER2"),
    }
    assert [one.name for one in found.actors] == [party.name for party in PARTIES]
    assert found.actors[0].aliases == ("HIDDEN COBRA",)
    assert found.unusable == ()
    assert (found.edition.name, found.edition.published, found.edition.snapshot) == ("ofac", "2026-08-20", True)
    assert {one.category for one in found.labels} == {"sanctioned"}


def test_an_address_is_not_dated_by_its_party() -> None:
    """The list says when a party was listed; its addresses were added later, some by years."""
    found = read(advanced())
    assert found.actors[0].since == "2019-09-13"
    assert not found.actors[0].since_at_latest
    for label in found.labels:
        assert (label.since, label.since_at_latest) == ("2026-08-20", True)
    assert "party listed 2019-09-13" in found.labels[0].origin


def test_a_party_with_two_entries_has_the_first_day_and_both_programmes() -> None:
    text = advanced([LAZARUS._replace(listed="2020-01-01")])
    more = text[text.index("<SanctionsEntry ") : text.index("</SanctionsEntries>")]
    more = more.replace("DPRK3", "CYBER2").replace("<Year>2020", "<Year>2015")
    found = read(text.replace("</SanctionsEntries>", f"{more}</SanctionsEntries>"))
    assert (found.actors[0].since, found.actors[0].programme) == ("2015-01-01", "DPRK3, CYBER2")
    assert {one.programme for one in found.labels} == {"DPRK3, CYBER2"}


def test_both_namespaces_of_each_form_are_known() -> None:
    assert len(read(advanced(space=f"{NEW}/ADVANCED_XML")).labels) == 4
    assert len(read(sdn(space=f"{NEW}/XML")).labels) == 4


@pytest.mark.parametrize(
    "text",
    [advanced(space="urn:new"), sdn(space="urn:new"), advanced().replace(f' xmlns="{SPACES["advanced"]}"', "")],
    ids=["advanced", "sdn", "none"],
)
def test_a_changed_namespace_is_refused(text: str) -> None:
    """Looking for known names under an unknown namespace would find that nobody is sanctioned."""
    with pytest.raises(ListError, match="its root is"):
        read(text)


@given(NAMES, st.sampled_from([advanced, sdn]))
def test_names_come_as_they_are(name: str, write: Callable[[list[Party]], str]) -> None:
    (label,) = read(write([Party(name, addresses=[("ETH", RONIN)])])).labels
    assert label.name == name.replace("\r", "\n").strip()


@pytest.mark.parametrize("cut", range(1, 12))
def test_a_list_that_breaks_off_is_refused(cut: int) -> None:
    for text in (advanced(), sdn()):
        with pytest.raises(ListError, match="not whole"):
            read(text[: len(text) * cut // 12 + 200] if cut < 11 else text[:-3])


def test_a_list_that_lost_entries_is_refused() -> None:
    """SDN.XML says how many it has."""
    text = sdn()
    start, end = text.index("<sdnEntry>"), text.index("</sdnEntry>") + len("</sdnEntry>")
    with pytest.raises(ListError, match="2 entries and says that it has 3"):
        read(text[:start] + text[end:])


def test_a_bad_address_is_counted_and_never_a_label() -> None:
    bad = [("ETH", RONIN[:-1]), ("XBT", BLENDER.lower()), ("TRX", "T123"), ("LTC", LITECOIN.lower()), ("SOL", "x" * 40)]
    found = read(advanced([Party("SOMEBODY", addresses=[*bad, ("ETH", RONIN)])]))
    assert [one.address for one in found.labels] == [RONIN.lower()]
    assert [one.text for one in found.unusable] == [address for _, address in bad]
    assert all(one.reason and one.name == "SOMEBODY" for one in found.unusable)


def test_the_same_address_twice_is_one_label() -> None:
    both = read(advanced([LAZARUS._replace(addresses=[("ETH", RONIN), ("USDC", RONIN.lower())])]))
    assert len(both.labels) == 1


def test_a_csv_without_its_date_is_refused() -> None:
    with pytest.raises(ListError, match="does not say when"):
        read(sdn_csv(), name="SDN.CSV")


def test_a_csv_with_another_number_of_columns_is_refused() -> None:
    with pytest.raises(ListError, match="13 columns"):
        read(sdn_csv().replace('"DPRK2"', '"DPRK2","more"'), name="SDN.CSV", published="2026-08-20")


def test_a_remark_that_goes_on_elsewhere_needs_the_other_file() -> None:
    """Else the address at the cut would be read wrong, and the list taken as whole."""
    whole = sdn_csv([LAZARUS])
    at = whole.index(BLENDER) + 9
    head, rest = f'{whole[:at]}"\r\n', f'"1","{whole[at:]}'.replace("\r\n\x1a", "\r\n")
    alone = read_ofac_csv(Source(head.encode(), "SDN.CSV"), "2026-08-20")
    assert [one.address for one in alone.labels] == [RONIN.lower()]
    assert [(one.text, one.reason) for one in alone.unusable] == [(BLENDER[:9], CUT)]
    assert not alone.edition.snapshot
    both = read_ofac_csv(Source(head.encode(), "SDN.CSV"), "2026-08-20", Source(rest.encode(), "SDN_COMMENTS.CSV"))
    assert [one.address for one in both.labels] == [RONIN.lower(), BLENDER]
    assert both.unusable == ()
    assert both.edition.snapshot


def test_real_rows_of_the_csv(data: Path) -> None:
    folder = data / "ofac" / "watchman"
    source = Source(folder / "internal_ofactest_testdata_sdn.csv")
    comments = Source(folder / "internal_ofactest_testdata_sdn_comments.csv")
    alone, both = read_ofac_csv(source, "2026-08-20"), read_ofac_csv(source, "2026-08-20", comments)
    names = {one.name for one in both.labels}
    assert {"LIFSHITS, Artem Mikhaylovich", "SUEX OTC, S.R.O.", "KHOROSHEV, Dmitry Yuryevich"} <= names
    assert "bc1qvhnfknw852ephxyc5hm4q520zmvf9maphetc9z" in {one.address for one in alone.labels}
    assert "1B64QRxfaa35MVkf7sDjuGUYAP5izQt7Qi" not in {one.address for one in alone.labels}
    assert "1B64QRxfaa35MVkf7sDjuGUYAP5izQt7Qi" in {one.address for one in both.labels}
    assert "SUEX OTC, S.R.O." in {one.name for one in alone.unusable}
