"""A Blockscout that lies, lags or breaks is found out, or does no harm; wrong rows never come silently."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from chaintrace.errors import Contradiction, Malformed, ProviderError, RateLimited, Refused, TooLong
from chaintrace.fetch.blockscout.reply import Reply
from chaintrace.fetch.reply import Fault
from chaintrace.model.page import Nothing
from chaintrace.testing.front import LAG, Response
from chaintrace.testing.scout import FAULTS, Scout
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.blockscout.asking import NOTHING, Stage, asked_of, blockscout, question
from tests.fetch.etherscan_api.test_lies import gain, residual
from tests.fetch.rpc.asking import NATIVE

LISTS = ("transactions", "internal-transactions", "token-transfers")


def tell(stage: Stage, scout: Scout, accounts: Any = None, **how: Any) -> str:
    """What comes of a fault: ``harmless``, or the name of the error. Anything else is wrong rows."""
    asked = question(stage, accounts)
    try:
        answer = asked_of(scout, asked, **how).answer
    except ProviderError as error:
        return type(error).__name__
    truth = stage.planted.touching(asked.accounts, asked.first, asked.last)
    assert difference(truth, rows_of(answer.rows)) == NOTHING
    return "harmless"


EXPECTED = {
    "truncated": "Malformed",
    "error": "Refused",
    "duplicated": "Contradiction",
    "reordered": "Contradiction",
    "overlapping": "Contradiction",
    "shrinking": "harmless",
    "looping": "Contradiction",
    "skipping": "Contradiction",
    "lagging": "Contradiction",
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("cap", [1, 7])
def test_faults_are_found_out_or_do_no_harm(stage: Stage, scout: Scout, fault: str, cap: int) -> None:
    scout.fault, scout.cap = fault, cap
    some = [stage.planted.one("exploiter"), stage.planted.one("splitter")]
    expected = "harmless" if (fault, cap) == ("reordered", 1) else EXPECTED[fault]
    assert tell(stage, scout, some) == expected


def test_a_loop_ends_after_two_pages(stage: Stage, scout: Scout) -> None:
    scout.fault, scout.cap = "looping", 7
    assert tell(stage, scout, [stage.planted.one("exploiter")]) == "Contradiction"
    assert scout.calls["transactions"] == 2


def test_tables_that_lag_behind_are_found_out_by_the_last_block(stage: Stage, scout: Scout) -> None:
    scout.fault = "lagging"
    with pytest.raises(Contradiction, match="lag behind"):
        asked_of(scout, question(stage, [stage.planted.one("lone")]))


def test_lists_that_lag_behind_the_other_tables_are_told_by_the_balance(stage: Stage, scout: Scout) -> None:
    """Where nothing else tells: an account that was only paid."""
    last = stage.planted.last - LAG
    scout.change = lists_where(lambda rows: [one for one in rows if one["block_number"] <= last])
    lacking = 0
    for account in stage.planted.accounts:
        try:
            answer = asked_of(scout, question(stage, [account])).answer
        except ProviderError:
            continue
        missing, extra = difference(stage.planted.touching([account]), rows_of(answer.rows))
        assert not extra
        if gain(stage, missing, account, NATIVE):
            lacking += 1
            assert residual(stage, answer, account, NATIVE) == gain(stage, missing, account, NATIVE)
    assert lacking > 5


Change = Callable[[list[Any]], list[Any]]


def lists_where(change: Change, *names: str) -> Callable[[str, Any, Any], Any]:
    """What lists of accounts tell, changed; those of transactions' calls stay as they are."""

    def run(name: str, query: Any, told: Any) -> Any:
        if name not in (names or LISTS) or not told["items"]:
            return told
        return {**told, "items": change(json.loads(json.dumps(told["items"])))}

    return run


def without_last(rows: list[Any]) -> list[Any]:
    return rows[:-1]


def first_twice(rows: list[Any]) -> list[Any]:
    return rows[:1] + rows


def more_value(rows: list[Any]) -> list[Any]:
    if "total" in rows[-1]:
        rows[-1]["total"]["value"] = str(int(rows[-1]["total"].get("value", "0")) + 1)
    else:
        rows[-1]["value"] = str(int(rows[-1]["value"]) + 1)
    return rows


@pytest.mark.parametrize("change", [without_last, more_value, first_twice])
@pytest.mark.parametrize("name", ["token-transfers", "internal-transactions"])
def test_what_receipts_and_whole_transactions_contradict_is_found_out(
    stage: Stage, scout: Scout, name: str, change: Change
) -> None:
    who = {"token-transfers": "exploiter", "internal-transactions": "splitter"}[name]
    scout.change = lists_where(change, name)
    assert tell(stage, scout, [stage.planted.one(who)]) == "Contradiction"


