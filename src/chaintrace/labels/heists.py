"""Heists: thefts as the chain has them, and as authorities tell them. The two are never mixed."""

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


@dataclass(frozen=True, slots=True)
class StatedHeist:
    """A theft as somebody states it, with whom they hold responsible. No fact of a chain: nothing is computed with it.

    ``date`` and ``amount`` are the statement's words, not base units. ``attributed_by`` names the ``actors``
    (``claim``: *ascribed*, or *perhaps*: it says no more than that), on the day ``attributed_on``, in ``stated_in``.
    ``accounts``: what lists of ours have of its addresses, by ``accounts_origin``. ``checked``: what it was compared
    with.
    """

    heist: str
    date: str
    amount: str
    actors: tuple[str, ...]
    attributed_by: str
    attributed_on: str
    claim: str
    stated_in: str
    accounts: tuple[str, ...]
    accounts_origin: str
    checked: str


@cache
def heists() -> tuple[Heist, ...]:
    """Thefts whose transactions, amounts and receivers are known, by time. Of others there is ``stated_heists``."""
    return tuple(_heist(row) for row in _table("heists.csv"))


@cache
def stated_heists() -> tuple[StatedHeist, ...]:
    """Thefts that are ascribed to the DPRK, by date, as stated; docs/limits.md says what that is worth."""
    return tuple(_stated(row) for row in _table("stated_heists.csv"))


def stated_about(address: str) -> tuple[StatedHeist, ...]:
    """The stated thefts one of whose accounts is ``address`` (in canonical form)."""
    return tuple(one for one in stated_heists() if address in one.accounts)


def stated_named(words: str) -> tuple[StatedHeist, ...]:
    """The stated thefts whose name, or one of whose actors, contains the words, in any case."""
    wanted = words.casefold().split()
    return tuple(
        one
        for one in stated_heists()
        if any(all(word in name.casefold() for word in wanted) for name in (one.heist, *one.actors))
    )


def _heist(row: dict[str, str]) -> Heist:
    numbers = {"block": int(row.pop("block")), "amount": int(row.pop("amount"))}
    return Heist(**row, **numbers)  # type: ignore[arg-type]


def _stated(row: dict[str, str]) -> StatedHeist:
    several = {"actors": tuple(row.pop("actors").split("; ")), "accounts": tuple(row.pop("accounts").split())}
    return StatedHeist(**row, **several)  # type: ignore[arg-type]


def _table(name: str) -> list[dict[str, str]]:
    text = files("chaintrace.labels").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
