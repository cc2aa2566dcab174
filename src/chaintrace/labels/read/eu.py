"""The consolidated financial sanctions list of the European Union (FSF, XML 1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chaintrace.labels.actor import Actor
from chaintrace.labels.category import SANCTIONED
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList
from chaintrace.labels.read.markup import children, elements
from chaintrace.labels.read.rows import DIGITAL, Rows, iso_date, must_be_dated
from chaintrace.labels.read.source import Source

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SOURCE = "EU financial sanctions files"
ROOTS = ("{http://eu.europa.ec/fpi/fsd/export}export",)


def read_eu(source: Source, published: str = "") -> LabelList:
    """Entities with the day on which the first of their regulations came into force. An address is read where an
    identification names it as OFAC does; none such has been seen."""
    rows = Rows(SOURCE)
    for name, element in elements(source, ROOTS, ("sanctionEntity",)):
        if name == "export":
            published = published or element.get("generationDate", "")
        else:
            _entity(rows, element, source.name, must_be_dated(published, source.name))
    published = must_be_dated(published, source.name)
    return rows.done(Edition("eu", published, source.sha256, len(rows.actors), source.name, snapshot=True))


def _entity(rows: Rows, element: Element, place: str, published: str) -> None:
    regulations = children(element, "regulation")
    begun = sorted(iso_date(text, place) for one in regulations if (text := one.get("entryIntoForceDate", "")))
    programmes = dict.fromkeys(one.get("programme", "") for one in regulations)
    names = list(dict.fromkeys(filter(None, (one.get("wholeName", "") for one in children(element, "nameAlias")))))
    kinds = [one.get("code", "") for one in children(element, "subjectType")]
    reference = element.get("euReferenceNumber", "") or element.get("logicalId", "")
    actor = Actor(
        name=names[0] if names else "",
        aliases=tuple(names[1:]),
        kind=kinds[0] if kinds else "",
        programme=", ".join(one for one in programmes if one),
        reference=reference,
        source=SOURCE,
        since=begun[0] if begun else published,
        since_at_latest=not begun,
    )
    rows.actors.append(actor)
    label = Label(
        "", SANCTIONED, actor.name, source=SOURCE, since=published, programme=actor.programme,
        confidence="designated", actor=reference, since_at_latest=True,
    )  # fmt: skip
    for one in children(element, "identification"):
        match = DIGITAL.match(one.get("identificationTypeDescription", ""))
        if match:
            rows.address(one.get("number", ""), match[1], label, reference)
