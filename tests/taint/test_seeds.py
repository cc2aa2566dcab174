"""What a trace starts from, in units: theft transactions, an address from a moment on, chosen rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import MethodError, SeedError
from tests.graph.money import DAI, ETH, FEE_SEQ, USDC, graph, held, ledger, pay, tainted, told, tx, who

ACCOUNTING = ("fifo", "lifo", "haircut", "dirty-first")
METHODS = (*ACCOUNTING, "poison")
every_method = pytest.mark.parametrize("method", METHODS)
every_accounting_method = pytest.mark.parametrize("method", ACCOUNTING)


# ---- theft


@every_method
def test_a_theft_is_what_the_thief_gained(method: str) -> None:
    found = graph(pay("victim", "thief", 100, tx="theft"), pay("thief", "shop", 40))
    trace = ct.trace(found, ct.theft(tx("theft")), method)
    assert trace.seeded == {ETH: 100}
    assert tainted(trace) == {0: 100, 1: 40}


CONTRACT = {
    "nothing before": [],
    "a balance before": [pay("other", "contract", 50, block=0)],
    "the thief's own money before": [pay("thief", "contract", 20, block=0), pay("other", "thief", 9, block=0)],
}


@every_method
@pytest.mark.parametrize("before", CONTRACT.values(), ids=CONTRACT)
@pytest.mark.parametrize("kept", [0, 1, 30, 99, 100])
def test_an_attack_contract_that_keeps_part_is_not_counted_twice(method: str, before: list, kept: int) -> None:
    """victim → contract 100 → thief 100 − kept: seeded is what the victim lost, whoever has it, by every method."""
    found = graph(
        *before,
        pay("victim", "contract", 100, block=5, tx="theft", kind="internal", seq=1),
        pay("contract", "thief", 100 - kept, block=5, tx="theft", kind="internal", seq=2),
        pay("thief", "shop", 10, block=6),
    )
    trace = ct.trace(found, ct.theft(tx("theft")), method)
    assert trace.seeded == {ETH: 100}
    if method != "poison":
        assert sum(ledger(trace).values()) == 100
        gained = held(trace, "contract", "thief", "shop")
        assert gained.get("contract", 0) == kept
        assert sum(gained.values()) == 100


@every_method
def test_in_parts_through_the_contract_and_back(method: str) -> None:
    """victim → contract 60, contract → thief 50, victim → contract 40, contract → victim 15: 85 are gone."""
    legs = [
        ("victim", "contract", 60),
        ("contract", "thief", 50),
        ("victim", "contract", 40),
        ("contract", "victim", 15),
    ]
    found = graph(*(pay(*leg, block=5, tx="theft", kind="internal", seq=n + 1) for n, leg in enumerate(legs)))
    trace = ct.trace(found, ct.theft(tx("theft")), method)
    assert trace.seeded == {ETH: 85}
    if method != "poison":
        assert held(trace, "contract", "thief", "victim") == {"contract": 35, "thief": 50}


shares = st.lists(
    st.tuples(st.sampled_from("vcdt"), st.sampled_from("vcdt"), st.integers(0, 9)), min_size=1, max_size=8
)


@given(shares, st.sampled_from(METHODS), st.lists(st.tuples(st.sampled_from("vcdt"), st.integers(1, 9)), max_size=2))
def test_seeded_is_the_sum_of_net_gains(legs: list[tuple[str, str, int]], method: str, before: list) -> None:
    """Whatever happens inside the transaction, and whatever its accounts had before."""
    rows = [pay("x", account, amount, block=1) for account, amount in before]
    rows += [pay(*leg, block=5, tx="theft", kind="internal", seq=n + 1) for n, leg in enumerate(legs)]
    gain = dict.fromkeys("vcdt", 0)
    for sender, receiver, amount in legs:
        gain[sender] -= amount
        gain[receiver] += amount
    expected = sum(units for units in gain.values() if units > 0)
    if not expected:
        with pytest.raises(SeedError, match="no account gains by it"):
            ct.trace(graph(*rows), ct.theft(tx("theft")), method)
        return
    trace = ct.trace(graph(*rows), ct.theft(tx("theft")), method)
    assert trace.seeded == {ETH: expected}
    if method != "poison":
        assert held(trace, *"vcdt") == {name: units for name, units in gain.items() if units > 0}


@every_accounting_method
def test_each_asset_is_taken_by_itself(method: str) -> None:
    found = graph(
        pay("victim", "thief", 100, block=1, tx="theft", seq=0),
        pay("victim", "thief", 7, block=1, tx="theft", seq=3, asset=USDC),
        pay("thief", "victim", 2, block=1, tx="theft", seq=4, asset=USDC),
    )
    assert ct.trace(found, ct.theft(tx("theft")), method).seeded == {ETH: 100, USDC: 5}


@every_method
def test_fees_are_not_stolen(method: str) -> None:
    """Neither is the thief's fee a loss, nor does it make his gain smaller."""
    found = graph(
        pay("victim", "thief", 100, block=1, tx="theft"),
        pay("thief", None, 3, block=1, tx="theft", kind="fee", seq=FEE_SEQ),
    )
    trace = ct.trace(found, ct.theft(tx("theft")), method)
    assert trace.seeded == {ETH: 100}
    if method != "poison":
        assert sum(ledger(trace).values()) == 100
        assert ledger(trace)["fees"] == 3


