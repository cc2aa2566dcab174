"""The SDN list of the United States as SDN_ADVANCED.XML (the form of the UN's Advanced Sanctions Data Model)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaintrace.labels.actor import Actor
from chaintrace.labels.category import SANCTIONED
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList
from chaintrace.labels.read.markup import child, children, elements, said
from chaintrace.labels.read.rows import DIGITAL, Rows, must_be_dated
from chaintrace.labels.read.source import Source

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SOURCE = "US OFAC SDN list"
NAMESPACES = (
    "http://www.un.org/sanctions/1.0",
    "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/ADVANCED_XML",
)
ROOTS = tuple(f"{{{space}}}Sanctions" for space in NAMESPACES)
VALUES = ("FeatureType", "PartyType", "PartySubType", "SanctionsType")
"""Sets of words that the rest of the list names by their IDs."""
WANTED = ("DateOfIssue", *VALUES, "DistinctParty", "SanctionsEntry")
UNKNOWN = "Unknown"
"""What the subtype of a person or an entity is called; the type above it says which of the two."""
PROGRAM = "Program"
"""The type of a measure whose comment is a programme."""


def read_ofac_advanced(source: Source, published: str = "") -> LabelList:
    """Addresses are features of the type ``Digital Currency Address - XBT`` and so on. The list says when a party was
    listed, not when an address was added: labels begin with the list's own date at the latest."""
    rows = Rows(SOURCE)
    words: dict[str, dict[str, str]] = {name: {} for name in VALUES}
    parties: dict[str, tuple[list[str], str, list[tuple[str, str]]]] = {}
    entries: dict[str, tuple[str, list[str]]] = {}
    above: dict[str, str] = {}
    for name, element in elements(source, ROOTS, WANTED):
        if name in VALUES:
            words[name][element.get("ID", "")] = (element.text or "").strip()
            if name == "PartySubType":
                above[element.get("ID", "")] = element.get("PartyTypeID", "")
        elif name == "DateOfIssue":
            published = published or _date(element)
        elif name == "DistinctParty":
            for profile in children(element, "Profile"):
                subtype = profile.get("PartySubTypeID", "")
                kind = words["PartySubType"].get(subtype, UNKNOWN)
                kind = words["PartyType"].get(above.get(subtype, ""), kind) if kind == UNKNOWN else kind
                parties[profile.get("ID", "")] = (_names(profile), kind, _addresses(profile, words["FeatureType"]))
        elif name == "SanctionsEntry":
            listed, programmes = entries.get(element.get("ProfileID", ""), ("", []))
            entries[element.get("ProfileID", "")] = _entry(element, words["SanctionsType"], listed, programmes)
    published = must_be_dated(published, source.name)
    for uid, (names, kind, addresses) in parties.items():
        listed, programmes = entries.get(uid, ("", []))
        programme, name = ", ".join(programmes), names[0] if names else ""
        rows.actors.append(
            Actor(name, tuple(names[1:]), kind, programme, uid, SOURCE, listed or published, since_at_latest=not listed)
        )
        origin = f"uid {uid}" + (f", party listed {listed}" if listed else "")
        label = Label(
            "", SANCTIONED, name, source=SOURCE, since=published, programme=programme,
            confidence="designated", actor=uid, since_at_latest=True, origin=origin,
        )  # fmt: skip
        for ticker, address in addresses:
            rows.address(address, ticker, label, f"uid {uid}")
    return rows.done(Edition("ofac", published, source.sha256, len(parties), source.name, snapshot=True))


def _names(profile: Element) -> list[str]:
    """All names, the primary one first."""
    found: list[tuple[bool, str]] = []
    for alias in children(profile, "Identity", "Alias"):
        for documented in children(alias, "DocumentedName"):
            parts = [(one.text or "").strip() for one in children(documented, "DocumentedNamePart", "NamePartValue")]
            found.append((alias.get("Primary") != "true", " ".join(filter(None, parts))))
    return list(dict.fromkeys(name for _, name in sorted(found, key=lambda pair: pair[0]) if name))


def _addresses(profile: Element, types: dict[str, str]) -> list[tuple[str, str]]:
    found = []
    for feature in children(profile, "Feature"):
        match = DIGITAL.match(types.get(feature.get("FeatureTypeID", ""), ""))
        if match:
            details = children(feature, "FeatureVersion", "VersionDetail")
            found += [(match[1], text) for one in details if (text := (one.text or "").strip())]
    return found


def _entry(entry: Element, types: dict[str, str], listed: str, programmes: list[str]) -> tuple[str, list[str]]:
    """The first day and all programmes, with those of the party's entries before."""
    dates = sorted(filter(None, (listed, *(_date(one) for one in children(entry, "EntryEvent", "Date")))))
    measures = children(entry, "SanctionsMeasure")
    told = [said(one, "Comment") for one in measures if types.get(one.get("SanctionsTypeID", "")) == PROGRAM]
    return (dates[0] if dates else ""), list(dict.fromkeys([*programmes, *filter(None, told)]))


def _date(element: Element) -> str:
    year, month, day = (child(element, part) for part in ("Year", "Month", "Day"))
    numbers = [(one.text or "").strip() if one is not None else "" for one in (year, month, day)]
    if not all(one.isascii() and one.isdigit() for one in numbers):
        return ""
    return f"{int(numbers[0]):04}-{int(numbers[1]):02}-{int(numbers[2]):02}"
