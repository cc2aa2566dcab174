"""Paths: the very transactions that each part travelled, from the seed to where it ended."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import MethodError, SeedError
from tests.graph.money import BITCOIN, ETH, FEWER, USDC, bitcoin, graph, pay, told, tx, who

Road = list[tuple[int, int]]
names = st.sampled_from("abcde")
payments = st.lists(st.tuples(names, names, st.integers(1, 9)).filter(lambda p: p[0] != p[1]), min_size=2, max_size=14)


def roads(trace: ct.Trace, to: str | None = None) -> list[Road]:
    """[(row, units), …] of each lot."""
    found: dict[int, Road] = {}
    for lot, hop, row, units in told(trace.paths(to), "lot", "hop", "row", "tainted"):
        assert hop == len(found.setdefault(lot, []))
        found[lot].append((row, units))
    assert sorted(found) == list(range(len(found)))
    return list(found.values())


def test_by_hand() -> None:
    """100 split in 60 and 40; 30 of the 60 go on."""
    found = graph(pay("v", "thief", 100), pay("thief", "b", 60), pay("thief", "c", 40), pay("b", "d", 30))
    trace = ct.trace(found, ct.rows(0))
    assert sorted(roads(trace)) == [[(0, 30), (1, 30)], [(0, 30), (1, 30), (3, 30)], [(0, 40), (2, 40)]]


def test_to_an_account_on_the_way() -> None:
    """Up to there, each piece once; what never comes there is left out."""
    found = graph(
        pay("v", "thief", 100), pay("thief", "b", 60), pay("thief", "c", 40), pay("b", "d", 30), pay("d", "b", 30)
    )
    trace = ct.trace(found, ct.rows(0))
    assert roads(trace, who("b")) == [[(0, 60), (1, 60)]]
    assert roads(trace, who("c")) == [[(0, 40), (2, 40)]]
    assert roads(trace, who("d")) == [[(0, 30), (1, 30), (3, 30)]]
    assert roads(trace, who("thief")) == [[(0, 100)]]
    assert roads(trace, who("v")) == []


def test_to_a_stop() -> None:
    found = graph(pay("v", "thief", 100), pay("thief", "b", 60), pay("b", "mixer", 50), pay("thief", "mixer", 40))
    trace = ct.trace(found, ct.rows(0), stop_at={who("mixer"): "mixer"})
    assert sorted(roads(trace, who("mixer"))) == [[(0, 40), (3, 40)], [(0, 50), (1, 50), (2, 50)]]


def test_an_account_that_is_not_here_is_an_error() -> None:
    with pytest.raises(SeedError):
        ct.trace(graph(pay("a", "b", 1)), ct.rows(0)).paths(to=who("stranger"))


def test_methods_that_mix_have_no_roads() -> None:
    found = graph(pay("a", "b", 1))
    for method in ("haircut", "poison", "dirty-first"):
        with pytest.raises(MethodError, match="no unit has a road of its own") as caught:
            ct.trace(found, ct.rows(0), method).paths()
        assert "fifo" in caught.value.hint


def test_columns_are_the_tables_own() -> None:
    found = graph(pay("a", "b", 9, tx="theft", time=7), pay("b", "c", 4, time=8))
    frame = ct.trace(found, ct.rows(0)).paths()
    assert list(frame.columns) == ["lot", "seed", "hop", "row", *found.to_pandas().columns, "tainted"]
    assert frame["tx_hash"][0] == tx("theft")
    assert frame["amount"].tolist()[0] == 9


@pytest.mark.parametrize("method", ["fifo", "lifo"])
@pytest.mark.parametrize("direction", ["forward", "backward"])
@FEWER
@given(payments, st.data())
def test_roads_are_connected_and_end_where_the_money_is(
    method: str, direction: str, rows: list[tuple[str, str, int]], data: st.DataObject
) -> None:
    """Each row of a lot leaves the account that the one before entered, in time; the lots of each end sum to it."""
    found = graph(*(pay(*row) for row in rows))
    seeds = [
        ct.rows(n) for n in data.draw(st.lists(st.integers(0, len(rows) - 1), min_size=1, max_size=2, unique=True))
    ]
    trace = ct.trace(found, seeds, method, direction)
    sums: dict[str, int] = {}
    for road in roads(trace):
        numbers = [row for row, _ in road]
        assert numbers == sorted(set(numbers))
        assert all(rows[one][1] == rows[other][0] for one, other in itertools.pairwise(numbers))
        assert len({units for _, units in road}) == 1
        end = rows[numbers[-1]][1] if direction == "forward" else rows[numbers[0]][0]
        sums[who(end)] = sums.get(who(end), 0) + road[0][1]
    ends: dict[str, int] = {}
    for address, amount in told(trace.ends(), "address", "amount"):
        ends[address] = ends.get(address, 0) + amount
    assert sums == ends
    assert sum(sums.values()) == trace.seeded[ETH]


@pytest.mark.parametrize("method", ["fifo", "lifo"])
@FEWER
@given(payments)
def test_roads_of_all_lots_are_the_flows(method: str, rows: list[tuple[str, str, int]]) -> None:
    """Row by row, what the lots carry is what flows() says."""
    trace = ct.trace(graph(*(pay(*row) for row in rows)), ct.rows(0), method)
    sums: dict[int, int] = {}
    for road in roads(trace):
        for row, units in road:
            sums[row] = sums.get(row, 0) + units
    assert sums == dict(told(trace.flows(), "row", "tainted"))


def test_seeds_are_told_apart() -> None:
    found = graph(pay("a", "b", 3), pay("c", "b", 4), pay("b", "d", 7))
    frame = ct.trace(found, [ct.rows(0), ct.rows(1)]).paths()
    assert {(seed, units) for seed, units in told(frame[frame["row"] == 2], "seed", "tainted")} == {(0, 3), (1, 4)}


def test_backwards_the_oldest_row_still_comes_first() -> None:
    found = graph(pay("a", "b", 10), pay("b", "c", 10), pay("c", "d", 10))
    trace = ct.trace(found, ct.rows(2), direction="backward")
    assert roads(trace) == [[(0, 10), (1, 10), (2, 10)]]
    assert roads(trace, who("b")) == [[(1, 10), (2, 10)]]


def linked() -> ct.Trace:
    """10 ETH become 40 USDC, of which 30 go on."""
    found = graph(
        pay("v", "thief", 10),
        pay("thief", "pool", 10),
        pay("pool", "thief", 40, asset=USDC),
        pay("thief", "boss", 30, asset=USDC),
    )
    return ct.trace(found, ct.rows(0), links=[ct.Link([1], [2])])


def test_across_a_link_the_lot_is_the_units_that_cover_it() -> None:
    """30 USDC were 7.5 ETH, so 8; the linked_out end is a lot of its own."""
    trace = linked()
    found = roads(trace)
    assert [(0, 8), (1, 8), (2, 30), (3, 30)] in found
    assert [(0, 10), (1, 10)] in found
    assert roads(trace, who("boss")) == [[(0, 8), (1, 8), (2, 30), (3, 30)]]


def test_to_an_account_that_only_a_link_names() -> None:
    """The asserted arrival is the only thing known of it; the road leads there all the same."""
    found = graph(pay("v", "thief", 10, block=1))
    link = ct.Link([ct.Leg(who("thief"), ETH, 10, 2)], [ct.Leg(who("boss"), USDC, 40, 3)])
    trace = ct.trace(found, ct.rows(0), links=[link])
    assert told(trace.holdings(), "address", "amount") == [(who("boss"), 40)]
    assert [[row for row, _ in road] for road in roads(trace, who("boss"))] == [[0, -1, -1]]


def test_through_bitcoin_transactions() -> None:
    """Output, input, output: the transaction is an account on the way."""
    rows = [*bitcoin("one", 1, [], [("a", 50)]), *bitcoin("two", 2, [("a", 50, "one:0")], [("b", 30), ("a", 20)])]
    found = graph(*rows)
    trace = ct.trace(found, ct.rows(1))
    assert sorted(roads(trace)) == [[(1, 20), (2, 20), (4, 20)], [(1, 30), (2, 30), (3, 30)]]
    assert roads(trace, who("b", BITCOIN)) == [[(1, 30), (2, 30), (3, 30)]]


def test_a_holding_has_a_road_once_it_moves() -> None:
    """Its first row is the one on which it leaves; where it came from is not asked."""
    found = graph(pay("x", "a", 10, block=1), pay("a", "b", 6, block=5))
    assert roads(ct.trace(found, ct.address(who("a"), since=3))) == [[(1, 6)]]


def test_a_seeded_row_that_a_link_takes_away_does_not_arrive_at_its_sender() -> None:
    found = graph(pay("thief", "pool", 10, block=1), pay("pool", "thief", 5, block=2, asset=USDC))
    trace = ct.trace(found, ct.rows(0), links=[ct.Link([0], [1])])
    assert trace.paths(to=who("pool"))["row"].tolist() == [0]
    assert trace.paths(to=who("thief"))["row"].tolist() == [0, 1]
