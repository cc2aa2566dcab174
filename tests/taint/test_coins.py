"""Bitcoin: FIFO is exact per coin, TIHO per transaction, and passing through a transaction is one hop."""

from __future__ import annotations

import pytest

import chaintrace as ct
from chaintrace.errors import MethodError
from tests.graph.money import BITCOIN, BTC, bitcoin, graph, held, ledger, outpoint, pay, tainted, told, txid, who

METHODS = ("fifo", "lifo", "haircut", "dirty-first", "tiho")
every_method = pytest.mark.parametrize("method", METHODS)


def spent_by_coin() -> ct.TransferGraph:
    """a has a stolen coin of 50 and an own coin of 50, received before; it spends the stolen one."""
    return graph(
        *bitcoin("own", 1, [], [("a", 50)]),
        *bitcoin("theft", 2, [("v", 50, "older:0")], [("a", 50)]),
        *bitcoin("pay", 3, [("a", 50, "theft:0")], [("b", 50)]),
        *bitcoin("later", 4, [("a", 50, "own:0")], [("c", 50)]),
    )


@every_method
def test_the_coin_is_the_pot_and_not_the_address(method: str) -> None:
    """On an account chain FIFO would send the own 50 first; here the coin says which."""
    trace = ct.trace(spent_by_coin(), ct.theft(txid("theft")), method)
    assert trace.seeded == {BTC: 50}
    assert held(trace, "b", chain=BITCOIN) == {"b": 50}
    assert told(trace.holdings(), "outpoint") == [(outpoint("pay:0"),)]


def coinjoin(fee: int = 0) -> ct.TransferGraph:
    """Three put in 10 + 13 + 17 and take three equal coins of 10 and their change of 3 − fee and 7."""
    ins = [("a", 10, "fund a:0"), ("b", 13, "fund b:0"), ("c", 17, "fund c:0")]
    outs = [("a2", 10), ("b2", 10), ("c2", 10), ("b3", 3 - fee), ("c3", 7)]
    return graph(
        *bitcoin("fund a", 1, [], [("a", 10)]),
        *bitcoin("fund b", 2, [], [("b", 13)]),
        *bitcoin("fund c", 3, [], [("c", 17)]),
        *bitcoin("join", 4, ins, outs),
    )


NAMES = ("a2", "b2", "c2", "b3", "c3")
SEEDS = {"a": "fund a", "b": "fund b", "c": "fund c"}


@pytest.mark.parametrize(
    ("method", "who_mixed", "said"),
    [
        ("fifo", "a", {"a2": 10}),  # inputs in order, outputs in order: 0–10
        ("fifo", "b", {"b2": 10, "c2": 3}),  # 10–23
        ("fifo", "c", {"c2": 7, "b3": 3, "c3": 7}),  # 23–40
        ("lifo", "c", {"a2": 10, "b2": 7}),  # the last in leaves first, by the first output
        ("lifo", "b", {"b2": 3, "c2": 10}),
        ("lifo", "a", {"b3": 3, "c3": 7}),
        ("tiho", "a", {"a2": 10}),  # taint fills the highest output first; equal ones in output order
        ("tiho", "b", {"a2": 10, "b2": 3}),
        ("tiho", "c", {"a2": 10, "b2": 7}),
        ("dirty-first", "b", {"a2": 10, "b2": 3}),  # outputs in order, dirty units first
        ("haircut", "a", {"a2": 2, "b2": 2, "c2": 3, "c3": 3}),  # floors: 10·10/40, 8·10/30, 6·10/20, 3·3/10, 3·7/7
    ],
)
def test_a_coinjoin_by_hand(method: str, who_mixed: str, said: dict[str, int]) -> None:
    trace = ct.trace(coinjoin(), ct.theft(txid(SEEDS[who_mixed])), method)
    assert held(trace, *NAMES, chain=BITCOIN) == said
    assert sum(said.values()) == trace.seeded[BTC]


@every_method
def test_a_coinjoin_loses_no_unit(method: str) -> None:
    """All three at once: every output is tainted whole, with shares that sum to it."""
    trace = ct.trace(coinjoin(1), [ct.theft(txid(name)) for name in SEEDS.values()], method)
    assert ledger(trace, BTC) == {"held": 39, "fees": 1}
    assert held(trace, *NAMES, chain=BITCOIN) == {"a2": 10, "b2": 10, "c2": 10, "b3": 2, "c3": 7}
    shares: dict[int, int] = {}
    for seed, amount in told(trace.ends(by_seed=True), "seed", "amount"):
        shares[seed] = shares.get(seed, 0) + amount
    assert shares == {0: 10, 1: 13, 2: 17}


def test_tiho_by_hand() -> None:
    """Outputs 20, 70, 9 and a fee of 1: 75 stolen fill the 70 and 5 of the 20; the fee comes last."""
    rows = [
        *bitcoin("theft", 1, [], [("a", 75)]),
        *bitcoin("own", 2, [], [("a", 25)]),
        *bitcoin("pay", 3, [("a", 25, "own:0"), ("a", 75, "theft:0")], [("b", 20), ("c", 70), ("d", 9)]),
    ]
    trace = ct.trace(graph(*rows), ct.theft(txid("theft")), "tiho")
    assert held(trace, *"bcd", chain=BITCOIN) == {"c": 70, "b": 5}
    assert ledger(trace, BTC) == {"held": 75}
    trace = ct.trace(graph(*rows), [ct.theft(txid("theft")), ct.theft(txid("own"))], "tiho")
    assert ledger(trace, BTC) == {"held": 99, "fees": 1}
    by_seed = told(trace.ends(by_seed=True), "seed", "bucket", "amount")
    assert (1, "fees", 1) in by_seed


