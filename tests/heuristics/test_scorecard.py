"""Scorecards: the figures that findings quote are those that the data give, and rules were not adjusted to them."""

from __future__ import annotations

import importlib
import math
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.heuristics.finding import Score
from chaintrace.heuristics.registry import known_heuristics
from chaintrace.heuristics.scorecard import FOLDER, MILLION, scores_of, wilson, write_scores

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench() -> Iterator[ModuleType]:
    """bench/scorecards.py; the families are what it finds beside it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT / "bench")
        yield importlib.import_module("scorecards")


FAMILIES = sorted(path.stem for path in (ROOT / "bench" / "scores").glob("[a-z]*.py"))


@pytest.fixture(params=FAMILIES)
def family(bench: ModuleType, request: pytest.FixtureRequest) -> Any:
    return bench.family(request.param)


@pytest.fixture
def coinjoin(bench: ModuleType) -> Any:
    return bench.family("coinjoin")


def kept_of(family: Any) -> list[Score]:
    return [score for rule in family.RULES for score in scores_of(rule)]


@given(st.integers(0, 5000), st.integers(1, 5000))
def test_the_interval_is_wilsons(count: int, n: int) -> None:
    """Its bounds are the shares p at which the count is 1.96 standard deviations of p away."""
    count = min(count, n)
    low, high = (bound / MILLION for bound in wilson(count, n))
    share = count / n
    assert low <= share <= high
    for bound in (low, high):
        if 0 < bound < 1:
            assert math.isclose(abs(share - bound), 1.96 * math.sqrt(bound * (1 - bound) / n), abs_tol=1e-4)


def test_known_intervals() -> None:
    assert wilson(0, 0) == (0, MILLION)
    assert wilson(0, 10) == (0, 277533)  # 0 of 10: Newcombe 1998, method 3
    assert wilson(15, 148) == (62386, 160487)


def test_scores_are_read_as_they_are_written(family: Any) -> None:
    kept, name = kept_of(family), family.__name__.rpartition(".")[2]
    text = (ROOT / "src" / "chaintrace" / "heuristics" / FOLDER / f"{name}.csv").read_text(encoding="utf-8")
    assert write_scores(kept) == text
    assert {score.rule for score in kept} == set(family.RULES)
    assert all(rule in known_heuristics() or rule.startswith("ct.") for rule in family.RULES)


def test_what_was_not_measured_has_no_scores() -> None:
    assert scores_of("nothing") == ()


def test_the_page_shows_what_findings_quote(bench: ModuleType, family: Any) -> None:
    page = (ROOT / "docs" / family.PAGE).read_text(encoding="utf-8")
    assert "\n".join(bench.table(kept_of(family))) in page


def test_scores_are_those_of_the_data(family: Any, request: pytest.FixtureRequest) -> None:
    """`make scorecards` has been run since a rule was last changed."""
    data = request.getfixturevalue("data") if family.NEEDS_DATA else None
    kept = kept_of(family)
    assert family.scores(data, kept[0].date) == kept


def test_the_halves_are_halves_and_nobody_is_in_both(coinjoin: Any) -> None:
    ids = [f"{n:064x}" for n in range(2000)]
    second = sum(map(coinjoin.is_second, ids))
    assert 900 < second < 1100


def test_figures_that_were_to_be_reached(coinjoin: Any) -> None:
    """Recall, where the data can say it; docs/methods/coinjoin.md says what they cannot."""
    recall = {(one.rule, one.data): one.count / one.n for one in kept_of(coinjoin) if one.measure == "recall"}
    assert recall["coinjoin-whirlpool", "mixes"] >= 0.99
    assert recall["whirlpool-tx0", "transactions filed as Tx0 that carry data"] >= 0.95
    assert recall["coinjoin-wasabi-1.0", "rounds of Wasabi 1, by 1.0 or 1.1"] >= 0.95
    assert recall["coinjoin-wasabi-2.0", "rounds of Wasabi 2"] >= 0.95
    alarms = {(one.rule, one.data): one.count / one.n for one in kept_of(coinjoin) if one.measure == "false alarms"}
    assert alarms["coinjoin-whirlpool", "Whirlpool's post-mix transactions as filed"] <= 0.005
