"""Entries of a case.toml, checked: one that is misspelt or of the wrong type would silently ask another question."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from chaintrace.errors import CaseError


def known(case: str, where: str, told: Any, names: Iterable[str]) -> dict[str, Any]:
    """The entries of a table, each of which must be one of ``names``."""
    if not isinstance(told, dict):
        raise CaseError(case, f"{where} is not a table of entries", "write it as a table: name = value, line by line")
    for name in told:
        if name not in names:
            near = get_close_matches(name, list(names), 1)
            advice = f"did you mean {near[0]!r}?" if near else f"known are: {', '.join(names)}"
            raise CaseError(case, f"{where} {name!r} is no entry that a case knows".strip(), advice)
    return told


def texts(case: str, told: dict[str, Any], keys: Iterable[str]) -> dict[str, str]:
    """Those of ``keys`` that are told, each of which must be a text that says something."""
    found = {key: told[key] for key in keys if key in told}
    for key, value in found.items():
        if not isinstance(value, str) or not value.strip():
            raise CaseError(case, f"{key} = {value!r} is not a text", f'write {key} = "…"')
    return {key: value.strip() for key, value in found.items()}


def text_list(case: str, told: dict[str, Any], key: str) -> tuple[str, ...]:
    values = told.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise CaseError(case, f"{key} is not a list of texts", 'write a list, as in ["mixer"]')
    return tuple(values)


def tables(case: str, told: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """A list of tables, such as [[seeds]]."""
    values = told.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise CaseError(case, f"{key} is not a list of tables", f"write each under a line [[{key}]]")
    return values


def moment(value: Any) -> Any:
    """A date of TOML's own is that date as text."""
    return value.isoformat() if isinstance(value, date) and not isinstance(value, datetime) else value
