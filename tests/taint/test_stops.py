"""Stops: accounts at which following ends, by date, by category, and not where the trace itself begins."""

from __future__ import annotations

import pytest

import chaintrace as ct
from chaintrace.errors import AddressError, MethodError
from tests.graph.money import BITCOIN, BTC, ETH, bitcoin, graph, held, ledger, pay, tainted, told, tx, who

METHODS = ("fifo", "lifo", "haircut", "dirty-first")


def to_exchange() -> ct.TransferGraph:
    return graph(
        pay("victim", "thief", 100, block=1, time=100, tx="theft"),
        pay("thief", "exchange", 60, block=2, time=200),
        pay("exchange", "customer", 60, block=3, time=300),
        pay("thief", "mixer", 30, block=4, time=400),
        pay("thief", "mixer", 5, block=5, time=500),
    )


@pytest.mark.parametrize("method", METHODS)
def test_value_that_reaches_a_stop_is_an_exit_of_its_category(method: str) -> None:
    trace = ct.trace(to_exchange(), ct.rows(0), method, stop_at={who("exchange"): "exchange", who("mixer"): "mixer"})
    assert ledger(trace) == {"exit: exchange": 60, "exit: mixer": 35, "held": 5}
    exits = told(trace.exits(), "category", "address", "asset", "amount", "transfers")
    assert exits == [("exchange", who("exchange"), ETH, 60, 1), ("mixer", who("mixer"), ETH, 35, 2)]
    assert 2 not in tainted(trace)


def test_poison_ends_at_stops_too() -> None:
    trace = ct.trace(to_exchange(), ct.rows(0), "poison", stop_at=[who("exchange")])
    assert set(tainted(trace)) == {0, 1, 3, 4}
    assert told(trace.exits(), "category", "amount") == [("stop", 60)]


@pytest.mark.parametrize(
    "stop_at",
    [
        pytest.param(lambda: [who("exchange")], id="list"),
        pytest.param(lambda: {who("exchange")}, id="set"),
        pytest.param(lambda: who("exchange"), id="one address"),
        pytest.param(lambda: iter([who("exchange")]), id="iterator"),
        pytest.param(lambda: {who("exchange"): "stop"}, id="mapping"),
        pytest.param(lambda: [ct.Label(who("exchange"), "stop")], id="labels"),
        pytest.param(lambda: [ct.Label(who("exchange"), "stop", chain="ethereum")], id="label of the chain"),
        pytest.param(lambda: ["0x" + who("exchange")[2:].upper()], id="upper case"),
    ],
)
def test_stops_come_in_any_of_these_forms(stop_at: object) -> None:
    assert ledger(ct.trace(to_exchange(), ct.rows(0), stop_at=stop_at())) == {"exit: stop": 60, "held": 40}  # type: ignore[operator]


def test_a_stop_that_is_not_in_the_graph_is_no_error() -> None:
    assert ledger(ct.trace(to_exchange(), ct.rows(0), stop_at=[who("unheard of")])) == {"held": 100}


def test_a_stop_that_is_no_address_is_an_error() -> None:
    with pytest.raises(AddressError, match="0x12"):
        ct.trace(to_exchange(), ct.rows(0), stop_at=["0x12"])


# ---- dates


@pytest.mark.parametrize(
    ("since", "until", "stopped"),
    [
        (None, None, 35),
        ("1970-01-01T00:06:40Z", None, 35),  # 400: its first second is included
        ("1970-01-01T00:06:41Z", None, 5),
        (None, "1970-01-01T00:08:20Z", 30),  # 500: its last second is excluded
        (None, "1970-01-01T00:06:40Z", 0),
        ("1970-01-01T00:06:40Z", "1970-01-01T00:06:41Z", 30),
        ("1970-01-01T00:06:41Z", "1970-01-01T00:08:20Z", 0),
        ("5", None, 5),  # a block
        ("2022-01-01", None, 0),
    ],
)
def test_a_label_counts_within_its_dates(since: str | None, until: str | None, stopped: int) -> None:
    """``since`` included, ``until`` excluded. 30 reach the mixer at second 400, 5 at second 500."""
    label = ct.Label(who("mixer"), "mixer", since=since, until=until)
    trace = ct.trace(to_exchange(), ct.rows(0), stop_at=[label])
    assert ledger(trace).get("exit: mixer", 0) == stopped
    assert held(trace, "mixer").get("mixer", 0) == 35 - stopped


