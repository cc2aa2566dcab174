"""What doors can see, told once: reports and the docs quote the same words."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from chaintrace.fetch.cards import CARDS, Card
from chaintrace.fetch.doors import DOORS

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "doors.md"
LINES = ("source", "chains", "inside", "order", "final", "balances", "blind", "bound")


def test_every_door_has_a_card() -> None:
    assert sorted(CARDS) == sorted(DOORS)
    assert {field.name for field in fields(Card)} == {"door", *LINES}


@pytest.mark.parametrize("door", CARDS)
def test_the_docs_say_of_each_door_what_reports_say(door: str) -> None:
    section = PAGE.read_text(encoding="utf-8").partition(f"\n### `{door}`\n")[2].partition("\n##")[0]
    lines = [line.strip("|").split("|") for line in section.splitlines() if line.count("|") == 3]
    told = {name.strip(): text.strip() for name, text in lines}
    assert [told[name] for name in LINES] == [getattr(CARDS[door], name) or "none" for name in LINES]
