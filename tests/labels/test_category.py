"""Categories: a tree without holes, and words of others that lead into it."""

from __future__ import annotations

import csv
import re
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from chaintrace.labels.category import ancestry, categories, disagree, is_a
from tests.docs.blocks import DOCS

NAMES = st.sampled_from(sorted(categories()))


def test_parents_come_first_and_are_of_the_same_side() -> None:
    seen: set[str] = set()
    for name, one in categories().items():
        assert not one.parent or one.parent in seen
        assert not one.parent or categories()[one.parent].side == one.side
        assert one.meaning
        seen.add(name)


@given(NAMES)
def test_everything_is_what_is_above_it(name: str) -> None:
    assert ancestry(name)[0] == name
    assert all(is_a(name, above) for above in ancestry(name))
    assert not any(is_a(above, name) for above in ancestry(name)[1:])


@given(NAMES, NAMES)
def test_two_disagree_both_ways_or_not_at_all(one: str, other: str) -> None:
    assert disagree(one, other) == disagree(other, one)
    assert not (disagree(one, other) and (is_a(one, other) or is_a(other, one)))


def test_an_own_word_stands_alone() -> None:
    assert ancestry("a word of my own") == ["a word of my own"]
    assert not disagree("a word of my own", "mixer")


def test_words_of_others_lead_into_the_tree() -> None:
    text = files("chaintrace.labels").joinpath("data", "words.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert {row["category"] for row in rows} <= set(categories())
    assert len({(row["vocabulary"], row["word"]) for row in rows}) == len(rows)


def test_the_page_is_the_tree() -> None:
    page = (DOCS / "methods" / "categories.md").read_text(encoding="utf-8")
    told = {
        tuple(cells)
        for cells in re.findall(r"^\| `([^`]+)` \| (?:`([^`]+)`)? *\| (\w+) \| (.+) \|$", page, re.MULTILINE)
    }
    assert told == {(one.name, one.parent, one.side, one.meaning) for one in categories().values()}
