"""Money that passes through, comes round, or wakes: every threshold on both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.heuristics.ledger import CONTRACTS, DAY, ETHEREUM, HOUR, Pay, address, ask, crowd, label, token

PASS, LOOP, DORMANT = "pass-through", "wash-loop", "dormancy"


def passed(amount: int = 1_000, on: int = 950, wait: int = HOUR, between: int = 0, asset: str = "") -> list[Pay]:
    """Something comes to Max and goes on; ``between``: other payments to him before it does."""
    others = [Pay(f"stranger {n}", "max", 7, 0, asset) for n in range(between)]
    return [Pay("ann", "max", amount, 0, asset), *others, Pay("max", "bob", on, wait, asset)]


@pytest.mark.parametrize(
    ("pays", "is_found"),
    [
        (passed(), True),
        (passed(on=949), False),
        (passed(on=1_000), True),
        (passed(on=1_001), False),
        (passed(wait=HOUR + 1), False),
        (passed(on=1_000, between=3), True),
        (passed(on=1_000, between=4), False),
        (passed(asset="gold"), True),
        ([passed()[0], replace(passed()[1], asset="gold")], False),
        (list(reversed(passed(wait=0))), False),
        ([replace(one, order="unknown") for one in passed(wait=0)], False),
        ([replace(one, time=False) for one in passed()], False),
        ([passed()[0], replace(passed()[1], receiver="max")], False),
    ],
)
def test_nearly_all_goes_on_within_the_hour(pays: list[Pay], is_found: bool) -> None:
    assert len(ask(pays, only=PASS)) == is_found


def test_each_payment_goes_on_once() -> None:
    (found,) = ask(passed(), only=PASS)
    assert (found.evidence["times"], found.confidence) == (1, 40)
    twice = [Pay("ann", "max", 1_000), Pay("ann", "max", 1_000, 60)]
    assert len(ask([*twice, Pay("max", "bob", 1_000, 120)], only=PASS)) == 0
    (found,) = ask([*twice, Pay("max", "bob", 1_000, 120), Pay("max", "bob", 1_000, 180)], only=PASS)
    assert found.subject == address("max")
    assert (found.evidence["times"], found.evidence["quickest"], found.confidence) == (2, 60, 50)
    assert len(found.rows) == 4


@pytest.mark.parametrize(
    ("more", "is_found"),
    [
        (Pay("eve", "max", 52, DAY), True),
        (Pay("eve", "max", 53, DAY), False),
        (Pay("eve", "max", 53, DAY, "gold"), True),
        (Pay(None, "max", 53, DAY, kind="mint"), False),
        (Pay(None, "max", 53, kind="opening"), True),
        (Pay("max", "max", 53, DAY), True),
        (Pay("max", "eve", 53, DAY), True),
    ],
)
def test_nearly_all_is_of_all_that_was_ever_received(more: Pay, is_found: bool) -> None:
    assert len(ask([*passed(on=1_000), more], only=PASS)) == is_found


payments = st.lists(
    st.builds(
        Pay,
        st.sampled_from("abcd"),
        st.sampled_from("abcd"),
        st.integers(1, 30),
        st.integers(0, 99).map(lambda n: 60 * n),
        st.sampled_from(["", "gold"]),
    ),
    max_size=14,
)


@given(payments)
def test_what_is_said_of_all_that_was_received_is_what_adding_up_says(pays: list[Pay]) -> None:
    for one in ask(pays, only=PASS):
        got: dict[str, int] = {}
        for pay in pays:
            if one.subject == address(pay.receiver or "") != address(pay.sender or ""):
                asset = token(pay.asset) if pay.asset else ETHEREUM.native
                got[asset] = got.get(asset, 0) + pay.amount
        received, sent_on = one.evidence["received"], one.evidence["sent_on"]
        assert received == {asset: got[asset] for asset in received}
        assert one.evidence["percent_sent_on"] == min(100 * sent_on[asset] // got[asset] for asset in received)
        assert all(95 * got[asset] <= 100 * sent_on[asset] <= 100 * got[asset] for asset in received)


@pytest.mark.parametrize("contract", CONTRACTS)
def test_contracts_that_are_known_need_no_label(contract: str) -> None:
    pays = [Pay("ann", contract, 1_000), Pay(contract, "bob", 1_000, 60)]
    assert len(ask(pays, only=PASS)) == 0
    assert len(ask([Pay("ann", "max", 1_000), Pay("max", contract, 1_000, 60)], only=PASS)) == 0
    assert len(ask([Pay(contract, "max", 1_000), Pay("max", "bob", 1_000, 60)], only=PASS)) == 1


def test_services_pass_on_what_is_not_theirs() -> None:
    assert len(ask(passed(), only=PASS, labels=[label("max")])) == 0
    assert len(ask(passed(), only=PASS, labels=[label("max", "white-hat")])) == 0
    assert len(ask(passed(), only=PASS, labels=[label("bob")])) == 0
    assert len(ask(passed(), only=PASS, labels=[label("ann")])) == 1
    assert len(ask([*passed(), *crowd("max", 47)], only=PASS)) == 1
    assert len(ask([*passed(), *crowd("max", 48)], only=PASS)) == 0


def ring(*names: str, step: int = HOUR, start: int = 0) -> list[Pay]:
    """Each pays the next, a little less each time, and the last pays the first."""
    pairs = zip(names, (*names[1:], names[0]), strict=True)
    return [Pay(one, other, 10_000 - n, start + n * step) for n, (one, other) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("pays", "is_found"),
    [
        (ring("a", "b", "c"), True),
        (ring("a", "b"), False),
        (ring("a", "b", "c", "d", "e"), True),
        (ring("a", "b", "c", "d", "e", "f"), False),
        (ring("a", "b", "c", step=12 * HOUR), True),
        (ring("a", "b", "c", step=12 * HOUR + 1), False),
        ([*ring("a", "b", "c", step=12 * HOUR)[:2], Pay("c", "a", 9_998, 13 * HOUR)], True),
        ([Pay("a", "b", 10_000), Pay("b", "c", 9_999, 12 * HOUR + 1), Pay("c", "a", 9_998, 13 * HOUR)], False),
        (ring("a", "b", "c", "d", step=8 * HOUR), True),
        (ring("a", "b", "c", "d", step=8 * HOUR + 1), False),
        ([*ring("a", "b", "c")[:2], Pay("c", "a", 9_498, 2 * HOUR)], False),
        ([*ring("a", "b", "c")[:2], Pay("c", "d", 9_998, 2 * HOUR)], False),
        (ring("a", "b", "c", "b"), False),
    ],
)
def test_what_is_back_by_way_of_two_to_four_others_is_a_loop(pays: list[Pay], is_found: bool) -> None:
    assert len(ask(pays, only=LOOP)) == is_found


@pytest.mark.parametrize(("back", "is_found"), [(9_000, True), (8_999, False)])
def test_nine_tenths_of_what_went_out_are_back(back: int, is_found: bool) -> None:
    hops = [("a", "b", 10_000), ("b", "c", 9_500), ("c", "d", 9_200), ("d", "a", back)]
    found = ask([Pay(one, other, much, n * HOUR) for n, (one, other, much) in enumerate(hops)], only=LOOP)
    assert len(found) == is_found


def test_a_loop_says_how_much_is_back() -> None:
    (one,) = ask(
        [*ring("a", "b", "c"), *ring("a", "b", "c", start=DAY)[:2], Pay("c", "a", 9_876, 27 * HOUR)], only=LOOP
    )
    assert one.evidence["sent"] == {ETHEREUM.native: 20_000}
    assert one.evidence["returned"] == {ETHEREUM.native: 9_998 + 9_876}
    assert one.evidence["least_permille_back"] == 987
    assert one.claim == "at least 98.7 % of what was sent is back by way of 2 others, 2 times"


def test_loops_of_the_same_accounts_are_one_finding() -> None:
    (found,) = ask([*ring("a", "b", "c"), *ring("a", "b", "c", start=DAY)], only=LOOP)
    assert found.subject == address("a")
    assert (found.evidence["loops"], found.confidence, len(found.rows)) == (2, 60, 6)
    assert found.evidence["accounts"] == sorted(address(name) for name in "abc")
    (once,) = ask(ring("a", "b", "c"), only=LOOP)
    assert (once.evidence["loops"], once.confidence) == (1, 40)
    assert len(ask(ring("a", "b", "c"), only=LOOP, labels=[label("b")])) == 0


def woken(wait: int = 90 * DAY, amount: int = 100, moved: int = 50) -> list[Pay]:
    return [Pay("ann", "saver", amount), Pay("saver", "bob", moved, wait)]


@pytest.mark.parametrize(
    ("pays", "is_found"),
    [
        (woken(), True),
        (woken(90 * DAY - 1), False),
        (woken(moved=49), False),
        ([*woken(moved=1), Pay("saver", "bob", 49, 91 * DAY)], True),
        ([*woken(moved=1), Pay("saver", "bob", 49, 91 * DAY + 1)], False),
        ([*woken(91 * DAY), Pay("saver", "bob", 1, DAY)], True),
        ([*woken(), Pay("saver", "bob", 1, DAY)], False),
        ([*woken(), Pay("saver", None, 1, DAY, kind="fee")], False),
        ([*woken(), Pay("saver", "spoof", 0, DAY, "gold")], True),
        ([woken()[0], Pay("ann", "saver", 1, DAY), woken()[1]], False),
        ([woken()[0], Pay("ann", "saver", 1, DAY), Pay("saver", "bob", 51, 90 * DAY)], True),
        ([*woken(), Pay("ann", "saver", 10**6, 90 * DAY + HOUR)], True),
        ([woken(amount=10)[0], Pay("ann", "saver", 10**6, 89 * DAY), woken(moved=10**6)[1]], False),
        (woken(moved=100), True),
        (woken(moved=101), False),
        ([replace(woken()[0], amount=99), Pay("ann", "saver", 1, HOUR, time=False), woken()[1]], False),
        ([*woken(), Pay("saver", "bob", 1, 91 * DAY, "gold", time=False)], False),
        ([*woken(), Pay("ann", "saver", 1, DAY, "gold")], True),
        ([woken()[0], Pay("saver", "saver", 9, DAY // 2, kind="internal"), woken(91 * DAY)[1]], True),
        ([woken()[0], Pay("saver", "bob", 90, 100 * DAY, "gold")], False),
    ],
)
def test_most_of_what_lay_still_for_three_months_is_moved_within_a_day(pays: list[Pay], is_found: bool) -> None:
    assert len(ask(pays, only=DORMANT)) == is_found


@pytest.mark.parametrize(("asset", "had"), [("", 40), ("gold", 100)])
def test_what_was_sent_before_the_pause_is_not_had(asset: str, had: int) -> None:
    got = [Pay("ann", "saver", 100), Pay("ann", "saver", 100, 0, "gold")]
    (found,) = ask([*got, Pay("saver", "bob", 60, DAY, asset), Pay("saver", "bob", had, 92 * DAY)], only=DORMANT)
    assert found.evidence["had"] == had


def test_how_long_and_how_much_is_told() -> None:
    (found,) = ask([*woken(100 * DAY, moved=80), Pay("ann", "saver", 20, 99 * DAY)], only=DORMANT)
    assert found.claim == "moves at least 60 % of what it had, after 100 days in which it sent nothing"
    assert found.evidence["moved_of_it"] == 60
    assert found.subject == address("saver")
    assert (found.evidence["seconds"], found.evidence["had"]) == (100 * DAY, 100)
    assert len(ask(woken(), only=DORMANT, labels=[label("saver", "exchange")])) == 0


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_known_contract_does_not_wake(contract: str) -> None:
    pays = [Pay("ann", contract, 100), Pay(contract, "bob", 50, 90 * DAY)]
    assert len(ask(pays, only=DORMANT)) == 0
