"""Scenarios of coins: the rows are those that every Bitcoin door tells, coins are spent once, traces are as by hand."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings

import chaintrace as ct
from chaintrace.errors import AmountError, ChainError
from chaintrace.fetch.bitcoin import Coin, told_moves
from chaintrace.model.transfer import amounts
from chaintrace.testing import LackError, ScenarioError, UtxoScenario, address_of, btc, eth
from chaintrace.testing.naming import FORMS
from chaintrace.testing.strategies import utxo_ledgers
from tests.heuristics.coins import DATA, script


def coins_of(story: UtxoScenario, n: int) -> tuple[list[tuple[str, int]], list[tuple[str, int]], int]:
    """Of a transaction what it spends, what it makes, by names, and the fee."""
    table = story.transfers.table
    spent, made, fee = [], [], 0
    for row, amount in zip(table.to_pylist(), amounts(table), strict=True):
        if row["tx_hash"] == story.hashes[n]:
            party = row["receiver" if row["kind"] == "output" else "sender"]
            name = story.names.get(party, "nobody")
            spent += [(name, amount)] if row["kind"] == "input" else []
            made += [(name, amount)] if row["kind"] in ("output", "burn") else []
            fee += amount if row["kind"] == "fee" else 0
    return spent, made, fee


def test_a_payment_spends_the_oldest_coins_and_gives_change() -> None:
    story = UtxoScenario().opens("a", btc(1), btc(2), btc(4)).pays("a", "b", btc("2.5"), fee=300)
    assert coins_of(story, 0) == ([("a", btc(1)), ("a", btc(2))], [("b", btc("2.5")), ("a", btc("0.5") - 300)], 300)
    assert story.coins("a") == (btc(4), btc("0.5") - 300)
    exact = story.pays("a", "c", btc(4), change="elsewhere")
    assert coins_of(exact, 1) == ([("a", btc(4))], [("c", btc(4))], 0)
    assert coins_of(story.pays("a", "c", btc(3), change="new"), 1)[1] == [("c", btc(3)), ("new", btc(1))]


def test_coins_are_chosen_by_hand_too() -> None:
    story = UtxoScenario().opens("a", 50, 70, 90).spends([("a", 70), ("b", 30)], [("c", 60), (None, 0), ("c", 35)])
    assert coins_of(story, 0) == ([("a", 70), ("b", 30)], [("c", 60), ("nobody", 0), ("c", 35)], 5)
    assert coins_of(story.spends("a", {"d": 140}), 1) == ([("a", 50), ("a", 90)], [("d", 140)], 0)
    assert coins_of(story.spends({"a": 90}, {"d": 90}), 1) == ([("a", 90)], [("d", 90)], 0)
    for wrong, reason in (
        (lambda: story.spends([("a", 70)], [("d", 70)]), "a has no coin of 0.0000007 BTC; it has: 0.0000005 BTC, "),
        (lambda: story.spends([("a", 50), ("a", 50)], [("d", 100)]), "a has no coin"),
        (lambda: story.spends([("a", 50)], [("d", 51)]), "its coins lack 0.00000001 BTC"),
        (lambda: story.pays("a", "d", 141), "a lacks 0.00000001 BTC"),
        (lambda: story.spends("nobody at all", [("d", 0)]), "has no coin"),
    ):
        with pytest.raises(LackError, match=reason):
            wrong()


def test_the_rows_are_those_that_are_read_from_bitcoin_transactions() -> None:
    """The same transaction told with its scripts, as files and servers tell it."""
    story = UtxoScenario()
    for who in ("a", "b", "c"):
        story = story.at(who, address_of_script(who))
    story = story.spends([("a", 70), ("b", 30)], [("c", 60), (None, 0), ("a", 35)])
    rows = [row for row in story.transfers.table.to_pylist() if row["kind"] != "opening"]
    spent = [row["outpoint"] for row in rows if row["kind"] == "input"]
    ins = tuple(Coin(amount, script(who), name) for who, amount, name in zip("ab", (70, 30), spent, strict=True))
    outs = (Coin(60, script("c")), Coin(0, DATA), Coin(35, script("a")))
    told = told_moves(story.chain, story.hashes[0], ins, outs)
    amount_of = amounts(story.transfers.table).tolist()[2:]
    found = [
        (row["kind"], row["sender"], row["receiver"], amount, row["outpoint"])
        for row, amount in zip(rows, amount_of, strict=True)
    ]
    assert found == told
    assert [row["seq"] for row in rows] == list(range(len(rows)))


def address_of_script(who: str) -> str:
    from chaintrace.model.script import account_of

    return account_of(script(who), UtxoScenario().chain.id)


def test_every_kind_of_account() -> None:
    story, forms = UtxoScenario(), [address_of("a", "bitcoin", form) for form in FORMS]
    assert len(set(forms)) == len(FORMS)
    assert [one[:3] for one in forms[:3]] == ["bc1", "bc1", "bc1"]
    assert [one[0] for one in forms[3:]] == ["1", "3", "s"]
    for n, form in enumerate(forms):
        story = story.at(f"p{n}", form).pays("x", f"p{n}", 10)
    assert ct.read_transfers(story.transfers.table).table.equals(story.transfers.table)


def test_new_coins_are_a_reward() -> None:
    story = UtxoScenario().mines("pool", btc("6.25")).pays("pool", "a", btc(6), fee=btc("0.25"))
    kinds = [row["kind"] for row in story.transfers.table.to_pylist()]
    assert kinds == ["reward", "output", "input", "output", "fee"]
    assert story.balance("a") == btc(6)


@pytest.mark.parametrize(
    ("n", "amount", "change", "rule"),
    [
        (5, btc("0.05"), False, "coinjoin-whirlpool"),
        (4, btc("0.05"), False, None),
        (3, btc("0.03141592"), True, "coinjoin-joinmarket"),
        (10, btc("0.1"), True, "coinjoin-wasabi-1.0"),
    ],
)
def test_coinjoins_have_the_shapes_that_our_rules_know(n: int, amount: int, change: bool, rule: str | None) -> None:
    story = UtxoScenario().mixes([f"w{i}" for i in range(n)], amount, change=change)
    ours = [name for name in ct.known_heuristics() if name.startswith("coinjoin-")]
    assert [one.rule for one in story.findings(only=ours)] == ([rule] if rule else [])
    assert story.coins("w0 mixed") == (amount,)


def test_a_mix_spends_the_coins_that_are_there() -> None:
    story = UtxoScenario().opens("a", 40, 150).opens("b", 100)
    mixed = story.mixes(["a", "b", "c"], 100, fee=9)
    assert coins_of(mixed, 0)[0] == [("a", 150), ("b", 100), ("c", 100)]
    assert coins_of(mixed, 0)[2] == 50
    twice = UtxoScenario().opens("a", 120, 130).mixes(["a", "a", "c"], 100)
    assert coins_of(twice, 0)[0] == [("a", 120), ("a", 130), ("c", 100)]
    with pytest.raises(LackError, match=r"b has no coin of 0\.00000103 BTC"):
        story.mixes(["a", "b", "c"], 100, change=True, fee=9)


def test_a_peel_chain_is_one() -> None:
    story = UtxoScenario().opens("thief", btc(5)).peels("thief", btc("0.1"), hops=6, to="shop")
    (found,) = story.findings(only="peel-chain")
    assert (found.rule, found.subject, found.evidence["hops"]) == ("peel-chain", story.address("thief"), 6)
    assert story.coins("shop 3") == (btc("0.1"),)
    assert story.balance("thief 6") == btc("4.4") - 1_200
    assert UtxoScenario().peels("thief", btc("0.1"), hops=6).findings(only="peel-chain")[0].evidence["hops"] == 6
    with pytest.raises(ScenarioError, match="no coin that is large enough alone"):
        UtxoScenario().opens("thief", btc("0.3"), btc("0.4")).peels("thief", btc("0.1"), hops=6)


def test_services_are_labelled_and_chains_are_of_coins() -> None:
    story = UtxoScenario().labelled("mill", "custodial-mixer").deposits("a", "mill", btc(1), fee=10)
    story = story.withdraws("mill", "b", btc("0.9"))
    assert story.balance("mill") == btc("0.1")
    with pytest.raises(ScenarioError, match="is no service"):
        story.deposits("a", "b", 1)
    with pytest.raises(ScenarioError, match="is no coin of bitcoin"):
        story.pays("a", "b", eth(1))
    with pytest.raises(ChainError):
        UtxoScenario("ethereum")
    with pytest.raises(AmountError):
        story.pays("a", "b", 0.5)  # type: ignore[arg-type]


def test_a_trace_is_as_by_hand() -> None:
    """In the transaction the thief's coin stands first: FIFO gives its units to the first output."""
    story = UtxoScenario().labelled("shop", "exchange").opens("thief", 60).opens("friend", 40)
    story = story.spends([("thief", 60), ("friend", 40)], [("mule", 30), ("shop", 50), ("friend", 15)], tx="both")
    trace = story.trace(ct.address(story.address("thief")))
    ledger = {(bucket, category): n for bucket, category, n in trace.ledger[["bucket", "category", "amount"]].values}
    assert ledger == {("held", ""): 30, ("exit", "exchange"): 30}


@settings(settings.get_profile("many"), max_examples=100)
@given(utxo_ledgers())
def test_ledgers_conserve_and_spend_each_coin_once(story: UtxoScenario) -> None:
    table = story.transfers.table
    alive: dict[str, tuple[Any, int]] = {}
    account: Counter[str] = Counter()
    for row, amount in zip(table.to_pylist(), amounts(table), strict=True):
        if row["kind"] in ("output", "opening"):
            alive[row["outpoint"]] = row["receiver"], amount
        if row["kind"] == "input":
            assert alive.pop(row["outpoint"]) == (row["sender"], amount)
        account[row["tx_hash"]] += {"input": 1, "reward": 1, "opening": 0}.get(row["kind"], -1) * amount
    assert not any(account.values())
    assert alive == {name: (coin.account, coin.amount) for name, coin in story._coins.items()}
    assert not any("not whole" in note for note in story.findings().notes)


@settings(max_examples=50)
@given(utxo_ledgers())
def test_the_same_story_is_read_from_a_file_as_it_is(story: UtxoScenario) -> None:
    assert ct.read_transfers(story.transfers.table).table.equals(story.transfers.table)
