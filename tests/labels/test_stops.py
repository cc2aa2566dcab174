"""Labels of lists as stops: a trace ends at them as at any other."""

from __future__ import annotations

import chaintrace as ct
from chaintrace.labels.bundled import bundled_lists
from tests.graph.money import graph, pay, who
from tests.labels.lists import LITECOIN


def test_the_ronin_money_ends_in_the_bundled_pool() -> None:
    """As it does with the case's own labels, to the last unit."""
    case = ct.Case.open("ronin")
    stops = ct.LabelBook(*bundled_lists()).stops(["mixer"], case.graph.chains)
    mine = ct.trace(case.graph, case.seeds, stop_at=stops)
    theirs = ct.trace(case.graph, case.seeds, stop_at=[one for one in case.stops if one.category == "mixer"])
    pools, mixers = mine.exits(), theirs.exits()
    assert set(pools["category"]) == {"pool-mixer"}
    assert pools["amount"].sum() == mixers["amount"].sum() > 160_000 * 10**18
    assert list(mine.holdings()["amount"]) == list(theirs.holdings()["amount"])


def test_a_label_of_a_chain_that_is_not_followed_stops_nothing() -> None:
    money = graph(pay("victim", "thief", 100), pay("thief", "shop", 40))
    stops = [ct.Label(LITECOIN, "sanctioned", chain="other:LTC"), ct.Label(who("shop"), "exchange")]
    trace = ct.trace(money, ct.rows(0), stop_at=stops)
    assert list(trace.exits()["category"]) == ["exchange"]
    assert f"stops in no transfer: 1 ({LITECOIN})" in trace.notes
