"""acme-rush: what it flags, what it leaves alone, and how often it is right on planted stories."""

from __future__ import annotations

from dataclasses import replace

import pytest
from acme_heuristics.rush import RushThresholds, rush
from hypothesis import given, settings

import chaintrace as ct
from chaintrace.testing import LackError, Scenario, assert_any_order, assert_flags, assert_silent, eth, measure
from chaintrace.testing.strategies import ledgers, names

PAID = Scenario().opens("thief", eth(100)).pays("thief", "mule", eth(10), tx="payment")
RUSH = PAID.deposits("mule", "tornado", eth(10), after="20m", tx="deposit")


def test_a_deposit_soon_after_the_payment_is_flagged() -> None:
    (found,) = assert_flags(rush, RUSH, subject="mule", times=1)
    assert found.evidence == {"waited": 1_200, "deposit": eth(10)}
    assert found.tx_hashes == (RUSH.tx("payment"), RUSH.tx("deposit"))


def test_an_hour_decides() -> None:
    assert_flags(rush, PAID.deposits("mule", "tornado", eth(10), after="60m"))
    assert_silent(rush, PAID.deposits("mule", "tornado", eth(10), after="1h 12s"))


def test_the_amount_decides() -> None:
    little = PAID.deposits("mule", "tornado", eth(1)).deposits("mule", "tornado", eth("0.1"))
    assert_flags(rush, little, subject="mule", times=1)
    assert_silent(rush, little, thresholds=replace(RushThresholds(), least=eth(1) + 1))


def test_the_share_that_the_payment_brought_decides() -> None:
    rich = Scenario().opens("rich", eth(50)).opens("thief", eth(100))
    assert_flags(rush, rich.pays("thief", "rich", eth(8)).deposits("rich", "tornado", eth(10)), subject="rich")
    assert_silent(rush, rich.pays("thief", "rich", eth(8) - 1).deposits("rich", "tornado", eth(10)))


def test_a_payment_that_comes_after_the_deposit_is_none() -> None:
    story = Scenario().opens("own", eth(10)).deposits("own", "tornado", eth(10)).pays("thief", "own", eth(10))
    assert_silent(rush, story)


def test_an_exchange_is_no_mixer() -> None:
    assert_silent(rush, PAID.labelled("desk", "exchange").deposits("mule", "desk", eth(10)))


def test_a_label_counts_within_its_dates() -> None:
    over = PAID.labelled("mill", "mixer", until="2022-01-01")
    assert_silent(rush, over.deposits("mule", "mill", eth(10)))
    assert_flags(rush, PAID.labelled("mill", "mixer", since="2022-01-01").deposits("mule", "mill", eth(10)))


def test_a_story_that_cannot_have_happened_is_an_error() -> None:
    with pytest.raises(LackError, match="mule has 10 ETH and lacks 90 ETH"):
        PAID.deposits("mule", "tornado", eth(100))


def test_it_is_asked_with_all_others() -> None:
    assert "acme-rush" in RUSH.findings().rules
    assert ct.known_heuristics()["acme-rush"].rule is rush


@settings(max_examples=50, deadline=None)
@given(story=ledgers())
def test_findings_rest_on_rows_whatever_happened_and_in_any_order(story: Scenario) -> None:
    assert_any_order(rush, story)
    rows = {(row["tx_hash"], row["kind"], row["seq"]) for row in story.transfers.table.to_pylist()}
    for one in story.findings(only="acme-rush"):
        assert set(one.rows) <= rows


@settings(max_examples=50, deadline=None)
@given(name=names())
def test_names_of_strangers_change_nothing(name: str) -> None:
    story = PAID.labelled("mill", "mixer", name=name).deposits("mule", "mill", eth(10))
    assert_flags(rush, story, subject="mule", times=1)


def test_how_often_it_is_right() -> None:
    """On stories that no threshold was chosen on."""
    positives = [
        (PAID.deposits("mule", "tornado", note, after=f"{minutes}m"), "mule")
        for note in (eth(1), eth(10))
        for minutes in (1, 7, 31, 58)
    ]
    negatives = [PAID.deposits("mule", "tornado", eth(10), after=f"{hours}h") for hours in range(2, 12)]
    score = measure(rush, positives, negatives)
    assert (score.recall.count, score.recall.n) == (8, 8)
    assert score.recall.low > 600_000  # millionths: with eight stories no more can be said
    assert score.false_alarms.count == 0
