"""What had no effect on an answer is said in it."""

from __future__ import annotations

import chaintrace as ct
from tests.graph.money import graph, pay, who


def two_payments() -> ct.TransferGraph:
    return graph(pay("victim", "thief", 10, block=1), pay("thief", "exchange", 6, block=2))


def test_a_stop_in_no_transfer_is_named() -> None:
    trace = ct.trace(two_payments(), ct.rows(0), stop_at=[who("nobody")], coverage=[])
    assert trace.notes == (f"stops in no transfer: 1 ({who('nobody')})",)


def test_a_stop_that_is_the_seed_is_followed_and_said_to_be() -> None:
    trace = ct.trace(two_payments(), ct.rows(0), stop_at={who("thief"): "hack"}, coverage=[])
    assert trace.notes == (f"stop {who('thief')} receives a seed and is followed",)
    assert trace.exits().empty


def test_without_coverage_everybody_counts_as_fetched_and_that_is_said() -> None:
    assert any("no coverage was given" in note for note in ct.trace(two_payments(), ct.rows(0)).notes)


def test_a_seed_after_the_end_seeds_nothing_and_is_noted() -> None:
    trace = ct.trace(two_payments(), [ct.rows(0), ct.rows(1)], until=1, coverage=[])
    assert trace.notes == ("rows 1 lies after the end of the trace and seeds nothing",)
    assert sum(trace.seeded.values()) == 10
