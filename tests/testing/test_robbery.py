"""The theft of bitcoin: what stands on the chain, and where every stolen satoshi is by three reckonings.

The reckonings: chaintrace's traces on both kernels, ``purses`` coin by coin, and figures written down by hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.model.transfer import Transfers
from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.bitcoin.coins import Tx
from chaintrace.testing.bitcoin.locks import FOREVER, KINDS
from chaintrace.testing.bitcoin.told import BITCOIN, PlantedCoins, told
from chaintrace.testing.robbery import DENOMINATION, PEELS, POOL, STOLEN, rob
from chaintrace.testing.truth import rows_of, settled
from tests.kernels import KERNELS, on
from tests.kernels import kernel as kernel

from . import purses
from .bitcoin.stories import STORIES, Story, play
from .conftest import Robbed

METHODS = {"fifo": purses.fifo, "haircut": purses.haircut}


@pytest.fixture(scope="module")
def graph(robbed: Robbed) -> ct.TransferGraph:
    return ct.TransferGraph(Transfers(robbed.planted.table()))


def sent(planted: PlantedCoins) -> Iterator[Tx]:
    return (tx for block in planted.blocks for tx in block.sent)


def named(planted: PlantedCoins, name: str) -> Tx:
    return next(tx for tx in sent(planted) if tx.txid == planted.named[name])


def stolen(planted: PlantedCoins) -> set[str]:
    return {coin.outpoint for coin in named(planted, "theft").to("thief")}


def by_row(trace: ct.Trace, kind: str) -> Counter[str]:
    """Tainted units by coin, or by transaction for fees."""
    flows = trace.flows()
    flows = flows[flows["kind"] == kind]
    key = "tx_hash" if kind == "fee" else "outpoint"
    found: Counter[str] = Counter()
    for name, amount in zip(flows[key], flows["tainted"], strict=True):
        found[name] += amount
    return found


def by_coin(trace: ct.Trace) -> dict[str, int]:
    held = trace.holdings()
    return dict(zip(held["outpoint"], held["amount"], strict=True))


def buckets(trace: ct.Trace) -> dict[tuple[str, str], int]:
    ledger = trace.ledger
    return {
        (row.bucket, row.category or ""): row.amount
        for row in ledger.itertuples()
        if row.bucket != "seeded" and row.amount
    }


# ---- the chain ----


def test_the_engine_remembers_every_coin_as_the_truth_spends_it(robbed: Robbed) -> None:
    for block in robbed.planted.blocks:
        undone = [[(coin.value, coin.script) for coin in one] for one in robbed.chain.kernel.undo(block.hash)]
        assert undone == [[(coin.value, coin.lock.script) for coin in tx.spent] for tx in block.sent[1:]]
    assert robbed.chain.kernel.hashes[1:] == [block.hash for block in robbed.planted.blocks]
    assert not robbed.chain.waiting


def test_two_runs_give_the_same_chain(robbed: Robbed) -> None:
    with Regtest() as chain:
        again = rob(chain)
        tip = chain.tip
    assert again == robbed.planted
    assert tip == robbed.chain.tip


def test_the_money_lies_in_every_type_of_script_on_its_road(robbed: Robbed) -> None:
    followed = purses.fifo(sent(robbed.planted), stolen(robbed.planted))
    coins = robbed.planted.coins
    on_the_road = {coins[outpoint].lock.kind for outpoint in followed.through if outpoint not in followed.held}
    assert on_the_road == set(KINDS) - FOREVER
    assert {coin.lock.kind for coin in coins.values()} >= FOREVER


def test_the_peels_are_ten_and_three_of_them_share_a_block(robbed: Robbed) -> None:
    peels = [named(robbed.planted, f"peel-{number}") for number in range(len(PEELS))]
    assert [(len(tx.spent), len(tx.made)) for tx in peels] == [(1, 2)] * 10
    assert all(child.spent[0] in parent.made for parent, child in pairwise(peels))
    heights = [row.block for tx in peels for row in robbed.planted.of([tx.txid])[:1]]
    assert heights[2] == heights[3] == heights[4]
    assert len(set(heights)) == 8


def test_the_coinjoins_have_the_shapes_of_theirs(robbed: Robbed) -> None:
    wasabi, whirlpool, cut = (named(robbed.planted, name) for name in ("wasabi", "whirlpool", "tx0"))
    assert len({coin.lock.account for coin in wasabi.spent}) == 10
    assert Counter(coin.value for coin in wasabi.made)[DENOMINATION] == 10 >= (len(wasabi.made) - 1) / 2
    assert len({coin.lock.account for coin in wasabi.made}) == len(wasabi.made)
    assert [coin.value for coin in whirlpool.made] == [POOL] * 5
    assert all(0 <= coin.value - POOL <= 110_000 for coin in whirlpool.spent)
    assert [coin.lock.kind for coin in cut.made].count("return") == 1
    assert [coin.value for coin in cut.made if coin.lock.name.startswith("premix")] == [POOL + 10_000] * 3


def test_the_batch_pays_one_address_twice_one_nothing_and_carries_a_mark(robbed: Robbed) -> None:
    payout = named(robbed.planted, "payout")
    accounts = Counter(coin.lock.account for coin in payout.made)
    assert [count for count in accounts.values() if count > 1] == [2]
    assert [coin.lock.kind for coin in payout.made if coin.value == 0] == ["anyone", "return"]
    assert len(payout.made) == 16


def test_the_shop_has_more_transactions_than_two_pages(robbed: Robbed) -> None:
    planted = robbed.planted
    busy = planted.one("till")
    assert len({row.tx_hash for row in planted.touching([busy])}) == 66
    followed = purses.haircut(sent(planted), stolen(planted)).through
    assert not {row.outpoint for row in planted.touching([busy])} & set(followed)


# ---- the truth as a table ----


def test_the_rows_are_a_graph_that_lacks_nothing(robbed: Robbed, graph: ct.TransferGraph) -> None:
    assert rows_of(graph.table) == robbed.planted.rows
    assert graph.chains == [BITCOIN.id]
    trace = ct.trace(graph, ct.theft(tx=robbed.planted.thefts[0]))
    assert not trace.assumptions()["count"].any()


def test_balances_are_what_the_rows_leave(robbed: Robbed) -> None:
    planted = robbed.planted
    after = settled(planted.opening, (row for row in planted.rows if row.block >= planted.first))
    assert {pot: amount for pot, amount in after.items() if amount} == dict(planted.balances)


# ---- three reckonings ----


@pytest.mark.parametrize("method", METHODS)
def test_every_stolen_satoshi_is_where_the_purses_have_it(
    robbed: Robbed, graph: ct.TransferGraph, kernel: str, method: str
) -> None:
    planted = robbed.planted
    trace = ct.trace(graph, ct.theft(tx=planted.thefts[0]), method=method)
    purse = METHODS[method](sent(planted), stolen(planted))
    assert trace.seeded == {BITCOIN.native: STOLEN}
    assert by_coin(trace) == purse.held
    assert by_row(trace, "output") == purse.through
    assert by_row(trace, "input") == {coin: units for coin, units in purse.through.items() if coin not in purse.held}
    assert by_row(trace, "fee") == purse.fees
    assert sum(purse.held.values()) + sum(purse.fees.values()) == STOLEN


@pytest.mark.parametrize("method", METHODS)
def test_what_reaches_the_exchange_is_an_exit(
    robbed: Robbed, graph: ct.TransferGraph, kernel: str, method: str
) -> None:
    planted = robbed.planted
    trace = ct.trace(graph, ct.theft(tx=planted.thefts[0]), method=method, stop_at=planted.stops)
    purse = METHODS[method](sent(planted), stolen(planted), planted.stops)
    coins = planted.coins
    exchanged = sum(units for name, units in purse.held.items() if coins[name].lock.account in planted.stops)
    elsewhere = {name: units for name, units in purse.held.items() if coins[name].lock.account not in planted.stops}
    assert by_coin(trace) == elsewhere
    assert exchanged == sum(300_000_000 + number * 7_654_321 for number in range(10))
    assert buckets(trace) == {
        ("held", ""): sum(elsewhere.values()),
        ("exit", "exchange"): exchanged,
        ("fees", ""): sum(purse.fees.values()),
    }


FIFO_BY_HAND = {
    # The theft: 95 BTC of the vault, 14.9999 back to it, 60.00000001 and 19.99999999 to the thief, 10,000 fee.
    ("theft", "vault"): [0],
    ("theft", "thief"): [6_000_000_001, 1_999_999_999],
    # All of it goes on, less 10,000.
    ("split", "peeler/0"): [5_500_000_000],
    ("split", "mule/1"): [1_500_000_000],
    ("split", "mule/2"): [999_990_000],
    # The first peels: 3 BTC and then 3.07654321, with fees of 1,500 and 1,501.
    ("peel-0", "deposit/0"): [300_000_000],
    ("peel-0", "peeler/1"): [5_199_998_500],
    ("peel-1", "deposit/1"): [307_654_321],
    ("peel-1", "peeler/2"): [4_892_342_678],
    # The tenth leaves 5,500,000,000 - 3,344,444,445 peeled - 15,045 fees.
    ("peel-9", "peeler/10"): [2_155_540_510],
    # In: 200,000,000 and 546 clean, then 1,500,000,000. Out: 100,000,000 (all clean); 900,000,000, of which
    # 200,000,546 - 100,000,000 clean; 699,995,546; 5,000 fee.
    ("mix", "friend"): [0],
    ("mix", "shop"): [799_999_454],
    ("mix", "mule/3"): [699_995_546],
    # In: 50,000,000 and 50,000,100 clean, 50,010,000 stolen, then clean. The third coin out takes the 100 first.
    ("whirlpool", "postmix/0"): [0],
    ("whirlpool", "postmix/1"): [0],
    ("whirlpool", "postmix/2"): [49_999_900],
    ("whirlpool", "postmix/3"): [10_100],
    ("whirlpool", "postmix/4"): [0],
}
FIFO_FEES_BY_HAND = {"split": 10_000, "peel-0": 1_500, "peel-9": 1_509, "mix": 5_000, "tx0": 3_000, "whirlpool": 0}

# 1,500,000,000 of 1,700,000,546 is stolen. friend: floor(15·10^8·10^8 / 1,700,000,546) = 88,235,265, then 1,411,764,735
# of 1,600,000,546 are left; shop: floor(· 9·10^8) = 794,117,392, then 617,647,343 of 700,000,546; mule/3:
# floor(· 699,995,546) = 617,642,931; the fee has the remaining 4,412.
HAIRCUT_BY_HAND = {("mix", "friend"): [88_235_265], ("mix", "shop"): [794_117_392], ("mix", "mule/3"): [617_642_931]}
HAIRCUT_FEES_BY_HAND = {"split": 10_000, "peel-9": 1_509, "mix": 4_412}


@pytest.mark.parametrize(
    ("method", "coins", "fees"),
    [("fifo", FIFO_BY_HAND, FIFO_FEES_BY_HAND), ("haircut", HAIRCUT_BY_HAND, HAIRCUT_FEES_BY_HAND)],
)
def test_traces_and_purses_have_the_figures_that_were_reckoned_by_hand(
    robbed: Robbed,
    graph: ct.TransferGraph,
    kernel: str,
    method: str,
    coins: dict[tuple[str, str], list[int]],
    fees: dict[str, int],
) -> None:
    planted = robbed.planted
    trace = ct.trace(graph, ct.theft(tx=planted.thefts[0]), method=method)
    purse = METHODS[method](sent(planted), stolen(planted))
    traced, paid = by_row(trace, "output"), by_row(trace, "fee")
    for (name, payee), units in coins.items():
        outpoints = [coin.outpoint for coin in named(planted, name).to(payee)]
        assert [purse.through.get(outpoint, 0) for outpoint in outpoints] == units
        assert [traced[outpoint] for outpoint in outpoints] == units
    for name, units in fees.items():
        assert (purse.fees.get(planted.named[name], 0), paid[planted.named[name]]) == (units, units)


@pytest.mark.parametrize("method", METHODS)
def test_purses_notice_a_coin_that_was_not_stolen(robbed: Robbed, method: str) -> None:
    """A reckoning that could not tell would prove nothing."""
    run: Callable[..., purses.Purse] = METHODS[method]
    true = run(sent(robbed.planted), stolen(robbed.planted))
    less = run(sent(robbed.planted), sorted(stolen(robbed.planted))[:1])
    assert sum(less.held.values()) + sum(less.fees.values()) < STOLEN
    assert less.held != true.held


@settings(max_examples=max(settings().max_examples // 5, 20))
@given(choices=STORIES, luck=st.randoms(use_true_random=False))
def test_traces_and_purses_agree_on_whatever_is_played(kernel_of_bitcoin: None, choices: Story, luck: Random) -> None:
    with Regtest() as chain:
        chain.mine(105)
        play(chain, choices)
        truth = told(chain)
    graph = ct.TransferGraph(Transfers(truth.table()))
    coin = luck.choice([row for row in truth.rows if row.kind == "output" and row.amount and row.block > 105])
    seq = truth.of([coin.tx_hash]).index(coin)
    burnt = {row.outpoint for row in truth.rows if row.kind == "burn"}
    for method, reckon in METHODS.items():
        purse = reckon(sent(truth), [coin.outpoint])
        for name in KERNELS:
            with on(name):
                trace = ct.trace(graph, ct.rows((coin.tx_hash, "output", seq)), method=method)
                assert by_coin(trace) == {coin: units for coin, units in purse.held.items() if coin not in burnt}
                assert by_row(trace, "output") | by_row(trace, "burn") == purse.through
                assert by_row(trace, "fee") == purse.fees
