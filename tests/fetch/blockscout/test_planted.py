"""The laundering story comes back from Blockscout as it comes back from the node, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chaintrace.errors import Contradiction
from chaintrace.fetch.blockscout.call import INSIDE
from chaintrace.fetch.blockscout.history import DOUBTED, UNDONE, UNNAMED
from chaintrace.fetch.explorer.ways import LISTS, PLAIN
from chaintrace.fetch.rows import FEE_SEQ
from chaintrace.model.amount import from_bytes
from chaintrace.testing.front import Response
from chaintrace.testing.scout import Scout
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.blockscout.asking import (
    KEY,
    NOTHING,
    Kept,
    Stage,
    again,
    ask_node,
    asked_of,
    blockscout,
    by_identity,
    question,
)
from tests.fetch.etherscan_api.test_planted import same_rows

FEW = settings(
    settings.get_profile("ci"),
    max_examples=15,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.mark.parametrize("wraps", [True, False])
@pytest.mark.parametrize("fork", ["london", "cancun", "prague"])
def test_every_row_is_the_one_that_the_node_brings(stage_on: Callable[[str], Stage], fork: str, wraps: bool) -> None:
    stage = stage_on(fork)
    node = ask_node(stage)
    with Scout(stage.node, key=KEY, wraps=wraps) as scout:
        page = asked_of(scout, question(stage))
    answer = page.answer
    assert difference(stage.planted.rows, rows_of(answer.rows)) == NOTHING
    assert same_rows(answer.rows, node.rows)
    assert by_identity(answer.rows)
    assert answer.balances == node.balances
    assert answer.metadata == node.metadata
    assert answer.hashes == node.hashes
    assert answer.rejected.counts.items() <= node.rejected.counts.items()  # NFTs, where their receipt was needed
    assert {(one.account, one.kind) for one in answer.missing} == {(one, "reward") for one in stage.planted.accounts}
    assert {one.account for one in answer.covered} == set(stage.planted.accounts)
    assert answer.notes == ()
    assert again(page).digest == answer.digest


@pytest.mark.parametrize("cap", [1, 2, 7, 50])
def test_whatever_the_largest_page_is_every_row_comes_once(stage: Stage, scout: Scout, cap: int) -> None:
    scout.cap = cap
    page = asked_of(scout, question(stage))
    assert difference(stage.planted.rows, rows_of(page.answer.rows)) == NOTHING
    assert same_rows(page.answer.rows, ask_node(stage).rows)
    assert again(page).digest == page.answer.digest


def test_each_account_alone_gets_its_own_rows_and_the_same_ones(stage: Stage, scout: Scout) -> None:
    archive = Kept()
    reference = by_identity(ask_node(stage).rows)
    for account in stage.planted.accounts:
        page = asked_of(scout, question(stage, [account], provider="blockscout x"), archive)
        archive.add(page)
        assert difference(stage.planted.touching([account]), rows_of(page.answer.rows)) == NOTHING
        for key, row in by_identity(page.answer.rows).items():
            assert row == reference[key]
        assert again(page, archive).digest == page.answer.digest


@FEW
@given(data=st.data())
def test_some_accounts_between_some_blocks(stage: Stage, scout: Scout, data: st.DataObject) -> None:
    planted = stage.planted
    scout.cap = data.draw(st.sampled_from([1, 2, 7, 100]))
    some = data.draw(st.lists(st.sampled_from(planted.accounts), min_size=1, max_size=6, unique=True))
    whole = data.draw(st.lists(st.sampled_from(planted.transactions), max_size=3, unique=True))
    first = data.draw(st.integers(0, planted.last))
    last = data.draw(st.integers(first, planted.last))
    final = data.draw(st.sampled_from([planted.last, last, max(last - 3, 0), 0]))
    digest = stage.node.rpc("eth_getBlockByNumber", hex(last), False)["hash"]
    other: dict[str, Any] = {
        "first": first, "last": last, "last_hash": digest, "final": final, "since": first, "transactions": tuple(whole),
    }  # fmt: skip
    page = asked_of(scout, question(stage, some, **other))
    truth = dict.fromkeys(row for row in planted.rows if row in planted.touching(some, first, last))
    assert truth.keys() <= set(rows_of(page.answer.rows))
    assert by_identity(page.answer.rows) == by_identity(ask_node(stage, some, **other).rows)
    assert again(page).digest == page.answer.digest


def test_a_list_is_read_down_to_the_first_block_that_is_wanted_and_no_further(stage: Stage, scout: Scout) -> None:
    scout.cap = 1
    thief = stage.planted.one("exploiter")
    asked_of(scout, question(stage, [thief]))
    whole = scout.calls["transactions"]
    scout.calls.clear()
    asked_of(scout, question(stage, [thief], first=stage.planted.last, since=stage.planted.last))
    assert 1 <= scout.calls["transactions"] <= 2 < whole


def test_whole_transactions_show_everybody_in_them(stage: Stage, scout: Scout) -> None:
    planted = stage.planted
    page = asked_of(scout, question(stage, (), transactions=planted.transactions))
    assert difference(planted.rows, rows_of(page.answer.rows)) == NOTHING
    assert same_rows(page.answer.rows, ask_node(stage, (), transactions=planted.transactions).rows)
    assert page.answer.covered == page.answer.missing == ()
    assert scout.calls["transactions"] == scout.calls["blocks"] == 0


def test_two_equal_transfers_in_one_transaction_are_two_rows(stage: Stage, scout: Scout) -> None:
    thief = stage.planted.one("exploiter")
    rows = asked_of(scout, question(stage, [thief])).answer.rows.to_pylist()
    sent = [(row["tx_hash"], row["receiver"], row["amount"]) for row in rows if row["kind"] == "token"]
    twice = [one for one in sent if sent.count(one) == 2]
    assert len(twice) == 2
    assert len({row["seq"] for row in rows if row["tx_hash"] == twice[0][0] and row["kind"] == "token"}) == 2


def test_evidence_names_the_page_that_a_call_stands_on(stage: Stage, scout: Scout) -> None:
    """A transaction whose calls fill several pages."""
    scout.cap = 1
    page = asked_of(scout, question(stage, stage.planted.roles["peel"]))
    told = {one.body for one in page.asked if INSIDE in one.call}
    rows = [row for row in page.answer.rows.to_pylist() if row["kind"] == "internal"]
    pages = {row["evidence"].partition("#")[0] for row in rows}
    assert pages <= told
    assert len(pages) == len(rows)


def test_old_balances_that_are_not_known_are_said_to_be_unknown(stage: Stage, scout: Scout) -> None:
    scout.archive = False
    page = asked_of(scout, question(stage))
    assert difference(stage.planted.rows, rows_of(page.answer.rows)) == NOTHING
    assert {one.amount for one in page.answer.balances} == {None}
    assert all("missing trie node" in one.reason for one in page.answer.balances)
    assert again(page).digest == page.answer.digest


def test_blobs_are_paid_for_as_the_receipt_says(stage: Stage, scout: Scout) -> None:
    thief = stage.planted.one("exploiter")
    (first, *_) = [row for row in stage.planted.rows if row.kind == "fee" and row.sender == thief]

    def with_blobs(name: str, query: Any, told: Any) -> Any:
        if (
            name == "rpc"
            and isinstance(told["result"], dict)
            and told["result"].get("transactionHash") == first.tx_hash
        ):
            return {**told, "result": {**told["result"], "blobGasUsed": "0x20000", "blobGasPrice": "0x7"}}
        return told

    scout.change = with_blobs
    rows = by_identity(asked_of(scout, question(stage, [thief])).answer.rows)
    assert from_bytes(rows[first.tx_hash, "fee", FEE_SEQ]["amount"]) == first.amount + 0x20000 * 7


def test_withdrawals_of_validators_stand_where_their_block_has_them(stage: Stage, scout: Scout) -> None:
    who = stage.planted.one("lone")
    told = {"index": "0x7", "validatorIndex": "0x1", "address": who, "amount": "0x5"}
    other = {**told, "index": "0x6", "address": stage.planted.one("relayer")}

    def withdrawing(name: str, query: Any, answer: Any) -> Any:
        if name == "withdrawals":
            row = {"index": 7, "validator_index": 1, "block_number": 20, "amount": str(5 * 10**9)}
            seconds = int(stage.node.rpc("eth_getBlockByNumber", "0x14", False)["timestamp"], 16)
            return {"items": [{**row, "timestamp": iso(seconds)}], "next_page_params": None}
        if name == "rpc" and isinstance(answer["result"], dict) and answer["result"].get("number") == "0x14":
            return {**answer, "result": {**answer["result"], "withdrawals": [other, told]}}
        return answer

    scout.change = withdrawing
    rows = asked_of(scout, question(stage, [who])).answer.rows.to_pylist()
    (row,) = [row for row in rows if row["kind"] == "withdrawal"]
    place = row["tx_hash"], row["block"], row["seq"], row["receiver"], from_bytes(row["amount"])
    assert place == ("withdrawal:7", 20, 1, who, 5 * 10**9)
    told["amount"] = "0x6"
    with pytest.raises(Contradiction, match="different withdrawals"):
        asked_of(scout, question(stage, [who]))


def iso(seconds: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")


@pytest.mark.parametrize("status", [404, 422])
def test_a_blockscout_that_lists_no_withdrawals_says_so_for_each_account(
    stage: Stage, scout: Scout, status: int
) -> None:
    with blockscout(scout) as fetcher:
        assert fetcher.way() == LISTS
    scout.change = lambda name, query, told: Response(status, b"{}") if name == "withdrawals" else told
    who = stage.planted.one("lone")
    with blockscout(scout) as fetcher:
        assert fetcher.way() == PLAIN
        answer = fetcher.ask(question(stage, [who], way=fetcher.way()), Kept()).answer
    assert [one.kind for one in answer.missing] == ["reward", "withdrawal"]
    assert "withdrawal" not in answer.covered[0].kinds
    assert difference(stage.planted.touching([who]), rows_of(answer.rows)) == NOTHING


def test_a_node_may_say_what_its_own_does_not(stage: Stage, scout: Scout) -> None:
    scout.change = lambda name, query, told: Response(404, b"no such module") if name == "rpc" else told
    with blockscout(scout, node=stage.node.url) as fetcher:
        assert fetcher.head().number >= stage.planted.last
        page = fetcher.ask(question(stage), Kept())
    assert same_rows(page.answer.rows, ask_node(stage).rows)
    assert again(page).digest == page.answer.digest


# ---- what is said beside the rows --------------------------------------------------------------------------------


def test_tokens_that_are_called_scams_are_in_the_rows_and_named(stage: Stage, scout: Scout) -> None:
    scam = next(iter(stage.planted.liars)).rpartition(":")[2]
    scout.scams = {scam}
    page = asked_of(scout, question(stage))
    assert same_rows(page.answer.rows, ask_node(stage).rows)
    assert page.answer.notes == (DOUBTED + scam,)
    assert scam in {asset.rpartition(":")[2] for asset in page.answer.rows["asset"].to_pylist()}


def test_without_the_header_scams_would_be_missing_and_receipts_tell(
    stage: Stage, scout: Scout, monkeypatch: pytest.MonkeyPatch
) -> None:
    scout.scams = {next(iter(stage.planted.liars)).rpartition(":")[2]}
    monkeypatch.setattr("chaintrace.fetch.blockscout.fetcher.ALL", {})
    with pytest.raises(Contradiction, match="different transfers"):
        asked_of(scout, question(stage))


def test_names_and_symbols_of_strangers_stand_in_no_note(stage: Stage, scout: Scout) -> None:
    def renamed(name: str, query: Any, told: Any) -> Any:
        for one in told["items"] if name == "token-transfers" else ():
            one["token"] |= {"symbol": "\x1b[2JUSDC\ud800", "name": "\n" * 9, "reputation": "\x1b]0;mine\x07"}
        return told

    scout.change = renamed
    answer = asked_of(scout, question(stage, [stage.planted.one("exploiter")])).answer
    assert answer.notes
    assert all(note.isprintable() and note.startswith(DOUBTED) for note in answer.notes)


@pytest.mark.parametrize(
    ("status", "result", "says"),
    [(None, "pending", "is pending"), ("error", "dropped/replaced", "was dropped or replaced")],
)
def test_what_is_in_no_block_is_left_out_and_said(
    stage: Stage, scout: Scout, status: str | None, result: str, says: str
) -> None:
    def waiting(name: str, query: Any, told: Any) -> Any:
        if name != "transactions" or "block_number" in query or not told["items"]:
            return told
        bare = {"block_number": None, "timestamp": None, "position": None, "gas_used": None}
        one = {**told["items"][0], **bare, "hash": "0x" + "5" * 64, "status": status, "result": result}
        return {**told, "items": [one, *told["items"]]}

    scout.change = waiting
    thief = stage.planted.one("exploiter")
    answer = asked_of(scout, question(stage, [thief])).answer
    assert difference(stage.planted.touching([thief]), rows_of(answer.rows)) == NOTHING
    assert answer.notes == (f"0x{'5' * 64} {says}: it is in no block, and left out",)


def test_a_wrapped_coin_that_was_not_named_is_left_out_and_said(stage: Stage, scout: Scout) -> None:
    who = stage.planted.roles["mule"][5]
    answer = asked_of(scout, question(stage, [who], wrappers=())).answer
    assert answer.notes == (UNNAMED + stage.planted.one("weth"),)
    assert same_rows(answer.rows, ask_node(stage, [who], wrappers=()).rows)


def test_a_failed_call_before_one_that_lasts_is_said(stage: Stage, scout: Scout) -> None:
    """Lists do not tell which call stands below which."""

    def failing(name: str, query: Any, told: Any) -> Any:
        for one in told["items"] if name in ("internal-transactions", "inside") else ():
            if one["index"] == 1:
                one |= {"success": False, "error": "Reverted"}
        return told

    scout.change = failing
    who = stage.planted.one("splitter")
    told = asked_of(scout, question(stage, [who])).answer.notes
    assert told == (UNDONE,)


@pytest.mark.parametrize("how", [{"value": "0"}, {"type": "delegatecall"}, {"type": "staticcall", "value": "0"}])
def test_calls_that_move_nothing_may_stand_in_one_list_only(stage: Stage, scout: Scout, how: dict[str, str]) -> None:
    """Explorers differ in which of them they list, and no row hangs on them."""

    def more(name: str, query: Any, told: Any) -> Any:
        if name != "internal-transactions" or not told["items"]:
            return told
        first = told["items"][0]
        return {**told, "items": [{**first, "index": first["index"] + 1_000, **how}, *told["items"]]}

    scout.change = more
    who = stage.planted.one("splitter")
    page = asked_of(scout, question(stage, [who]))
    assert same_rows(page.answer.rows, ask_node(stage, [who]).rows)
    assert any(b"1000" in body.data for body in page.bodies.values())