def two_victims() -> ct.TransferGraph:
    return graph(
        pay("rich", "thief", 100, block=1, tx="theft", seq=0),
        pay("poor", "thief", 5, block=1, tx="theft", seq=1),
        pay("poor", "thief", 8, block=1, tx="theft", seq=2, asset=USDC),
        pay("helper", "shop", 50, block=1, tx="theft", seq=3),
    )


@every_method
def test_victim_narrows_a_theft_to_what_it_lost(method: str) -> None:
    """Along the rows that lead from it: helper → shop in the same transaction is somebody else's."""
    assert ct.trace(two_victims(), ct.theft(tx("theft")), method).seeded == {ETH: 155, USDC: 8}
    assert ct.trace(two_victims(), ct.theft(tx("theft"), victim=who("poor")), method).seeded == {ETH: 5, USDC: 8}
    assert ct.trace(two_victims(), ct.theft(tx("theft"), victim=who("rich")), method).seeded == {ETH: 100}


@every_method
def test_victim_reaches_through_a_contract(method: str) -> None:
    found = graph(
        pay("victim", "contract", 100, block=1, tx="theft", seq=0),
        pay("contract", "thief", 70, block=1, tx="theft", seq=1),
        pay("contract", "accomplice", 20, block=1, tx="theft", seq=2),
    )
    trace = ct.trace(found, ct.theft(tx("theft"), victim=who("victim")), method)
    assert trace.seeded == {ETH: 100}


def test_a_victim_that_lost_nothing_is_an_error() -> None:
    with pytest.raises(SeedError, match="lost nothing in it") as caught:
        ct.trace(two_victims(), ct.theft(tx("theft"), victim=who("shop")))
    assert "victim=" in caught.value.hint


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([pay("a", "b", 0, tx="theft")], id="zero"),
        pytest.param([pay("a", "a", 5, tx="theft")], id="to itself"),
        pytest.param([pay("a", None, 5, tx="theft", kind="fee")], id="only a fee, as of a failed transaction"),
        pytest.param(
            [pay("a", "b", 5, block=1, tx="theft"), pay("b", "a", 5, block=1, tx="theft", seq=1)], id="there and back"
        ),
    ],
)
def test_a_theft_by_which_nobody_gains_is_an_error(rows: list) -> None:
    with pytest.raises(SeedError, match="no account gains by it"):
        ct.trace(graph(*rows), ct.theft(tx("theft")))


def test_an_unknown_theft_says_how_many_rows_were_looked_at() -> None:
    with pytest.raises(SeedError, match="no transfer of it among the 1 of the graph") as caught:
        ct.trace(graph(pay("a", "b", 5)), ct.theft(tx("never")))
    assert tx("never") in caught.value.message
    assert "check the hash" in caught.value.hint


def test_a_hash_is_found_in_upper_case_too() -> None:
    found = graph(pay("a", "b", 5, tx="theft"))
    assert ct.trace(found, ct.theft("0x" + tx("theft")[2:].upper())).seeded == {ETH: 5}


