"""All rules of account chains on one ledger that has every pattern, in any order, and on rows that say anything."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.findings import findings
from chaintrace.heuristics.registry import known_heuristics
from chaintrace.model.amount import MAX
from chaintrace.model.token import Token
from chaintrace.model.transfer import Transfers
from tests.heuristics import test_amounts, test_deposits, test_fans, test_funding, test_passing, test_poisoning
from tests.heuristics.ledger import DAY, HOUR, Pay, address, label, table, token

FEWER = settings(max_examples=settings().max_examples // 4)
RULES = [
    name
    for name, one in known_heuristics().items()
    if one.rule.__module__.rpartition(".")[2]
    in ("deposits", "funding", "fans", "amounts", "passing", "dusting", "poisoning", "counterfeit")
]
LABELS = [label("exchange"), label("service", "service"), label("white hat", "white-hat")]
TOKENS = {token("usdt"): Token("USDT", 6), token("fake"): Token("U5DT", 6)}
EVERYTHING = [
    *test_deposits.TWO,
    *test_funding.funded("ann b"),
    *test_funding.funded("bob b", 600),
    *test_fans.fan(12),
    *test_fans.turned(test_fans.fan(12), "fan-in"),
    *test_amounts.several(test_amounts.ODD),
    *test_amounts.several([*test_amounts.ROUND, 12 * 10**4], asset="silver"),
    *test_amounts.probe(test_amounts.GROWING),
    *test_passing.passed(),
    *test_passing.ring("a", "b", "c"),
    *test_passing.woken(),
    *test_poisoning.campaign(10),
    *test_poisoning.dusted(10, 10**13),
    Pay("a", "b", 7, 0, "fake"),
]


def asked(pays: list[Pay], order: list[int] | None = None) -> list[Finding]:
    told = Transfers(table(pays, order))
    return list(findings(told, LABELS, only=RULES, tokens=TOKENS))


def test_one_ledger_has_every_pattern() -> None:
    assert {one.rule for one in asked(EVERYTHING)} == set(RULES)
    assert len(RULES) == 13


@FEWER
@given(st.randoms())
def test_the_order_of_reading_decides_nothing(random: Random) -> None:
    order = random.sample(range(len(EVERYTHING)), len(EVERYTHING))
    assert [one.to_dict() for one in asked(EVERYTHING, order)] == [one.to_dict() for one in asked(EVERYTHING)]


people = st.sampled_from(["a", "b", "c", "exchange", "service", test_poisoning.FRIEND, test_poisoning.ALIKE, None])
pays = st.builds(
    Pay,
    people,
    people,
    st.sampled_from([0, 1, 950, 1_000, 10**4, 10**13, 10**18, 2**64, 2**255, MAX]),
    st.sampled_from([0, 60, HOUR, DAY, 99 * DAY]),
    st.sampled_from(["", "usdt", "fake"]),
    st.sampled_from(["", "", "fee", "burn", "mint", "opening", "internal"]),
    order=st.sampled_from(["known", "known", "unknown"]),
    block=st.booleans(),
)


@FEWER
@given(st.lists(pays, max_size=40), st.randoms())
def test_whatever_the_rows_say_findings_name_rows_of_theirs_and_are_plain(made: list[Pay], random: Random) -> None:
    rows = {(row["tx_hash"], row["kind"], row["seq"]) for row in table(made).to_pylist()}
    for one in asked(made):
        assert one.rows
        assert set(one.rows) <= rows
        assert {row[0] for row in one.rows} == set(one.tx_hashes)
        assert json.loads(json.dumps(one.to_dict()))["subject"] == one.subject
        assert one.subject not in {address("exchange"), address("service")}


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_says_what_it_cannot_know_and_never_accuses(rule: str) -> None:
    known = known_heuristics()[rule]
    assert known.doubt
    said = " ".join(one.claim for one in asked(EVERYTHING) if one.rule == rule).lower()
    assert not {"thief", "stolen", "launder", "crime", "hacker"} & set(said.replace(":", "").split())


@pytest.mark.parametrize("rule", sorted({*RULES} - {"counterfeit-token", "deposit-reuse", "address-poisoning"}))
def test_white_hats_are_no_subjects(rule: str) -> None:
    subjects = {one.subject for one in asked(EVERYTHING) if one.rule == rule}
    labels = [*LABELS, *(label(one, "white-hat") for one in subjects)]
    found = findings(Transfers(table(EVERYTHING)), labels, only=rule, tokens=TOKENS)
    assert not {one.subject for one in found} & subjects
