"""A TronGrid that lies, lags or breaks is found out, or does no harm; wrong rows never come silently."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from chaintrace.errors import Contradiction, Malformed, ProviderError, Refused, TooLong
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.trongrid.call import ASCENDING
from chaintrace.fetch.trongrid.reply import Reply
from chaintrace.model.page import Answer
from chaintrace.testing.grid import FAULTS, Grid
from chaintrace.testing.tronned import hexed, named
from chaintrace.testing.truth import Row, difference, rows_of
from tests.fetch.trongrid.asking import NATIVE, NOTHING, Stage, as_tron, asked_of, asset, in_list, question, trongrid

LISTS = ("transactions", "transactions/trc20", "internal-transactions")


def tell(stage: Stage, grid: Grid, accounts: Any = None, **how: Any) -> str:
    """What comes of a fault: ``harmless``, or the name of the error. Anything else is wrong rows."""
    some = stage.planted.accounts if accounts is None else accounts
    try:
        answer = asked_of(grid, question(stage, some), **how).answer
    except ProviderError as error:
        return type(error).__name__
    assert difference(as_tron(stage.planted.touching(some)), rows_of(answer.rows)) == NOTHING
    return "harmless"


EXPECTED = {
    "truncated": {"Malformed"},
    "error": {"Refused"},
    "duplicated": {"Contradiction"},
    "reordered": {"Contradiction"},
    "overlapping": {"harmless", "Contradiction"},
    "shrinking": {"harmless"},
    "looping": {"harmless", "Contradiction"},
    "cut": {"harmless", "Contradiction"},
}


@pytest.mark.parametrize("fault", [one for one in FAULTS if one != "lagging"])
@pytest.mark.parametrize("cap", [3, 7, 200])
def test_faults_are_found_out_or_do_no_harm(stage: Stage, grid: Grid, fault: str, cap: int) -> None:
    grid.fault, grid.cap = fault, cap
    expected = EXPECTED[fault]
    if "harmless" in expected and fault != "shrinking":
        expected = {"harmless"} if cap == 200 else {"Contradiction"}
    assert tell(stage, grid) in expected


def residual(stage: Stage, answer: Answer, account: str, asset: str) -> int | None:
    """What the chain says that the account gained, less what the rows say; None where the chain does not say."""
    held = {one.block: one.amount for one in answer.balances if (one.account, one.asset) == (account, asset)}
    before, after = held.get(stage.planted.first - 1), held.get(stage.planted.last)
    if before is None or after is None:
        return None
    return after - before - gain(stage, rows_of(answer.rows), account, asset)


def gain(stage: Stage, rows: Iterable[Row], account: str, asset: str) -> int:
    found = (row for row in rows if row.asset == asset and row.block >= stage.planted.first)
    return sum(row.amount * ((row.receiver == account) - (row.sender == account)) for row in found)


def test_lists_that_lag_behind_do_not_pass_for_the_whole(stage: Stage, grid: Grid) -> None:
    """Where a block or a log shows what a list lacks that is a contradiction; else the balance says that coins are
    missing."""
    grid.fault = "lagging"
    lacking = 0
    for account in stage.planted.accounts:
        try:
            answer = asked_of(grid, question(stage, [account])).answer
        except ProviderError:
            continue
        missing, extra = difference(as_tron(stage.planted.touching([account])), rows_of(answer.rows))
        assert not extra
        if gain(stage, missing, named(account), NATIVE):
            lacking += 1
            assert residual(stage, answer, named(account), NATIVE) == gain(stage, missing, named(account), NATIVE)
    assert lacking > 5


def without_last(rows: list[Any]) -> list[Any]:
    return rows[:-1]


def without_first(rows: list[Any]) -> list[Any]:
    return rows[1:]


@pytest.mark.parametrize("change", [without_first, without_last])
@pytest.mark.parametrize("method", LISTS)
def test_a_row_that_is_missing_is_found_out_or_told_by_the_balance(
    stage: Stage, grid: Grid, method: str, change: Callable[[list[Any]], Any]
) -> None:
    grid.change = in_list(method, change)
    who = stage.planted.one("exploiter")
    try:
        answer = asked_of(grid, question(stage, [who])).answer
    except Contradiction:
        return
    missing, extra = difference(as_tron(stage.planted.touching([who])), rows_of(answer.rows))
    assert missing
    assert not extra
    assert {row.asset for row in missing if not residual(stage, answer, named(who), row.asset)} == set()


def test_a_transfer_that_is_listed_once_and_happened_twice_is_found_out(stage: Stage, grid: Grid) -> None:
    def once(rows: list[Any]) -> list[Any]:
        return [row for n, row in enumerate(rows) if row not in rows[:n]]

    grid.change = in_list("transactions/trc20", once)
    with pytest.raises(Contradiction, match="different transfers"):
        asked_of(grid, question(stage, [stage.planted.one("exploiter")]))


@pytest.mark.parametrize("method", ["transactions/trc20", "internal-transactions"])
def test_another_amount_in_a_list_is_found_out(stage: Stage, grid: Grid, method: str) -> None:
    def more(rows: list[Any]) -> list[Any]:
        if "value" in rows[-1]:
            rows[-1]["value"] = str(int(rows[-1]["value"]) + 1)
        else:
            rows[-1]["data"]["call_value"]["_"] += 1
        return rows

    grid.change = in_list(method, more)
    with pytest.raises(Contradiction):
        asked_of(grid, question(stage, [stage.planted.one("exploiter")]))


def _set(*way: Any) -> Callable[[Any, Any], None]:
    def run(row: Any, value: Any) -> None:
        for name in way[:-1]:
            row = row[name]
        row[way[-1]] = value

    return run


VALUE = ("raw_data", "contract", 0, "parameter", "value")
OTHER = {
    ("txID",): "1" * 64,
    ("ret", 0, "contractRet"): "REVERT",
    ("ret", 0, "fee"): 2**70,
    ("blockNumber",): 3,
    ("block_timestamp",): 1_648_036_800_000,
    ("raw_data", "contract", 0, "type"): "FreezeBalanceV2Contract",
    (*VALUE, "owner_address"): hexed("0x" + "7" * 40),
    (*VALUE, "amount"): 5,
    (*VALUE, "call_value"): 5,
}


@pytest.mark.parametrize("way", OTHER)
def test_a_transaction_that_its_block_or_its_logs_tell_otherwise_is_found_out(
    stage: Stage, grid: Grid, way: tuple[Any, ...]
) -> None:
    def change(rows: list[Any]) -> list[Any]:
        kinds = {"amount": "TransferContract"}
        wanted = kinds.get(way[-1], "TriggerSmartContract")
        row = next((row for row in rows if row["raw_data"]["contract"][0]["type"] == wanted), None)
        if row is not None:
            _set(*way)(row, OTHER[way])
        return rows

    grid.change = in_list("transactions", change)
    assert tell(stage, grid, [stage.planted.one("exploiter")]) in ("Contradiction", "Malformed")


def test_a_time_that_is_not_the_block_s_is_found_out(stage: Stage, grid: Grid) -> None:
    def change(rows: list[Any]) -> list[Any]:
        for row in rows:
            row["block_timestamp"] += 1
        return rows

    for method, role in (("transactions", "end"), ("transactions/trc20", "exploiter")):
        grid.change = in_list(method, change)
        with pytest.raises(Contradiction, match=r"another in its block|two times"):
            asked_of(grid, question(stage, [stage.planted.roles[role][0]], last=stage.planted.last - 1))


@pytest.mark.parametrize("method", ["transactions", "internal-transactions"])
def test_what_has_a_name_and_is_listed_twice_is_found_out(stage: Stage, grid: Grid, method: str) -> None:
    """Even long before the first block."""
    twice = in_list(method, lambda rows: rows[:1] + rows)

    def change(path: str, asked: dict[str, Any], told: Any) -> Any:
        return twice(path, asked, told) if asked.get("order_by") == ASCENDING else told

    grid.change = change
    who = stage.planted.roles["stranger"][4] if method == "transactions" else stage.planted.one("splitter")
    with pytest.raises(Contradiction, match="shows one thing twice"):
        asked_of(grid, question(stage, [who], first=stage.planted.last))


@pytest.mark.parametrize("of", ["somebody else", "another time"])
def test_a_row_that_was_not_asked_for_is_malformed(stage: Stage, grid: Grid, of: str) -> None:
    who = stage.planted.one("exploiter")

    def change(rows: list[Any]) -> list[Any]:
        row = rows[-1]
        if of == "another time":
            row["block_timestamp"] = 10**13
        else:
            row["from" if row["from"] == named(who) else "to"] = named("0x" + "7" * 40)
        return rows

    grid.change = in_list("transactions/trc20", change)
    assert tell(stage, grid, [who]) == "Malformed"


def test_a_whole_transaction_that_its_block_tells_otherwise_is_found_out(stage: Stage, grid: Grid) -> None:
    def change(path: str, asked: dict[str, Any], told: Any) -> Any:
        if path != "wallet/gettransactionbyid":
            return told
        copied = json.loads(json.dumps(told))
        copied["raw_data"]["contract"][0]["parameter"]["value"]["call_value"] = 5
        return copied

    grid.change = change
    with pytest.raises(Contradiction, match="told in two ways"):
        asked_of(grid, question(stage, (), transactions=stage.planted.thefts))


def test_blocks_whose_time_runs_backwards_are_a_contradiction(stage: Stage, grid: Grid) -> None:
    first = stage.planted.first

    def change(path: str, asked: dict[str, Any], told: Any) -> Any:
        if path != "wallet/getblock" or asked["id_or_num"] != str(first):
            return told
        copied = json.loads(json.dumps(told))
        copied["block_header"]["raw_data"]["timestamp"] = 10**13
        return copied

    grid.change = change
    with pytest.raises(Contradiction, match="no later than"):
        asked_of(grid, question(stage, (), first=first))


WAYS = (
    ("txID",), ("blockNumber",), ("block_timestamp",), ("raw_data",), ("raw_data", "contract"), ("ret", 0, "fee"),
    (*VALUE, "owner_address"),
)  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("value", ["", "x", -1, 1.5, "1e3", [], "9" * 80, True])
def test_values_that_are_none_are_malformed(stage: Stage, grid: Grid, way: tuple[Any, ...], value: Any) -> None:
    def change(rows: list[Any]) -> list[Any]:
        _set(*way)(rows[0], value)
        return rows

    grid.change = in_list("transactions", change)
    assert tell(stage, grid, [stage.planted.one("exploiter")]) == "Malformed"


def test_a_block_that_has_the_id_of_another_is_malformed(stage: Stage, grid: Grid) -> None:
    def change(path: str, asked: dict[str, Any], told: Any) -> Any:
        return {**told, "blockID": "f" * 64} if path == "wallet/getblockbynum" else told

    grid.change = change
    assert tell(stage, grid, [stage.planted.one("exploiter")]) == "Malformed"


def test_a_block_that_lacks_a_transaction_is_found_out(stage: Stage, grid: Grid) -> None:
    def change(path: str, asked: dict[str, Any], told: Any) -> Any:
        return {**told, "transactions": told["transactions"][1:]} if path == "wallet/getblockbynum" else told

    grid.change = change
    assert tell(stage, grid, [stage.planted.one("exploiter")]) == "Contradiction"


def test_a_transaction_that_a_block_shows_and_the_list_does_not_is_found_out(stage: Stage, grid: Grid) -> None:
    """Of several in one block."""
    who = stage.planted.one("exploiter")
    blocks = [one["blockNumber"] for one in grid.tron.sent if who in one["_parties"]]
    twice = next(one for one in blocks if blocks.count(one) > 1)

    def change(rows: list[Any]) -> list[Any]:
        found = [row for row in rows if row["blockNumber"] == twice][:1]
        return [row for row in rows if row["blockNumber"] != twice or row in found]

    grid.change = in_list("transactions", change)
    with pytest.raises(Contradiction, match=r"missing from (a list|another)"):
        asked_of(grid, question(stage, [who]))


def test_a_history_that_is_too_long_is_told_so(stage: Stage, grid: Grid) -> None:
    with pytest.raises(TooLong) as caught:
        asked_of(grid, question(stage, [stage.planted.one("exploiter")]), most=5)
    assert caught.value.accounts == (named(stage.planted.one("exploiter")),)


def test_what_a_contract_will_not_say_is_said_to_be_unknown(stage: Stage, grid: Grid) -> None:
    def change(path: str, asked: dict[str, Any], told: Any) -> Any:
        if path == "walletsolidity/triggerconstantcontract":
            return {"result": {"result": True, "message": "REVERT opcode executed"}, "constant_result": ["08c379a0"]}
        return {"Error": "class java.lang.Exception : no"} if path == "walletsolidity/getaccount" else told

    grid.change = change
    answer = asked_of(grid, question(stage, [stage.planted.one("exploiter")])).answer
    last = [one for one in answer.balances if one.block == stage.planted.last]
    assert len(last) > 1
    assert all(one.amount is None and one.reason for one in last)
    assert all(one.amount is not None for one in answer.balances if one.block < stage.planted.last)


def test_an_account_that_moves_while_it_is_asked_for_is_asked_again(stage: Stage, grid: Grid) -> None:
    """The head grows by two blocks, in which the account pays, after what it holds was told."""
    who, solid = stage.planted.roles["stranger"][0], grid.solid
    paid = max(one["blockNumber"] for one in grid.tron.sent if who in one["_parties"])

    def change(path: str, asked: dict[str, Any], told: Any) -> Any:
        if path == "walletsolidity/getaccount":
            grid.solid = solid
        return told

    grid.change, grid.solid = change, paid - 1
    plain = question(stage, [who], last=paid - 2, final=paid - 2)
    told = {one.block: one.amount for one in asked_of(grid, plain).answer.balances if one.asset == NATIVE}
    assert grid.calls["/walletsolidity/getaccount"] == 2
    truth = int(stage.node.rpc("eth_getBalance", who, hex(paid - 2)), 16)
    assert told[paid - 2] == truth


ODD = {
    "parties that are not indexed": lambda ends, word: ([], [*ends, word]),
    "one party that is indexed": lambda ends, word: (ends[:1], [ends[1], word]),
    "a transfer of TRC-721": lambda ends, word: ([*ends, word], []),
}


@pytest.mark.parametrize("how", ODD)
def test_a_transfer_that_is_listed_and_oddly_told_is_rejected_and_stops_nobody(
    stage: Stage, grid: Grid, how: str
) -> None:
    """A token that anybody may hand out."""
    who, scam = stage.planted.roles["mule"][3], stage.planted.one("scam")[2:]

    def change(path: str, asked: dict[str, Any], told: Any) -> Any:
        if path != "wallet/gettransactioninfobyid":
            return told
        copied = json.loads(json.dumps(told))
        for log in copied.get("log", ()):
            if log["address"] == scam:
                topics, data = ODD[how](log["topics"][1:], log["data"])
                log["topics"], log["data"] = [log["topics"][0], *topics], "".join(data)
        return copied

    grid.change = change
    answer = asked_of(grid, question(stage, [who])).answer
    assert sum(answer.rejected.counts.values()) == 1
    missing, extra = difference(as_tron(stage.planted.touching([who])), rows_of(answer.rows))
    assert not extra
    assert {row.asset for row in missing} == {asset(f"eip155:1/erc20:0x{scam}")}


@pytest.mark.parametrize("about", [{"symbol": 5, "decimals": "six"}, {"symbol": None, "decimals": 2**300}, {}])
def test_what_a_token_says_of_itself_stops_nobody(stage: Stage, grid: Grid, about: dict[str, Any]) -> None:
    who = stage.planted.roles["mule"][3]

    def change(rows: list[Any]) -> list[Any]:
        for row in rows:
            row["token_info"] = {"address": row["token_info"]["address"], **about}
        return rows

    grid.change = in_list("transactions/trc20", change)
    answer = asked_of(grid, question(stage, [who])).answer
    assert difference(as_tron(stage.planted.touching([who])), rows_of(answer.rows)) == NOTHING
    assert {(one.symbol, one.decimals) for one in answer.metadata} == {("", None)}


# ---- what is said with 200 ---------------------------------------------------------------------------------------


SAYS: list[tuple[Any, str | None]] = [
    ({"success": False, "error": "Invalid address", "statusCode": 400}, "Invalid address"),
    ({"Success": False, "Error": "The key exceeds the frequency limit", "StatusCode": 403}, "The key exceeds"),
    ({"Error": "class java.lang.NumberFormatException"}, "class java.lang"),
    ({"success": False}, ""),
    ({"data": [], "success": True, "meta": {}}, None),
    ({}, None),
    ([], "Malformed"),
    ("busy", "Malformed"),
    (None, "Malformed"),
]


@pytest.mark.parametrize(("told", "means"), SAYS)
def test_what_did_not_go_well_is_a_fault(told: Any, means: str | None) -> None:
    data = json.dumps(told).encode()
    if means == "Malformed":
        with pytest.raises(Malformed):
            Reply("x", data)
        return
    found = Reply("x", data).at(0)
    if means is None:
        assert found == told
    else:
        assert isinstance(found, Fault)
        assert found.message.startswith(means)


@pytest.mark.parametrize(
    "said",
    [{"success": False, "error": "no"}, {"Error": "no"}, {"data": [], "success": None, "meta": {}}, {"data": []}, {}],
)
def test_no_list_is_no_empty_list(stage: Stage, grid: Grid, said: Any) -> None:
    grid.change = lambda path, asked, told: said if path.startswith("v1") else told
    assert tell(stage, grid, [stage.planted.one("exploiter")]) in ("Refused", "Malformed")


def test_a_wrong_key_is_refused(stage: Stage, grid: Grid) -> None:
    with trongrid(grid, key="another") as fetcher, pytest.raises(Refused, match="ApiKey"):
        fetcher.block_of(stage.planted.thefts[0][2:])
