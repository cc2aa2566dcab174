"""Lists written by hand, for regimes without a machine-readable one and for labels of one's own: CSV or TOML.

A CSV of labels has the columns of ``Label``, and may have ``withdraw``: a row that says yes there takes back what lists
below say about the address. A TOML file has ``name`` and ``published``, and any number of ``[[label]]``, ``[[actor]]``
and ``[[withdraw]]``.
"""

from __future__ import annotations

import csv
import tomllib
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from chaintrace.errors import ListError, UserError
from chaintrace.labels.account import canonical
from chaintrace.labels.actor import Actor
from chaintrace.labels.category import checked
from chaintrace.labels.edition import Edition
from chaintrace.labels.label import COLUMNS, WORDS, Label, cells_said, make_label, must_end_later
from chaintrace.labels.labellist import LabelList, Withdrawal
from chaintrace.labels.read.rows import iso_date
from chaintrace.labels.read.source import MIB, Source

MOST = 256 * MIB
_ACTOR = {one.name for one in fields(Actor)} - {"edition"}


def read_csv(source: Source, published: str = "", *, name: str = "") -> LabelList:
    """Labels, and withdrawals where ``withdraw`` says yes. InputError names the first bad line; a category that is not
    in the tree is one."""
    reader = csv.DictReader(source.lines(), strict=True)
    missing = {"address", "category"} - set(reader.fieldnames or ())
    if missing:
        raise ListError(source.name, f"missing column {', '.join(sorted(missing))}", "it needs address,category")
    edition, labels, withdrawals = _edition(source, name, published), [], []
    for row in reader:
        place = f"{source.name}, line {reader.line_num}"
        if _yes(row.get("withdraw") or "", place):
            withdrawals.append(_withdrawal(place, row, edition.name))
        else:
            labels.append(_label(place, cells_said(row)))
    return _list(source, edition, labels, [], withdrawals)


def read_toml(source: Source, published: str = "", *, name: str = "") -> LabelList:
    """Labels, actors and withdrawals. ListError names the first bad table; a word that is not known is an error."""
    try:
        told = tomllib.loads(source.text())
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ListError(source.name, str(error) or "it is nested too deep", "write it as the docs show") from None
    unknown = set(told) - {"name", "published", "origin", "label", "actor", "withdraw"}
    if unknown:
        raise ListError(source.name, f"unknown key {min(unknown)!r}", "write [[label]], [[actor]] or [[withdraw]]")
    edition = _edition(source, name or str(told.get("name", "")), published or _text(told.get("published", "")))
    labels = [_label(place, row) for place, row in _tables(source, told, "label", set(COLUMNS))]
    actors = [_actor(place, row) for place, row in _tables(source, told, "actor", _ACTOR)]
    keys = {"address", "chain", "category", "source", "reason"}
    taken = [_withdrawal(place, row, edition.name) for place, row in _tables(source, told, "withdraw", keys)]
    return _list(source, edition, labels, actors, taken)


def _tables(source: Source, told: dict[str, Any], key: str, known: set[str]) -> list[tuple[str, dict[str, str]]]:
    found, tables = [], told.get(key, [])
    if not isinstance(tables, list) or not all(isinstance(one, dict) for one in tables):
        raise ListError(source.name, f"{key} is no list of tables", f"write [[{key}]]")
    for number, table in enumerate(tables, start=1):
        place = f"{source.name}, {key} {number}"
        if unknown := set(table) - known:
            raise ListError(place, f"unknown key {min(unknown)!r}", f"known: {', '.join(sorted(known))}")
        found.append((place, {name: _text(value) for name, value in table.items()}))
    return found


def _label(place: str, row: dict[str, str]) -> Label:
    label = make_label(place, row)
    _known(place, label.category)
    return label


def _known(place: str, category: str) -> None:
    try:
        checked(category)
    except UserError as error:
        raise ListError(place, error.message, error.hint) from error


def _actor(place: str, row: dict[str, str]) -> Actor:
    if not row.get("name"):
        raise ListError(place, "an actor has no name", "write name")
    said: dict[str, Any] = dict(row)
    said["aliases"] = tuple(one for one in row.get("aliases", "").split(_SPLIT) if one)
    said["since_at_latest"] = _yes(row.get("since_at_latest", ""), place)
    for key in ("since", "until"):
        if row.get(key):
            said[key] = iso_date(row[key], place)
    must_end_later(place, said.get("since"), said.get("until"))
    return Actor(**said)


def _withdrawal(place: str, row: dict[str, str], by: str) -> Withdrawal:
    category, reason = row.get("category") or "", row.get("reason") or row.get("origin") or ""
    if category:
        _known(place, category)
    try:
        address = canonical(row.get("address") or "", row.get("chain") or "")
        return Withdrawal(address, category, row.get("source") or "", reason, by)
    except UserError as error:
        raise ListError(place, error.message, error.hint) from error


def _list(
    source: Source, edition: Edition, labels: list[Label], actors: list[Actor], taken: list[Withdrawal]
) -> LabelList:
    count = len(labels) + len(actors) + len(taken)
    whole = Edition(edition.name, edition.published, source.sha256, count, source.name)
    return LabelList(edition, tuple(labels), tuple(actors), (), tuple(taken)).dated(whole)


def _edition(source: Source, name: str, published: str) -> Edition:
    return Edition(name or source.name, iso_date(published, source.name) if published else "")


_SPLIT = "\x1f"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return _SPLIT.join(map(str, value)) if isinstance(value, list) else str(value)


def _yes(word: str, place: str) -> bool:
    found = WORDS.get(word.strip().lower())
    if found is None:
        raise ListError(place, f"{word[:40]!r} is neither yes nor no", "write yes, or leave it empty")
    return found
