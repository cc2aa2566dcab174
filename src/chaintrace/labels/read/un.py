"""The consolidated list of the United Nations Security Council. It names nobody's addresses."""

from __future__ import annotations

from chaintrace.labels.actor import Actor
from chaintrace.labels.edition import Edition
from chaintrace.labels.labellist import LabelList
from chaintrace.labels.read.markup import children, elements, said
from chaintrace.labels.read.rows import Rows, iso_date, joined, must_be_dated
from chaintrace.labels.read.source import Source

SOURCE = "UN Security Council consolidated list"
NAMES = ("FIRST_NAME", "SECOND_NAME", "THIRD_NAME", "FOURTH_NAME")


def read_un(source: Source, published: str = "") -> LabelList:
    """Individuals and entities with the day on which each was listed."""
    rows = Rows(SOURCE)
    for name, element in elements(source, ("CONSOLIDATED_LIST",), ("INDIVIDUAL", "ENTITY")):
        if name == "CONSOLIDATED_LIST":
            published = published or element.get("dateGenerated", "")
            continue
        listed = said(element, "LISTED_ON")
        aliases = (said(one, "ALIAS_NAME") for one in children(element, f"{name}_ALIAS"))
        rows.actors.append(
            Actor(
                name=joined(said(element, part) for part in NAMES),
                aliases=tuple(one for one in dict.fromkeys(aliases) if one),
                kind=name.lower(),
                programme=said(element, "UN_LIST_TYPE"),
                reference=said(element, "REFERENCE_NUMBER"),
                source=SOURCE,
                since=iso_date(listed, source.name) if listed else must_be_dated(published, source.name),
                since_at_latest=not listed,
            )
        )
    published = must_be_dated(published, source.name)
    return rows.done(Edition("un", published, source.sha256, len(rows.actors), source.name, snapshot=True))
