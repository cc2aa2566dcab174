"""JSON lines: numbers stay text until the grammar reads them."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

import numpy as np

from chaintrace.errors import InputError
from chaintrace.fetch.frame import Part, Raw, Source, shown, texts
from chaintrace.fetch.text import PIECE, chained, open_text, reading
from chaintrace.model.depth import depth, room_for
from chaintrace.model.transfer import Rejection


def open_json(path: Path, keep: Collection[str]) -> Source:
    """JSON lines. Columns are known only at the end, so the file is read here, and the columns in ``keep`` are kept."""
    columns: dict[str, list[Raw]] = {}
    waiting: list[dict[str, Any]] = []
    numbers: list[int] = []
    torn: list[Rejection] = []
    seen: dict[str, None] = {}
    keep = frozenset(keep)
    with reading(path), open_text(path) as handle:
        lines = (line for line in handle if not line.isspace())
        for number, line in enumerate(lines):
            found, fault = _object(line)
            if fault:
                torn.append(Rejection(str(path), number, fault, "", shown(line.strip())))
                continue
            numbers.append(number)
            waiting.append(found)
            if len(waiting) == PIECE:
                _pour(waiting, columns, seen, keep, len(numbers))
    _pour(waiting, columns, seen, keep, len(numbers))
    if not numbers:
        advice = "a JSON file has one object a line, as in JSON lines"
        raise InputError(str(path), "no line of it is a JSON object" if torn else "it is empty", advice)

    def load(wanted: Collection[str]) -> Part:
        loaded = {name: chained(pieces) for name, pieces in columns.items() if name in wanted}
        return Part(str(path), np.array(numbers, dtype=np.int64), loaded, tuple(torn))

    return Source(str(path), tuple(seen), load)


def _pour(
    waiting: list[dict[str, Any]],
    columns: dict[str, list[Raw]],
    seen: dict[str, None],
    keep: frozenset[str],
    total: int,
) -> None:
    """Moves the waiting objects into columns. One that turns up only now was missing in all rows before."""
    for row in waiting:
        if not row.keys() <= seen.keys():
            seen.update(dict.fromkeys(row))
    for name in seen:
        if name in keep:
            before = total - len(waiting)
            pieces = columns.setdefault(name, [texts([None] * before)] if before else [])
            pieces.append(texts([_text(row.get(name)) for row in waiting]))
    waiting.clear()


FEW = 100
"""So many brackets cannot be nested too deeply."""


def _object(line: str) -> tuple[dict[str, Any], str]:
    try:
        with room_for(depth(line.encode("utf-8", "replace")) if line.count("[") + line.count("{") > FEW else 0):
            found = _DECODER.decode(line.strip())
    except _DuplicateKeyError:
        return {}, "duplicate key"
    except (ValueError, RecursionError):
        return {}, "not JSON"
    return (found, "") if isinstance(found, dict) else ({}, "not JSON")


class _DuplicateKeyError(Exception):
    """JSON leaves open which of two equal keys counts, so a line that has them says nothing certain."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _DuplicateKeyError
    return found


# No float and no limit on digits may come between the file and the grammar. NaN is JavaScript and nothing in JSON.
_DECODER = json.JSONDecoder(
    object_pairs_hook=_unique,
    parse_float=str,
    parse_int=str,
    parse_constant=lambda name: None if name == "NaN" else name,
)


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value):
        return ",".join(str(item) for item in value)
    return json.dumps(value)