def test_a_call_that_is_missing_from_all_lists_is_told_by_the_balance(stage: Stage, scout: Scout) -> None:
    thief = stage.planted.one("exploiter")
    empty = {"items": [], "next_page_params": None}
    scout.change = lambda name, query, told: empty if name == "internal-transactions" else told
    answer = asked_of(scout, question(stage, [thief])).answer
    missing, _ = difference(stage.planted.touching([thief]), rows_of(answer.rows))
    assert [row.kind for row in missing] == ["internal"]
    assert residual(stage, answer, thief, NATIVE) == missing[0].amount


@pytest.mark.parametrize("name", ["gas_used", "status", "position", "block_number", "hash", "from", "created_contract"])
def test_a_transaction_that_its_receipt_tells_otherwise_is_found_out(stage: Stage, scout: Scout, name: str) -> None:
    other = {"hash": "0x" + "7" * 40}
    to = {"gas_used": "1", "status": "error", "hash": "0x" + "1" * 64, "from": other, "created_contract": other}

    def change(rows: list[Any]) -> list[Any]:
        rows[0][name] = rows[0][name] + 1 if name in ("position", "block_number") else to[name]
        if name == "created_contract":
            rows[0]["to"] = None
        return rows

    scout.change = lists_where(change, "transactions")
    assert tell(stage, scout, [stage.planted.one("exploiter")]) in ("Contradiction", "Malformed")


def test_a_transfer_stands_in_the_log_that_it_names(stage: Stage, scout: Scout) -> None:
    def change(rows: list[Any]) -> list[Any]:
        rows[0]["log_index"] += 1_000
        return rows

    scout.change = lists_where(change, "token-transfers")
    with pytest.raises(Contradiction, match="has no log"):
        asked_of(scout, question(stage, [stage.planted.one("exploiter")]))


SPOILT: dict[str, str] = {
    "transactions": "hash block_number timestamp position status value from to gas_used",
    "internal-transactions": "block_number timestamp transaction_hash index type success value from transaction_index",
    "token-transfers": "block_number timestamp transaction_hash log_index from to token total block_hash",
}
NONE = ["", "x", -1, 1.5, "1e3", "0x1g", "-1", [], "9" * 80, {"hash": "0x1"}]


@pytest.mark.parametrize("value", NONE)
@pytest.mark.parametrize("name", LISTS)
def test_values_that_are_none_are_malformed(stage: Stage, scout: Scout, name: str, value: Any) -> None:
    for member in SPOILT[name].split():

        def change(rows: list[Any], member: str = member) -> list[Any]:
            rows[0][member] = value
            return rows

        scout.change = lists_where(change, name)
        assert tell(stage, scout, [stage.planted.one("exploiter")]) == "Malformed", member


NEEDED = {
    "transactions": "hash block_number timestamp from value",
    "internal-transactions": "block_number timestamp transaction_hash index type success value from to",
    "token-transfers": "block_number timestamp transaction_hash log_index from to token total",
}


@pytest.mark.parametrize("name", LISTS)
def test_each_member_that_is_gone_is_malformed_or_does_no_harm(stage: Stage, scout: Scout, name: str) -> None:
    thief = [stage.planted.one("exploiter")]
    members, needed = asked_members(scout, name, thief[0]), NEEDED[name].split()
    assert set(needed) <= members
    for member in sorted(members):

        def change(rows: list[Any], member: str = member) -> list[Any]:
            del rows[0][member]
            return rows

        scout.change = lists_where(change, name)
        came = tell(stage, scout, thief)
        assert came == "Malformed" or (member not in needed and came in ("harmless", "Contradiction")), member


def asked_members(scout: Scout, name: str, account: str) -> set[str]:
    rows = scout._rows[{"transactions": "sent", "internal-transactions": "inside", "token-transfers": "moved"}[name]]
    return set(next(scout._shown(name, row) for _, row in rows if account in row["_parties"]))


# ---- keys of pages -----------------------------------------------------------------------------------------------


def key(told: Any) -> Callable[[str, Any, Any], Any]:
    def run(name: str, query: Any, answer: Any) -> Any:
        return {**answer, "next_page_params": told} if name == "transactions" else answer

    return run


@pytest.mark.parametrize("told", [7, "x", [1], {"a": [1]}, {"a": {}}, {"a": 1.5}, {"a": 2**300}, {"a": "x" * 3_000}])
def test_a_key_that_is_none_is_malformed(stage: Stage, scout: Scout, told: Any) -> None:
    scout.change = key(told)
    assert tell(stage, scout, [stage.planted.one("exploiter")]) == "Malformed"


def test_a_page_that_does_not_say_whether_there_is_another_is_malformed(stage: Stage, scout: Scout) -> None:
    scout.change = lambda name, query, told: {"items": told["items"]} if name == "transactions" else told
    assert tell(stage, scout, [stage.planted.one("exploiter")]) == "Malformed"


