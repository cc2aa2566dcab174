"""Assumptions: how much of an answer leans on what is not known, counted by hand."""

from __future__ import annotations

import pandas as pd
import pytest

import chaintrace as ct
from tests.graph.money import ETH, USDC, graph, pay, told, who

COLUMNS = ["assumption", "asset", "count", "amount", "leaning", "exact", "note"]


def said(trace: ct.Trace, assumption: str, asset: str = ETH) -> list[tuple[int, int, int, bool]]:
    """[(count, amount, leaning, exact)] of one kind."""
    frame = trace.assumptions()
    chosen = frame[(frame["assumption"] == assumption) & (frame["asset"] == asset)]
    return told(chosen, "count", "amount", "leaning", "exact")


def short() -> ct.TransferGraph:
    """b spends 30 that nobody saw coming, between the stolen 100 and 40; c has none of that."""
    return graph(
        pay("v", "b", 100, block=1),
        pay("b", "c", 60, block=2),
        pay("b", "d", 70, block=3),
        pay("c", "e", 10, block=4),
        pay("x", "y", 5, block=5),
    )


def test_columns() -> None:
    frame = ct.trace(short(), ct.rows(0)).assumptions()
    assert list(frame.columns) == COLUMNS
    assert frame["assumption"].tolist() == ["unexplained", "unknown order"]


def test_nothing_assumed_is_said_as_nought() -> None:
    found = graph(pay("v", "b", 100), pay("b", "c", 60))
    assert said(ct.trace(found, ct.rows(0)), "unexplained") == [(0, 0, 0, True)]


@pytest.mark.parametrize("method", ["fifo", "lifo"])
def test_unexplained_by_hand(method: str) -> None:
    """One pot spent 30 unexplained units; all 100 went through it. x → y is not on the road though x is short too."""
    assert said(ct.trace(short(), ct.rows(0), method), "unexplained") == [(1, 30, 100, True)]


def test_unexplained_of_a_part_of_the_answer() -> None:
    """Only the 60 at c go through c, which spends 15 more than it got."""
    found = graph(pay("v", "b", 100), pay("b", "c", 60), pay("c", "e", 75))
    assert said(ct.trace(found, ct.rows(0)), "unexplained") == [(1, 15, 60, True)]


def test_unexplained_is_an_upper_bound_where_units_mix() -> None:
    """Haircut: what left the short pot, capped by all there is; ``exact`` says so."""
    for method in ("haircut", "dirty-first"):
        assert said(ct.trace(short(), ct.rows(0), method), "unexplained") == [(1, 30, 100, False)]


def test_unexplained_after_the_end_is_not_assumed() -> None:
    """Causality: until block 2 nothing was missing."""
    assert said(ct.trace(short(), ct.rows(0), until=2), "unexplained") == [(0, 0, 0, True)]


def test_unexplained_at_the_head_counts_the_same() -> None:
    assert said(ct.trace(short(), ct.rows(0), unexplained="opening"), "unexplained") == [(1, 30, 100, True)]


def test_a_pot_that_only_ends_the_money_counts_as_well() -> None:
    """c holds the stolen 60 at the end, but spent 20 unseen ones: which of them it holds is an assumption."""
    found = graph(pay("c", "z", 20), pay("v", "b", 100), pay("b", "c", 60))
    assert said(ct.trace(found, ct.rows(1)), "unexplained") == [(1, 20, 60, True)]


def test_what_a_stop_does_is_nobodys_assumption() -> None:
    found = graph(pay("v", "b", 100), pay("b", "mixer", 60), pay("mixer", "z", 500))
    assert said(ct.trace(found, ct.rows(0), stop_at=[who("mixer")]), "unexplained") == [(0, 0, 0, True)]


def tied(order: str) -> ct.TransferGraph:
    """In block 2 b gets 50 own units and sends 50: which of the two came first decides whose they are."""
    return graph(
        pay("v", "b", 100, block=1),
        pay("own", "b", 50, block=2, order=order, tx_index=None),
        pay("b", "c", 50, block=2, order=order, tx_index=None),
        pay("b", "d", 20, block=3),
        pay("c", "e", 10, block=4),
        pay("p", "q", 1, block=2, order="unknown", tx_index=None),
    )


