"""Official lists: where they are published, and what is on them for certain."""

from __future__ import annotations

from dataclasses import dataclass

from chaintrace.errors import MethodError
from chaintrace.labels.read.check import Expected

RONIN_EXPLOITER = "0x098b716b8aaf21512996dc57eb0615e2383e2f96"
_OFAC = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports"


@dataclass(frozen=True, slots=True)
class Official:
    """``formats``: the forms in which the list may come; the first is that of ``url``."""

    name: str
    title: str
    url: str
    formats: tuple[str, ...]
    expected: Expected


# Counts are two thirds or so of what the lists had in 2026, so that only a broken list is shorter.
OFFICIAL = {
    one.name: one
    for one in (
        Official(
            "ofac",
            "US OFAC SDN list",
            f"{_OFAC}/SDN_ADVANCED.XML",
            ("ofac-advanced", "ofac-sdn"),
            Expected(actors=12_000, labels=600, actor="lazarus group", programme="DPRK3", address=RONIN_EXPLOITER),
        ),
        Official(
            "un",
            "UN Security Council consolidated list",
            "https://scsanctions.un.org/resources/xml/en/consolidated.xml",
            ("un",),
            Expected(actors=650, actor="reconnaissance general bureau", programme="DPRK"),
        ),
        Official(
            "eu",
            "EU financial sanctions files",
            "https://webgate.ec.europa.eu/fsd/fsf/public/files/xmlFullSanctionsList_1_1/content?token=dG9rZW4tMjAxNw",
            ("eu",),
            Expected(actors=2_000, programme="PRK"),
        ),
        Official(
            "uk",
            "UK Sanctions List",
            "https://docs.fcdo.gov.uk/docs/UK-Sanctions-List.xml",
            ("uk-list", "uk-csv", "uk-xml"),
            Expected(actors=2_000, programme="Korea"),
        ),
    )
}


def official(name: str) -> Official:
    """The list of a name. MethodError if there is none."""
    if name not in OFFICIAL:
        raise MethodError(f"list {name!r}", "is none that is known", f"use one of: {', '.join(OFFICIAL)}")
    return OFFICIAL[name]