def test_a_key_may_hold_anything_and_comes_back_as_it_was(stage: Stage, scout: Scout) -> None:
    told: Any = {"block_number": None, "cursor": "é&=?#%00+ \U0001f600", "old": True, "n": -3, "x": 2**200}
    seen: list[Any] = []

    def run(name: str, query: Any, answer: Any) -> Any:
        if name != "transactions":
            return answer
        seen.append(dict(query))
        rest = {"items": [], "next_page_params": None}
        return rest if "cursor" in query else {**answer, "next_page_params": told}

    scout.change = run
    assert tell(stage, scout, [stage.planted.one("exploiter")]) == "harmless"
    assert {name: seen[1][name] for name in told} == {
        "block_number": "null", "cursor": told["cursor"], "old": "true", "n": "-3", "x": str(2**200),
    }  # fmt: skip
    assert seen[0]["items_count"] == seen[1]["items_count"] == "100"


def test_an_empty_page_with_another_after_it_is_found_out(stage: Stage, scout: Scout) -> None:
    scout.change = lambda name, query, told: (
        {"items": [], "next_page_params": {"n": len(query)}} if name == "transactions" else told
    )
    assert tell(stage, scout, [stage.planted.one("exploiter")]) == "Contradiction"


def test_a_list_that_never_ends_is_too_long(stage: Stage, scout: Scout) -> None:
    """New transactions that wait, on ever new pages."""
    count = iter(range(10**9))

    def run(name: str, query: Any, told: Any) -> Any:
        if name != "transactions":
            return told
        shown = {**told["items"][0]} if told["items"] else {}
        one = {**(shown or kept), "block_number": None, "status": None, "hash": f"0x{next(count):064x}"}
        kept.update(one)
        return {"items": [one], "next_page_params": {"block_number": 10**6, "index": 0, "hash": str(next(count))}}

    kept: dict[str, Any] = {}
    scout.change = run
    with pytest.raises(TooLong, match="40 are taken"):
        asked_of(scout, question(stage, [stage.planted.one("exploiter")]), most=40)


def test_a_history_that_is_longer_than_is_taken_is_too_long(stage: Stage, scout: Scout) -> None:
    scout.cap = 7
    with pytest.raises(TooLong, match="10 are taken"):
        asked_of(scout, question(stage, [stage.planted.one("exploiter")]), most=10)
    assert scout.calls["transactions"] == 2


# ---- what it says instead of an answer ---------------------------------------------------------------------------


SAYS: list[tuple[Any, str]] = [
    ({"message": "Not found"}, "Not found"),
    ({"message": None}, ""),
    ({"errors": [{"title": "Invalid value", "detail": "Unexpected field: limit"}]}, "Unexpected field: limit"),
    ({"error": "no such thing"}, "no such thing"),
    ({}, ""),
    ({"jsonrpc": "2.0", "id": 0, "error": "Block not found"}, "Block not found"),
    ({"jsonrpc": "2.0", "id": 0}, "Malformed"),
    ([], "Malformed"),
    ("x", "Malformed"),
]


@pytest.mark.parametrize(("told", "means"), SAYS)
def test_what_is_no_answer_is_a_fault(told: Any, means: str) -> None:
    data = json.dumps(told).encode()
    if means == "Malformed":
        with pytest.raises(Malformed):
            Reply("x", data)
        return
    found = Reply("x", data).at(0)
    assert isinstance(found, Fault)
    assert found.message == means


def test_a_field_that_it_does_not_know_is_refused_with_its_reason(
    stage: Stage, scout: Scout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaintrace.fetch.blockscout.call.PAGE", 101)
    with pytest.raises(Refused, match="101 is not between 1 and 100"):
        asked_of(scout, question(stage, [stage.planted.one("lone")]))


def test_a_wrong_key_is_refused(stage: Stage, scout: Scout) -> None:
    with blockscout(scout, key="another") as fetcher, pytest.raises(Refused, match="401"):
        fetcher.block_of(stage.planted.thefts[0])


def test_an_account_that_it_does_not_know_is_refused(stage: Stage, scout: Scout) -> None:
    scout.change = lambda name, query, told: (
        Response(404, b'{"message":"Not found"}') if name == "transactions" else told
    )
    assert tell(stage, scout, [stage.planted.one("lone")]) == "Refused"


def test_credits_that_are_used_up_are_said_and_not_asked_for_again(stage: Stage, scout: Scout) -> None:
    scout.credits = 110
    with blockscout(scout) as fetcher, pytest.raises(RateLimited, match="credits are used up") as caught:
        fetcher.ask(question(stage, [stage.planted.one("exploiter")]), Nothing())
    assert "tomorrow" in str(caught.value)
    assert scout.refused == 1
    assert sum(scout.calls.values()) == 110 // 20 + 1
