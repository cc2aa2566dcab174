"""Assertions about heuristics: they hold where they should, fail where they should, and say why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings

import chaintrace as ct
from chaintrace.errors import MethodError
from chaintrace.heuristics import registry
from chaintrace.heuristics.registry import heuristic
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.spending import PeelThresholds, peel_chain
from chaintrace.testing import (
    Scenario,
    ScenarioError,
    UtxoScenario,
    assert_any_order,
    assert_flags,
    assert_silent,
    btc,
    eth,
    measure,
)
from chaintrace.testing.strategies import ledgers, transfers, utxo_ledgers

PEEL = "peel-chain"
CHAIN = UtxoScenario().opens("thief", btc(5)).peels("thief", btc("0.1"), hops=5)
SHORT = UtxoScenario().opens("thief", btc(5)).peels("thief", btc("0.1"), hops=3)
TWO = CHAIN.opens("other", btc(5)).peels("other", btc("0.2"), hops=4)


def test_what_is_flagged_is_asserted_by_name_function_and_registration() -> None:
    for asked in (PEEL, peel_chain, ct.known_heuristics()[PEEL]):
        (found,) = assert_flags(asked, CHAIN)
        assert found.subject == CHAIN.address("thief")
        assert_silent(asked, SHORT)
    for unknown in ("peeling", len):
        with pytest.raises(MethodError, match="is not registered"):
            assert_flags(unknown, CHAIN)


def test_what_is_not_flagged_fails_and_the_message_tells_the_story() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_flags(PEEL, SHORT, subject="thief")
    message = str(caught.value)
    assert message.startswith("'peel-chain' was to give at least one finding of thief, and gave 0.\n")
    assert "\nthresholds: most_payment = 50, least_hops = 4, sure = " in message
    assert "\nfound: nothing\nstory:\n  thief has 5 BTC\n  0. 2022-06-21 00:00:00 thief pays payee 0 0.1 BTC" in message


def test_what_is_flagged_fails_where_silence_was_meant() -> None:
    with pytest.raises(AssertionError) as caught:
        assert_silent(PEEL, CHAIN)
    message = str(caught.value)
    assert message.startswith("'peel-chain' was to give no finding, and gave 1.")
    assert "found: \n  thief is paid out step by step, the rest sent on: a peel chain (95; {'hops': 5" in message


def test_the_subject_decides() -> None:
    (found,) = assert_flags(PEEL, TWO, subject="other", times=1)
    assert found.evidence["hops"] == 4
    assert_silent(PEEL, TWO, subject="thief 1")
    for wrong in (
        lambda: assert_flags(PEEL, TWO, subject="thief 1"),
        lambda: assert_silent(PEEL, TWO, subject="other"),
        lambda: assert_flags(PEEL, TWO, subject=TWO.address("payee 0")),
    ):
        with pytest.raises(AssertionError):
            wrong()


def test_the_number_of_findings_decides() -> None:
    assert len(assert_flags(PEEL, TWO, times=2)) == 2
    assert assert_flags(PEEL, SHORT, times=0) == ()
    for times in (0, 1, 3):
        with pytest.raises(AssertionError, match=f"{times} findings, and gave 2"):
            assert_flags(PEEL, TWO, times=times)


def test_the_transaction_decides() -> None:
    story = CHAIN.pays("x", "y", btc(1), tx="other")
    assert_flags(PEEL, story, tx=0)
    assert_flags(PEEL, story, tx=story.hashes[4])
    assert_silent(PEEL, story, tx="other")
    for wrong in (lambda: assert_flags(PEEL, story, tx="other"), lambda: assert_silent(PEEL, story, tx=1)):
        with pytest.raises(AssertionError, match="in transaction"):
            wrong()
    with pytest.raises(ScenarioError, match="is none of this scenario"):
        assert_silent(PEEL, story, tx="no such transaction")


def test_thresholds_and_labels_are_the_callers() -> None:
    assert_flags(PEEL, SHORT, thresholds=replace(PeelThresholds(), least_hops=3))
    with pytest.raises(AssertionError, match="least_hops = 6"):
        assert_flags(PEEL, CHAIN, thresholds=replace(PeelThresholds(), least_hops=6))
    mix = UtxoScenario().mixes(["a", "b", "c"], btc("0.03"), change=True)
    assert_flags("coinjoin-joinmarket", mix)
    assert_silent("coinjoin-joinmarket", mix.labelled("a", "exchange"))
    assert_silent("coinjoin-joinmarket", mix, labels=[ct.Label(mix.address("a"), "exchange")])


def test_what_findings_reads_can_be_asked_too() -> None:
    assert_flags(PEEL, CHAIN.transfers, subject=CHAIN.address("thief"), tx=CHAIN.hashes[0])
    assert_flags(PEEL, CHAIN.graph)
    assert_silent(PEEL, SHORT.transfers)


@dataclass(frozen=True)
class Nothing:
    """No thresholds."""


@pytest.fixture
def bad() -> Iterator[str]:
    """A rule that names whoever stands in the first row, whatever it is."""

    @heuristic("test-first-row", Nothing(), doubt="None.")
    def first(rows: Rows, labels: Known, at: Nothing) -> Iterator[ct.Finding]:
        row = rows.table.slice(0, 1).to_pylist()[0]
        yield ct.Finding(row["receiver"] or row["sender"], "is first\x1b[31m", (row["tx_hash"],), 1)

    yield "test-first-row"
    del registry._KNOWN["test-first-row"]


def test_a_rule_that_reads_the_order_of_rows_is_found_out(bad: str) -> None:
    story = Scenario().pays("a", "b", eth(1)).pays("b", "c", eth(1))
    with pytest.raises(AssertionError, match="the same findings in any order of the rows") as caught:
        assert_any_order(bad, story)
    assert "\x1b" not in str(caught.value)
    assert_any_order(PEEL, TWO)


@settings(max_examples=25)
@given(utxo_ledgers())
def test_our_own_rules_find_the_same_in_any_order(story: UtxoScenario) -> None:
    for name in registry.known_heuristics():
        assert_any_order(name, story)


@settings(max_examples=25)
@given(ledgers())
def test_our_own_rules_find_the_same_in_any_order_on_account_chains(story: Scenario) -> None:
    for name in registry.known_heuristics():
        assert_any_order(name, story)


@settings(max_examples=50)
@given(transfers())
def test_our_own_rules_stand_whatever_a_file_holds(rows: ct.Transfers) -> None:
    found = ct.findings(rows)
    identities = {(row["tx_hash"], row["kind"], row["seq"]) for row in rows.table.to_pylist()}
    assert all(set(one.rows) <= identities for one in found)


# ---- measuring


def test_a_measure_counts_what_is_flagged() -> None:
    score = measure(PEEL, [CHAIN, TWO, SHORT], [SHORT, UtxoScenario().pays("a", "b", 1)], date="2026-01-01")
    recall, alarms = score
    assert (recall.rule, recall.measure, recall.data) == (PEEL, "recall", "planted scenarios")
    assert (recall.count, recall.n, alarms.count, alarms.n) == (2, 3, 0, 2)
    assert recall.low < 666_667 < recall.high < 1_000_000
    assert alarms.low == 0 < alarms.high
    assert str(recall) == "recall 2 of 3 planted scenarios (95 %: 20.8 to 93.9 %; 2026-01-01)"


def test_a_measure_can_mean_one_account() -> None:
    right, wrong = measure(peel_chain, [(TWO, "other"), (TWO, "thief 1")], [(TWO, "thief"), (TWO, "payee 0")])
    assert (right.count, right.n, wrong.count, wrong.n) == (1, 2, 1, 2)
    none = measure(PEEL, [], [], thresholds=PeelThresholds()).recall
    assert (none.count, none.n, none.low, none.high) == (0, 0, 0, 1_000_000)


def test_a_rule_that_breaks_is_no_silence() -> None:
    @heuristic("test-breaks", Nothing(), doubt="None.")
    def breaks(rows: Rows, labels: Known, at: Nothing) -> Iterator[ct.Finding]:
        raise AssertionError("broken")

    try:
        for ask in (lambda: measure("test-breaks", [CHAIN], []), lambda: assert_silent("test-breaks", CHAIN)):
            with pytest.raises(MethodError, match=r"test-breaks.*AssertionError: broken"):
                ask()
    finally:
        del registry._KNOWN["test-breaks"]
