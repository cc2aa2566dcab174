"""Categories: the published tree of what an address may be called, and the words that other lists use for them."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from typing import Literal

from chaintrace.errors import MethodError

SANCTIONED = "sanctioned"
Side = Literal["kind", "standing"]


@dataclass(frozen=True, slots=True)
class Category:
    """``side``: ``kind`` says what an account is, ``standing`` what it is accused of or listed for. An account has one
    kind, and may have any number of standings."""

    name: str
    parent: str
    side: Side
    meaning: str


@cache
def categories() -> dict[str, Category]:
    """The tree by name, parents before their children."""
    found: dict[str, Category] = {}
    for row in _table("categories.csv"):
        side: Side = "kind" if row["side"] == "kind" else "standing"
        found[row["category"]] = Category(row["category"], row["parent"], side, row["meaning"])
    return found


def ancestry(name: str) -> list[str]:
    """A category and everything above it. One that is not in the tree stands alone: users may have their own."""
    found, known = [name], categories()
    while name in known and known[name].parent:
        name = known[name].parent
        found.append(name)
    return found


def is_a(name: str, above: str) -> bool:
    """Whether a category is another, or below it."""
    return above in ancestry(name)


def is_standing(name: str) -> bool:
    """Whether a category says what an account is accused of or listed for, not what kind it is."""
    found = categories().get(name)
    return found is not None and found.side == "standing"


def checked(name: str) -> str:
    """A category of the tree, letter by letter. MethodError otherwise, with the nearest word: ``Sanctioned`` is none,
    and taken for a word of one's own it would never be found."""
    known = categories()
    if name not in known:
        near = get_close_matches(name.strip().lower(), known, 1)
        advice = f"write {near[0]!r}" if near else "use a word of docs/methods/categories.md, such as 'unsorted'"
        raise MethodError(f"category {name[:40]!r}", "is none that is known", advice)
    return name


def disagree(one: str, other: str) -> bool:
    """Whether two categories cannot both be what an account is: both kinds, and neither is below the other."""
    known = categories()
    if any(name not in known or known[name].side != "kind" for name in (one, other)):
        return False
    return not (is_a(one, other) or is_a(other, one))


@cache
def vocabulary(name: str) -> dict[str, str]:
    """The categories behind another list's words: ``graphsense`` or ``explorer``."""
    return {row["word"]: row["category"] for row in _table("words.csv") if row["vocabulary"] == name}


def _table(name: str) -> list[dict[str, str]]:
    text = files("chaintrace.labels").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