def test_tiho_pays_the_fee_last_however_high_it_is() -> None:
    """Outputs 20 and 10, a fee of 70: 25 stolen fill the 20 and half of the 10."""
    rows = [
        *bitcoin("theft", 1, [], [("a", 25)]),
        *bitcoin("own", 2, [], [("a", 75)]),
        *bitcoin("pay", 3, [("a", 75, "own:0"), ("a", 25, "theft:0")], [("b", 10), ("c", 20)]),
    ]
    trace = ct.trace(graph(*rows), ct.theft(txid("theft")), "tiho")
    assert held(trace, *"bc", chain=BITCOIN) == {"c": 20, "b": 5}


def test_tiho_takes_seeds_in_their_order() -> None:
    """Highest out: the first seed has the first claim on the largest output."""
    rows = [
        *bitcoin("one", 1, [], [("a", 30)]),
        *bitcoin("two", 2, [], [("a", 30)]),
        *bitcoin("pay", 3, [("a", 30, "one:0"), ("a", 30, "two:0")], [("small", 20), ("large", 40)]),
    ]
    seeds = [ct.theft(txid("one")), ct.theft(txid("two"))]
    for order, expected in ((seeds, {0: 30, 1: 10}), (seeds[::-1], {0: 30, 1: 10})):
        trace = ct.trace(graph(*rows), order, "tiho")
        holdings = told(trace.holdings(by_seed=True), "seed", "address", "amount")
        assert {seed: amount for seed, address, amount in holdings if address == who("large", BITCOIN)} == expected


def test_tiho_is_of_utxo_chains() -> None:
    with pytest.raises(MethodError, match="is defined per transaction on UTXO chains") as caught:
        ct.trace(graph(pay("a", "b", 5), pay("b", "c", 5)), ct.rows(0), "tiho")
    assert "fifo" in caught.value.hint


def chain_of_coins() -> ct.TransferGraph:
    return graph(
        *bitcoin("theft", 1, [], [("a", 100)]),
        *bitcoin("one", 2, [("a", 100, "theft:0")], [("b", 60), ("a", 40)]),
        *bitcoin("two", 3, [("b", 60, "one:0")], [("c", 60)]),
        *bitcoin("three", 4, [("c", 60, "two:0")], [("d", 59)]),
    )


@every_method
@pytest.mark.parametrize(
    ("hops", "holders", "cut"),
    [
        (0, {}, 100),
        (1, {"b": 60, "a": 40}, 0),
        (2, {"c": 60, "a": 40}, 0),
        (3, {"d": 59, "a": 40}, 0),
    ],
)
def test_passing_through_a_transaction_is_one_hop(method: str, hops: int, holders: dict[str, int], cut: int) -> None:
    """Input and output together: with n hops the money reaches the coins that n transactions made."""
    trace = ct.trace(chain_of_coins(), ct.theft(txid("theft")), method, max_hops=hops)
    found = {name: amount for name, amount in held(trace, *"abcd", chain=BITCOIN).items() if amount}
    reached = dict(told(trace.flows(), "row", "hops"))
    assert max(reached.values(), default=0) <= hops
    assert sum(ledger(trace, BTC).values()) == 100
    assert ledger(trace, BTC).get("cut_hops", 0) >= cut
    for name, amount in holders.items():
        if hops == 3 or name == "a":
            assert found[name] == amount


def test_hops_by_row() -> None:
    """Reward 0 is not seeded; theft output 0; input 0, outputs 1; input 1, output 2 …"""
    trace = ct.trace(chain_of_coins(), ct.theft(txid("theft")))
    assert [hops for _, hops in told(trace.flows(), "row", "hops")] == [0, 0, 1, 1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut"])
def test_backwards_from_a_coin(method: str) -> None:
    """d's 59 come from the coinbase, in three transactions."""
    found = chain_of_coins()
    last = next(row for row in range(len(found)) if found.amount[row] == 59)
    trace = ct.trace(found, ct.rows(last), method, "backward")
    assert ledger(trace, BTC) == {"issued": 59}
    assert ledger(ct.trace(found, ct.rows(last), method, "backward", max_hops=1), BTC) == {"cut_hops": 59}


def test_an_address_is_the_sum_of_its_coins() -> None:
    """Seeding an address takes every coin it holds and none that it has spent."""
    found = chain_of_coins()
    trace = ct.trace(found, ct.address(who("a", BITCOIN), since=3))
    assert trace.seeded == {BTC: 40}
    assert ct.trace(found, ct.address(who("a", BITCOIN))).seeded == {BTC: 100}
    assert set(tainted(ct.trace(found, ct.address(who("b", BITCOIN), since=3)))) == {5, 6, 7, 8, 9}


def test_change_is_not_stolen_twice() -> None:
    """The thief adds a coin of his own: his net gain is the stolen 50, on his coins together."""
    rows = bitcoin("theft", 1, [("v", 50, "older:0"), ("t", 30, "older:1")], [("t", 70), ("t", 10)])
    for method in METHODS:
        assert ct.trace(graph(*rows), ct.theft(txid("theft")), method).seeded == {BTC: 50}


def test_coverage_asks_nothing_of_transactions() -> None:
    """A transaction is always whole; its account needs no coverage."""
    trace = ct.trace(chain_of_coins(), ct.theft(txid("theft")), coverage=[who(name, BITCOIN) for name in "abcd"])
    assert ledger(trace, BTC) == {"held": 99, "fees": 1}
    assumed = trace.assumptions().query("assumption == 'history not fetched'")
    assert told(assumed, "count", "leaning") in ([], [(0, 0)])
