"""Formats: which reader reads a list, by its name or by what it begins with."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path, PurePath

from chaintrace.errors import ListError, MethodError
from chaintrace.labels.labellist import LabelList
from chaintrace.labels.read import (
    eu,
    explorer,
    ofac_advanced,
    ofac_csv,
    ofac_sdn,
    plain,
    tagpack,
    timeline,
    uk,
    un,
)
from chaintrace.labels.read.source import MOST, Source

READERS: dict[str, Callable[[Source, str], LabelList]] = {
    "ofac-advanced": ofac_advanced.read_ofac_advanced,
    "ofac-sdn": ofac_sdn.read_ofac_sdn,
    "ofac-csv": ofac_csv.read_ofac_csv,
    "un": un.read_un,
    "eu": eu.read_eu,
    "uk-list": uk.read_uk_list,
    "uk-csv": uk.read_uk_csv,
    "uk-xml": uk.read_uk_xml,
    "timeline": timeline.read_timeline,
    "csv": plain.read_csv,
    "toml": plain.read_toml,
    "tagpack": tagpack.read_tagpack,
    "explorer": explorer.read_explorer,
}
CAPS = {"csv": plain.MOST, "toml": plain.MOST, "tagpack": tagpack.MOST, "explorer": explorer.MOST}

# What the first bytes of a list hold, and its form.
_SIGNS = (
    (b"<CONSOLIDATED_LIST", "un"),
    (b"eu.europa.ec/fpi/fsd/export", "eu"),
    (b"<Designations", "uk-list"),
    (b"ArrayOfFinancialSanctionsTarget", "uk-xml"),
    (b"<sdnList", "ofac-sdn"),
    (b"<Sanctions", "ofac-advanced"),
)
HEAD = 4096


def read_list(content: str | Path | bytes, format: str = "", *, published: str = "", name: str = "") -> LabelList:
    """One edition of a list, of a file or of bytes, bare or in a ZIP.

    ``format``: one of ``READERS``; empty: known by the first bytes and the name. ``published``: the date of a list that
    does not say one, or to be put in its place. ListError for a list that is unsafe, not whole or of no known form;
    InputError for a bad row of one's own list. Nothing of such a list is used.
    """
    chosen = format or sniff(Source(content, name))
    if chosen not in READERS:
        raise MethodError(f"format {chosen!r}", "is none", f"use one of: {', '.join(READERS)}")
    source = Source(content, name, CAPS.get(chosen, MOST))
    try:
        return READERS[chosen](source, published)
    except csv.Error as error:
        raise ListError(source.name, f"it is no whole table: {error}", "fetch it again") from error


def sniff(source: Source) -> str:
    """The form of a list. ListError where it is none that is known."""
    with source.stream() as stream:
        head = stream.read(HEAD)
    for sign, found in _SIGNS:
        if sign in head:
            return found
    first = head.decode("utf-8-sig", "replace").lstrip().partition("\n")[0].lower()
    suffix = PurePath(source.name).suffix.lower()
    if suffix in (".yaml", ".yml"):
        return "tagpack"
    if suffix == ".toml":
        return "toml"
    if first.startswith("{") or "nametag" in first:
        return "explorer"
    if first.startswith("last updated"):
        return "uk-csv"
    if "first_seen" in first:
        return "timeline"
    if "address" in first and "category" in first:
        return "csv"
    if first.lstrip('"')[:1].isdigit() and first.count(",") >= 11:
        return "ofac-csv"
    raise ListError(source.name, "it is no list of a known form", f"name its form, one of: {', '.join(READERS)}")
