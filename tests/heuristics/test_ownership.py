"""Who pays together is one owner, but in a CoinJoin, and where one or two owners may pay."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.heuristics.ownership import clusters
from chaintrace.labels.label import Label
from chaintrace.model.script import account_of
from chaintrace.model.transfer import Transfers
from tests.heuristics.coins import (
    BITCOIN,
    Tx,
    joinmarket,
    script,
    stonewall,
    table,
    tx0,
    wasabi10,
    wasabi11,
    wasabi20,
    whirlpool,
)

FEWER = settings(max_examples=settings().max_examples // 4)


def account(owner: str) -> str:
    return account_of(script(owner), BITCOIN.id)


def groups(*txs: Tx, labels: list[Label] | None = None) -> set[frozenset[str]]:
    frame = clusters(Transfers(table(*txs)), labels or [])
    return {frozenset(part) for part in frame.groupby("cluster")["account"].agg(list)}


def pays(name: str, *owners: str) -> Tx:
    """These pay one stranger together."""
    return Tx(name, tuple((owner, 1_000) for owner in owners), ((f"{name} shop", 1_000 * len(owners) - 100),))


def named(*owners: str) -> frozenset[str]:
    return frozenset(map(account, owners))


def test_accounts_that_pay_together_are_one_owners_over_all_transactions() -> None:
    txs = [
        pays("one", "a", "b"),
        pays("two", "c", "d"),
        pays("three", "b", "c"),
        pays("four", "x", "y"),
        pays("five", "z"),
    ]
    assert groups(*txs) == {named("a", "b", "c", "d"), named("x", "y")}
    frame = clusters(Transfers(table(*txs)))
    assert frame["cluster"].tolist() == [0, 0, 0, 0, 1, 1]
    assert frame["transactions"].tolist() == [3, 3, 3, 3, 1, 1]


@pytest.mark.parametrize("tx", [whirlpool(), wasabi10(), wasabi11(), wasabi20(), joinmarket(), stonewall()])
def test_a_coinjoin_and_a_stonewall_join_nobody(tx: Tx) -> None:
    assert groups(tx) == set()


def test_a_tx0_is_one_owners() -> None:
    tx = replace(tx0(), ins=(("a", 10_000_000), ("b", tx0().ins[0][1])))
    assert groups(tx) == {named("a", "b")}


def test_a_coinjoin_that_an_exchange_pays_is_a_payout() -> None:
    """The label says that it is none: an exchange's own accounts pay together."""
    payer = Label(account("jm in 0"), "exchange")
    assert groups(joinmarket(), labels=[payer]) == {named("jm in 0", "jm in 1", "jm in 2")}


@FEWER
@given(st.lists(st.lists(st.sampled_from("abcdefghij"), min_size=1, max_size=4), max_size=8), st.randoms())
def test_clusters_are_the_connected_parts_in_any_order(owners: list[list[str]], random: object) -> None:
    txs = [pays(f"t{n}", *who) for n, who in enumerate(owners)]
    parts: list[set[str]] = []
    for who in owners:
        met = [part for part in parts if part & set(who)]
        parts = [part for part in parts if part not in met] + [set(who).union(*met)]
    expected = {named(*part) for part in parts if len(part) > 1}
    assert groups(*txs) == expected
    random.shuffle(txs)  # type: ignore[attr-defined]
    assert groups(*txs) == expected


def test_no_rows_make_no_clusters() -> None:
    assert list(clusters(Transfers(table())).columns) == ["cluster", "account", "transactions"]
    assert ct.clusters is clusters
