"""Matches of accounts: each threshold alone decides, and what is almost a match is none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import chaintrace as ct
from chaintrace.heuristics.tornado.matches import InitiatorThresholds, LinkedThresholds, SameAddressThresholds
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.labels.label import Label
from chaintrace.model.note import Note
from chaintrace.model.transfer import Transfers
from tests.heuristics.ledger import DAY, ETHER, HOUR, Pay, address, table
from tests.heuristics.tornado.told import HUNDRED, ONE, ask, paid, taken

POOL = HUNDRED.address
SERVICE = [Label(address("a"), "exchange", chain="eip155:1")]


def subjects(found: ct.Findings) -> list[str]:
    return [one.subject for one in found]


def test_an_account_that_takes_out_where_it_paid_in() -> None:
    found = ask([paid("a"), paid("b", 1), taken("a", 2), taken("x", 3)], "same-address")
    assert subjects(found) == [address("a")]
    assert found[0].evidence["notes"] == 1
    assert found[0].tx_hashes == (paid("a").tx_hash, taken("a", 2).tx_hash)


@pytest.mark.parametrize(
    "story",
    [
        [taken("a"), paid("a", 1)],  # paid in only later
        [paid("a"), taken("a")],  # nothing says which was first
        [paid("a", 0, ONE), taken("a", 1)],  # another pool
        [paid("a"), taken("x", 1)],
    ],
)
def test_what_is_almost_the_same_address_is_none(story: list[Note]) -> None:
    assert not ask(story, "same-address")


def test_how_many_notes_the_same_address_needs() -> None:
    story = [paid("a"), taken("a", 1), paid("a", 2), taken("a", 3)]
    for least, many in ((2, 1), (3, 0)):
        at = {"tornado-same-address": SameAddressThresholds(notes=least)}
        assert len(ask(story, "same-address", thresholds=at)) == many


def test_services_are_nobodys_match() -> None:
    story = [paid("a"), taken("a", 1)]
    assert not ask(story, "same-address", labels=SERVICE)
    assert not ask([paid("a"), taken("x", 1, sender=address("a"))], "initiator", labels=SERVICE)


def test_each_withdrawal_has_a_deposit_of_its_own() -> None:
    (one,) = ask([paid("a"), taken("a", 1), taken("a", 2)], "same-address")
    assert one.evidence["notes"] == 1


def test_an_account_that_sends_for_a_note_of_another() -> None:
    found = ask([paid("a"), taken("x", 1, sender=address("a"))], "initiator")
    assert subjects(found) == [address("a")]
    assert found[0].evidence["for"] == [address("x")]


@pytest.mark.parametrize(
    "more",
    [
        {"sender": None},
        {"sender": address("x")},  # the recipient itself
        {"sender": address("a"), "relayer": address("a"), "fee": 1},  # a relayer
        {"sender": address("a"), "fee": 1},  # who kept the fee is not told
        {"sender": address("stranger")},
    ],
)
def test_what_is_almost_an_initiator_is_none(more: dict[str, Any]) -> None:
    assert not ask([paid("a"), taken("x", 1, **more)], "initiator")


def test_how_many_notes_an_initiator_needs() -> None:
    story = [paid("a"), taken("x", 1, sender=address("a"))]
    assert not ask(story, "initiator", thresholds={"tornado-initiator": InitiatorThresholds(notes=2)})


def linked(*pays: Pay, labels: list[Label] | None = None, **options: Any) -> ct.Findings:
    notes = Notes.of([paid("a"), taken("x", 24 * 9)])
    told = Transfers(table(pays))
    return ct.findings(told, labels or (), notes=notes, only="tornado-linked-address", **options)


def dealings(many: int) -> list[Pay]:
    return [Pay("a", "x", 1, n * HOUR) if n % 2 else Pay("x", "a", 1, n * HOUR, asset="gold") for n in range(many)]


def test_accounts_between_whom_other_money_passes() -> None:
    (one,) = linked(*dealings(3))
    assert (one.subject, one.evidence["paid_in"], one.evidence["transactions"]) == (address("x"), address("a"), 3)
    assert not linked(*dealings(2))
    assert linked(*dealings(2), thresholds={"tornado-linked-address": LinkedThresholds(transactions=2)})
    assert not linked(*dealings(3), labels=SERVICE)
    one_transaction = [Pay("a", "x", 1, seq=n, tx="t") for n in range(3)]
    assert not linked(*one_transaction)
    assert not linked(*(replace(pay, amount=0) for pay in dealings(3)))


def test_what_is_found_is_counted_by_recipients() -> None:
    """Many that paid in deal with one that took out: one of those that were paid is found."""
    notes = [paid(f"p{n}", pool=ONE) for n in range(60)] + [taken("x", 1, ONE)]
    notes += [paid("q"), *(taken(f"t{n}", 1) for n in range(40))]
    pays = [Pay(f"p{n}", "x", 1, (3 * n + m) * HOUR, asset="gold") for n in range(60) for m in range(3)]
    found = ct.findings(table(pays), notes=Notes.of(notes), only="tornado-linked-address")
    assert len(found) == 60
    assert (found[0].evidence["found"], found[0].evidence["asked"]) == (1, 41)


def test_a_link_goes_from_the_rows_of_the_deposit_to_those_of_the_withdrawal() -> None:
    rows = [
        Pay("a", POOL, 100 * ETHER),
        Pay(POOL, "a", 99 * ETHER, DAY, kind="internal", tx="out", seq=1),
        Pay(POOL, "r", ETHER, DAY, kind="internal", tx="out", seq=2),
    ]
    (one,) = ct.findings(table(rows), only="tornado-same-address")
    (link,) = one.links
    assert (len(link.source), len(link.target), link.basis, link.kind) == (1, 2, "inferred", "mixer")
    assert one.rows == (*link.source, *link.target)
    trace = ct.trace(ct.TransferGraph(table(rows)), ct.rows(link.source[0]), links=[link])
    held = trace.holdings()
    assert dict(zip(held["address"], held["amount"], strict=True)) == {address("a"): 99 * ETHER, address("r"): ETHER}


def test_without_rows_there_are_no_links() -> None:
    assert ask([paid("a"), taken("a", 1)], "same-address")[0].links == ()
