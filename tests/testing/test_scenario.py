"""Scenarios: the rows are those that a node tells, nobody pays what they do not have, and traces are as by hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings

import chaintrace as ct
from chaintrace.errors import AddressError, AmountError, ChainError, MethodError
from chaintrace.fetch.rows import FEE_SEQ
from chaintrace.labels.pools import tornado_pools
from chaintrace.model.address import is_account
from chaintrace.model.transfer import amounts
from chaintrace.testing import LackError, Scenario, ScenarioError, UtxoScenario, address_of, btc, eth, token, usdc
from chaintrace.testing.strategies import ledgers

Told = tuple[str, str | None, str | None, int]


def told(story: Any) -> list[Told]:
    """Kind, sender, receiver and amount of every row, by the names of the scenario."""
    name = lambda account: account and story.names.get(account, account)  # noqa: E731
    rows = zip(story.transfers.table.to_pylist(), amounts(story.transfers.table), strict=True)
    return [(row["kind"], name(row["sender"]), name(row["receiver"]), amount) for row, amount in rows]


def ledger(trace: Any) -> dict[tuple[str, str], int]:
    frame = trace.ledger
    return {(bucket, category): amount for bucket, category, amount in frame[["bucket", "category", "amount"]].values}


# ---- what the words make


def test_a_story_in_a_few_words() -> None:
    story = Scenario().pays("thief", "mule", eth(10)).deposits("mule", "tornado", eth(10))
    assert told(story) == [
        ("opening", None, "thief", eth(10)),
        ("native", "thief", "mule", eth(10)),
        ("native", "mule", "tornado 10 ETH", eth(10)),
    ]
    assert story.address("tornado") == "0x910cbd523d972eb0a6f4cae4618ad62622b39dbf"
    assert [(label.address, label.category) for label in story.labels] == [(story.address("tornado"), "pool-mixer")]


def test_addresses_are_those_of_their_names_in_every_run() -> None:
    assert Scenario().address("thief") == address_of("thief") == "0xebddd0a47036ffcc06657b6b2f73f0a2d3c49b99"
    assert is_account(Scenario("tron").address("thief"), "tron")
    real = "0x098B716B8Aaf21512996dC57EB0615e2383E2f96"
    story = Scenario().at("exploiter", real).pays("exploiter", "mule", eth(1)).pays(real, "mule", eth(1))
    assert [row[1] for row in told(story)[1:]] == ["exploiter", "exploiter"]
    with pytest.raises(AddressError):
        Scenario().at("exploiter", "0x098b")
    with pytest.raises(ScenarioError, match="it lives at"):
        Scenario().pays("a", "b", 1).at("a", real)
    assert story.at("exploiter", real).names == story.names
    with pytest.raises(ScenarioError, match="'exploiter' lives there"):
        story.at("thief", real.lower())
    with pytest.raises(ScenarioError, match="'b' lives there"):
        Scenario().pays("a", "b", 1).at("thief", address_of("b"))


@pytest.mark.parametrize("name", [None, "", 5, b"a"])
def test_nobody_is_no_party(name: Any) -> None:
    words: list[Callable[[Scenario], Scenario]] = [
        lambda story: story.opens(name, eth(1)),
        lambda story: story.pays(name, "b", eth(1)),
        lambda story: story.pays("a", name, eth(1)),
        lambda story: story.pays("a", name, usdc(1)),
        lambda story: story.pays("a", "b", 1).also("a", name, 1),
        lambda story: story.mints(name, eth(1)),
        lambda story: story.burns(name, eth(1)),
        lambda story: story.fails(name, "b", 1),
        lambda story: story.swaps(name, eth(1), usdc(1)),
        lambda story: story.labelled(name, "exchange"),
        lambda story: story.at(name, "0x" + "1" * 40),
        lambda story: story.deposits(name, "tornado", eth(1)),
    ]
    for word in words:
        with pytest.raises(ScenarioError):
            word(Scenario())
    for pays in (("a", name), (name, "a")):
        with pytest.raises(ScenarioError):
            UtxoScenario().pays(*pays, btc(1))


def test_a_word_leaves_the_story_before_it_as_it_was() -> None:
    before = Scenario().opens("a", eth(5)).pays("a", "b", eth(2))
    rows, graph = before.transfers.table, before.graph
    after = before.pays("b", "c", eth(2)).labelled("c", "exchange")
    assert (len(before), len(after), before.labels, before.balance("b")) == (1, 2, (), eth(2))
    assert before.transfers.table is rows
    assert before.graph is graph
    assert len(after.graph) == len(graph) + 1


def test_time_goes_on_by_a_block_or_by_what_is_said() -> None:
    story = Scenario(start="2022-04-04T00:00:05Z").pays("a", "b", 1).pays("a", "b", 1).pays("a", "b", 1, after="0s")
    story = story.pays("a", "b", 1, after="1d 2h").waits("90s").waits(30).pays("a", "b", 1)
    story = story.pays("a", "b", 1, after=timedelta(minutes=1))
    table = story.transfers.table.slice(1)
    begin = table["time"][0].as_py()
    assert begin.isoformat() == "2022-04-04T00:00:05+00:00"
    gaps = [int((time - begin).total_seconds()) for time in table["time"].to_pylist()]
    assert gaps == [0, 12, 12, 12 + 93_600, 12 + 93_600 + 120, 12 + 93_600 + 180]
    assert table["tx_index"].to_pylist() == [0, 0, 1, 0, 0, 0]
    blocks = [block - 15_000_000 for block in table["block"].to_pylist()]
    assert blocks == [gap // 12 for gap in gaps]
    assert len(set(table["tx_hash"].to_pylist())) == len(story) == 6
    assert len(set(table["block_hash"].to_pylist())) == 5


@pytest.mark.parametrize("span", ["", "2", "two hours", "2h?", -1, True, 1.5, timedelta(seconds=-1), "-2h"])
def test_a_span_that_is_none_is_refused(span: Any) -> None:
    with pytest.raises(ScenarioError, match="a span of"):
        Scenario().waits(span)


def test_tornado_withdrawals_are_the_rows_of_real_ones() -> None:
    story = Scenario().pays("x", "mule", eth(2)).deposits("mule", "tornado", eth(1)).deposits("mule", "tornado", eth(1))
    by_relayer = story.withdraws("tornado", "fresh", eth(1), relayer="relayer", fee=eth("0.05"))
    assert told(by_relayer)[-3:] == [
        ("native", "relayer", "tornado 1 ETH", 0),
        ("internal", "tornado 1 ETH", "fresh", eth("0.95")),
        ("internal", "tornado 1 ETH", "relayer", eth("0.05")),
    ]
    assert [row["seq"] for row in by_relayer.transfers.table.to_pylist()][-3:] == [0, 1, 2]
    alone = story.withdraws("tornado", "fresh", eth(1))
    assert told(alone)[-2:] == [
        ("native", "fresh", "tornado 1 ETH", 0),
        ("internal", "tornado 1 ETH", "fresh", eth(1)),
    ]
    for relayer, fee in (("relayer", 0), (None, 1), ("relayer", eth(2))):
        with pytest.raises(ScenarioError, match="the fee is"):
            story.withdraws("tornado", "fresh", eth(1), relayer=relayer, fee=fee)


def test_tornado_rows_are_read_as_the_notes_that_they_are() -> None:
    story = Scenario().opens("x", eth(9)).deposits("x", "tornado", eth(1)).deposits("x", "tornado", eth(1), router=True)
    story = story.withdraws("tornado", "fresh", eth(1), relayer="relayer", fee=eth("0.05"))
    story = story.withdraws("tornado", "lone", eth(1))
    told = [
        (one.kind, story.names[one.account], one.fee, one.relayer and story.names[one.relayer], one.tx_hash)
        for one in ct.read_notes(story.transfers)
    ]
    assert [one[:3] for one in told] == [
        ("deposit", "x", 0),
        ("deposit", "x", 0),
        ("withdrawal", "fresh", eth("0.05")),
        ("withdrawal", "lone", 0),
    ]
    assert told[2][3] == "relayer"
    assert tuple(one[4] for one in told) == story.hashes


def test_a_deposit_by_the_router_and_one_of_a_token() -> None:
    router = next(pool.router for pool in tornado_pools() if pool.chain == "eip155:1")
    story = Scenario().deposits("mule", "tornado", eth(1), router=True)
    assert told(story)[1:] == [("native", "mule", router, eth(1)), ("internal", router, "tornado 1 ETH", eth(1))]
    story = (
        Scenario()
        .deposits("mule", "tornado", token("DAI", 1_000))
        .withdraws("tornado", "fresh", token("DAI", 1_000), relayer="r", fee=token("DAI", 20))
    )
    pool = "tornado 1,000 DAI"
    assert told(story)[1:] == [
        ("native", "mule", pool, 0),
        ("token", "mule", pool, 1_000 * 10**18),
        ("native", "r", pool, 0),
        ("token", pool, "fresh", 980 * 10**18),
        ("token", pool, "r", 20 * 10**18),
    ]
    assert {row["asset"] for row in story.transfers.table.to_pylist() if row["kind"] == "token"} == {
        "eip155:1/erc20:0x6b175474e89094c44da98b954eedeac495271d0f"
    }


def test_a_pool_takes_its_denomination_and_gives_what_was_put_in() -> None:
    with pytest.raises(ScenarioError, match=r"Tornado Cash of 3 ETH on ethereum: there is no such pool\n.*0.1, 1, 10"):
        Scenario().deposits("mule", "tornado", eth(3))
    with pytest.raises(LackError, match="tornado 1 ETH has 0 ETH and lacks 1 ETH"):
        Scenario().withdraws("tornado", "fresh", eth(1))
    many = Scenario().opens("tornado 1 ETH", eth(50)).withdraws("tornado", "fresh", eth(1))
    assert many.balance("tornado 1 ETH") == eth(49)
    two = many.deposits("mule", "tornado", eth(10))
    with pytest.raises(ScenarioError, match="one of 2 pools here"):
        two.address("tornado")


def test_tokens_swaps_and_wraps_are_the_rows_of_real_ones() -> None:
    story = Scenario().opens("a", eth(5)).swaps("a", eth(2), usdc(4_000)).pays("a", "b", usdc(100))
    usd, weth = "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2"
    assert told(story)[2:] == [
        ("native", "a", "dex", eth(2)),
        ("token", "dex", "a", 4_000_000_000),
        ("native", "a", usd, 0),
        ("token", "a", "b", 100_000_000),
    ]
    back = story.swaps("a", usdc(1_000), eth("0.4"))
    assert told(back)[-3:] == [
        ("native", "a", "dex", 0),
        ("token", "a", "dex", 1_000_000_000),
        ("internal", "dex", "a", eth("0.4")),
    ]
    wrapped = story.wraps("a", eth(1)).unwraps("a", eth("0.3"))
    assert told(wrapped)[-5:] == [
        ("native", "a", weth, eth(1)),
        ("mint", None, "a", eth(1)),
        ("native", "a", weth, 0),
        ("burn", "a", None, eth("0.3")),
        ("internal", weth, "a", eth("0.3")),
    ]
    assert (wrapped.balance("a"), wrapped.balance("a", "WETH")) == (eth("2.3"), eth("0.7"))
    with pytest.raises(LackError, match=r"lacks 0.0000000000000000\d+ of|lacks"):
        wrapped.unwraps("a", eth("0.8"))
    assert told(story.mints("a", token("X", 5)).burns("a", token("X", 2)))[-2:] == [
        ("mint", None, "a", 5 * 10**18),
        ("burn", "a", None, 2 * 10**18),
    ]


def test_further_payments_and_the_fee_stand_in_the_transaction_before() -> None:
    story = Scenario().opens("a", eth(5)).pays("a", "splitter", eth(3)).fee(eth("0.1"))
    story = story.also("splitter", "b", eth(1)).also("splitter", "c", eth(2)).also("x", "c", usdc(1))
    assert len(story) == 1
    assert told(story)[2:] == [
        ("native", "a", "splitter", eth(3)),
        ("internal", "splitter", "b", eth(1)),
        ("internal", "splitter", "c", eth(2)),
        ("token", "x", "c", 1_000_000),
        ("fee", "a", None, eth("0.1")),
    ]
    assert [row["seq"] for row in story.transfers.table.to_pylist()][2:] == [0, 1, 2, 3, FEE_SEQ]
    with pytest.raises(ScenarioError, match="a second fee"):
        story.fee(1)
    with pytest.raises(ScenarioError, match="there is none"):
        Scenario().fee(1)


def test_a_failed_transaction_costs_a_fee_and_moves_nothing() -> None:
    story = Scenario().opens("a", eth(1)).fails("a", "b", eth("0.01"))
    assert told(story)[1:] == [("fee", "a", None, eth("0.01"))]
    assert (story.balance("a"), story.balance("b")) == (eth("0.99"), 0)


def test_a_service_is_one_that_is_labelled() -> None:
    with pytest.raises(ScenarioError, match=r"'desk': is no service here\nHint: say before: .labelled\('desk'"):
        Scenario().deposits("a", "desk", eth(1))
    with pytest.raises(ScenarioError, match="is no service"):
        Scenario().labelled("desk", "hack").withdraws("desk", "a", eth(1))
    story = Scenario().labelled("desk", "exchange", since="2020-01-01").deposits("a", "desk", eth(1))
    assert told(story.withdraws("desk", "b", eth("0.5")))[-1] == ("native", "desk", "b", eth("0.5"))
    assert story.labels[0].since == "2020-01-01"
    with pytest.raises(MethodError, match="write 'exchange'"):
        Scenario().labelled("desk", "Exchange")


def test_transactions_have_names_and_numbers() -> None:
    story = Scenario().pays("a", "b", 1, tx="theft").pays("b", "c", 1)
    assert story.tx("theft") == story.tx(0) == story.hashes[0]
    assert story.tx(-1) == story.hashes[1]
    for which in ("other", 2, -3):
        with pytest.raises(ScenarioError, match="is none of this scenario"):
            story.tx(which)
    with pytest.raises(ScenarioError, match="is there already"):
        story.pays("c", "d", 1, tx="theft")


# ---- balances


def test_who_was_given_something_pays_no_more_than_that() -> None:
    story = Scenario().pays("thief", "mule", eth(10))
    with pytest.raises(LackError) as caught:
        story.pays("mule", "shop", eth(11))
    error = caught.value
    assert (error.who, error.lacks, error.asset) == ("mule", eth(1), "eip155:1/slip44:60")
    assert str(error).startswith("mule pays shop 11 ETH: mule has 10 ETH and lacks 1 ETH\nHint: ")
    with pytest.raises(LackError):
        story.pays("mule", "shop", eth(10)).fee(1)
    with pytest.raises(LackError):
        Scenario().opens("thief", eth(1)).pays("thief", "mule", eth(1) + 1)
    assert story.pays("mule", "shop", eth(10)).balance("mule") == 0


def test_who_was_never_given_anything_brings_what_they_pay() -> None:
    story = Scenario().pays("thief", "mule", eth(10)).pays("thief", "mule", eth(5)).pays("mule", "thief", eth(1))
    story = story.pays("thief", "other", eth(3))
    assert told(story)[0] == ("opening", None, "thief", eth(17))
    with pytest.raises(LackError):
        Scenario().opens("thief").opens("thief", 0).pays("thief", "mule", 1)


@pytest.mark.parametrize("amount", [-1, 2**256, 1.5, "1", True])
def test_an_amount_that_is_none_is_refused(amount: Any) -> None:
    with pytest.raises(AmountError):
        Scenario().pays("a", "b", amount)


def test_the_coin_of_another_chain_is_refused() -> None:
    with pytest.raises(ScenarioError, match="is no coin of ethereum"):
        Scenario().pays("a", "b", btc(1))
    with pytest.raises(ScenarioError, match="is no coin of bnb"):
        Scenario("bnb").pays("a", "b", eth(1))
    with pytest.raises(ChainError):
        Scenario("bitcoin")
    with pytest.raises(ScenarioError, match="is a block"):
        Scenario(start="15000000")
    assert len(Scenario("bnb").pays("a", "b", 10**18).transfers) == 2


@settings(settings.get_profile("many"), max_examples=100)
@given(ledgers())
def test_ledgers_conserve_and_explain_every_unit(story: Scenario) -> None:
    """What everybody holds by the rows is what the scenario says they hold; nothing is unexplained, nothing is lost."""
    held: Counter[tuple[str, str]] = Counter()
    came: Counter[tuple[str, str]] = Counter()
    table = story.transfers.table
    for row, amount in zip(table.to_pylist(), amounts(table), strict=True):
        if row["sender"]:
            held[row["sender"], row["asset"]] -= amount
            assert held[row["sender"], row["asset"]] >= 0
        if row["receiver"]:
            held[row["receiver"], row["asset"]] += amount
            came[row["receiver"], row["asset"]] += amount
    assert +held == +Counter(story._held)
    identities = {(row["tx_hash"], row["kind"], row["seq"]) for row in table.to_pylist()}
    assert len(identities) == len(table)
    for account in (story.address("ann"), story.address("tornado 1 ETH")):
        if came[account, story.chain.native]:
            trace = story.trace(ct.address(account, asset="native"), stop_at=())
            assert sum(trace.ledger["amount"].tolist()) == sum(trace.seeded.values()) > 0


@settings(max_examples=50)
@given(ledgers())
def test_the_same_story_again_is_the_same_rows_and_is_read_from_a_file_as_it_is(story: Scenario) -> None:
    read = ct.read_transfers(story.transfers.table)
    assert read.table.equals(story.transfers.table)
    assert len(read.rejected) == 0


# ---- traces


def test_a_trace_is_as_by_hand() -> None:
    """FIFO: mule had 4 of its own, so the first 4 of the 7 to shop are its own and 3 the thief's."""
    story = (
        Scenario()
        .opens("thief", eth(10))
        .opens("mule", eth(4))
        .labelled("shop", "exchange")
        .pays("thief", "mule", eth(10), tx="payment")
        .deposits("mule", "shop", eth(7))
        .deposits("mule", "tornado", eth(1))
        .pays("mule", "friend", eth(2))
        .fee(eth("0.5"))
    )
    trace = story.trace(ct.theft(story.tx("payment")))
    assert ledger(trace) == {
        ("exit", "exchange"): eth(3),
        ("exit", "pool-mixer"): eth(1),
        ("fees", ""): eth("0.5"),
        ("held", ""): eth("5.5"),
    }
    held = {story.names[who]: amount for who, amount in trace.holdings()[["address", "amount"]].values}
    assert held == {"friend": eth(2), "mule": eth("3.5")}
    lifo = story.trace(ct.theft(story.tx("payment")), method="lifo")
    assert ledger(lifo)["exit", "exchange"] == eth(7)


