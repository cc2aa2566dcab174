"""The SDN list of the United States as SDN.XML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaintrace.errors import ListError
from chaintrace.labels.actor import Actor
from chaintrace.labels.category import SANCTIONED
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList
from chaintrace.labels.read.markup import children, elements, said
from chaintrace.labels.read.ofac_advanced import SOURCE
from chaintrace.labels.read.rows import DIGITAL, Rows, joined, must_be_dated, us_date
from chaintrace.labels.read.source import Source

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

NAMESPACES = (
    "http://tempuri.org/sdnList.xsd",
    "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML",
)
ROOTS = tuple(f"{{{space}}}sdnList" for space in NAMESPACES)


def read_ofac_sdn(source: Source, published: str = "") -> LabelList:
    """Addresses are ids of the type ``Digital Currency Address - XBT`` and so on. The number of entries has to be the
    one that the list states."""
    rows, stated = Rows(SOURCE), ""
    for name, element in elements(source, ROOTS, ("publshInformation", "sdnEntry")):
        if name == "publshInformation":
            stated = said(element, "Record_Count")
            published = published or us_date(said(element, "Publish_Date"), source.name)
        elif name == "sdnEntry":
            rows.entries += 1
            _entry(rows, element, must_be_dated(published, source.name))
    published = must_be_dated(published, source.name)
    if stated and stated != str(rows.entries):
        told = f"it has {rows.entries:,} entries and says that it has {stated[:20]}"
        raise ListError(source.name, told, "fetch it again: it is not whole")
    return rows.done(Edition("ofac", published, source.sha256, rows.entries, source.name, snapshot=True))


def _entry(rows: Rows, entry: Element, published: str) -> None:
    uid = said(entry, "uid")
    name = joined((said(entry, "firstName"), said(entry, "lastName")))
    aliases = [joined((said(one, "firstName"), said(one, "lastName"))) for one in children(entry, "akaList", "aka")]
    programme = ", ".join((one.text or "").strip() for one in children(entry, "programList", "program"))
    kind = said(entry, "sdnType")
    rows.actors.append(
        Actor(name, tuple(aliases), kind, programme, uid, SOURCE, published, since_at_latest=True, origin=f"uid {uid}")
    )
    label = Label(
        "", SANCTIONED, name, source=SOURCE, since=published, programme=programme,
        confidence="designated", actor=uid, since_at_latest=True, origin=f"uid {uid}",
    )  # fmt: skip
    for one in children(entry, "idList", "id"):
        match = DIGITAL.match(said(one, "idType"))
        if match:
            rows.address(said(one, "idNumber"), match[1], label, f"uid {uid}")
