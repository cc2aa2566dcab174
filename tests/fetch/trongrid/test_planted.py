"""The laundering story comes back from TronGrid as it comes back from the node, row by row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaintrace.fetch.trongrid.ways import SHOWN
from chaintrace.testing.grid import Grid
from chaintrace.testing.tronned import named
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.trongrid.asking import (
    KEY,
    NATIVE,
    NOTHING,
    Kept,
    Stage,
    again,
    as_tron,
    ask_node,
    asked_of,
    asset,
    by_identity,
    pot,
    question,
    rows,
)

FEW = settings(
    settings.get_profile("ci"),
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_every_row_is_the_one_that_the_node_brings(stage: Stage, grid: Grid) -> None:
    page = asked_of(grid, question(stage))
    answer = page.answer
    assert difference(as_tron(stage.planted.rows), rows_of(answer.rows)) == NOTHING
    assert rows(answer.rows) == ask_node(stage, grid)
    assert by_identity(answer.rows)
    assert {one.account for one in answer.covered} == set(map(named, stage.planted.accounts))
    assert {one.kinds for one in answer.covered} == {SHOWN}
    assert {one.kind for one in answer.missing} == {"trc10"}
    assert again(page).digest == answer.digest


def test_balances_are_what_the_chain_had_before_and_after(stage: Stage, grid: Grid) -> None:
    planted = stage.planted
    answer = asked_of(grid, question(stage)).answer
    told = {(one.account, one.asset, one.block): one.amount for one in answer.balances}
    for block, truth in ((planted.first - 1, planted.opening), (planted.last, planted.balances)):
        known = {pot(one): amount for one, amount in truth.items()}
        asked = {key[:2]: amount for key, amount in told.items() if key[2] == block}
        honest = {key: amount for key, amount in asked.items() if key[1] not in set(map(asset, planted.liars))}
        assert {(named(one), NATIVE) for one in planted.accounts} <= set(honest)
        assert honest == {key: known.get(key, 0) for key in honest}
    opened = [row for row in answer.rows.to_pylist() if row["kind"] == "opening"]
    assert all(row["evidence"].partition("#")[0] for row in opened)


@pytest.mark.parametrize("fork", ["london", "prague"])
def test_what_a_contract_burns_that_ends_for_itself_is_rejected_and_named(
    stage_on: Callable[[str], Stage], fork: str
) -> None:
    """Of the rules of Tron the lists do not say which were in force; a contract of the same transaction is sure."""
    stage = stage_on(fork)
    with Grid(stage.node, key=KEY) as grid:
        answer = asked_of(grid, question(stage)).answer
    missing, extra = difference(as_tron(stage.planted.rows), rows_of(answer.rows))
    assert not extra
    assert {(row.kind, row.asset) for row in missing} == ({("burn", NATIVE)} if fork == "london" else set())
    assert answer.rejected.counts.get("a contract that ended for its own benefit", 0) == len(missing)


@pytest.mark.parametrize("cap", [1, 2, 7, 200])
def test_whatever_the_largest_page_is_every_row_comes_once(stage: Stage, grid: Grid, cap: int) -> None:
    """Nobody tells the fetcher what it is."""
    grid.cap = cap
    page = asked_of(grid, question(stage))
    assert rows(page.answer.rows) == ask_node(stage, grid)
    assert again(page).digest == page.answer.digest


@pytest.mark.parametrize("size", [1, 3, 200])
def test_whatever_the_page_is_that_is_asked_for_every_row_comes_once(stage: Stage, grid: Grid, size: int) -> None:
    some = stage.planted.accounts[::4]
    page = asked_of(grid, question(stage, some), page=size)
    truth = as_tron(stage.planted.touching(some))
    assert difference(truth, rows_of(page.answer.rows)) == NOTHING


def test_each_account_alone_gets_its_own_rows_and_the_same_ones(stage: Stage, grid: Grid) -> None:
    archive = Kept()
    reference = by_identity(asked_of(grid, question(stage)).answer.rows)
    for one in stage.planted.accounts:
        page = asked_of(grid, question(stage, [one], provider=f"trongrid {grid.url[7:]}"), archive)
        archive.add(page)
        assert difference(as_tron(stage.planted.touching([one])), rows_of(page.answer.rows)) == NOTHING
        for key, row in by_identity(page.answer.rows).items():
            assert row == reference[key]
        assert again(page, archive).digest == page.answer.digest
    blocks = Counter(path for path in grid.calls.elements() if "getblockbynum" in path)
    assert sum(blocks.values()) <= 2 * (stage.planted.last + 1)  # kept blocks are not asked for anew


@FEW
@given(cap=st.sampled_from([1, 2, 7, 200]), luck=st.randoms(use_true_random=True))
def test_some_accounts_between_some_blocks(stage: Stage, grid: Grid, cap: int, luck: Random) -> None:
    planted = stage.planted
    grid.cap = cap
    some = luck.sample(planted.accounts, luck.randint(1, 6))
    whole = luck.sample(planted.transactions, luck.randint(0, 3))
    first = luck.randint(1, planted.last)
    last = luck.randint(first, planted.last)
    final = luck.choice([planted.last, last, max(last - 3, 0), 0])
    since = luck.randint(1, first)
    page = asked_of(grid, question(stage, some, first=first, last=last, final=final, since=since, transactions=whole))
    wanted = dict.fromkeys(row for row in planted.rows if row in planted.touching(some, first, last))
    assert set(as_tron(wanted)) <= set(rows_of(page.answer.rows))
    digest = stage.node.rpc("eth_getBlockByNumber", hex(last), False)["hash"]
    other = {"first": first, "last": last, "last_hash": digest, "final": final, "since": since}
    assert rows(page.answer.rows) == ask_node(stage, grid, some, transactions=tuple(whole), **other)
    assert again(page).digest == page.answer.digest


def test_whole_transactions_show_everybody_in_them(stage: Stage, grid: Grid) -> None:
    planted = stage.planted
    page = asked_of(grid, question(stage, (), transactions=planted.transactions))
    assert difference(as_tron(planted.rows), rows_of(page.answer.rows)) == NOTHING
    assert page.answer.covered == page.answer.missing == ()
    assert not [path for path in grid.calls if path.startswith("/v1")]


def test_two_equal_transfers_in_one_transaction_are_two_rows(stage: Stage, grid: Grid) -> None:
    thief = stage.planted.one("exploiter")
    found = asked_of(grid, question(stage, [thief])).answer.rows.to_pylist()
    sent = [(row["tx_hash"], row["receiver"], row["amount"]) for row in found if row["kind"] == "token"]
    twice = [one for one in sent if sent.count(one) == 2]
    assert len(twice) == 2
    assert len({row["seq"] for row in found if row["tx_hash"] == twice[0][0] and row["kind"] == "token"}) == 2


def test_what_has_failed_moves_nothing_and_pays(stage: Stage, grid: Grid) -> None:
    failed = {one["txID"] for one in grid.tron.sent if one["ret"][0]["contractRet"] != "SUCCESS"}
    assert {one["ret"][0]["contractRet"] for one in grid.tron.sent} == {"SUCCESS", "REVERT", "OUT_OF_ENERGY"}
    found = asked_of(grid, question(stage, [stage.planted.roles["mule"][6]])).answer.rows.to_pylist()
    assert {row["kind"] for row in found if row["tx_hash"] in failed} == {"fee"}
    assert {row["tx_hash"] for row in found} >= failed


def test_any_form_of_an_account_is_the_same_account(stage: Stage, grid: Grid) -> None:
    """Lists write it in base58 or 41 and 40 digits, blocks in 41, logs without; so do those who change the lists."""
    who = stage.planted.one("exploiter")
    plain = asked_of(grid, question(stage, [who])).answer

    def otherwise(path: str, asked: dict[str, object], told: object) -> object:
        if not path.startswith("v1") or not isinstance(told, dict):
            return told
        for row in told["data"]:
            for name in ("from", "to"):
                if name in row:
                    row[name] = "0x" + _digits(row[name])
            for name in ("from_address", "to_address"):
                if name in row:
                    row[name] = named("0x" + row[name][2:])
        return told

    grid.change = otherwise
    assert rows(asked_of(grid, question(stage, [who])).answer.rows) == rows(plain.rows)


def _digits(text: str) -> str:
    from chaintrace.model.base58 import decode_check

    return decode_check(text).hex()
