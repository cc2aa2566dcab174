"""Exact JSON: numbers as they are written, no member twice, nothing that other readers would read otherwise."""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from chaintrace.model.depth import depth, room_for


class NotExact(ValueError):
    """Bytes that are no JSON, or JSON that two readers may read differently. The text says why."""


def load(data: bytes) -> Any:
    """The value of a JSON text in UTF-8. Fractions come as ``Decimal``. Raises NotExact, nothing else."""
    try:
        with room_for(depth(data)):
            return json.loads(
                data.decode("utf-8"), object_pairs_hook=_members, parse_float=_fraction, parse_constant=_constant
            )
    except UnicodeDecodeError:
        raise NotExact("it is not UTF-8") from None
    except RecursionError:
        raise NotExact("it is nested too deeply") from None
    except NotExact:
        raise
    except ValueError as error:  # not JSON, or a number of more digits than Python reads
        raise NotExact(str(error)[:120]) from None


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        raise NotExact("a member stands twice in one object")
    return told


def _fraction(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise NotExact("a number is beyond all bounds") from None


def _constant(text: str) -> Any:
    raise NotExact(f"{text} is no number of JSON")