# ---- several seeds


@every_method
def test_several_thefts_are_seeded_once_each(method: str) -> None:
    """The second moves the first one's money on as well as new money: only the new money is new."""
    found = graph(
        pay("victim", "thief", 100, tx="one"),
        pay("thief", "boss", 100, block=2, tx="two", seq=0),
        pay("other victim", "boss", 11, block=2, tx="two", seq=1),
    )
    trace = ct.trace(found, [ct.theft(tx("one")), ct.theft(tx("two"))], method)
    if method == "poison":
        assert trace.seeded[ETH] >= 111
        return
    assert trace.seeded == {ETH: 111}
    assert held(trace, "boss", "thief") == {"boss": 111}
    by_seed = dict(told(trace.holdings(by_seed=True), "seed", "amount"))
    assert by_seed == {0: 100, 1: 11}


@every_accounting_method
def test_money_that_comes_back_is_seeded_once(method: str) -> None:
    """thief → mule → thief, and the seed says: everything the thief receives."""
    found = graph(pay("victim", "thief", 100), pay("thief", "mule", 60), pay("mule", "thief", 60), pay("x", "thief", 5))
    trace = ct.trace(found, ct.address(who("thief")), method)
    assert trace.seeded == {ETH: 105}
    assert held(trace, "thief") == {"thief": 105}
    assert tainted(trace) == {0: 100, 1: 60, 2: 60, 3: 5}


@every_accounting_method
def test_the_same_row_twice_is_the_same_units(method: str) -> None:
    found = graph(pay("a", "b", 9, tx="theft"))
    trace = ct.trace(found, [ct.rows(0, 0), ct.rows(0), ct.theft(tx("theft"))], method)
    assert trace.seeded == {ETH: 9}
    assert told(trace.holdings(by_seed=True), "seed", "amount") == [(0, 9)]


# ---- an address from a moment on


def purse() -> ct.TransferGraph:
    """10 old, 20 young, 12 leave, then comes the moment (block 10); later 5 arrive and 21 leave."""
    return graph(
        pay("old", "thief", 10, block=1),
        pay("young", "thief", 20, block=2),
        pay("thief", "early", 12, block=3),
        pay("late", "thief", 5, block=11),
        pay("thief", "next", 21, block=12),
        pay("thief", "rest", 2, block=13),
    )


@pytest.mark.parametrize(
    ("method", "following"),
    [
        ("fifo", {3: 5, 4: 21, 5: 2}),
        ("lifo", {3: 5, 4: 21, 5: 2}),
        ("haircut", {3: 5, 4: 21, 5: 2}),
        ("dirty-first", {3: 5, 4: 21, 5: 2}),
    ],
)
def test_an_address_since_takes_what_it_holds_and_what_arrives(method: str, following: dict[int, int]) -> None:
    """18 held before block 10 and 5 after: all that is in the purse, so every method says the same."""
    trace = ct.trace(purse(), ct.address(who("thief"), since=10), method)
    assert trace.seeded == {ETH: 23}
    assert tainted(trace) == following
    assert held(trace, "next", "rest", "thief") == {"next": 21, "rest": 2}


def test_what_is_held_under_fifo_are_the_newest_units() -> None:
    """Of 10 old and 20 young, 12 had left, the oldest: backwards the 18 come from the young ones."""
    trace = ct.trace(purse(), ct.address(who("thief"), since=4), "fifo", "backward")
    assert tainted(trace) == {1: 18, 3: 5}


def test_what_is_held_under_lifo_are_the_oldest_units() -> None:
    """The 12 that left were the youngest: 10 old and 8 young are held."""
    trace = ct.trace(purse(), ct.address(who("thief"), since=4), "lifo", "backward")
    assert tainted(trace) == {0: 10, 1: 8, 3: 5}