def test_a_name_is_a_seed_and_services_are_stops_unless_told_otherwise() -> None:
    story = Scenario().labelled("shop", "exchange").pays("thief", "mule", eth(3)).deposits("mule", "shop", eth(2))
    assert ledger(story.trace("thief")) == {("exit", "exchange"): eth(2), ("held", ""): eth(1)}
    assert ledger(story.trace("thief", stop_at=())) == {("held", ""): eth(3)}
    assert ledger(story.trace(["thief", "mule"], direction="forward"))["exit", "exchange"] == eth(2)


def test_a_story_tells_itself_and_names_of_strangers_stay_text() -> None:
    story = (
        Scenario().opens("thief", eth(3)).labelled("shop", "exchange").pays("thief", "m\x1b[31m\u202e", eth(1), tx="t")
    )
    assert story.told == (
        "thief has 3 ETH",
        "shop is labelled exchange",
        "0. 2022-06-21 00:00:00 thief pays m\\u001b[31m\\u202e 1 ETH (t)",
    )
    assert str(story) == "\n".join(story.told)
    assert repr(story) == "<Scenario: 1 transactions of 3 accounts on ethereum>"
    with pytest.raises(LackError) as caught:
        story.pays("m\x1b[31m\u202e", "x", eth(2))
    assert "\x1b" not in str(caught.value)
