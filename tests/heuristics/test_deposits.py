"""Addresses of deposit: each bound on both sides, and who is no customer."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.heuristics.deposits import DepositThresholds, _pairs, _Waiting
from chaintrace.heuristics.rows import Rows
from tests.heuristics.ledger import (
    BLOCK,
    CONTRACTS,
    ETHER,
    ETHEREUM,
    HOUR,
    SECONDS,
    Pay,
    address,
    ask,
    crowd,
    label,
    table,
    token,
)

RULE = "deposit-reuse"
KEPT = 10**16
SPAN = 3_200 * SECONDS
EXCHANGE = label("exchange")


def used_by(name: str, at: int = 0, kept: int = 0, wait: int = 12, asset: str = "", amount: int = ETHER) -> list[Pay]:
    """A payment into the address of deposit, and the one on to the exchange."""
    paid = Pay(name, "deposit", amount, at, asset)
    return [paid, Pay("deposit", "exchange", amount - kept, at + wait, asset)]


TWO = [*used_by("ann"), *used_by("bob", 600, amount=3 * ETHER)]


def test_two_who_share_an_address_are_found_with_all_that_says_so() -> None:
    (found,) = ask(TWO, labels=[EXCHANGE], only=RULE)
    assert found.subject == address("deposit")
    assert found.evidence == {
        "accounts": sorted([address("ann"), address("bob")]),
        "exchanges": [address("exchange")],
        "received": {ETHEREUM.native: 4 * ETHER},
        "sent_on": {ETHEREUM.native: 4 * ETHER},
        "percent_sent_on": 100,
    }
    assert len(found.rows) == 4
    assert found.confidence == 100


def test_without_an_exchange_there_is_no_address_of_deposit() -> None:
    assert len(ask(TWO, only=RULE)) == 0
    assert len(ask(TWO, labels=[label("exchange", "mixer")], only=RULE)) == 0


def test_a_label_counts_within_its_dates() -> None:
    assert len(ask(TWO, labels=[label("exchange", until=str(BLOCK))], only=RULE)) == 0
    assert len(ask(TWO, labels=[label("exchange", since=str(BLOCK))], only=RULE)) == 1
    assert len(ask(TWO, labels=[label("exchange", since=str(BLOCK + 2))], only=RULE)) == 0


@pytest.mark.parametrize(
    ("second", "is_found"),
    [
        (used_by("bob", 600, kept=KEPT), True),
        (used_by("bob", 600, kept=KEPT + 1), False),
        (used_by("bob", 600, kept=-1), False),
        (used_by("bob", 600, wait=0), True),
        (used_by("bob", 600, wait=SPAN), True),
        (used_by("bob", 600, wait=SPAN + SECONDS), False),
        (used_by("bob", 600, asset="gold"), True),
        (used_by("bob", 600, asset="gold", kept=1), False),
        (list(reversed(used_by("bob", 600, wait=0))), False),
        ([replace(pay, order="unknown") for pay in used_by("bob", 600, wait=0)], False),
        (used_by("ann", 600), False),
    ],
)
def test_what_is_sent_on_is_nearly_the_same_soon_and_of_another(second: list[Pay], is_found: bool) -> None:
    assert len(ask([*used_by("ann"), *second], labels=[EXCHANGE], only=RULE)) == is_found


@pytest.mark.parametrize(("wait", "is_found"), [(43_200, True), (43_201, False)])
def test_without_blocks_seconds_decide(wait: int, is_found: bool) -> None:
    pays = [replace(pay, block=False) for pay in [*used_by("ann"), *used_by("bob", 600, wait=wait)]]
    assert len(ask(pays, labels=[EXCHANGE], only=RULE)) == is_found


def test_of_pairs_that_are_as_sure_the_first_is_told() -> None:
    again = used_by("ann", 1_200)
    (found,) = ask([*again[1:], *TWO, *again], labels=[EXCHANGE], only=RULE)
    (first,) = ask([*again[1:], *TWO], labels=[EXCHANGE], only=RULE)
    assert found.rows == first.rows


def test_confidence_falls_with_the_time_and_with_what_is_kept() -> None:
    pays = [*used_by("ann"), *used_by("bob", 600, wait=SPAN // 2, kept=KEPT // 2)]
    (found,) = ask(pays, labels=[EXCHANGE], only=RULE)
    assert found.confidence == 50


@pytest.mark.parametrize(("to_others", "is_found"), [(ETHER, True), (ETHER + 1, False)])
def test_the_address_sends_most_to_exchanges(to_others: int, is_found: bool) -> None:
    pays = [*TWO, Pay("deposit", "shop", to_others, 960)]
    assert len(ask(pays, labels=[EXCHANGE], only=RULE)) == is_found


@pytest.mark.parametrize(
    ("more", "is_found"),
    [
        (Pay("somebody", "deposit", ETHER, 900), True),
        (Pay("somebody", "deposit", ETHER + 1, 900), False),
        (Pay("somebody", "deposit", ETHER + 1, 900, "gold"), True),
        (Pay(None, "deposit", ETHER + 1, 900, kind="mint"), False),
    ],
)
def test_most_of_what_the_address_receives_goes_on_to_exchanges(more: Pay, is_found: bool) -> None:
    found = ask([*TWO, more], labels=[EXCHANGE], only=RULE)
    assert len(found) == is_found
    if found and not more.asset:
        assert found[0].evidence["received"] == {ETHEREUM.native: 5 * ETHER}
        assert found[0].evidence["sent_on"] == {ETHEREUM.native: 4 * ETHER}
        assert found[0].evidence["percent_sent_on"] == 80


def test_one_payment_on_is_one_accounts() -> None:
    paid = [Pay("ann", "deposit", ETHER), Pay("bob", "deposit", ETHER, 60)]
    on = [Pay("deposit", "exchange", ETHER, at) for at in (120, 180)]
    whatever = {RULE: DepositThresholds(least_passed=0)}
    assert len(ask([*paid, on[0]], labels=[EXCHANGE], only=RULE, thresholds=whatever)) == 0
    assert len(ask([*paid, *on], labels=[EXCHANGE], only=RULE)) == 1
    together = [*paid, Pay("deposit", "exchange", 2 * ETHER, 120)]
    assert len(ask(together, labels=[EXCHANGE], only=RULE, thresholds=whatever)) == 0


@given(
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3), st.integers(0, 30)), max_size=8),
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 30)), max_size=8),
)
def test_each_account_that_is_named_has_its_own_payment_on(
    paid: list[tuple[str, int, int]], on: list[tuple[int, int]]
) -> None:
    pays = [Pay(who, "deposit", much, 60 * at, "gold") for who, much, at in paid]
    pays += [Pay("deposit", "exchange", much, 60 * at, "gold") for much, at in on]
    for one in ask(pays, labels=[EXCHANGE], only=RULE):
        assert len(one.rows) == 2 * len(one.evidence["accounts"]) >= 4
        assert one.evidence["received"] == {token("gold"): sum(much for _, much, _ in paid)}
        assert one.evidence["sent_on"] == {token("gold"): sum(much for much, _ in on)}
        assert one.evidence["percent_sent_on"] >= 80


@pytest.mark.parametrize(("many", "is_found"), [(48, True), (49, False)])
def test_an_address_that_many_pay_is_no_customers(many: int, is_found: bool) -> None:
    pays = [*TWO, *(Pay(f"payer {n}", "deposit", 1, 10**6, "gold") for n in range(many))]
    assert len(ask(pays, labels=[EXCHANGE], only=RULE)) == is_found


@pytest.mark.parametrize(("many", "is_found"), [(48, True), (49, False)])
def test_who_deals_with_many_is_a_service_and_shares_nothing(many: int, is_found: bool) -> None:
    assert len(ask([*TWO, *crowd("bob", many)], labels=[EXCHANGE], only=RULE)) == is_found


def test_services_share_nothing() -> None:
    assert len(ask(TWO, labels=[EXCHANGE, label("bob", "miner")], only=RULE)) == 0
    assert len(ask(TWO, labels=[EXCHANGE, label("bob", "hack")], only=RULE)) == 1


def test_one_account_is_enough_where_that_is_asked() -> None:
    at = {RULE: DepositThresholds(least_accounts=1)}
    (found,) = ask(used_by("ann"), labels=[EXCHANGE], only=RULE, thresholds=at)
    assert found.evidence["accounts"] == [address("ann")]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_a_known_contract_owns_no_share_of_an_address(contract: str) -> None:
    assert len(ask([*used_by("ann"), *used_by(contract, 600)], labels=[EXCHANGE], only=RULE)) == 0
    assert len(ask([*TWO, *used_by(contract, 1_200)], labels=[EXCHANGE], only=RULE)) == 1


def plainly(pays: list[Pay], at: DepositThresholds) -> list[tuple[int, int, int]]:
    """Which payment in each payment on takes, and how sure it is, by looking at all of them."""
    ways = [(n, pay.at // SECONDS, pay.amount, pay.receiver == "exchange") for n, pay in enumerate(pays)]
    found: list[tuple[int, int, int]] = []
    for n, block, amount, goes_on in ways:
        fits = [
            (-((100 - 100 * (block - then) // at.most_blocks + 100 - 100 * (much - amount) // at.most_kept) // 2), m)
            for m, then, much, on in ways[:n]
            if not (on or m in {used for used, _, _ in found}) and block - then <= at.most_blocks
            if goes_on and 0 <= much - amount <= at.most_kept
        ]
        found += [(m, n, -sure) for sure, m in sorted(fits)[:1]]
    return found


@given(
    st.lists(
        st.tuples(
            st.booleans(), st.integers(0, 12).map(lambda n: ETHER + n * KEPT // 8), st.sampled_from([0, 1, 700, 3_200])
        ),
        max_size=20,
    )
)
def test_each_payment_on_takes_the_one_that_looking_at_all_gives_it(drawn: list[tuple[bool, int, int]]) -> None:
    block, pays = 0, []
    for n, (on, amount, wait) in enumerate(drawn):
        block += wait
        ends = ("deposit", "exchange") if on else (f"payer {n}", "deposit")
        pays.append(Pay(*ends, amount, block * SECONDS))
    moves = Rows(table(pays)).moves
    sent_on = np.array([on for on, _, _ in drawn], dtype=bool)
    at = DepositThresholds()
    found = list(_pairs(moves, np.flatnonzero(~sent_on), np.flatnonzero(sent_on), at))
    assert [tuple(pair) for pair in found] == plainly(pays, at)


def test_blocks_that_contradict_the_times_pair_nothing() -> None:
    rows = table([Pay("ann", "deposit", ETHER), Pay("deposit", "exchange", ETHER, HOUR)])
    field = rows.column_names.index("block")
    turned = rows.set_column(field, rows.schema.field(field), rows["block"].take(pa.array([1, 0])))
    for told, count in ((rows, 1), (turned, 0)):
        moves = Rows(told).moves
        assert len(list(_pairs(moves, np.array([0]), np.array([1]), DepositThresholds()))) == count


def test_thousands_of_equal_payments_are_paired_in_steps_that_grow_as_they_do() -> None:
    def steps(count: int) -> int:
        pays = [Pay(f"payer {n % 2}", "deposit", ETHER, 12 * n) for n in range(count)]
        moves = Rows(table([*pays, *(Pay("deposit", "exchange", ETHER, 12 * (count + n)) for n in range(count))])).moves
        with patch.object(_Waiting, "_sure", autospec=True, side_effect=_Waiting._sure) as sure:
            assert len(list(_pairs(moves, np.arange(count), np.arange(count, 2 * count), DepositThresholds()))) == count
        return sure.call_count

    assert steps(800) < 3 * steps(400)
