"""The Ronin case through chaintrace itself: the figures that are published, to the last wei of the rows.

The same figures by a naive queue that shares no code: ``tests/cases/test_ronin_naive.py``.
"""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest

import chaintrace as ct
from chaintrace.model.amount import share
from tests.graph.money import ETH, USDC, ledger, told

ETHER = 10**18
POOL = "0xa160cdab225685da1d56aa342ad8841c3b53f291"
EXPLOITER = "0x098b716b8aaf21512996dc57eb0615e2383e2f96"
ETH_THEFT = ct.theft("0xc28fad5e8d5e0ce6a2eaf67b6687be5d58113e16be590824d6cfa1a94467d0b7")

ALONE = {
    "pool": 164_930_043970000000000000,
    "intermediary-exchange": 6_250_000000000000000000,
    "depositor": 2_283_115080000000000000,
    "intermediary-tornado": 136_840950000000000000,
}
BOTH = {
    "pool": 173_398_943100000000000000,
    "intermediary-exchange": 6_250_000000000000000000,
    "depositor": 2_371_815080000000000000,
    "intermediary-tornado": 140_140950000000000000,
    "exploiter": 1_781059130745900000,
}
SWAPPED = 8_562_680189130745900000


@cache
def case() -> ct.Case:
    return ct.Case.open("ronin")


def by_role(trace: ct.Trace, asset: str = ETH) -> dict[str, int]:
    roles = {label.address: label.role for label in case().labels if label.role}
    sums: Counter[str] = Counter()
    for address, held, amount in told(trace.ends(), "address", "asset", "amount"):
        if held == asset:
            sums[roles[address]] += amount
    return dict(sums)


def test_in_five_lines_of_a_notebook() -> None:
    """Everything is accounted for: the lines of each asset sum to what was stolen and what the link brought."""
    trace = ct.Case.open("ronin").trace()
    assert trace.seeded == {ETH: 173_600 * ETHER, USDC: 25_500_000 * 10**6}
    assert trace.linked_in == {ETH: SWAPPED}
    assert sum(ledger(trace).values()) == 173_600 * ETHER + SWAPPED
    assert ledger(trace, USDC) == {"linked_out": 25_500_000 * 10**6}


@pytest.mark.parametrize("links", [True, False], ids=["with the link", "without links"])
def test_the_eth_theft_alone(links: bool) -> None:
    options = {} if links else {"links": ()}
    trace = case().trace(seeds=ETH_THEFT, **options)
    assert by_role(trace) == ALONE
    assert sum(ALONE.values()) == 173_600 * ETHER
    assert ledger(trace) == {
        "exit: mixer": ALONE["pool"],
        "not_fetched": ALONE["intermediary-exchange"] + ALONE["depositor"],
        "held": ALONE["intermediary-tornado"],
    }
    assert trace.linked_in == {}


def test_both_thefts_with_the_link() -> None:
    trace = case().trace()
    assert by_role(trace) == BOTH
    assert sum(BOTH.values()) == 182_162_680189130745900000
    assert ledger(trace) == {
        "exit: mixer": BOTH["pool"],
        "not_fetched": BOTH["intermediary-exchange"] + BOTH["depositor"],
        "held": BOTH["intermediary-tornado"] + BOTH["exploiter"],
    }
    assert by_role(trace, USDC) == {"exploiter": 25_500_000 * 10**6}


def test_both_thefts_without_the_link() -> None:
    """The USDC rests with the exploiter, whose USDC history nobody fetched; the Ether is as before."""
    trace = case().trace(links=())
    assert by_role(trace) == ALONE
    assert ledger(trace, USDC) == {"not_fetched": 25_500_000 * 10**6}


def test_the_share_of_each_theft() -> None:
    """By seed: the Ether theft's part is the same as alone, the rest is the USDC theft's."""
    sums: Counter[tuple[int, str]] = Counter()
    for seed, asset, amount in told(case().trace().ends(by_seed=True), "seed", "asset", "amount"):
        sums[seed, asset] += amount
    assert sums == {(0, ETH): 173_600 * ETHER, (1, ETH): SWAPPED, (1, USDC): 25_500_000 * 10**6}


def test_exits_are_the_pool_and_nothing_else() -> None:
    """1,734 of the 1,751 deposits carry stolen money: the other 17 are of the depositor that nobody funded."""
    exits = case().trace().exits()
    assert told(exits, "category", "address", "asset", "amount", "transfers") == [
        ("mixer", POOL, ETH, BOTH["pool"], 1_734)
    ]


