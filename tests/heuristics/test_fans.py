"""Fans: how many, how soon, and who is a service."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.heuristics.ledger import CONTRACTS, DAY, ETHER, Pay, address, ask, label

RULES = ("fan-out", "fan-in")


def fan(many: int = 10, last: int = 0, same: int = 0, asset: str = "") -> list[Pay]:
    """The hub pays so many, the last of them later; ``same``: as many again to the first."""
    pays = [Pay("hub", f"payee {n}", ETHER + n, last if n == many - 1 else 0, asset) for n in range(many)]
    return [*pays, *([pays[0]] * same)]


def turned(pays: list[Pay], rule: str) -> list[Pay]:
    return pays if rule == "fan-out" else [replace(p, sender=p.receiver, receiver=p.sender) for p in pays]


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize(
    ("pays", "is_found"),
    [
        (fan(10), True),
        (fan(9), False),
        (fan(9, same=5), False),
        (fan(10, last=DAY), True),
        ([*fan(9), Pay("hub", "another", 10**13)], False),
        ([*fan(9), Pay("hub", "another", 10**13 + 1)], True),
        (fan(10, last=DAY + 1), False),
        ([*fan(9), Pay("hub", "another", 5, 0, "gold")], False),
        ([*fan(9), Pay("hub", "another", 0)], False),
        ([*fan(9), Pay("hub", "hub", 7)], False),
        ([replace(one, time=False) for one in fan(10)], False),
    ],
)
def test_ten_within_a_day_in_one_asset_are_a_fan(rule: str, pays: list[Pay], is_found: bool) -> None:
    assert len(ask(turned(pays, rule), only=rule)) == is_found


@pytest.mark.parametrize("rule", RULES)
def test_it_says_who_how_many_and_how_much(rule: str) -> None:
    (found,) = ask(turned(fan(12, same=1), rule), only=rule)
    assert found.subject == address("hub")
    assert found.evidence["accounts"] == 12
    assert found.evidence["payments"] == len(found.rows) == 13
    (total,) = {**found.evidence.get("paid", {}), **found.evidence.get("received", {})}.values()
    assert total == sum(range(12)) + 13 * ETHER


@pytest.mark.parametrize("rule", RULES)
def test_services_are_left_out_by_label_and_by_how_many_they_deal_with(rule: str) -> None:
    pays = turned(fan(10), rule)
    assert len(ask(pays, only=rule, labels=[label("hub", "exchange")])) == 0
    assert len(ask(pays, only=rule, labels=[label("hub", "white-hat")])) == 0
    assert len(ask(pays, only=rule, labels=[label("payee 1", "exchange")])) == 1
    assert len(ask(turned(fan(999), rule), only=rule)) == 1
    assert len(ask(turned(fan(1_000), rule), only=rule)) == 0


def test_a_finding_that_rests_on_tokens_says_that_these_can_lie() -> None:
    (of_coins,), (of_tokens,) = (ask(fan(10, asset=asset), only="fan-out") for asset in ("", "gold"))
    assert "can name anybody as the sender" in of_tokens.doubt
    assert "can name anybody as the sender" not in of_coins.doubt


def test_the_widest_day_is_told() -> None:
    pays = [*fan(10), *(Pay("hub", f"later {n}", ETHER, 9 * DAY) for n in range(15))]
    (found,) = ask(pays, only="fan-out")
    assert found.evidence["accounts"] == 15


def test_rows_without_a_time_are_counted() -> None:
    assert ask([replace(one, time=False) for one in fan(10)]).notes == (
        "10 rows of account chains have no time, and no rule about durations has looked at them",
    )


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("contract", CONTRACTS)
def test_contracts_that_are_known_need_no_label(rule: str, contract: str) -> None:
    assert len(ask(turned([replace(one, sender=contract) for one in fan(10)], rule), only=rule)) == 0
