"""Scorecards: the figures that findings quote are those that the data give, and rules were not adjusted to them."""

from __future__ import annotations

import importlib.util
import math
import sys
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.heuristics.registry import known_heuristics
from chaintrace.heuristics.scorecard import MILLION, scores_of, wilson, write_scores

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bench() -> ModuleType:
    spec = importlib.util.spec_from_file_location("scorecards", ROOT / "bench" / "scorecards.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["scorecards"] = module
    spec.loader.exec_module(module)
    return module


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


def test_scores_are_read_as_they_are_written(bench: ModuleType) -> None:
    kept = [score for rule in bench.RULES for score in scores_of(rule)]
    text = (ROOT / "src" / "chaintrace" / "heuristics" / "scorecards.csv").read_text(encoding="utf-8")
    assert write_scores(kept) == text
    assert scores_of("nothing") == ()
    assert {score.rule for score in kept} == set(bench.RULES)
    assert set(bench.RULES) <= {*known_heuristics(), bench.CLUSTERS}


def test_the_page_shows_what_findings_quote(bench: ModuleType) -> None:
    page = (ROOT / "docs" / "methods" / "coinjoin.md").read_text(encoding="utf-8")
    kept = [score for rule in bench.RULES for score in scores_of(rule)]
    assert "\n".join(bench.page(kept)) in page


def test_scores_are_those_of_the_data(bench: ModuleType, data: Path) -> None:
    """`make scorecards` has been run since a rule was last changed."""
    kept = [score for rule in bench.RULES for score in scores_of(rule)]
    assert bench.Scorer(data / "coinjoin", kept[0].date).scores() == kept


def test_the_halves_are_halves_and_nobody_is_in_both(bench: ModuleType) -> None:
    ids = [f"{n:064x}" for n in range(2000)]
    second = sum(map(bench.is_second, ids))
    assert 900 < second < 1100


def test_figures_that_were_to_be_reached(bench: ModuleType) -> None:
    """Recall, where the data can say it; docs/methods/coinjoin.md says what they cannot."""
    recall = {
        (one.rule, one.data): one.count / one.n
        for rule in bench.RULES
        for one in scores_of(rule)
        if one.measure == "recall"
    }
    assert recall["coinjoin-whirlpool", "mixes"] >= 0.99
    assert recall["whirlpool-tx0", "transactions filed as Tx0 that carry data"] >= 0.95
    assert recall["coinjoin-wasabi-1.0", "rounds of Wasabi 1, by 1.0 or 1.1"] >= 0.95
    assert recall["coinjoin-wasabi-2.0", "rounds of Wasabi 2"] >= 0.95
