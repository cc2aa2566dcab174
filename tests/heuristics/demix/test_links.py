"""Links of candidates: a trace goes on through the mixer with the money of the notes, and with no other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

import chaintrace as ct
from chaintrace.heuristics.demix.candidate import Demixed
from chaintrace.testing import Scenario, eth
from tests.heuristics.demix.pools import numbered, paid, taken

FEE = eth("0.1")


def stolen() -> Any:
    return Scenario().opens("thief", eth(1000)).pays("thief", "mule", eth(300), tx="theft")


def demixed(story: Any, count: int) -> Demixed:
    """What the scenario's own notes say, beside a stranger's, numbered as the pool would."""
    notes = list(ct.read_notes(story.transfers))
    first = next(one for one in notes if one.kind == "deposit")
    stranger = replace(paid("0x" + "9" * 40, first.time + 5), pool=first.pool)
    made = ct.demix(numbered([*notes, stranger]), [first.account])
    assert sum(one.notes for lot in made.lots for one in lot.candidates) == count
    return made


def traced(story: Any, made: Demixed) -> Any:
    graph = ct.TransferGraph(story.transfers)
    stops = {story.address("tornado"): "mixer", story.address("exchange"): "exchange"}
    return ct.trace(graph, ct.theft(tx=story.tx("theft")), stop_at=stops, links=made.links(0, graph))


def sums(trace: Any) -> dict[str, int]:
    ledger = trace.ledger
    return {str(bucket): int(rows["amount"].sum()) for bucket, rows in ledger.groupby("bucket")}


@pytest.mark.parametrize("router", [False, True])
def test_by_the_router_or_not_the_same_money_goes_on(router: bool) -> None:
    story = stolen().labelled("exchange", "exchange")
    for _ in range(3):
        story = story.deposits("mule", "tornado", eth(100), router=router, after="10m")
    for _ in range(3):
        story = story.withdraws("tornado", "fresh", eth(100), relayer="relayer", fee=FEE, after="30m")
    trace = traced(story, demixed(story, 3))
    held = trace.holdings().set_index("address")["amount"]
    assert held[story.address("fresh")] == 3 * (eth(100) - FEE)
    assert held[story.address("relayer")] == 3 * FEE
    assert sums(trace)["linked_out"] == eth(300)


def test_what_a_transaction_pays_elsewhere_goes_there() -> None:
    story = stolen().labelled("exchange", "exchange")
    story = story.deposits("mule", "tornado", eth(100), after="10m").also("mule", "exchange", eth(50))
    story = story.withdraws("tornado", "fresh", eth(100), relayer="relayer", fee=FEE, after="30m")
    trace = traced(story, demixed(story, 1))
    assert sums(trace)["linked_out"] == eth(100)
    assert sums(trace)["exit"] == eth(50)


def test_several_notes_of_one_transaction_are_linked_one_by_one() -> None:
    story = stolen().labelled("exchange", "exchange").deposits("mule", "tornado", eth(100), after="10m")
    for _ in range(2):
        story = story.also("mule", "tornado", eth(100))
    for _ in range(3):
        story = story.withdraws("tornado", "fresh", eth(100), relayer="relayer", fee=FEE, after="30m")
    made = demixed(story, 3)
    assert len({link.id for link in made.links(0, story.transfers)}) == 3
    assert sums(traced(story, made))["linked_out"] == eth(300)


def test_what_no_row_shows_is_asserted_and_what_was_not_paid_in_here_is_not_linked() -> None:
    story = stolen().labelled("exchange", "exchange")
    for _ in range(3):
        story = story.deposits("mule", "tornado", eth(100), after="10m")
    before = story.transfers
    for _ in range(3):
        story = story.withdraws("tornado", "fresh", eth(100), relayer="relayer", fee=FEE, after="30m")
    made = demixed(story, 3)
    links = made.links(0, before)
    assert [type(link.target[0]).__name__ for link in links] == ["Leg"] * 3
    graph = ct.TransferGraph(before)
    trace = ct.trace(graph, ct.theft(tx=story.tx("theft")), stop_at={story.address("tornado"): "mixer"}, links=links)
    held = trace.holdings().set_index("address")["amount"]
    assert held[story.address("fresh")] == 3 * (eth(100) - FEE)
    assert made.links(0, stolen().transfers) == []


@pytest.mark.parametrize("fee", ["0.1", "50", "60"])
def test_whoever_gets_more_the_row_of_the_recipient_is_the_recipients(fee: str) -> None:
    """Also where the relayer keeps half or more, and no row shows what it kept."""
    story = stolen().labelled("exchange", "exchange")
    for _ in range(3):
        story = story.deposits("mule", "tornado", eth(100), after="10m")
    notes = list(ct.read_notes(story.transfers))
    for _ in range(3):
        story = story.withdraws("tornado", "fresh", eth(100), relayer="relayer", fee=eth(fee), after="30m")
    frame = story.transfers.to_pandas()
    out = frame[(frame["sender"] == story.address("tornado")) & (frame["receiver"] == story.address("fresh"))]
    stamps = [int(one.timestamp()) for one in out["time"]]
    notes += [
        replace(taken(story.address("fresh"), time, int(eth(fee))), pool=notes[0].pool, tx_hash=tx)
        for time, tx in zip(stamps, out["tx_hash"], strict=True)
    ]
    stranger = replace(paid("0x" + "9" * 40, notes[0].time + 5), pool=notes[0].pool)
    made = ct.demix(numbered([*notes, stranger]), [notes[0].account])
    seen = frame[frame["receiver"] != story.address("relayer")]
    graph = ct.TransferGraph(ct.read_transfers(seen))
    trace = ct.trace(graph, ct.theft(tx=story.tx("theft")), links=made.links(0, graph))
    held = trace.holdings().set_index("address")["amount"]
    assert held[story.address("fresh")] <= 3 * (eth(100) - eth(fee))
