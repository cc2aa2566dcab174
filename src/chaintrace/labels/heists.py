"""Heists: thefts whose transactions, amounts and receivers are known."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Heist:
    """One stolen asset of a theft: ``amount`` in base units of ``asset`` (CAIP-19), ``time`` in UTC."""

    name: str
    actor: str
    time: str
    chain: str
    block: int
    tx_hash: str
    sender: str
    receiver: str
    asset: str
    amount: int
    origin: str


@cache
def heists() -> tuple[Heist, ...]:
    """The bundled ones, by time. Other thefts are known by name only, and left out: see docs/limits.md."""
    text = files("chaintrace.labels").joinpath("data", "heists.csv").read_text(encoding="utf-8")
    return tuple(_heist(row) for row in csv.DictReader(text.splitlines()))


def _heist(row: dict[str, str]) -> Heist:
    numbers = {"block": int(row.pop("block")), "amount": int(row.pop("amount"))}
    return Heist(**row, **numbers)  # type: ignore[arg-type]
