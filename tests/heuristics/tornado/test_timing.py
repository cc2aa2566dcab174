"""Timing and portfolios: each threshold alone decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chaintrace.heuristics.tornado.portfolio import PortfolioThresholds
from chaintrace.heuristics.tornado.timing import BurstThresholds, NearestThresholds, sure
from chaintrace.model.note import Note
from tests.heuristics.ledger import DAY, HOUR, address
from tests.heuristics.tornado.told import HUNDRED, ONE, TENTH, ask, paid, taken

BURST = [
    *(paid("a", hour) for hour in (1, 2, 3)),
    *(paid(who, 4) for who in "bcde"),
    *(taken("x", hour) for hour in (5, 6, 7)),
]
NEAREST = [paid("old"), paid("a", 100), taken("x", 101)]
PORTFOLIO = [
    *(paid("a", hour) for hour in (1, 2, 3)),
    *(paid("a", hour, ONE) for hour in (4, 5)),
    *(taken("x", hour) for hour in (31, 32, 33)),
    *(taken("x", hour, ONE) for hour in (34, 35)),
]


def burst(story: list[Note], **thresholds: Any) -> list[Any]:
    at = {"tornado-burst": replace(BurstThresholds(), **thresholds)}
    return list(ask(story, "burst", thresholds=at))


def nearest(story: list[Note], **thresholds: Any) -> list[Any]:
    at = {"tornado-nearest": replace(NearestThresholds(), **thresholds)}
    return list(ask(story, "nearest", thresholds=at))


def portfolio(story: list[Note], **thresholds: Any) -> list[Any]:
    at = {"tornado-portfolio": replace(PortfolioThresholds(), **thresholds)}
    return list(ask(story, "portfolio", thresholds=at))


def test_a_burst_that_one_depositor_alone_fits() -> None:
    (one,) = burst(BURST)
    assert one.subject == address("x")
    assert (one.evidence["paid_in"], one.evidence["field"], one.evidence["notes"]) == ([address("a")], 5, 3)
    assert len(one.tx_hashes) == 6


def test_a_burst_that_several_fit_names_them_and_pairs_nothing() -> None:
    also = [paid("b", hour) for hour in (1, 2)]
    (one,) = burst([*BURST, *also])
    assert one.evidence["paid_in"] == sorted([address("a"), address("b")])
    assert len(one.tx_hashes) == 3


@pytest.mark.parametrize(
    ("thresholds", "found"),
    [
        ({"field": 5}, True), ({"field": 6}, False),
        ({"notes": 3}, True), ({"notes": 4}, False),
        ({"gap": 4 * HOUR}, True), ({"gap": 4 * HOUR - 1}, False),
        ({"disc": 100}, True),
    ],
)  # fmt: skip
def test_thresholds_of_bursts_decide_alone(thresholds: dict[str, int], found: bool) -> None:
    assert bool(burst(BURST, **thresholds)) is found


def test_how_few_must_fit() -> None:
    """Two of five fit: 75 of a hundred."""
    two = [*BURST, *(paid("b", hour) for hour in (1, 2))]
    assert burst(two, disc=75)
    assert not burst(two, disc=76)


def test_a_burst_in_another_pool_or_in_advance_is_none() -> None:
    assert not burst([replace(one, pool=ONE) if one.kind == "deposit" else one for one in BURST])
    assert not burst([replace(one, time=one.time + DAY) if one.kind == "deposit" else one for one in BURST])


def test_the_nearest_deposit() -> None:
    (one,) = nearest(NEAREST)
    assert (one.subject, one.evidence["paid_in"]) == (address("x"), address("a"))
    assert (one.evidence["seconds"], one.evidence["others"], one.confidence) == (HOUR, 0, sure(0))


@pytest.mark.parametrize(
    ("more", "others"),
    [([paid("b", 99)], 1), ([taken("y", 99)], 1), ([paid("b", 99), paid("c", 98), taken("y", 97)], 3)],
)
def test_others_nearby_make_the_nearest_less_sure_until_it_is_refused(more: list[Note], others: int) -> None:
    told = {one.subject: one for one in nearest([*NEAREST, *more])}
    assert told[address("x")].evidence["others"] == others
    assert told[address("x")].confidence == sure(others)
    assert address("x") in {one.subject for one in nearest([*NEAREST, *more], others=others)}
    assert address("x") not in {one.subject for one in nearest([*NEAREST, *more], others=others - 1)}


def test_the_gap_of_the_nearest_decides_alone() -> None:
    assert nearest(NEAREST, gap=HOUR)
    assert not nearest(NEAREST, gap=HOUR - 1)
    assert not nearest([paid("a", 100), taken("x", 100)])
    assert not nearest([paid("a", 100, ONE), taken("x", 101, HUNDRED)])


def test_confidence_falls_with_competition() -> None:
    assert [sure(n) for n in range(6)] == [50, 28, 17, 4, 4, 4]


def test_a_portfolio_that_comes_out_as_it_went_in() -> None:
    (one,) = portfolio(PORTFOLIO)
    assert one.evidence["portfolio"] == {"Tornado Cash 100 ETH": 3, "Tornado Cash 1 ETH": 2}
    assert (one.evidence["paid_in"], one.confidence) == ([address("a")], 40)
    assert len(one.tx_hashes) == 10


@pytest.mark.parametrize(
    ("thresholds", "found"),
    [
        ({"notes": 5}, True), ({"notes": 6}, False),
        ({"pools": 2}, True), ({"pools": 3}, False),
        ({"window": 4 * HOUR}, True), ({"window": 4 * HOUR - 1}, False),
        ({"candidates": 1}, True), ({"candidates": 0}, False),
    ],
)  # fmt: skip
def test_thresholds_of_portfolios_decide_alone(thresholds: dict[str, int], found: bool) -> None:
    assert bool(portfolio(PORTFOLIO, **thresholds)) is found


@pytest.mark.parametrize(
    "story",
    [
        PORTFOLIO[:-1],  # one note less comes out
        [*PORTFOLIO[:-1], taken("x", 35, TENTH)],  # of another pool
        [*PORTFOLIO[:-1], taken("y", 35, ONE)],  # of another account
        [replace(one, time=one.time + 3 * DAY) if one.kind == "deposit" else one for one in PORTFOLIO],  # too late
    ],
)
def test_what_is_almost_the_portfolio_is_none(story: list[Note]) -> None:
    assert not portfolio(story)