def test_who_has_it() -> None:
    """Five intermediaries to exchanges, 47 depositors, the seven intermediaries and the exploiter."""
    roles = {label.address: label.role for label in case().labels if label.role}
    counted = Counter(
        (roles[address], bucket) for address, bucket in told(case().trace().holdings(), "address", "bucket")
    )
    assert counted == {
        ("intermediary-exchange", "not_fetched"): 5,
        ("depositor", "not_fetched"): 47,
        ("intermediary-tornado", "held"): 7,
        ("exploiter", "held"): 1,
    }


def test_the_campaign_is_asserted_and_not_traced() -> None:
    """175,100 ETH in 1,751 deposits by 48 accounts; 96.12 % of 173,600 and the published 8,562.86."""
    (line,) = told(case().campaign(), "category", "address", "asset", "transfers", "accounts", "amount")
    assert line == ("mixer", POOL, ETH, 1_751, 48, 175_100 * ETHER)
    stolen = 173_600 * ETHER + int(case().folder.published["swap_proceeds"]["amount"])
    assert share(175_100 * ETHER, stolen) == "96.12 %"
    assert 175_100 * ETHER - BOTH["pool"] == 1_701_056900000000000000


def test_in_and_out_of_the_exploiter() -> None:
    neighbours = case().graph.neighbours(EXPLOITER)
    ether = neighbours[neighbours["asset"] == ETH]
    assert sum(ether["received"]) == 182_165_903082267597648050
    assert sum(ether["sent"]) == 182_163_956030000000000000
    paid = set(ether[ether["sent"] > 0]["address"])
    helpers = {label.address for label in case().labels if label.role == "swap-helper"}
    assert (len(paid), len(paid - helpers)) == (25, 23)
    assert case().graph.balance(EXPLOITER, ETH) == {ETH: 182_165_903082267597648050 - 182_163_956030000000000000}


def test_coverage_is_of_ether_alone() -> None:
    assert case().coverage is not None
    assert len(case().coverage) == 8
    assert {asset for _, asset in case().coverage} == {ETH}
    assert EXPLOITER in {address for address, _ in case().coverage}


def test_the_graph() -> None:
    assert len(case().graph) == 2_064
    assert len(case().graph.rejected) == 0
    assert case().graph is case().graph


def test_assumptions_name_the_link_and_the_missing_histories() -> None:
    frame = case().trace().assumptions().set_index(["assumption", "asset"])
    assert frame.loc[("link", ETH), "amount"] == SWAPPED
    assert "asserted by" in frame.loc[("link", ETH), "note"]
    assert frame.loc[("unexplained", ETH), "amount"] == 0
    assert 0 < frame.loc[("history not fetched", ETH), "leaning"] <= 173_600 * ETHER + SWAPPED


def test_paths_into_the_pool_sum_to_what_reached_it() -> None:
    frame = case().trace(seeds=ETH_THEFT).paths(to=POOL)
    last = frame.groupby("lot").tail(1)
    assert set(last["receiver"]) == {POOL}
    assert sum(last["tainted"]) == ALONE["pool"]
    first = frame.groupby("lot").head(1)
    assert set(first["tx_hash"]) == {ETH_THEFT.tx}


def test_backwards_from_the_pool_to_the_theft() -> None:
    """What forwards brings from the theft into the pool is what backwards takes from the theft out of it."""
    graph = case().graph
    deposits = [row for row, receiver in enumerate(graph.to_pandas()["receiver"]) if receiver == POOL]
    trace = case().trace(direction="backward", seeds=ct.rows(deposits), links=(), coverage=None)
    assert trace.seeded == {ETH: 175_100 * ETHER}
    (theft,) = (row for row in graph.find_tx(ETH_THEFT.tx))
    assert dict(told(trace.flows(), "row", "tainted"))[theft] == ALONE["pool"]


@pytest.mark.parametrize("method", ["fifo", "lifo", "haircut", "dirty-first"])
def test_every_method_accounts_for_every_wei(method: str) -> None:
    trace = case().trace(method)
    assert sum(ledger(trace).values()) == 173_600 * ETHER + trace.linked_in[ETH]
    assert trace.linked_in[ETH] == SWAPPED


def test_compare_takes_the_cases_own_options() -> None:
    frame = case().compare(["fifo", "haircut"])
    fifo = frame[(frame["address"] == POOL) & (frame["bucket"] == "exit")]["fifo"].tolist()
    assert fifo == [BOTH["pool"]]


def test_arguments_replace_what_the_case_says() -> None:
    trace = case().trace(stop_at=None, coverage=None, links=())
    assert set(ledger(trace)) == {"held"}
    assert ledger(case().trace(until="2022-03-24"))["held"] > 173_000 * ETHER
