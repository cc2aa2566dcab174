"""Explorer labels: dumps of what Etherscan and its kin call addresses, as JSON or CSV."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any, NoReturn

from chaintrace.errors import ListError
from chaintrace.labels.category import vocabulary
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList, Unusable
from chaintrace.labels.read.rows import Rows, iso_date
from chaintrace.labels.read.source import MIB, Source
from chaintrace.labels.read.tagpack import UNSORTED
from chaintrace.model.chain import get_chain
from chaintrace.model.depth import nests

MOST = 256 * MIB
SITES = {"etherscan": "ethereum", "bscscan": "bnb", "arbiscan": "arbitrum", "avalanche": "avalanche",
         "polygonscan": "polygon", "optimistic": "optimism", "basescan": "base", "gnosisscan": "gnosis"}  # fmt: skip
_FILE = re.compile(r"(?:data_)?([a-z]+)_(?:accounts_([a-z0-9-]+)|combined.*)\.(?:json|csv)", re.IGNORECASE)


def read_explorer(source: Source, published: str = "", *, chain: str = "", word: str = "") -> LabelList:
    """``{address: {"name": …, "labels": […]}}``, ``{address: name}``, or a CSV with ``address``, ``name``, ``labels``.

    The explorer's chain, and the label where the file is of one, are taken from a name such as
    ``data_bscscan_accounts_heist.json`` unless given. A label holds on that chain alone. Words that are in no category
    give one label ``unsorted``, with the words as its role.
    """
    match = _FILE.search(PurePath(source.name).name)
    site = match[1].lower() if match else "etherscan"
    named = get_chain(chain or SITES.get(site, "ethereum")).id
    word = word or ((match[2] or "") if match else "")
    rows = Rows(f"{site} labels")
    known = vocabulary("explorer")
    for address, name, words in _entries(source):
        rows.entries += 1
        words = words or ([word] if word else [])
        place = f"entry {rows.entries}"
        if not address:
            rows.unusable.append(Unusable("", "it has no address", place, name))
            continue
        for category in dict.fromkeys(known.get(one, UNSORTED) for one in words) or {UNSORTED: None}:
            label = Label("", category, name, ", ".join(words), source=rows.source, confidence="explorer")
            rows.address(address, "ETH", label, place)
    published = iso_date(published, source.name) if published else ""
    made = rows.done(Edition(rows.source, published, source.sha256, rows.entries, source.name))
    return _on(made, named)


def _on(made: LabelList, chain: str) -> LabelList:
    from dataclasses import replace

    return replace(made, labels=tuple(replace(one, chain=chain) for one in made.labels))


def _entries(source: Source) -> Iterator[tuple[str, str, list[str]]]:
    text = source.text()
    if text.lstrip()[:1] == "{":
        yield from _json(source, text)
        return
    reader = csv.DictReader(source.lines())
    heads = {head.strip().lower().replace(" ", ""): head for head in reader.fieldnames or ()}
    if "address" not in heads:
        raise ListError(source.name, "it is neither a JSON object nor a CSV with address", "give an explorer's dump")
    name = heads.get("nametag") or heads.get("name") or ""
    words = heads.get("labels") or heads.get("label") or ""
    for row in reader:
        told = re.split(r"[|,;]", row.get(words) or "") if words else []
        yield (row[heads["address"]] or "").strip(), row.get(name) or "", [one.strip() for one in told if one.strip()]


def _json(source: Source, text: str) -> Iterator[tuple[str, str, list[str]]]:
    if nests(text):
        raise ListError(source.name, "it is no JSON: nested too deeply for a list", "fetch it again")
    try:
        told = json.loads(text, parse_constant=_refuse)
    except ValueError as error:
        raise ListError(source.name, f"it is no JSON: {str(error)[:200]}", "fetch it again") from None
    for address, said in told.items():
        name, words = (said, []) if isinstance(said, str) else _object(source, said)
        yield address, name, words


def _object(source: Source, said: Any) -> tuple[str, list[str]]:
    words = said.get("labels", []) if isinstance(said, dict) else None
    if not isinstance(words, list) or not all(isinstance(one, str) for one in words):
        raise ListError(source.name, "an entry is neither a name nor a name with labels", "give an explorer's dump")
    return str(said.get("name") or ""), words


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")