def test_what_is_held_stays_in_order_forwards() -> None:
    """FIFO: the 18 held leave before the 5 that came later; a seed of the holding alone shows where they went."""
    found = purse()
    both = ct.trace(found, [ct.rows(3), ct.address(who("thief"), since=10)], "fifo")
    by_seed = {(seed, row): amount for seed, row, amount in told(both.flows(by_seed=True), "seed", "row", "tainted")}
    assert by_seed == {(0, 3): 5, (1, 4): 18, (0, 4): 3, (0, 5): 2}
    last = ct.trace(found, [ct.rows(3), ct.address(who("thief"), since=10)], "lifo")
    by_seed = {(seed, row): amount for seed, row, amount in told(last.flows(by_seed=True), "seed", "row", "tainted")}
    assert by_seed == {(0, 3): 5, (0, 4): 5, (1, 4): 16, (1, 5): 2}


def test_without_a_moment_everything_that_ever_arrived() -> None:
    assert ct.trace(purse(), ct.address(who("thief"))).seeded == {ETH: 35}


def test_the_very_block_belongs_to_what_arrives_then() -> None:
    found = purse()
    assert ct.trace(found, ct.address(who("thief"), since=11)).seeded == {ETH: 23}
    assert ct.trace(found, ct.address(who("thief"), since=12)).seeded == {ETH: 23}
    assert ct.trace(found, ct.address(who("thief"), since=13)).seeded == {ETH: 2}


def test_what_is_held_after_the_last_row_can_be_asked_about() -> None:
    """Where the 21 of ``next`` came from is a question about today, later than every row."""
    trace = ct.trace(purse(), ct.address(who("next"), since=99), direction="backward")
    assert trace.seeded == {ETH: 21}
    assert tainted(trace) == {1: 18, 3: 3, 4: 21}
    assert ledger(ct.trace(purse(), ct.address(who("next"), since=99))) == {"held": 21}


def test_a_holding_that_never_moved_is_a_clear_answer() -> None:
    """No row carries it: empty tables, and a ledger that says where it is."""
    found = graph(pay("a", "thief", 10, block=1), pay("a", "b", 1, block=5))
    trace = ct.trace(found, ct.address(who("thief"), since=3))
    assert ledger(trace) == {"held": 10}
    assert held(trace, "thief") == {"thief": 10}
    assert len(trace.flows()) == 0
    assert len(trace.paths()) == 0
    assert trace.to_networkx().number_of_edges() == 0


def test_an_asset_narrows_an_address() -> None:
    found = graph(pay("a", "thief", 10), pay("a", "thief", 7, asset=USDC), pay("a", "thief", 5, asset=DAI))
    thief = who("thief")
    assert ct.trace(found, ct.address(thief)).seeded == {ETH: 10, USDC: 7, DAI: 5}
    assert ct.trace(found, ct.address(thief, asset="native")).seeded == {ETH: 10}
    assert ct.trace(found, ct.address(thief, asset=USDC.split(":")[-1])).seeded == {USDC: 7}
    assert ct.trace(found, ct.address(thief, asset=DAI)).seeded == {DAI: 5}


def test_an_address_that_holds_and_receives_nothing_then_is_an_error() -> None:
    found = graph(pay("a", "b", 10, block=1), pay("b", "c", 10, block=2), pay("x", "y", 1, block=9))
    with pytest.raises(SeedError, match="the account holds nothing then and receives nothing after"):
        ct.trace(found, ct.address(who("b"), since=3))


def test_a_stranger_is_an_error() -> None:
    with pytest.raises(SeedError, match="no transfer among 6"):
        ct.trace(purse(), ct.address(who("stranger")))


# ---- chosen rows


def test_rows_by_number_hash_and_identity() -> None:
    """A hash means the transaction's transfers without its fee; an identity names one row."""
    found = graph(
        pay("a", "b", 9, block=1, tx="t", seq=0),
        pay("a", "b", 4, block=1, tx="t", seq=12, kind="token", asset=USDC),
        pay("a", None, 1, block=1, tx="t", seq=FEE_SEQ, kind="fee"),
        pay("b", "c", 2, block=2),
    )
    assert ct.trace(found, ct.rows(0)).seeded == {ETH: 9}
    assert ct.trace(found, ct.rows(0, 3)).seeded == {ETH: 9}
    assert ct.trace(found, ct.rows(3)).seeded == {ETH: 2}
    assert ct.trace(found, ct.rows(tx("t"))).seeded == {ETH: 9, USDC: 4}
    assert ct.trace(found, ct.rows((tx("t"), "token", 12))).seeded == {USDC: 4}
    assert ct.trace(found, ct.rows((tx("t"), "fee", FEE_SEQ))).seeded == {ETH: 1}
    assert ct.trace(found, ct.rows([0, 1])).seeded == {ETH: 9, USDC: 4}
    assert ct.trace(found, ct.rows(range(2))).seeded == {ETH: 9, USDC: 4}


