"""An explorer that lies, lags or breaks is found out, or does no harm; wrong rows never come silently."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from chaintrace.errors import Contradiction, Malformed, ProviderError, Refused, TooLong
from chaintrace.fetch.etherscan_api.reply import Reply
from chaintrace.fetch.reply import Fault
from chaintrace.model.page import Answer
from chaintrace.testing.explorer import FAULTS, Explorer
from chaintrace.testing.truth import Row, difference, rows_of
from tests.fetch.etherscan_api.asking import NOTHING, Stage, asked_of, etherscan, question
from tests.fetch.rpc.asking import NATIVE

Lie = Callable[[dict[str, Any]], Any]


def tell(stage: Stage, explorer: Explorer, accounts: Any = None, **how: Any) -> str:
    """What comes of a fault: ``harmless``, or the name of the error. Anything else is wrong rows."""
    asked = question(stage, accounts)
    try:
        answer = asked_of(explorer, asked, **how).answer
    except ProviderError as error:
        return type(error).__name__
    truth = stage.planted.touching(asked.accounts, asked.first, asked.last)
    assert difference(truth, rows_of(answer.rows)) == NOTHING
    return "harmless"


EXPECTED = {
    "truncated": {"Malformed"},
    "error": {"Refused"},
    "duplicated": {"Contradiction"},
    "reordered": {"Contradiction"},
    "shrinking": {"harmless", "Contradiction"},
}


@pytest.mark.parametrize("fault", [one for one in FAULTS if one != "lagging"])
@pytest.mark.parametrize("cap", [3, 7, 1_000])
def test_faults_are_found_out_or_do_no_harm(stage: Stage, explorer: Explorer, fault: str, cap: int) -> None:
    explorer.fault, explorer.cap = fault, cap
    assert tell(stage, explorer) in EXPECTED[fault]


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


def test_lists_that_lag_behind_do_not_pass_for_the_whole(stage: Stage, explorer: Explorer) -> None:
    """What the explorer's node knows of the last blocks, its lists have to show, of whomever they are."""
    explorer.fault = "lagging"
    for account in stage.planted.accounts:
        with pytest.raises(Contradiction, match="the lists lag behind"):
            asked_of(explorer, question(stage, [account]))


def test_a_list_of_tokens_that_lags_behind_alone_is_found_out(stage: Stage, explorer: Explorer) -> None:
    def late(query: dict[str, str], told: Any) -> Any:
        if query["action"] != "tokentx" or int(query["endblock"]) < stage.planted.last - 10:
            return told
        return {"status": "0", "message": "No transactions found", "result": []}

    explorer.change = late
    with pytest.raises(Contradiction, match=r"account/tokentx .* the lists lag behind"):
        asked_of(explorer, question(stage, [stage.planted.one("heir")]))


def test_where_nothing_moved_shortly_before_that_is_said(stage: Stage, explorer: Explorer) -> None:
    number = next(row.block for row in stage.planted.rows if row.kind == "native") - 1
    digest = stage.node.rpc("eth_getBlockByNumber", hex(number), False)["hash"]
    where = {"first": 0, "since": 0, "last": number, "last_hash": digest, "final": number}
    answer = asked_of(explorer, question(stage, [stage.planted.one("heir")], **where)).answer
    assert [note for note in answer.notes if "could not be tried" in note]


def rows_where(action: str, change: Callable[[list[Any]], Any]) -> Callable[[dict[str, str], Any], Any]:
    def run(query: dict[str, str], told: Any) -> Any:
        if (
            query["action"] != action
            or "txhash" in query
            or not isinstance(told.get("result"), list)
            or not told["result"]
        ):
            return told
        rows = change(json.loads(json.dumps(told["result"], default=list)))
        return {"status": "1", "message": "OK", "result": rows} if rows else {
            "status": "0", "message": "No transactions found", "result": []
        }  # fmt: skip

    return run


def without_last(rows: list[Any]) -> list[Any]:
    return rows[:-1]


def without_first(rows: list[Any]) -> list[Any]:
    return rows[1:]


