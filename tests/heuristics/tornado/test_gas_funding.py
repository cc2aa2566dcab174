"""Gas funding: who gave gas to the one that paid in, and to the one that took out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.heuristics.tornado.troughs import TroughThresholds
from chaintrace.model.transfer import Transfers
from tests.heuristics.ledger import DAY, ETHER, HOUR, Pay, address, crowd, label, table
from tests.heuristics.tornado.told import HUNDRED, ONE, paid, taken

RULE = "tornado-gas-funding"
GAS = ETHER // 50
LOW = 5 * 10**15
NOTES = [paid("a"), taken("x", 24 * 9)]
SHARED = [Pay("f", "a", GAS), Pay("f", "x", GAS, HOUR)]
OWN = [Pay("a", "x", GAS, HOUR)]


def ask(pays: Iterable[Pay], notes: Iterable[ct.Note] = NOTES, order: Any = None, **options: Any) -> ct.Findings:
    rows = Transfers(table([Pay("bank", "f", ETHER, -HOUR), Pay("bank", "a", ETHER, -HOUR, "gold"), *pays], order))
    return ct.findings(rows, notes=Notes.of(notes), only=RULE, **options)


def at(**thresholds: int) -> dict[str, Any]:
    return {"thresholds": {RULE: replace(TroughThresholds(), **thresholds)}}


def test_two_that_had_their_gas_from_one_account() -> None:
    (one,) = ask(SHARED)
    assert (one.subject, one.evidence["paid_in"], one.evidence["gas_from"]) == (
        address("x"), address("a"), [address("f")],
    )  # fmt: skip
    assert (one.confidence, len(one.rows), len(one.tx_hashes)) == (30, 2, 4)
    assert "same account" in one.claim


def test_a_depositor_that_gave_the_other_its_gas() -> None:
    (one,) = ask([Pay("bank", "a", ETHER, -HOUR), *OWN])
    assert (one.subject, one.evidence["gas_from"], one.confidence) == (address("x"), [address("a")], 50)
    assert "the account that gave it gas" in one.claim


@pytest.mark.parametrize("pays", [[Pay("f", "a", GAS), Pay("f", "s", GAS, HOUR)], [Pay("a", "s", GAS, HOUR)]])
def test_gas_of_the_one_that_sent_for_a_note(pays: list[Pay]) -> None:
    rich = Pay("bank", "a", ETHER, 9 * HOUR), Pay("bank", "a", ETHER, -2 * HOUR)
    notes = [paid("a"), taken("x", 24 * 9, sender=address("s"))]
    (one,) = ask([rich[len(pays) == 1], *pays], notes)
    assert one.subject == address("s")
    assert one.claim.startswith("sent for a note of")
    relayed = [notes[0], replace(notes[1], relayer=address("s"), fee=1)]
    assert not ask([rich[len(pays) == 1], *pays], relayed)


@pytest.mark.parametrize(
    "second",
    [
        Pay("g", "x", GAS, HOUR),  # another funder
        Pay("f", "x", GAS, HOUR, "gold"),  # no coin
        Pay("f", "x", GAS, HOUR, kind="internal", seq=1),  # no payment of the transaction itself
        Pay("f", "y", GAS, HOUR),  # another account
    ],
)
def test_what_is_almost_the_same_funder_is_none(second: Pay) -> None:
    assert not ask([SHARED[0], second])


@pytest.mark.parametrize(
    "notes",
    [
        [paid("a", 24 * 9), taken("x")],
        [paid("a"), taken("x", 24 * 9, ONE)],
        [paid("a"), taken("a", 24 * 9)],
    ],
)
def test_the_note_is_paid_in_before_and_into_the_same_pool(notes: list[ct.Note]) -> None:
    assert not ask(SHARED, notes)


def test_gas_is_for_pools_of_its_own_chain() -> None:
    elsewhere = replace(HUNDRED, chain="eip155:56")
    strangers = [paid("p", 1), taken("q", 2)]
    assert ask(SHARED, [*NOTES, *strangers])
    assert not ask(SHARED, [*(replace(note, pool=elsewhere) for note in NOTES), *strangers])


@pytest.mark.parametrize(
    ("thresholds", "amount", "found"),
    [
        ({}, 10**14, True), ({}, 10**14 - 1, False), ({"least": 10**14 - 1}, 10**14 - 1, True),
        ({}, 10**17, True), ({}, 10**17 + 1, False), ({"most": 10**17 + 1}, 10**17 + 1, True),
    ],
)  # fmt: skip
def test_it_is_as_much_as_gas_costs(thresholds: dict[str, int], amount: int, found: bool) -> None:
    assert bool(ask([SHARED[0], Pay("f", "x", amount, HOUR)], **at(**thresholds))) is found


@pytest.mark.parametrize(("held", "found"), [(LOW - 1, True), (LOW, False)])
def test_it_comes_while_there_is_too_little(held: int, found: bool) -> None:
    pays = [Pay("somebody", "x", held, kind="internal", seq=1), *SHARED]
    assert bool(ask(pays)) is found
    assert ask(pays, **at(trough=LOW + 1))


def test_gas_that_was_spent_may_be_given_again() -> None:
    before = [Pay("g", "x", GAS, 60), Pay("x", None, GAS - LOW + 1, 120, kind="fee")]
    assert ask([*before, *SHARED])
    assert not ask([before[0], *SHARED])
    assert not ask([before[0], replace(before[1], amount=GAS - LOW), *SHARED])


def test_of_one_trough_the_first_counts_alone() -> None:
    little = Pay("g", "x", 10**14, 60)
    assert not ask([little, *SHARED])
    assert ask([replace(little, amount=10**14 - 1), *SHARED])
    assert ask([little, *SHARED], labels=[label("g")])


def test_where_the_order_does_not_tell_the_first_there_is_none() -> None:
    together = [Pay("f", "x", GAS, HOUR, order="unknown"), Pay("g", "x", GAS, HOUR, order="unknown")]
    assert not ask([SHARED[0], *together])
    assert ask([SHARED[0], *(replace(one, order="known") for one in together)])


def test_who_spends_more_than_it_had_has_rows_missing() -> None:
    fee = Pay("x", None, GAS, 2 * HOUR, kind="fee")
    assert ask([*SHARED, fee])
    assert not ask([*SHARED, replace(fee, amount=GAS + 1)])


@pytest.mark.parametrize(("many", "found"), [(46, True), (47, False)])
def test_who_deals_with_many_is_a_service(many: int, found: bool) -> None:
    assert bool(ask([*SHARED, *crowd("f", many)])) is found
    assert ask([*SHARED, *crowd("f", many)], **at(most_degree=51))


def test_services_are_nobodys_tie() -> None:
    for who in "fax":
        assert not ask(SHARED, labels=[label(who, "wallet-service")])
    assert ask(SHARED, labels=[label("f", "hack")])


def test_a_link_where_rows_show_both_ends() -> None:
    pays = [
        Pay("bank", "a", 200 * ETHER),
        Pay("a", HUNDRED.address, 100 * ETHER, HOUR),
        Pay("a", "x", GAS, 2 * HOUR),
        Pay("x", HUNDRED.address, 0, DAY, tx="out"),
        Pay(HUNDRED.address, "x", 100 * ETHER, DAY, kind="internal", tx="out", seq=1),
    ]
    (one,) = ct.findings(Transfers(table(pays)), only=RULE)
    (link,) = one.links
    assert (len(link.source), len(link.target), link.basis) == (1, 1, "inferred")
    assert set(one.rows) > {*link.source, *link.target}


def test_several_depositors_are_no_more_than_one_recipient() -> None:
    """What is found is counted by recipients, of recipients."""
    many = [Pay("f", f"d{n}", GAS, n) for n in range(40)]
    many += [Pay("bank", f"t{n}", 1, n, "gold") for n in range(40)]
    notes = [paid(f"d{n}") for n in range(40)] + [taken(f"t{n}", 9, ONE) for n in range(40)]
    found = ask([*many, SHARED[1]], [*notes, NOTES[1]])
    assert len(found) == 40
    assert (found[0].evidence["found"], found[0].evidence["asked"]) == (1, 41)


@given(st.permutations(range(2 + len(SHARED))))
def test_the_order_in_which_rows_are_read_decides_nothing(order: list[int]) -> None:
    assert ask(SHARED, order=order).to_dict() == ask(SHARED).to_dict()
