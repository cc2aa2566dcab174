"""TagPacks: GraphSense's YAML form of labels, in and out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from chaintrace.errors import ListError
from chaintrace.labels.account import BITCOIN, OTHER, TRON
from chaintrace.labels.category import SANCTIONED, vocabulary
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import COLUMNS, Label
from chaintrace.labels.labellist import LabelList, Unusable
from chaintrace.labels.read.rows import Rows, iso_date
from chaintrace.labels.read.source import MIB, Source
from chaintrace.model.depth import nests

MOST = 64 * MIB
DEEPEST = 16
UNSORTED = "unsorted"
OURS = "chaintrace"


def read_tagpack(source: Source, published: str = "") -> LabelList:
    """One label for every category that a tag's ``category``, ``abuse`` and ``concepts`` come to; tags inherit what the
    head says. ``lastmod`` is no beginning, so labels have no dates; but that somebody is sanctioned is known by then
    at the latest. ListError for YAML with tags of its own, aliases, or the wrong shape."""
    pack = _load(source)
    tags = pack.get("tags")
    if not isinstance(tags, list):
        raise ListError(source.name, "it has no list of tags", "give a TagPack of GraphSense")
    title = str(pack.get("title", "")) or source.name
    rows = Rows(title)
    for number, tag in enumerate(tags, start=1):
        if not isinstance(tag, dict):
            raise ListError(f"{source.name}, tag {number}", "it is no mapping", "give a TagPack of GraphSense")
        rows.entries += 1
        _tag(rows, {**pack, **tag}, f"tag {number}")
    published = iso_date(published, source.name) if published else str(pack.get("lastmod", ""))[:10]
    return rows.done(Edition(title, published, source.sha256, rows.entries, source.name))


def tagpack_text(labels: Iterable[Label], title: str, creator: str = OURS) -> str:
    """A TagPack of labels. What has no place in the form is in ``context``: ``read_tagpack`` gives equal ones back."""
    import yaml

    tags = [_written(label) for label in labels]
    head = {"title": title, "creator": creator, "is_cluster_definer": False, "tags": tags}
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(head, Dumper=dumper, allow_unicode=True, sort_keys=False, width=10**6))


def _tag(rows: Rows, tag: Mapping[str, Any], place: str) -> None:
    address, said = tag.get("address"), {key: str(tag.get(key) or "").strip() for key in _TEXTS}
    if not isinstance(address, str):
        rows.unusable.append(Unusable(str(address)[:200], "it is not text: the YAML lacks quotes", place))
        return
    ours = _context(tag.get("context"))
    if ours is not None:
        rows.ready(Label(**{key: value for key, value in ours.items() if key in COLUMNS}), place)
        return
    words = [said["category"], said["abuse"], *_concepts(tag.get("concepts"))]
    known = vocabulary("graphsense")
    found = dict.fromkeys(known.get(word, UNSORTED) for word in dict.fromkeys(words) if word)
    for category in found or {UNSORTED: None}:
        listed = category == SANCTIONED
        label = Label(
            "", category, said["label"], role=", ".join(dict.fromkeys(filter(None, words))), source=rows.source,
            confidence=said["confidence"], origin=said["source"], actor=said["actor"],
            since=(said["lastmod"][:10] or None) if listed else None, since_at_latest=listed,
        )  # fmt: skip
        rows.address(address, said["currency"] or said["network"], label, place)


_TEXTS = ("label", "category", "abuse", "confidence", "source", "actor", "currency", "network", "lastmod")


def _concepts(told: object) -> list[str]:
    return [str(one) for one in told] if isinstance(told, list) else []


def _context(told: object) -> dict[str, Any] | None:
    """What chaintrace wrote into a context; None where it did not, or where it does not have the right shape."""
    if not isinstance(told, str) or OURS not in told or nests(told):
        return None
    try:
        ours = json.loads(told).get(OURS)
    except (ValueError, AttributeError):
        return None
    shapes = {
        "since": (str, type(None)),
        "until": (str, type(None)),
        "last_seen": (str, type(None)),
        "since_at_latest": (bool,),
    }
    if not isinstance(ours, dict) or not {"address", "category"} <= set(ours):
        return None
    return ours if all(isinstance(value, shapes.get(key, (str,))) for key, value in ours.items()) else None


def _written(label: Label) -> dict[str, Any]:
    words = {category: word for word, category in reversed(vocabulary("graphsense").items())}
    tag: dict[str, Any] = {"address": label.address, "currency": _currency(label), "label": label.name}
    word = words.get(label.category)
    tag["abuse" if word in _ABUSES else "category"] = word or label.category
    more = {"confidence": label.confidence, "source": label.origin, "actor": label.actor}
    tag |= {key: text for key, text in more.items() if text}
    ours = {key: value for key, value in asdict(label).items() if key in COLUMNS and value not in ("", None, False)}
    tag["context"] = json.dumps({OURS: ours}, ensure_ascii=False)
    return tag


_ABUSES = frozenset(
    {"service_hack", "sanction", "scam", "ransomware", "extortion", "phishing", "ponzi_scheme", "terrorism", "spam"}
)


def _currency(label: Label) -> str:
    if label.chain.startswith(OTHER):
        return label.chain.removeprefix(OTHER)
    if label.address.startswith("0x"):
        return "ETH"
    return {BITCOIN: "BTC", TRON: "TRX"}.get(label.chain, "TRX" if label.address.startswith("T") else "BTC")


def _load(source: Source) -> dict[str, Any]:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = source.text()
    try:
        depth = 0
        for event in yaml.parse(text, Loader=loader):
            # An alias can name itself, or name much again and again.
            if isinstance(event, yaml.AliasEvent):
                raise ListError(source.name, "it has YAML aliases, which no TagPack needs", "do not open it")
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                raise ListError(source.name, f"it is nested deeper than {DEEPEST}", "do not open it")
        told = yaml.load(text, Loader=loader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ListError(source.name, f"it is no safe YAML: {str(error)[:200]}", "do not open it") from None
    if not isinstance(told, dict):
        raise ListError(source.name, "it is no TagPack", "give a TagPack of GraphSense")
    return told
