"""Gas prices: one that stands at one deposit of a pool alone, before London, without a relayer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.heuristics.tornado.gas_price import GasPriceThresholds
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.labels.label import Label
from chaintrace.model.log import Call, Logs
from chaintrace.model.note import Note
from chaintrace.model.transfer import SCHEMA, Transfers
from tests.heuristics.ledger import ETHER, HOUR, Pay, address, table
from tests.heuristics.tornado.told import HUNDRED, ONE, numbered, paid, taken

RULE = "tornado-gas-price"
LONDON = 12_965_000
GWEI = 10**9
ODD = 31_415_926_535
Priced = tuple[Note, int | None]

STORY: list[Priced] = [
    (paid("a"), ODD), (paid("b", 1), 50 * GWEI), (paid("c", 2), 50 * GWEI),
    (taken("x", 3, sender=address("x")), ODD), (taken("y", 4, sender=address("y")), 50 * GWEI),
]  # fmt: skip


def call_of(note: Note, price: int | None, block: int = LONDON - 1) -> Call:
    sender = note.sender or note.account
    return Call(note.pool.chain, block, note.time, note.tx_hash, sender, note.pool.address, b"", price)


def ask(story: Iterable[Priced], blocks: Mapping[str, int] | None = None, **options: Any) -> ct.Findings:
    story = list(story)
    calls = [call_of(note, price, (blocks or {}).get(note.tx_hash, LONDON - 1)) for note, price in story]
    notes = Notes.of(note for note, _ in story)
    rows = Transfers(SCHEMA.empty_table())
    return ct.findings(rows, notes=notes, logs=Logs.of([], calls), only=RULE, **options)


def at(**thresholds: int) -> dict[str, Any]:
    return {"thresholds": {RULE: replace(GasPriceThresholds(), **thresholds)}}


def test_a_note_taken_out_at_the_price_of_one_deposit_alone() -> None:
    (one,) = ask(STORY)
    assert (one.subject, one.evidence["paid_in"], one.evidence["gas_price"]) == (address("x"), address("a"), ODD)
    assert one.tx_hashes == (STORY[0][0].tx_hash, STORY[3][0].tx_hash)
    assert one.confidence == 10
    assert "no better than chance" in one.doubt


@pytest.mark.parametrize(
    "changed",
    [
        (taken("x", 3, sender=address("x")), ODD + 1),
        (taken("x", 3, sender=address("x")), None),
        (taken("x", 3, sender=address("x"), fee=1), ODD),  # a relayer's
        (taken("x", 3, sender=address("z")), ODD),  # sent by another
        (taken("x", 3, ONE, sender=address("x")), ODD),  # another pool
        (taken("x", -1, sender=address("x")), ODD),  # before it was paid in
        (taken("x", 0, sender=address("x")), ODD),  # nothing says which was first
    ],
)
def test_what_is_almost_the_same_price_is_none(changed: Priced) -> None:
    assert not ask([changed if one is STORY[3] else one for one in STORY])


def test_at_how_many_deposits_a_price_may_stand() -> None:
    assert {one.subject for one in ask(STORY, **at(deposits=2))} == {address("x"), address("y")}
    assert not ask(STORY, **at(deposits=0))


def test_a_withdrawal_counts_once_whatever_it_fits() -> None:
    story = [(paid(f"p{n}", n, pool), ODD) for n in range(40) for pool in (HUNDRED, ONE)]
    story += [(taken(f"t{n}", 99, sender=address(f"t{n}")), ODD) for n in range(40)]
    found = ask(story, **at(deposits=40))
    assert (found[0].evidence["found"], found[0].evidence["asked"]) == (40, 40)


def test_before_london_alone() -> None:
    for late in (STORY[0], STORY[3]):
        assert not ask(STORY, {late[0].tx_hash: LONDON})
        assert ask(STORY, {late[0].tx_hash: LONDON}, **at(before=LONDON + 1))


def test_a_price_that_stands_again_later_is_not_unique() -> None:
    again = paid("d", 9), ODD
    assert not ask([*STORY, again], {again[0].tx_hash: LONDON})


def test_other_networks_are_not_looked_at() -> None:
    bnb = ct.read_notes([replace(note, pool=replace(HUNDRED, chain="eip155:56")) for note, _ in STORY])
    assert not ask([(note, price) for note, (_, price) in zip(bnb, STORY, strict=True)])
    calls = Logs.of([], [call_of(note, price) for note, price in STORY])
    assert not ct.findings(Transfers(SCHEMA.empty_table()), notes=bnb, logs=calls, only=RULE)


def test_deposits_of_which_no_price_is_known_are_counted() -> None:
    (one,) = ask([*STORY, (paid("d", 2), None)])
    assert one.evidence["unknown"] == 1
    assert "No gas price is known of 1 other deposits" in one.doubt


def test_where_notes_are_missing_the_doubt_says_so() -> None:
    whole = zip(numbered(note for note, _ in STORY), (price for _, price in STORY), strict=True)
    assert "Not all notes" not in ask(whole)[0].doubt
    assert "Not all notes" in ask(STORY)[0].doubt


def test_of_several_withdrawals_at_one_price_one_at_most_is_right() -> None:
    both = ask([*STORY, (taken("w", 5, sender=address("w")), ODD)])
    assert [(one.confidence, one.evidence["fits"]) for one in both] == [(5, 2), (5, 2)]
    assert all(one.evidence["taken_by"] == sorted([address("x"), address("w")]) for one in both)


def test_services_are_nobodys_match() -> None:
    for who in "ax":
        assert not ask(STORY, labels=[Label(address(who), "exchange", chain="eip155:1")])


def test_decoys_are_matched_with_other_pools() -> None:
    """At each price one deposit of each pool; each withdrawal fits one of either pool."""
    story = []
    for n in range(40):
        story += [(paid(f"p{n}", n, pool), GWEI + n) for pool in (HUNDRED, ONE)]
        story.append((taken(f"t{n}", 50 + n, sender=address(f"t{n}")), GWEI + n))
    found = ask(story)
    assert (len(found), found[0].evidence["asked"]) == (40, 40)
    assert (found[0].evidence["decoys_found"], found[0].evidence["decoys"]) == (40, 40)
    assert "Among these notes the rule does no better than chance." in found[0].doubt


def test_where_rows_show_both_ends_there_is_a_link() -> None:
    rows = Transfers(
        table([Pay("a", HUNDRED.address, 100 * ETHER), Pay("x", HUNDRED.address, 0, HOUR, tx="out"),
               Pay(HUNDRED.address, "x", 100 * ETHER, HOUR, kind="internal", tx="out", seq=1)])
    )  # fmt: skip
    calls = [call_of(note, ODD) for note in ct.read_notes(rows)]
    (one,) = ct.findings(rows, logs=Logs.of([], calls), only=RULE)
    (link,) = one.links
    assert (*link.source, *link.target) == one.rows


@given(st.randoms())
def test_the_order_in_which_notes_are_told_decides_nothing(random: Random) -> None:
    assert ask(random.sample(STORY, len(STORY))).to_dict() == ask(STORY).to_dict()