def test_unknown_order_by_hand() -> None:
    """One row on the road is tied, of 50; those 50 lean on it."""
    assert said(ct.trace(tied("unknown"), ct.rows(0)), "unknown order") == [(1, 50, 50, True)]


def test_a_known_order_is_no_assumption() -> None:
    assert said(ct.trace(tied("known"), ct.rows(0)), "unknown order") == [(0, 0, 0, True)]


def test_one_unknown_row_in_a_moment_of_its_own_is_no_assumption() -> None:
    found = graph(pay("v", "b", 100, block=1, order="unknown"), pay("b", "c", 50, block=2, order="unknown"))
    assert said(ct.trace(found, ct.rows(0)), "unknown order") == [(0, 0, 0, True)]


def test_rejected_rows_by_hand() -> None:
    """Two rows could not be read; one of them names b, through which all 9 went."""
    frame = pd.DataFrame(
        {
            "sender": [who("v"), who("b"), who("b"), who("z")],
            "receiver": [who("b"), who("c"), who("c"), "0x12"],
            "amount": ["9", "4", "-4", "7"],
            "block": [1, 2, 3, 4],
        }
    )
    trace = ct.trace(ct.TransferGraph(frame), ct.rows(0))
    ((count, amount, leaning, exact),) = said(trace, "rejected rows")
    assert (count, amount, leaning, exact) == (2, 0, 9, False)
    (note,) = told(trace.assumptions().query("assumption == 'rejected rows'"), "note")[0]
    assert "1 negative" in note


def test_rejected_rows_of_strangers_are_counted_and_bear_nothing() -> None:
    frame = pd.DataFrame(
        {"sender": [who("v"), who("z")], "receiver": [who("b"), who("y")], "amount": ["9", "-7"], "block": [1, 4]}
    )
    assert said(ct.trace(ct.TransferGraph(frame), ct.rows(0)), "rejected rows") == [(1, 0, 0, False)]


def test_history_not_fetched_by_hand() -> None:
    """c and d are not covered. 60 rest at c or went on through it: 10 went on. What rests there is a line of the
    ledger, so only what an uncovered account passed on is assumed."""
    found = short()
    trace = ct.trace(found, ct.rows(0), coverage=[who("b"), who("e")])
    assert said(trace, "history not fetched") == [(1, 0, 10, True)]
    assert said(ct.trace(found, ct.rows(0)), "history not fetched") == []
    assert said(ct.trace(found, ct.rows(0), coverage=[who(n) for n in "bcde"]), "history not fetched") == [
        (0, 0, 0, True)
    ]


def test_links_by_hand() -> None:
    """What crossed, on the rows of the far side; who says so."""
    found = graph(pay("v", "b", 100), pay("b", "pool", 80), pay("pool", "b", 240, asset=USDC))
    link = ct.Link([1], [2], id="swap", basis="asserted", by="the analyst", confidence="medium")
    trace = ct.trace(found, ct.rows(0), links=[link])
    assert said(trace, "link", USDC) == [(1, 240, 240, True)]
    assert said(trace, "link", ETH) == []
    (note,) = told(trace.assumptions().query("assumption == 'link'"), "note")[0]
    assert note == "swap: asserted by the analyst, confidence medium"


def test_a_link_that_nothing_crosses_is_no_assumption() -> None:
    found = graph(pay("v", "b", 100), pay("x", "pool", 80), pay("pool", "x", 240, asset=USDC))
    assert said(ct.trace(found, ct.rows(0), links=[ct.Link([1], [2])]), "link", USDC) == []


def test_leaning_goes_on_along_the_road() -> None:
    """What passed through a short pot leans on it wherever it is now, also as another asset."""
    found = graph(
        pay("v", "b", 10), pay("b", "c", 15), pay("c", "pool", 10), pay("pool", "c", 40, asset=USDC), pay("c", "d", 3)
    )
    trace = ct.trace(found, ct.rows(0), links=[ct.Link([2], [3])])
    assert said(trace, "unexplained") == [(1, 5, 10, True)]
    assert said(trace, "unexplained", USDC)[0][2] == 40


@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut", "dirty-first", "poison"])
def test_leaning_is_never_more_than_the_answer(method: str) -> None:
    trace = ct.trace(tied("unknown"), ct.rows(0, 1), method, coverage=())
    for asset, leaning in told(trace.assumptions(), "asset", "leaning"):
        assert 0 <= leaning <= trace.seeded[asset]