def more_value(rows: list[Any]) -> list[Any]:
    rows[-1]["value"] = str(int(rows[-1]["value"]) + 1)
    return rows


@pytest.mark.parametrize("change", [without_first, more_value])
@pytest.mark.parametrize("action", ["tokentx", "txlistinternal"])
def test_what_receipts_and_whole_transactions_contradict_is_found_out(
    stage: Stage, explorer: Explorer, action: str, change: Callable[[list[Any]], Any]
) -> None:
    """A row of an account's list is gone, or another, where it sent the transaction or was paid twice in it."""
    explorer.change = rows_where(action, change)
    who = {"tokentx": "exploiter", "txlistinternal": "splitter"}[action]
    assert tell(stage, explorer, [stage.planted.one(who)]) == "Contradiction"


def test_a_call_that_is_missing_from_all_lists_is_told_by_the_balance(stage: Stage, explorer: Explorer) -> None:
    explorer.change = rows_where("txlistinternal", without_last)
    thief = stage.planted.one("exploiter")
    answer = asked_of(explorer, question(stage, [thief])).answer
    missing, _ = difference(stage.planted.touching([thief]), rows_of(answer.rows))
    assert [row.kind for row in missing] == ["internal"]
    assert residual(stage, answer, thief, NATIVE) == missing[0].amount


@pytest.mark.parametrize("name", ["gasUsed", "gasPrice", "isError", "blockHash", "transactionIndex", "from", "hash"])
def test_a_transaction_that_its_receipt_tells_otherwise_is_found_out(
    stage: Stage, explorer: Explorer, name: str
) -> None:
    def change(rows: list[Any]) -> list[Any]:
        old = rows[0][name]
        rows[0][name] = old[:-1] + ("1" if old[-1] != "1" else "2") if old.startswith("0x") else str(int(old) ^ 1)
        if name == "isError":
            rows[0]["txreceipt_status"] = old
        return rows

    explorer.change = rows_where("txlist", change)
    assert tell(stage, explorer, [stage.planted.one("exploiter")]) in ("Contradiction", "Malformed", "Refused")


@pytest.mark.parametrize(
    "name", ["blockNumber", "timeStamp", "hash", "from", "value", "gasPrice", "gasUsed", "isError", "blockHash"]
)
@pytest.mark.parametrize("value", [None, "", "x", -1, 1.5, "1e3", "0x1g", "-1", [], "9" * 80])
def test_values_that_are_none_are_malformed(stage: Stage, explorer: Explorer, name: str, value: Any) -> None:
    def change(rows: list[Any]) -> list[Any]:
        rows[0][name] = value
        return rows

    explorer.change = rows_where("txlist", change)
    assert tell(stage, explorer, [stage.planted.one("exploiter")]) == "Malformed"


# ---- what explorers say with 200 ---------------------------------------------------------------------------------


SAYS: list[tuple[Any, str | list[Any]]] = [
    ({"status": "0", "message": "No transactions found", "result": []}, []),
    ({"status": "0", "message": "No records found", "result": []}, []),
    ({"status": "0", "message": "No token transfers found", "result": []}, []),
    ({"status": "0", "message": "No logs found", "result": None}, []),
    ({"status": "0", "message": "NOTOK", "result": "Max rate limit reached"}, "Max rate limit reached"),
    ({"status": "0", "message": "NOTOK", "result": []}, "NOTOK"),
    ({"status": "0", "message": "No data found yet, try later", "result": []}, "No data found yet, try later"),
    ({"status": "0", "message": "No transactions found", "result": "Invalid API Key"}, "Invalid API Key"),
    ({"status": "1", "message": "OK", "result": []}, "OK"),
    ({"status": "2", "message": "Not yet processed", "result": [{}]}, "Not yet processed"),
    ({"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": "no"}}, "no"),
    ({"status": "3", "message": "OK", "result": [{}]}, "Malformed"),
    ({"message": "OK", "result": [{}]}, "Malformed"),
    ({"status": "0", "result": "x"}, "Malformed"),
    ({"jsonrpc": "2.0", "id": 1}, "Malformed"),
    ([], "Malformed"),
    ("rate limit", "Malformed"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "means"), SAYS)
