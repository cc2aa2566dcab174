"""Kept editions: a list that was read, as text of our own, with a SHA-256 that shows whether it is still the same."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from hashlib import sha256
from typing import Any

from chaintrace.errors import ListError
from chaintrace.labels.actor import Actor
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import Label
from chaintrace.labels.labellist import LabelList, Unusable, Withdrawal

VERSION = 1
_ADVICE = "remove it and fetch the list again: chaintrace labels update"


def kept_text(found: LabelList) -> str:
    """Two lines: the SHA-256 of the second, and the list as JSON. The same list gives the same text."""
    told = {
        "version": VERSION,
        "edition": asdict(found.edition),
        "labels": [_without_edition(one) for one in found.labels],
        "actors": [_without_edition(one) for one in found.actors],
        "unusable": [asdict(one) for one in found.unusable],
        "withdrawals": [asdict(one) for one in found.withdrawals],
    }
    body = json.dumps(told, ensure_ascii=True, separators=(",", ":"))
    return f"{sha256(body.encode()).hexdigest()}\n{body}\n"


def read_kept(text: str, place: str) -> LabelList:
    """What ``kept_text`` wrote. ListError where it is not that any more, or of another version."""
    digest, _, body = text.partition("\n")
    body = body.removesuffix("\n")
    if sha256(body.encode()).hexdigest() != digest:
        raise ListError(place, "it is damaged: it is not what was written", _ADVICE)
    told: dict[str, Any] = json.loads(body)
    if told.get("version") != VERSION:
        raise ListError(place, f"it is of version {told.get('version')!r}, not {VERSION}", _ADVICE)
    edition = Edition(**told["edition"])
    return LabelList(
        edition,
        tuple(Label(**one, edition=edition) for one in told["labels"]),
        tuple(Actor(**{**one, "aliases": tuple(one.get("aliases", ()))}, edition=edition) for one in told["actors"]),
        tuple(Unusable(**one) for one in told["unusable"]),
        tuple(Withdrawal(**one) for one in told["withdrawals"]),
    )


def _without_edition(one: Label | Actor) -> dict[str, Any]:
    """What differs from nothing said."""
    told = {field.name: getattr(one, field.name) for field in fields(one) if field.name != "edition"}
    needed = {"address", "category", "name"}
    return {name: value for name, value in told.items() if name in needed or value not in ("", None, False)}
