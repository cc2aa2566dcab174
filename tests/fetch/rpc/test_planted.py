"""The laundering story comes back from a node to the wei, whoever asks about whom and in which way."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaintrace.fetch.rpc.ways import CALL_TRACER, LOGS, TRACE_FILTER, WAYS
from chaintrace.model.amount import from_bytes
from chaintrace.testing.script import MINER
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.rpc.asking import NATIVE, Kept, Stage, again, ask, by_identity, question, rpc, shown

FORKS = ("london", "shanghai", "cancun", "prague")
NOTHING = ((), ())
FEW = settings(
    settings.get_profile("ci"),
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

Reference = dict[tuple[str, str, int], dict[str, object]]


@pytest.fixture(scope="module")
def reference(stage: Stage) -> Reference:
    """Every row there is, by its identity, opening rows excepted."""
    table = ask(stage.node.url, question(stage, TRACE_FILTER)).answer.rows
    return {key: row for key, row in by_identity(table).items() if row["kind"] != "opening"}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("fork", FORKS)
def test_everything_comes_back_to_the_wei_on_every_fork(stage_on: Callable[[str], Stage], fork: str, way: str) -> None:
    stage = stage_on(fork)
    planted = stage.planted
    asked = question(stage, way)
    page = ask(stage.node.url, asked)
    answer = page.answer
    assert difference(shown(planted.rows, way), rows_of(answer.rows)) == NOTHING
    assert by_identity(answer.rows)
    assert answer.rejected.counts == {"NFT": 1}
    assert {(one.account, one.first, one.last) for one in answer.covered} == {
        (account, 0, planted.last) for account in planted.accounts
    }
    lacks = {TRACE_FILTER: {"withdrawal", "reward"}, CALL_TRACER: set(), LOGS: {"internal", "burn"}}[way]
    assert {(one.account, one.kind) for one in answer.missing} == {
        (account, kind) for account in planted.accounts for kind in lacks
    }
    cited = {evidence.partition("#")[0] for evidence in answer.rows["evidence"].to_pylist()}
    assert cited <= set(page.bodies)
    assert answer.hashes[planted.last] == stage.head
    assert set(answer.rows["block"].to_pylist()) - {planted.first - 1} <= set(answer.hashes)
    assert again(page).digest == answer.digest


@pytest.mark.parametrize("way", WAYS)
def test_opening_rows_and_balances_are_what_everybody_held(stage: Stage, way: str) -> None:
    planted = stage.planted
    answer = ask(stage.node.url, question(stage, way)).answer
    opening = {
        (row["receiver"], row["asset"]): from_bytes(row["amount"])
        for row in answer.rows.to_pylist()
        if row["kind"] == "opening" and row["asset"] not in planted.liars
    }
    assert opening == {tuple(pot): amount for pot, amount in planted.opening.items() if amount}
    told = {(one.account, one.asset): one.amount for one in answer.balances if one.block == planted.last}
    assert {account for account, _ in told} == set(planted.accounts)
    for pot, amount in told.items():
        if pot[1] not in planted.liars:
            assert amount == planted.balances.get(pot, 0)  # type: ignore[call-overload]
    assert {tuple(pot) for pot, amount in planted.balances.items() if amount} <= set(told)


@pytest.mark.parametrize("way", WAYS)
def test_each_account_alone_gets_its_own_rows_and_the_same_ones(stage: Stage, reference: Reference, way: str) -> None:
    planted, archive = stage.planted, Kept()
    with rpc(stage.node.url, way) as fetcher:
        for account in planted.accounts:
            page = fetcher.ask(question(stage, way, [account], provider=fetcher.name), archive)
            archive.add(page)
            table = page.answer.rows
            assert difference(shown(planted.touching([account]), way), rows_of(table)) == NOTHING
            for key, row in by_identity(table).items():
                assert row["kind"] == "opening" or row == reference[key]
            assert again(page, archive).digest == page.answer.digest


@pytest.mark.parametrize("way", WAYS)
@FEW
@given(data=st.data())
def test_some_accounts_between_some_blocks(stage: Stage, reference: Reference, way: str, data: st.DataObject) -> None:
    planted = stage.planted
    some = data.draw(st.lists(st.sampled_from(planted.accounts), min_size=1, max_size=12, unique=True))
    first = data.draw(st.integers(0, planted.last))
    last = data.draw(st.integers(first, planted.last))
    final = data.draw(st.sampled_from([planted.last, last, max(last - 3, 0), 0]))
    with rpc(stage.node.url, way) as fetcher:
        digest = fetcher.hashes([last])[last]
        asked = question(stage, way, some, first=first, last=last, last_hash=digest, final=final, since=first)
        page = fetcher.ask(asked, Kept())
    assert difference(shown(planted.touching(some, first, last), way), rows_of(page.answer.rows)) == NOTHING
    for key, row in by_identity(page.answer.rows).items():
        assert row["kind"] == "opening" or row == reference[key]
    assert again(page).digest == page.answer.digest


@pytest.mark.parametrize("way", WAYS)
@FEW
@given(data=st.data())
def test_whole_transactions_show_everybody_in_them(
    stage: Stage, reference: Reference, way: str, data: st.DataObject
) -> None:
    planted = stage.planted
    hashes = data.draw(st.lists(st.sampled_from(planted.transactions), min_size=1, max_size=20, unique=True))
    page = ask(stage.node.url, question(stage, way, (), transactions=tuple(hashes)))
    assert difference(shown(planted.of(hashes), way), rows_of(page.answer.rows)) == NOTHING
    for key, row in by_identity(page.answer.rows).items():
        assert row == reference[key]
    assert page.answer.covered == page.answer.missing == ()
    assert again(page).digest == page.answer.digest


@pytest.mark.parametrize("way", WAYS)
def test_whole_transactions_and_accounts_go_into_one_question(stage: Stage, way: str) -> None:
    planted = stage.planted
    page = ask(stage.node.url, question(stage, way, planted.victims, transactions=planted.transactions))
    assert difference(shown(planted.rows, way), rows_of(page.answer.rows)) == NOTHING


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("young", [1, 7, 1_000])
def test_young_blocks_are_asked_for_by_hash_and_say_the_same(
    stage: Stage, reference: Reference, way: str, young: int
) -> None:
    planted = stage.planted
    final = max(planted.last - young, -1)
    page = ask(stage.node.url, question(stage, way, final=final))
    assert {k: v for k, v in by_identity(page.answer.rows).items() if v["kind"] != "opening"} == {
        key: row
        for key, row in reference.items()
        if way != LOGS or (row["kind"] != "internal" and (row["kind"], row["asset"]) != ("burn", NATIVE))
    }
    asked = [json.loads(one.call) for one in page.asked]
    by_hash = {
        params[0]["blockHash"] for method, params in asked if method == "eth_getLogs" and "blockHash" in params[0]
    }
    assert len(by_hash) == planted.last - final
    ranges = [params[0] for method, params in asked if method == "eth_getLogs" and "toBlock" in params[0]]
    assert all(int(one["toBlock"], 16) <= final for one in ranges)
    for one, (method, _) in zip(page.asked, asked, strict=True):
        assert not one.lasting or method not in ("eth_getLogs", "trace_filter")
    assert again(page).digest == page.answer.digest


def test_what_the_maker_of_blocks_was_paid_is_what_its_balance_grew_by(stage: Stage) -> None:
    page = ask(stage.node.url, question(stage, CALL_TRACER, [MINER], since=1))
    (held,) = (one.amount for one in page.answer.balances if one.block == stage.planted.last)
    assert sum(row.amount for row in rows_of(page.answer.rows) if row.kind == "reward") == held


def test_auto_takes_the_best_way_that_the_node_can(stage: Stage) -> None:
    with rpc(stage.node.url) as fetcher:
        assert fetcher.way() == fetcher.way(stage.planted.thefts[0]) == TRACE_FILTER
        assert fetcher.block_of(stage.planted.thefts[0]) == stage.planted.first
        assert fetcher.chain == "eip155:1"
        assert fetcher.head().number == fetcher.head().final <= fetcher.head(young=True).number
