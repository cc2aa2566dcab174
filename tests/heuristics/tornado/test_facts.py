"""Facts about notes: who, how many, how much, and among how many they hide."""

from __future__ import annotations

from random import Random

from hypothesis import given
from hypothesis import strategies as st

from chaintrace.heuristics.findings import findings
from chaintrace.heuristics.tornado.facts import FactThresholds
from chaintrace.heuristics.tornado.notes import Notes
from tests.heuristics.ledger import ETHER, START, address, table
from tests.heuristics.tornado.told import HUNDRED, ONE, ask, numbered, paid, taken

STORY = numbered(
    [paid("a"), paid("b", 1), paid("a", 2), taken("x", 3, fee=ETHER), paid("c", 4), taken("x", 5), taken("y", 6)]
)


def test_a_depositor_with_what_each_note_could_be() -> None:
    found = {one.subject: one for one in ask(STORY, "deposit")}
    assert set(found) == {address(who) for who in "abc"}
    evidence = found[address("a")].evidence
    assert evidence == {
        "pool": HUNDRED.address,
        "asset": HUNDRED.asset,
        "notes": 2,
        "amount": 200 * ETHER,
        "first": START,
        "last": STORY[2].time,
        "held_before": [0, 2],
        "could_be": [3, 3],
    }
    assert found[address("c")].evidence["could_be"] == [2]
    assert found[address("a")].tx_hashes == (STORY[0].tx_hash, STORY[2].tx_hash)


def test_a_recipient_with_the_anonymity_set_of_each_note() -> None:
    found = {one.subject: one for one in ask(STORY, "withdrawal")}
    evidence = found[address("x")].evidence
    assert (evidence["anonymity_set"], evidence["fees"], evidence["amount"]) == ([3, 3], ETHER, 199 * ETHER)
    assert found[address("y")].evidence["anonymity_set"] == [2]


def test_where_notes_are_missing_no_set_is_told() -> None:
    for rule in ("deposit", "withdrawal"):
        for one in ask(STORY[1:], rule):
            assert not {"anonymity_set", "held_before", "could_be"} & set(one.evidence)
            assert "is not known" in one.doubt


def test_pools_are_kept_apart() -> None:
    assert [one.evidence["amount"] for one in ask([paid("a"), paid("a", 0, ONE)], "deposit")] in (
        [100 * ETHER, ETHER],
        [ETHER, 100 * ETHER],
    )


def test_few_notes_are_told_unless_more_are_asked_for() -> None:
    at = {"tornado-deposit": FactThresholds(notes=2)}
    assert [one.subject for one in ask(STORY, "deposit", thresholds=at)] == [address("a")]


def test_without_a_relayer() -> None:
    z = address("z")
    story = [
        paid("a"),
        taken("x", 1, sender=address("x")),
        taken("y", 2),
        taken("q", 3, sender=z),
        taken("w", 4, fee=1),
    ]
    found = {one.subject: one.confidence for one in ask(story, "no-relayer")}
    assert found == {address("x"): 100, address("y"): 50}


@given(st.randoms())
def test_the_order_in_which_notes_are_told_decides_nothing(random: Random) -> None:
    dealt = random.sample(STORY, len(STORY))
    rules = ["tornado-deposit", "tornado-withdrawal", "tornado-no-relayer", "tornado-nearest"]
    assert findings(Notes.of(dealt), only=rules).to_dict() == findings(Notes.of(STORY), only=rules).to_dict()


def test_notes_that_are_given_stand_instead_of_what_rows_show() -> None:
    found = findings(table([]), notes=STORY[:1], only="tornado-deposit")
    assert [one.subject for one in found] == [address("a")]