def test_only_what_is_known_to_be_empty_is_empty(told: Any, means: Any) -> None:
    data = json.dumps(told).encode()
    if means == "Malformed":
        with pytest.raises(Malformed):
            Reply("x", data)
        return
    found = Reply("x", data).told
    assert (found.message if isinstance(found, Fault) else found) == means


@pytest.mark.parametrize(
    "said", ["Error! Something", "Invalid API Key (#err2)", "Missing or unsupported chainid", "OK"]
)
def test_an_error_with_200_is_refused_and_shows_no_rows(stage: Stage, explorer: Explorer, said: str) -> None:
    explorer.change = lambda query, told: (
        {"status": "0", "message": "NOTOK", "result": said} if query["module"] == "account" else told
    )
    assert tell(stage, explorer, [stage.planted.one("exploiter")]) == "Refused"


def test_a_wrong_key_and_a_chain_that_is_not_there_are_refused(stage: Stage, explorer: Explorer) -> None:
    with etherscan(explorer, key="another") as fetcher, pytest.raises(Refused, match="Invalid API Key"):
        fetcher.block_of(stage.planted.thefts[0])
    with etherscan(explorer, chain="polygon") as fetcher, pytest.raises(Refused, match="chainid"):
        fetcher.block_of(stage.planted.thefts[0])


@pytest.mark.parametrize(
    "said", ["Result window is too large", "Query Timeout occured. Please select a smaller result"]
)
def test_what_is_too_much_at_once_is_asked_for_in_parts(stage: Stage, explorer: Explorer, said: str) -> None:
    def narrow(query: dict[str, str], told: Any) -> Any:
        if int(query.get("endblock", 0)) - int(query.get("startblock", 0)) > 9:
            return {"status": "0", "message": "NOTOK", "result": said}
        return told

    explorer.change = narrow
    assert tell(stage, explorer, stage.planted.roles["mule"]) == "harmless"


def test_a_block_that_fills_the_window_is_too_long(stage: Stage, explorer: Explorer) -> None:
    explorer.cap, explorer.window = 1, 2
    with pytest.raises(TooLong, match="alone has more rows"):
        asked_of(explorer, question(stage, [stage.planted.one("exploiter")]))
    explorer.cap, explorer.window = 1_000, 10_000
    with pytest.raises(TooLong, match="10 are taken"):
        asked_of(explorer, question(stage, [stage.planted.one("exploiter")]), most=10)


# ---- lists against receipts, one lie at a time -------------------------------------------------------------------


def first_twice(rows: list[Any]) -> list[Any]:
    return rows[:1] + rows


@pytest.mark.parametrize("action", ["txlist", "txlistinternal", "tokentx", "getLogs"])
def test_a_row_that_stands_there_twice_is_found_out(stage: Stage, explorer: Explorer, action: str) -> None:
    explorer.change = rows_where(action, first_twice)
    who = stage.planted.roles["mule"][5] if action == "getLogs" else stage.planted.one("exploiter")
    with pytest.raises(Contradiction):
        asked_of(explorer, question(stage, [who]))


def test_a_deposit_that_the_receipt_shows_and_the_logs_do_not_is_found_out(stage: Stage, explorer: Explorer) -> None:
    explorer.change = rows_where("getLogs", without_first)
    with pytest.raises(Contradiction, match="missing from the logs"):
        asked_of(explorer, question(stage, [stage.planted.roles["mule"][5]]))


def test_a_transaction_that_a_receipt_shows_and_the_list_does_not_is_found_out(
    stage: Stage, explorer: Explorer
) -> None:
    moving = {row.tx_hash for row in stage.planted.rows if row.kind == "token"}
    explorer.change = rows_where("txlist", lambda rows: [row for row in rows if row["hash"] not in moving])
    with pytest.raises(Contradiction, match="missing from the list"):
        asked_of(explorer, question(stage, [stage.planted.one("exploiter")]))
