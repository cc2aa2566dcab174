"""Intensity: what share of what two accounts pay passes between them, in exact thousandths."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.heuristics.tornado.intensity import MILLE, Between, IntensityThresholds, Way, is_strong
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.model.transfer import Transfers
from tests.heuristics.ledger import DAY, ETHER, HOUR, Pay, address, label, table
from tests.heuristics.tornado.told import HUNDRED, ONE, paid, taken

RULE = "tornado-intensity"
NOTES = [paid("a"), taken("x", 24 * 9)]
FEW = [Pay("a", "x", 10), Pay("a", "shop", 30, HOUR), Pay("a", "shop", 60, 2 * HOUR)]
"""A third of the payments and a tenth of the money go one way: 0.3/3 + 0.07 = 0.17, of which 0.85."""


def ask(pays: Iterable[Pay], notes: Iterable[ct.Note] = NOTES, order: Any = None, **options: Any) -> ct.Findings:
    return ct.findings(Transfers(table(pays, order)), notes=Notes.of(notes), only=RULE, **options)


def at(**thresholds: Any) -> dict[str, Any]:
    return {"thresholds": {RULE: replace(IntensityThresholds(), **thresholds)}}


def test_what_passes_one_way() -> None:
    (one,) = ask(FEW)
    assert (one.subject, one.evidence["paid_in"]) == (address("x"), address("a"))
    assert (one.evidence["weight"], one.evidence["share"], one.evidence["transactions"]) == (144, 333, 1)
    assert (one.evidence["strong"], one.confidence, one.links) == (False, 20, ())
    assert len(one.rows) == 1


def test_what_passes_both_ways_weighs_more() -> None:
    """All that x pays: (0.17 · 10 + 1 · 30) / 40 · 0.85 + 0.15."""
    (one,) = ask([*FEW, Pay("x", "a", 30, 3 * HOUR)])
    assert (one.evidence["weight"], one.evidence["share"], one.evidence["transactions"]) == (823, MILLE, 2)


@pytest.mark.parametrize(
    ("thresholds", "found"),
    [
        ({"weight": 144}, True), ({"weight": 145}, False),
        ({"share": 333}, True), ({"share": 334}, False),
    ],
)  # fmt: skip
def test_thresholds_decide_alone(thresholds: dict[str, int], found: bool) -> None:
    assert bool(ask(FEW, **at(**thresholds))) is found


@pytest.mark.parametrize(
    "pays",
    [
        [replace(one, asset="gold") for one in FEW],  # no coin
        [replace(one, amount=0) for one in FEW],
        [replace(FEW[0], receiver="y"), *FEW[1:]],
        [FEW[0], replace(FEW[2], amount=10**6), *(Pay("a", "shop", 1, n * HOUR) for n in range(3, 13))],  # little
    ],
)
def test_what_is_almost_intense_is_not(pays: list[Pay]) -> None:
    assert not ask(pays)


@pytest.mark.parametrize(
    "notes",
    [[paid("a", 24 * 9), taken("x")], [paid("a"), taken("x", 24 * 9, ONE)], [paid("a"), taken("y", 24 * 9)]],
)
def test_the_note_is_paid_in_before_and_into_the_same_pool(notes: list[ct.Note]) -> None:
    assert not ask(FEW, notes)


def test_it_may_pass_the_other_way_alone() -> None:
    assert ask([Pay("x", "a", 10)])[0].evidence["weight"] == 850


@pytest.mark.parametrize(
    ("transactions", "weight", "strong"),
    [(1, 1000, False), (2, 900, True), (2, 899, False), (3, 500, True), (3, 499, False), (10, 499, False),
     (11, 400, True), (11, 399, False)],
)  # fmt: skip
def test_the_more_transactions_the_less_weight_is_strong(transactions: int, weight: int, strong: bool) -> None:
    assert is_strong(weight, transactions, IntensityThresholds()) is strong
    assert not is_strong(weight, transactions, IntensityThresholds(strong=()))


def test_what_is_strong_is_surer_and_is_a_link() -> None:
    pays = [
        Pay("bank", "a", 200 * ETHER),
        Pay("a", HUNDRED.address, 100 * ETHER, HOUR),
        *(Pay("x", "a", ETHER, (n + 2) * HOUR) for n in range(3)),
        Pay(HUNDRED.address, "x", 100 * ETHER, DAY, kind="internal", tx="out", seq=1),
    ]
    (one,) = ct.findings(Transfers(table(pays)), only=RULE)
    (link,) = one.links
    assert (one.evidence["strong"], one.confidence) == (True, 60)
    assert (len(link.source), len(link.target)) == (1, 1)
    (weak,) = ct.findings(Transfers(table([*pays[:3], pays[-1]])), only=RULE)
    assert (weak.evidence["strong"], weak.links) == (False, ())


def test_services_are_nobodys_match() -> None:
    for who in "ax":
        assert not ask(FEW, labels=[label(who)])


amounts = st.integers(0, 10**27)


@given(st.tuples(amounts, amounts), st.tuples(amounts, amounts), st.tuples(*[st.integers(0, 9)] * 4))
def test_a_weight_is_a_share_and_the_same_from_either_side(
    one: tuple[int, int], other: tuple[int, int], counts: tuple[int, int, int, int]
) -> None:
    ways = [
        Way(mine + (amount > 0), amount, mine + (amount > 0) + more, amount + rest)
        for (amount, rest), mine, more in ((one, *counts[:2]), (other, *counts[2:]))
    ]
    if not any(way.amount for way in ways):
        return
    told = Between((ways[0], ways[1]), 1, ())
    assert 0 <= told.weight <= MILLE
    assert told.weight == Between((ways[1], ways[0]), 1, ()).weight


@given(st.permutations(range(len(FEW))))
def test_the_order_in_which_rows_are_read_decides_nothing(order: list[int]) -> None:
    assert ask(FEW, order=order).to_dict() == ask(FEW).to_dict()