def test_what_a_stop_got_before_its_date_is_followed_after_it() -> None:
    """The label says what happens on arrival; money that came before it was one is still followed."""
    found = graph(
        pay("thief", "mixer", 30, time=100), pay("mixer", "next", 10, time=300), pay("thief", "mixer", 7, time=400)
    )
    label = ct.Label(who("mixer"), "mixer", since="1970-01-01T00:03:20Z")
    trace = ct.trace(found, [ct.rows(0), ct.rows(2)], stop_at=[label])
    assert held(trace, "next", "mixer") == {"mixer": 27, "next": 10}


def test_two_labels_of_one_account_in_turn() -> None:
    labels = [
        ct.Label(who("mixer"), "exchange", until="1970-01-01T00:08:20Z"),
        ct.Label(who("mixer"), "mixer", since="1970-01-01T00:08:20Z"),
    ]
    trace = ct.trace(to_exchange(), ct.rows(0), stop_at=labels)
    assert ledger(trace) == {"held": 65, "exit: exchange": 30, "exit: mixer": 5}


@pytest.mark.parametrize("moment", ["soon", "2022-01-01T00:00:00"])
def test_a_date_that_is_none_is_an_error(moment: str) -> None:
    with pytest.raises(MethodError):
        ct.trace(to_exchange(), ct.rows(0), stop_at=[ct.Label(who("mixer"), "mixer", since=moment)])


def test_dates_count_with_links_in_the_book() -> None:
    """Legs stand among the rows; the dates still fall between the same transfers."""
    link = ct.Link([ct.Leg(who("customer"), ETH, 1, 3)], [ct.Leg(who("other"), ETH, 1, 4)])
    label = ct.Label(who("mixer"), "mixer", since="1970-01-01T00:06:41Z")
    assert ledger(ct.trace(to_exchange(), ct.rows(0), stop_at=[label], links=[link]))["exit: mixer"] == 5


# ---- where the trace begins


@pytest.mark.parametrize("method", METHODS)
def test_a_seed_that_is_itself_a_stop_is_followed(method: str) -> None:
    """Asked where the exchange's money went, the answer is not: at the exchange."""
    found, stops = to_exchange(), {who("exchange"): "exchange", who("customer"): "exchange"}
    trace = ct.trace(found, ct.address(who("exchange")), method, stop_at=stops)
    assert ledger(trace) == {"exit: exchange": 60}
    assert told(trace.exits(), "address") == [(who("customer"),)]
    trace = ct.trace(found, ct.rows(1), method, stop_at=stops)
    assert told(trace.exits(), "address") == [(who("customer"),)]


@pytest.mark.parametrize("method", METHODS)
def test_an_attack_contract_that_is_a_stop_is_followed(method: str) -> None:
    """Its part of the theft is a seed as well."""
    found = graph(
        pay("victim", "contract", 100, block=1, tx="theft", seq=0),
        pay("contract", "thief", 70, block=1, tx="theft", seq=1),
        pay("contract", "thief", 30, block=2),
    )
    trace = ct.trace(found, ct.theft(tx("theft")), method, stop_at=[who("contract"), who("thief")])
    assert ledger(trace) == {"held": 100}


@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut"])
def test_backwards_a_stop_is_an_origin(method: str) -> None:
    """What comes from an exchange is its customer's; nobody behind it is asked."""
    found = graph(pay("other", "exchange", 500), pay("exchange", "a", 60), pay("b", "a", 40), pay("a", "target", 100))
    trace = ct.trace(found, ct.rows(3), method, "backward", stop_at={who("exchange"): "exchange"})
    assert ledger(trace) == {"exit: exchange": 60, "unexplained": 40}
    assert told(trace.exits(), "category", "address", "amount") == [("exchange", who("exchange"), 60)]
    assert set(tainted(trace)) == {1, 2, 3}


def test_stops_hold_every_coin_of_their_address() -> None:
    found = graph(
        *bitcoin("fund", 1, [], [("thief", 50)]),
        *bitcoin("cash out", 2, [("thief", 50, "fund:0")], [("exchange", 30), ("exchange", 15)]),
        *bitcoin("later", 3, [("exchange", 30, "cash out:0")], [("somebody", 30)]),
    )
    trace = ct.trace(found, ct.rows(1), stop_at={who("exchange", BITCOIN): "exchange"})
    assert ledger(trace, BTC) == {"exit: exchange": 45, "fees": 5}
