"""Amounts that somebody chose: every threshold on both sides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.heuristics.ledger import CONTRACTS, DAY, ETHER, Pay, address, ask, crowd, label

USDT = 10**6


def several(amounts: list[int], step: int = 60, asset: str = "usdt", to: str = "") -> list[Pay]:
    return [Pay("payer", to or f"payee {n}", amount, n * step, asset) for n, amount in enumerate(amounts)]


BELOW = [9_999 * USDT, 9_950 * USDT, 9_900 * USDT, 9_800 * USDT, 9_500 * USDT]
ODD = [7_123_457, 7_123_457, 7_123_457, 7_123_457, 7_123_457]


@pytest.mark.parametrize(
    ("pays", "is_found"),
    [
        (several(ODD), True),
        (several(ODD[1:]), False),
        (several([*ODD[1:], 7_123_458]), False),
        (several(ODD, DAY // 4), True),
        (several(ODD, DAY // 4 + 1), False),
        ([*several(ODD[1:]), *several(ODD[:1], asset="")], False),
        ([*several(ODD[1:]), Pay("another", "payee", ODD[0], 0, "usdt")], False),
        ([replace(one, time=False) for one in several(ODD)], False),
        (several(BELOW), True),
        (several([*BELOW[1:], 9_500 * USDT - 1]), False),
        (several([*BELOW[1:], 10_000 * USDT]), False),
        (several([*BELOW[1:], 99_999 * USDT]), False),
    ],
)
def test_five_equal_ones_or_just_below_one_limit_within_a_day(pays: list[Pay], is_found: bool) -> None:
    assert len(ask(pays, only="structuring")) == is_found


def test_it_says_how_often_and_between_what() -> None:
    (found,) = ask(several([*BELOW, 12_345]), only="structuring")
    assert found.subject == address("payer")
    assert found.evidence["payments"] == len(found.rows) == 5
    assert (found.evidence["least"], found.evidence["most"]) == (9_500 * USDT, 9_999 * USDT)


@pytest.mark.parametrize("rule", ["structuring", "round-amount"])
def test_services_are_left_out(rule: str) -> None:
    pays = several([5 * ETHER] * 5, to="payee")
    assert len(ask(pays, only=rule)) == 1
    assert len(ask(pays, only=rule, labels=[label("payer", "payment-processor")])) == 0
    assert len(ask([*pays, *crowd("payer", 48)], only=rule)) == 1
    assert len(ask([*pays, *crowd("payer", 49)], only=rule)) == 0


@pytest.mark.parametrize("rule", ["structuring", "round-amount"])
def test_what_a_mixer_takes_was_chosen_by_nobody(rule: str) -> None:
    pays = several([100 * ETHER] * 5, to="pool")
    assert len(ask(pays, only=rule, labels=[label("pool", "pool-mixer")])) == 0
    assert len(ask(pays, only=rule, labels=[label("pool", "exchange")])) == 1


@pytest.mark.parametrize("rule", ["structuring", "round-amount"])
@pytest.mark.parametrize("contract", CONTRACTS)
def test_contracts_that_are_known_need_no_label(rule: str, contract: str) -> None:
    pays = several([100 * ETHER] * 5, to="payee")
    assert len(ask(pays, only=rule)) == 1
    assert len(ask([replace(one, sender=contract) for one in pays], only=rule)) == 0
    assert len(ask([replace(one, receiver=contract) for one in pays], only=rule)) == 0


ROUND = [5 * ETHER, 12 * ETHER, 3 * 10**5, 700 * ETHER]


@pytest.mark.parametrize(
    ("amounts", "is_found"),
    [
        ([*ROUND, 12_345], True),
        ([*ROUND[:3], 12 * 10**4, 12_345], True),
        ([*ROUND[:3], 12 * 10**3, 12_345], False),
        ([5 * ETHER] * 19 + [12_345] * 5, False),
        ([5 * ETHER] * 20 + [12_345] * 5, True),
        ([*ROUND, 12 * 10**3], True),
        ([*ROUND, 12 * 10**3, 12 * 10**3], False),
        ([*ROUND, 123 * 10**4], True),
        ([*ROUND, 123 * 10**4, 123 * 10**4], False),
        (ROUND, False),
    ],
)
def test_two_digits_and_four_zeros_in_most_of_five_payments(amounts: list[int], is_found: bool) -> None:
    assert len(ask(several(amounts), only="round-amount")) == is_found


def test_round_ones_of_one_asset_are_counted() -> None:
    (found,) = ask(several([*ROUND, 12_345]), only="round-amount")
    assert found.evidence["round"] == len(found.rows) == 4
    assert found.evidence["payments"] == 5
    assert len(ask([*several(ROUND), *several(ROUND[:1], asset="")], only="round-amount")) == 0


GROWING = [100, 150, 200, 400, 800]


def probe(amounts: list[int], step: int = 60) -> list[Pay]:
    return several(amounts, step, to="target")


@pytest.mark.parametrize(
    ("pays", "is_found"),
    [
        (probe(GROWING), True),
        (probe([*GROWING[1:], 1_600]), True),
        (probe([*GROWING[:4], 799]), False),
        (probe([100, 150, 400, 800]), False),
        (probe([100, 150, 150, 400, 800]), False),
        (probe(GROWING, DAY), True),
        (probe(GROWING, DAY + 1), False),
        (several(GROWING), False),
        ([replace(one, order="unknown") for one in probe(GROWING, 0)], False),
        ([*probe(GROWING[:4]), Pay("payer", "target", 800, 600)], False),
    ],
)
def test_five_growing_ones_to_one_account_of_which_the_last_is_eight_times_the_first(
    pays: list[Pay], is_found: bool
) -> None:
    assert len(ask(pays, only="probing")) == is_found


def test_who_probes_what_is_told() -> None:
    (found,) = ask(probe([*GROWING, 50]), only="probing")
    assert (found.subject, found.evidence["to"]) == (address("payer"), address("target"))
    assert (found.evidence["first"], found.evidence["last"], len(found.rows)) == (100, 800, 5)
    assert len(ask(probe(GROWING), only="probing", labels=[label("payer", "exchange")])) == 0


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_known_contract_probes_nobody(contract: str) -> None:
    assert len(ask([replace(one, sender=contract) for one in probe(GROWING)], only="probing")) == 0