def test_row_numbers_come_as_pandas_and_numpy_have_them() -> None:
    found = graph(pay("a", "b", 9), pay("b", "c", 4))
    frame = found.to_pandas()
    picked = frame.index[frame["amount"] == 4]
    assert ct.trace(found, ct.rows(picked)).seeded == {ETH: 4}
    assert ct.trace(found, ct.rows(np.array([0, 1]))).seeded == {ETH: 9}
    assert ct.trace(found, ct.rows(np.int64(1))).seeded == {ETH: 4}


@pytest.mark.parametrize(
    ("ref", "reason"),
    [
        (2, "rows 0 to 1"),
        (-1, "rows 0 to 1"),
        ("0xnothing", "no transfer of it"),
        ((tx("row 0"), "token", 0), "no such row"),
        ((tx("row 0"), "native", 1), "no such row"),
        (1.0, "is not a row number"),
        ((0, 1, 1), "."),
    ],
)
def test_rows_that_are_not_here_are_errors(ref: object, reason: str) -> None:
    found = graph(pay("a", "b", 9), pay("b", "c", 4))
    with pytest.raises(SeedError, match=reason):
        ct.trace(found, ct.rows([ref]))  # type: ignore[list-item]


@pytest.mark.parametrize("row", [pay("a", "b", 0), pay("a", "a", 5)], ids=["zero", "to itself"])
def test_rows_that_move_nothing_are_an_error(row: dict) -> None:
    with pytest.raises(SeedError, match="moves no value"):
        ct.trace(graph(row), ct.rows(0))


def test_no_rows_at_all_are_an_error() -> None:
    with pytest.raises(SeedError):
        ct.trace(graph(pay("a", "b", 5)), ct.rows())


@pytest.mark.parametrize(
    "seed",
    [ct.theft(tx("late")), ct.rows(1), ct.address(who("c"), since=8)],
    ids=["theft", "rows", "address"],
)
def test_a_seed_after_the_end_is_an_error(seed: object) -> None:
    found = graph(pay("a", "b", 9, block=1), pay("b", "c", 4, block=8, tx="late"), pay("c", "d", 4, block=9))
    with pytest.raises(SeedError, match="lies after the end of the trace") as caught:
        ct.trace(found, seed, until=5)  # type: ignore[arg-type]
    assert "until" in caught.value.hint


# ---- what is not a seed, a method or a direction


@pytest.mark.parametrize("seeds", [[], None, "0xabc", ["0xabc"], [5]], ids=repr)
def test_what_is_not_a_seed_is_an_error(seeds: object) -> None:
    with pytest.raises((SeedError, TypeError)) as caught:
        ct.trace(graph(pay("a", "b", 9)), seeds)  # type: ignore[arg-type]
    assert seeds is None or isinstance(caught.value, SeedError)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"method": "magic"}, "use one of: fifo, lifo"),
        ({"direction": "sideways"}, "'forward' or 'backward'"),
        ({"method": "dirty-first", "direction": "backward"}, "backwards use one of: fifo, lifo, haircut, poison"),
        ({"method": "tiho", "direction": "backward"}, "backwards use one of"),
        ({"max_hops": -1}, "whole number"),
        ({"max_hops": 1.5}, "whole number"),
        ({"max_hops": True}, "whole number"),
        ({"min_amount": -1}, "whole base units"),
        ({"min_amount": 0.1}, "whole base units"),
        ({"min_amount": {"native": "5"}}, "whole base units"),
        ({"unexplained": "never"}, "'arrival' or 'opening'"),
        ({"until": "tomorrow"}, "write a block number"),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_an_error_with_a_way_out(asked: dict, said: str) -> None:
    with pytest.raises(MethodError) as caught:
        ct.trace(graph(pay("a", "b", 9)), ct.rows(0), **asked)
    assert said in caught.value.hint
