"""The local TronGrid answers as TronGrid and java-tron are described: forms, filters, pages, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from chaintrace.testing.grid import Grid
from chaintrace.testing.tronned import GENESIS, hexed, named
from tests.testing.conftest import Stage

KEY = "k3y"


@pytest.fixture(scope="module")
def grid(stage: Stage) -> Iterator[Grid]:
    with Grid(stage.node, key=KEY) as grid:
        yield grid


def get(grid: Grid, path: str, **query: Any) -> Any:
    return requests.get(f"{grid.url}/{path}", query, headers={"TRON-PRO-API-KEY": KEY}, timeout=20).json()


def post(grid: Grid, path: str, **asked: Any) -> Any:
    return requests.post(f"{grid.url}/{path}", json=asked, headers={"TRON-PRO-API-KEY": KEY}, timeout=20).json()


def transactions(grid: Grid, stage: Stage, **query: Any) -> list[Any]:
    rows: list[Any] = get(grid, f"v1/accounts/{named(stage.planted.one('exploiter'))}/transactions", **query)["data"]
    return rows


def test_blocks_are_told_by_number_by_id_and_by_their_place_at_the_end(grid: Grid) -> None:
    block = post(grid, "wallet/getblockbynum", num=24)
    assert block["blockID"].startswith(f"{24:016x}")
    assert post(grid, "wallet/getblockbyid", value=block["blockID"]) == block
    assert post(grid, "wallet/getblock", id_or_num="24", detail=True) == block
    head = post(grid, "wallet/getblock", id_or_num="24", detail=False)
    assert head == {name: value for name, value in block.items() if name != "transactions"}
    below = post(grid, "wallet/getblockbynum", num=23)
    assert block["block_header"]["raw_data"]["parentHash"] == below["blockID"]
    assert post(grid, "wallet/getblockbynum", num=10**6) == {}
    assert post(grid, "wallet/getnowblock")["block_header"]["raw_data"]["number"] == grid.seen.last
    assert post(grid, "walletsolidity/getnowblock")["block_header"]["raw_data"]["number"] == grid.solid
    first = post(grid, "wallet/getblockbynum", num=0)
    assert first["blockID"].endswith(GENESIS)
    assert "number" not in first["block_header"]["raw_data"]


def test_what_transactions_did_is_told_one_by_one_and_block_by_block(grid: Grid) -> None:
    block = post(grid, "wallet/getblockbynum", num=24)
    told = post(grid, "wallet/gettransactioninfobyblocknum", num=24)
    assert [one["id"] for one in told] == [one["txID"] for one in block["transactions"]]
    for one, info in zip(block["transactions"], told, strict=True):
        assert post(grid, "wallet/gettransactionbyid", value=one["txID"]) == one
        assert post(grid, "wallet/gettransactioninfobyid", value=one["txID"]) == info
    assert post(grid, "wallet/gettransactioninfobyid", value="1" * 64) == {}


def test_lists_are_newest_first_in_pages_of_twenty(grid: Grid, stage: Stage) -> None:
    rows = transactions(grid, stage)
    times = [row["block_timestamp"] for row in rows]
    assert len(rows) == 20
    assert times == sorted(times, reverse=True)
    upwards = transactions(grid, stage, order_by="block_timestamp,asc", limit=200)
    assert [row["block_timestamp"] for row in upwards] == sorted(row["block_timestamp"] for row in upwards)
    some = transactions(grid, stage, min_timestamp=times[5], max_timestamp=times[2], limit=200)
    assert {row["block_timestamp"] for row in some} <= set(times[2:6])


def test_inner_calls_stand_in_the_list_unless_told_otherwise(grid: Grid, stage: Stage) -> None:
    def own(rows: list[Any]) -> list[Any]:
        return [row for row in rows if "internal_tx_id" in row]

    assert own(transactions(grid, stage, limit=200))
    assert not own(transactions(grid, stage, limit=200, search_internal="false"))


def test_a_list_may_be_of_one_direction(grid: Grid, stage: Stage) -> None:
    whole, sent, got = (
        transactions(grid, stage, limit=200, search_internal="false", **how)
        for how in ({}, {"only_from": "true"}, {"only_to": "true"})
    )
    owners = {row["raw_data"]["contract"][0]["parameter"]["value"]["owner_address"] for row in sent}
    assert owners == {hexed(stage.planted.one("exploiter"))}
    assert len(sent) + len(got) == len(whole)
    assert got


def test_a_fingerprint_goes_on_with_the_same_filters_and_no_others(grid: Grid, stage: Stage) -> None:
    path = f"v1/accounts/{named(stage.planted.one('exploiter'))}/transactions"
    first = get(grid, path, limit=7)
    then = get(grid, path, limit=7, fingerprint=first["meta"]["fingerprint"])
    assert [*first["data"], *then["data"]] == transactions(grid, stage, limit=14)
    other = get(grid, path, limit=7, only_to="true", fingerprint=first["meta"]["fingerprint"])
    assert other == {"success": False, "error": "fingerprint does not match the parameters", "statusCode": 400}


def test_an_account_is_told_with_its_tokens_in_any_form(grid: Grid, stage: Stage) -> None:
    who = stage.planted.roles["mule"][1]
    (told,) = get(grid, f"v1/accounts/{named(who)}")["data"]
    assert told == get(grid, f"v1/accounts/{hexed(who)}")["data"][0]
    balance = int(stage.node.rpc("eth_getBalance", who, "latest"), 16)
    assert told["balance"] == balance == post(grid, "wallet/getaccount", address=hexed(who))["balance"]
    assert {name for one in told["trc20"] for name in one} >= {named(stage.planted.one("usdc"))}


def test_events_are_told_by_transaction_by_contract_and_of_the_last_block(grid: Grid, stage: Stage) -> None:
    usdc = named(stage.planted.one("usdc"))
    rows = get(grid, f"v1/contracts/{usdc}/events", limit=200)["data"]
    assert {row["event_name"] for row in rows} == {"Transfer", "Approval"}
    one = get(grid, f"v1/transactions/{stage.planted.thefts[1][2:]}/events")["data"]
    assert [(row["contract_address"], row["event_name"]) for row in one] == [(usdc, "Transfer")]
    assert get(grid, "v1/blocks/latest/events")["data"] == []


def test_json_rpc_knows_the_last_block_only(grid: Grid, stage: Stage) -> None:
    def ask(method: str, *params: Any) -> Any:
        return post(grid, "jsonrpc", jsonrpc="2.0", id=1, method=method, params=params)

    who = stage.planted.roles["mule"][1]
    assert ask("eth_chainId")["result"] == f"0x{GENESIS}"
    assert ask("eth_getBalance", who, "latest")["result"] == stage.node.rpc("eth_getBalance", who, "latest")
    assert "QUANTITY not supported" in ask("eth_getBalance", who, "0x3")["error"]["message"]


def test_what_is_not_there_and_who_has_no_key(grid: Grid) -> None:
    assert get(grid, "v1/nothing")["success"] is False
    assert get(grid, "v1/accounts/T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwx")["success"] is False
    assert requests.get(f"{grid.url}/v1/accounts/x", timeout=20).status_code == 401
    assert requests.get(f"{grid.url}/other", headers={"TRON-PRO-API-KEY": KEY}, timeout=20).status_code == 404
