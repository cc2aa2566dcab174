"""The laundering story comes back from an explorer as it comes back from the node, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaintrace.errors import Contradiction
from chaintrace.fetch.etherscan_api.call import INSIDE
from chaintrace.fetch.explorer.ways import LISTS, PLAIN
from chaintrace.fetch.rows import FEE_SEQ
from chaintrace.model.amount import from_bytes
from chaintrace.testing.explorer import TRACES, Explorer
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.etherscan_api.asking import (
    KEY,
    NOTHING,
    Kept,
    Stage,
    again,
    ask_node,
    asked_of,
    by_identity,
    etherscan,
    question,
)

FEW = settings(
    settings.get_profile("ci"),
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
PLACED = ("path", "index")
"""How an explorer tells the places of calls in full."""


def same_rows(found: Any, node: Any, ordered: bool = True) -> bool:
    """Whether two tables have the same rows, whatever their evidence; the order may be said to be unknown."""
    dropped = ["evidence"] if ordered else ["evidence", "order"]
    return bool(found.drop_columns(dropped).equals(node.drop_columns(dropped)))


@pytest.mark.parametrize("traces", TRACES)
@pytest.mark.parametrize("fork", ["london", "cancun", "prague"])
def test_every_row_is_the_one_that_the_node_brings(stage_on: Callable[[str], Stage], fork: str, traces: str) -> None:
    stage = stage_on(fork)
    node = ask_node(stage)
    with Explorer(stage.node, key=KEY, traces=traces) as explorer:
        page = asked_of(explorer, question(stage))
    answer = page.answer
    assert difference(stage.planted.rows, rows_of(answer.rows)) == NOTHING
    assert same_rows(answer.rows, node.rows, traces in PLACED)
    assert by_identity(answer.rows)
    assert answer.balances == node.balances
    assert answer.metadata == node.metadata
    assert answer.hashes == node.hashes
    assert answer.rejected.counts.items() <= node.rejected.counts.items()  # NFTs, where their receipt was needed
    assert {(one.account, one.kind) for one in answer.missing} == {(one, "reward") for one in stage.planted.accounts}
    assert {one.account for one in answer.covered} == set(stage.planted.accounts)
    assert again(page).digest == answer.digest


def test_an_order_that_is_not_told_is_said_to_be_unknown(stage: Stage, explorer: Explorer) -> None:
    """Etherscan tells places of calls in the lists of accounts only: who asks for all parties has them all."""
    for traces, accounts, known in (
        ("account", stage.planted.accounts, True),
        ("account", stage.planted.roles["peel"][:1], False),
        ("none", stage.planted.accounts, False),
    ):
        explorer.traces = traces
        orders = asked_of(explorer, question(stage, accounts)).answer.rows.to_pylist()
        several = {row["order"] for row in orders if row["kind"] == "internal"}
        assert several == {"known"} if known else "unknown" in several
        assert {row["order"] for row in orders if row["kind"] != "internal"} == {"known"}


@pytest.mark.parametrize("cap", [1, 2, 7, 1_000])
def test_whatever_the_largest_page_is_every_row_comes_once(stage: Stage, explorer: Explorer, cap: int) -> None:
    """Nobody tells the fetcher what it is."""
    explorer.cap = cap
    page = asked_of(explorer, question(stage))
    assert difference(stage.planted.rows, rows_of(page.answer.rows)) == NOTHING
    assert same_rows(page.answer.rows, ask_node(stage).rows)
    assert again(page).digest == page.answer.digest


@pytest.mark.parametrize("size", [1, 3, 10_000])
def test_whatever_the_page_is_that_is_asked_for_every_row_comes_once(
    stage: Stage, explorer: Explorer, size: int
) -> None:
    some = stage.planted.accounts[::4]
    page = asked_of(explorer, question(stage, some), page=size)
    assert difference(stage.planted.touching(some), rows_of(page.answer.rows)) == NOTHING


def test_each_account_alone_gets_its_own_rows_and_the_same_ones(stage: Stage, explorer: Explorer) -> None:
    archive = Kept()
    reference = by_identity(ask_node(stage).rows)
    for account in stage.planted.accounts:
        page = asked_of(explorer, question(stage, [account], provider="etherscan x"), archive)
        archive.add(page)
        assert difference(stage.planted.touching([account]), rows_of(page.answer.rows)) == NOTHING
        for key, row in by_identity(page.answer.rows).items():
            assert row == reference[key]
        assert again(page, archive).digest == page.answer.digest


@FEW
@given(data=st.data())
def test_some_accounts_between_some_blocks(stage: Stage, explorer: Explorer, data: st.DataObject) -> None:
    planted = stage.planted
    explorer.cap = data.draw(st.sampled_from([1, 2, 7, 1_000]))
    some = data.draw(st.lists(st.sampled_from(planted.accounts), min_size=1, max_size=6, unique=True))
    whole = data.draw(st.lists(st.sampled_from(planted.transactions), max_size=3, unique=True))
    first = data.draw(st.integers(0, planted.last))
    last = data.draw(st.integers(first, planted.last))
    final = data.draw(st.sampled_from([planted.last, last, max(last - 3, 0), 0]))
    digest = stage.node.rpc("eth_getBlockByNumber", hex(last), False)["hash"]
    other: dict[str, Any] = {
        "first": first, "last": last, "last_hash": digest, "final": final, "since": first, "transactions": tuple(whole),
    }  # fmt: skip
    page = asked_of(explorer, question(stage, some, **other))
    truth = dict.fromkeys(row for row in planted.rows if row in planted.touching(some, first, last))
    assert truth.keys() <= set(rows_of(page.answer.rows))
    mine, node = by_identity(page.answer.rows), by_identity(ask_node(stage, some, **other).rows)
    assert mine == node
    assert again(page).digest == page.answer.digest


def test_whole_transactions_show_everybody_in_them(stage: Stage, explorer: Explorer) -> None:
    planted = stage.planted
    asked = question(stage, (), transactions=planted.transactions)
    page = asked_of(explorer, asked)
    assert difference(planted.rows, rows_of(page.answer.rows)) == NOTHING
    assert same_rows(page.answer.rows, ask_node(stage, (), transactions=planted.transactions).rows)
    assert page.answer.covered == page.answer.missing == ()
    assert explorer.calls["txlist"] == 0


def test_two_equal_transfers_in_one_transaction_are_two_rows(stage: Stage, explorer: Explorer) -> None:
    thief = stage.planted.one("exploiter")
    rows = asked_of(explorer, question(stage, [thief])).answer.rows.to_pylist()
    sent = [(row["tx_hash"], row["receiver"], row["amount"]) for row in rows if row["kind"] == "token"]
    twice = [one for one in sent if sent.count(one) == 2]
    assert len(twice) == 2
    assert len({row["seq"] for row in rows if row["tx_hash"] == twice[0][0] and row["kind"] == "token"}) == 2


def test_old_balances_that_the_explorer_does_not_know_are_said_to_be_unknown(stage: Stage, explorer: Explorer) -> None:
    explorer.archive = False
    page = asked_of(explorer, question(stage))
    assert difference(stage.planted.rows, rows_of(page.answer.rows)) == NOTHING
    assert {one.amount for one in page.answer.balances} == {None}
    assert all("missing trie node" in one.reason for one in page.answer.balances)
    assert "opening" not in page.answer.rows["kind"].to_pylist()
    assert again(page).digest == page.answer.digest


def test_blobs_are_paid_for_as_the_receipt_says(stage: Stage, explorer: Explorer) -> None:
    thief = stage.planted.one("exploiter")
    (first, *_) = [row for row in stage.planted.rows if row.kind == "fee" and row.sender == thief]

    def with_blobs(query: dict[str, str], told: Any) -> Any:
        if query["action"] == "eth_getTransactionReceipt" and query["txhash"] == first.tx_hash:
            return {**told, "result": {**told["result"], "blobGasUsed": "0x20000", "blobGasPrice": "0x7"}}
        return told

    explorer.change = with_blobs
    rows = by_identity(asked_of(explorer, question(stage, [thief])).answer.rows)
    assert from_bytes(rows[first.tx_hash, "fee", FEE_SEQ]["amount"]) == first.amount + 0x20000 * 7


def test_withdrawals_of_validators_stand_where_their_block_has_them(stage: Stage, explorer: Explorer) -> None:
    who = stage.planted.one("lone")
    told = {"index": "0x7", "validatorIndex": "0x1", "address": who, "amount": "0x5"}
    other = {**told, "index": "0x6", "address": stage.planted.one("relayer")}

    def withdrawing(query: dict[str, str], answer: Any) -> Any:
        if query["action"] == "txsBeaconWithdrawal" and query["page"] == "1":
            row = {"withdrawalIndex": "7", "address": query["address"], "amount": "5", "blockNumber": "20"}
            row["timestamp"] = str(int(stage.node.rpc("eth_getBlockByNumber", "0x14", False)["timestamp"], 16))
            return {"status": "1", "message": "OK", "result": [row]}
        if query["action"] == "eth_getBlockByNumber" and query["tag"] == "0x14":
            return {**answer, "result": {**answer["result"], "withdrawals": [other, told]}}
        return answer

    explorer.change = withdrawing
    rows = asked_of(explorer, question(stage, [who])).answer.rows.to_pylist()
    (row,) = [row for row in rows if row["kind"] == "withdrawal"]
    place = row["tx_hash"], row["block"], row["seq"], row["receiver"], from_bytes(row["amount"])
    assert place == ("withdrawal:7", 20, 1, who, 5 * 10**9)
    told["amount"] = "0x6"
    with pytest.raises(Contradiction, match="different withdrawals"):
        asked_of(explorer, question(stage, [who]))


UNKNOWN = {"status": "0", "message": "NOTOK", "result": "Error! Missing Or invalid Action name"}


@pytest.mark.parametrize("said", [UNKNOWN, (400, b'{"message":"Unknown action","result":null,"status":"0"}')])
def test_an_explorer_that_lists_no_withdrawals_says_so_for_each_account(
    stage: Stage, explorer: Explorer, said: Any
) -> None:
    with etherscan(explorer) as fetcher:
        assert fetcher.way() == LISTS
    explorer.change = lambda query, told: said if query["action"] == "txsBeaconWithdrawal" else told
    who = stage.planted.one("lone")
    with etherscan(explorer) as fetcher:
        assert fetcher.way() == PLAIN
        answer = fetcher.ask(question(stage, [who], way=fetcher.way()), Kept()).answer
    assert [one.kind for one in answer.missing] == ["reward", "withdrawal"]
    assert "withdrawal" not in answer.covered[0].kinds
    assert difference(stage.planted.touching([who]), rows_of(answer.rows)) == NOTHING


def test_a_node_may_say_what_the_explorer_s_proxy_does_not(stage: Stage, explorer: Explorer) -> None:
    explorer.change = lambda query, told: (404, b"no such module") if query["module"] == "proxy" else told
    with etherscan(explorer, node=stage.node.url) as fetcher:
        assert fetcher.head().number >= stage.planted.last
        page = fetcher.ask(question(stage), Kept())
    assert same_rows(page.answer.rows, ask_node(stage).rows)
    assert again(page).digest == page.answer.digest


def test_calls_that_are_listed_are_asked_for_whole(stage: Stage, explorer: Explorer) -> None:
    page = asked_of(explorer, question(stage, stage.planted.roles["peel"]))
    inner = {row.tx_hash for row in stage.planted.touching(stage.planted.roles["peel"]) if row.kind == "internal"}
    assert {one.call for one in page.asked if "txhash" in one.call and INSIDE in one.call} == {
        f'["{INSIDE}",[{{"txhash":"{digest}"}}]]' for digest in inner
    }
