"""A node that lies, lags or breaks is found out, or does no harm; wrong rows never come silently."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chaintrace.errors import Malformed, ProviderError, Refused
from chaintrace.fetch.rpc.ways import CALL_TRACER, LOGS, TRACE_FILTER, WAYS
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.rpc.asking import NATIVE, Stage, ask, question, rpc, shown
from tests.fetch.rpc.proxy import Forward, Member, Proxy, each, straight

NOTHING = ((), ())
Lie = Callable[[Member], Any]


def tell(proxy: Proxy, stage: Stage, way: str, change: Any, **other: Any) -> str:
    """What comes of a lie: ``harmless``, or the name of the error. Anything else is wrong rows."""
    proxy.reset(change)
    accounts = other.pop("accounts", None)
    asked = question(stage, way, accounts, **other)
    try:
        answer = ask(proxy.url, asked).answer
    except ProviderError as error:
        return type(error).__name__
    truth = stage.planted.touching(asked.accounts, asked.first, asked.last)
    assert difference(shown(truth, way), rows_of(answer.rows)) == NOTHING
    return "harmless"


def of(name: str, lie: Lie, nth: int | None = None) -> Any:
    """A lie in the answers of one method, or in the nth of them."""
    seen = [0]

    def change(method: str, params: Sequence[Any], told: Member) -> Any:
        if method != name:
            return told
        seen[0] += 1
        return lie(told) if nth is None or seen[0] == nth else told

    return each(change)


def result(change: Callable[[Any], Any]) -> Lie:
    return lambda told: told | {"result": change(told["result"])}


def without(n: int) -> Lie:
    return result(lambda told: told[:n] + told[n + 1 :] if len(told) > abs(n) else told)


def test_without_a_lie_all_is_well(proxy: Proxy, stage: Stage) -> None:
    for way in WAYS:
        assert tell(proxy, stage, way, straight) == "harmless"


# ---- a node that lags --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("height", [0, 7, 30, 57])
def test_a_node_that_lags_behind_is_found_out(proxy: Proxy, stage: Stage, way: str, height: int) -> None:
    def lags(method: str, params: Sequence[Any], told: Member) -> Any:
        found = told.get("result")
        if method == "eth_getBlockByNumber" and int(params[0], 16) > height:
            return told | {"result": None}
        if isinstance(found, dict) and int(found.get("blockNumber") or found.get("number") or "0x0", 16) > height:
            return told | {"result": None}
        if isinstance(found, list):
            return told | {"result": [one for one in found if int(one.get("blockNumber", "0x0"), 16) <= height]}
        return told

    assert tell(proxy, stage, way, each(lags)) in ("Malformed", "Contradiction")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("height", [0, 7, 30, 57])
def test_a_replica_that_lags_and_answers_about_logs_only_is_found_out(
    proxy: Proxy, stage: Stage, way: str, height: int
) -> None:
    lie = result(lambda told: [one for one in told if int(one["blockNumber"], 16) <= height])
    assert tell(proxy, stage, way, of("eth_getLogs", lie)) == "Contradiction"


def test_the_last_block_of_another_chain_is_found_out(proxy: Proxy, stage: Stage) -> None:
    for way in WAYS:
        assert tell(proxy, stage, way, straight, last_hash="0x" + "12" * 32) == "Contradiction"


@pytest.mark.parametrize("way", WAYS)
def test_a_young_chain_that_changes_while_it_is_asked_for_is_found_out(proxy: Proxy, stage: Stage, way: str) -> None:
    seen = [0]

    def reorganised(method: str, params: Sequence[Any], told: Member) -> Any:
        if method == "eth_getBlockByNumber" and params[0] == hex(stage.planted.last) and params[1] is False:
            seen[0] += 1
            if seen[0] > 1:
                return told | {"result": told["result"] | {"hash": "0x" + "ab" * 32}}
        return told

    assert tell(proxy, stage, way, each(reorganised), final=stage.planted.last - 5) == "Contradiction"


@pytest.mark.parametrize("way", WAYS)
def test_a_node_of_another_chain_is_found_out_by_its_blocks(proxy: Proxy, stage: Stage, way: str) -> None:
    def other(method: str, params: Sequence[Any], told: Member) -> Any:
        return (
            told if method == "eth_getLogs" else json.loads(json.dumps(told).replace('Hash": "0x', 'Hash": "0xaa')[:])
        )

    assert tell(proxy, stage, way, each(other)) in ("Malformed", "Contradiction")


# ---- logs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_a_node_that_knows_no_logs_is_found_out(proxy: Proxy, stage: Stage, way: str) -> None:
    assert tell(proxy, stage, way, of("eth_getLogs", result(lambda told: []))) == "Contradiction"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("n", [0, 14, 33])
def test_a_log_that_is_missing_is_found_out_or_told_by_another_query(
    proxy: Proxy, stage: Stage, way: str, n: int
) -> None:
    for nth in (1, 2, 3):
        assert tell(proxy, stage, way, of("eth_getLogs", without(n), nth)) in ("harmless", "Contradiction")
    assert tell(proxy, stage, CALL_TRACER, of("eth_getLogs", without(n)), accounts=stage.planted.roles["mule"]) in (
        "harmless",
        "Contradiction",
    )


LOG_LIES: dict[str, Callable[[Member], Member]] = {
    "amount": lambda log: log | {"data": "0x" + "0" * 63 + "7"},
    "token": lambda log: log | {"address": "0x" + "12" * 20},
    "party": lambda log: log | {"topics": [*log["topics"][:-1], "0x" + "0" * 24 + "34" * 20]},
    "index": lambda log: log | {"logIndex": "0x99"},
    "block": lambda log: log | {"blockNumber": hex(int(log["blockNumber"], 16) + 1)},
    "block hash": lambda log: log | {"blockHash": "0x" + "56" * 32},
    "transaction": lambda log: log | {"transactionHash": "0x" + "78" * 32},
    "place": lambda log: log | {"transactionIndex": "0x63"},
    "removed": lambda log: log | {"removed": True},
    "shape": lambda log: log | {"topics": log["topics"][:-1]},
}


@pytest.mark.parametrize("lie", LOG_LIES)
@pytest.mark.parametrize("way", [CALL_TRACER, LOGS])
def test_a_log_that_is_not_what_its_receipt_shows_is_found_out(proxy: Proxy, stage: Stage, way: str, lie: str) -> None:
    for n in (0, 5, 11):
        change = result(lambda told, n=n: [LOG_LIES[lie](log) if at == n else log for at, log in enumerate(told)])
        assert tell(proxy, stage, way, of("eth_getLogs", change, 2)) in ("Malformed", "Contradiction")


# ---- traces ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", range(0, 130, 9))
def test_a_call_that_trace_filter_keeps_back_is_found_out_or_told_by_another(
    proxy: Proxy, stage: Stage, n: int
) -> None:
    for nth in (1, 2):
        assert tell(proxy, stage, TRACE_FILTER, of("trace_filter", without(n), nth)) in ("harmless", "Contradiction")


def test_calls_that_a_whole_transaction_shows_cannot_be_kept_back_by_trace_filter(proxy: Proxy, stage: Stage) -> None:
    """The top call of a transaction in which the account is paid back."""
    thief = stage.planted.one("exploiter")
    lie = result(lambda told: [one for one in told if one["traceAddress"]])
    assert tell(proxy, stage, TRACE_FILTER, of("trace_filter", lie), accounts=[thief]) == "Contradiction"


STEP_LIES: dict[str, Callable[[Member], Member]] = {
    "amount": lambda one: one | {"action": one["action"] | {"value": "0x7"}},
    "payee": lambda one: one | {"action": one["action"] | {"to": "0x" + "12" * 20}},
    "payer": lambda one: one | {"action": one["action"] | {"from": "0x" + "12" * 20}},
    "failed": lambda one: one | {"error": "Reverted"},
    "block": lambda one: one | {"blockHash": "0x" + "12" * 32},
    "transaction": lambda one: one | {"transactionHash": "0x" + "12" * 32},
    "type": lambda one: one | {"type": "gift"},
    "call type": lambda one: one | {"action": one["action"] | {"callType": "gift"}},
    "float": lambda one: one | {"action": one["action"] | {"value": 1.5}},
    "too large": lambda one: one | {"action": one["action"] | {"value": "0x1" + "0" * 64}},
}


@pytest.mark.parametrize("lie", STEP_LIES)
@pytest.mark.parametrize("method", ["trace_filter", "trace_transaction"])
def test_a_trace_that_others_do_not_bear_out_is_found_out(proxy: Proxy, stage: Stage, method: str, lie: str) -> None:
    def change(told: list[Member]) -> list[Member]:
        return [
            STEP_LIES[lie](one) if at == len(told) - 1 and one["type"] == "call" else one for at, one in enumerate(told)
        ]

    lies = of(method, result(change), 1 if method == "trace_filter" else None)
    assert tell(proxy, stage, TRACE_FILTER, lies) in ("Malformed", "Contradiction")


@pytest.mark.parametrize("tracer", ["structLogs", "flat", "null", "list", "nameless", "top only gone"])
def test_a_node_that_ignores_the_tracer_is_found_out(proxy: Proxy, stage: Stage, tracer: str) -> None:
    lies: dict[str, Any] = {
        "structLogs": {"gas": 21_000, "failed": False, "returnValue": "", "structLogs": []},  # ganache
        "flat": {},  # anvil, flatCallTracer
        "null": None,
        "list": [],
        "nameless": {"from": "0x" + "12" * 20, "to": "0x" + "12" * 20, "value": "0x0"},
        "top only gone": {"type": "CALL", "from": "0x" + "12" * 20, "to": "0x" + "12" * 20, "value": "0x0"},
    }
    lie = result(lambda told: lies[tracer])
    assert tell(proxy, stage, CALL_TRACER, of("debug_traceTransaction", lie)) in ("Malformed", "Contradiction")
    proxy.reset(each(lambda method, params, told: _traceless(method, told, lies[tracer])))
    with rpc(proxy.url) as fetcher:
        assert fetcher.way() == (CALL_TRACER if tracer == "top only gone" else LOGS)


def _traceless(method: str, told: Member, instead: Any) -> Member:
    if method.startswith("trace_"):
        return {"jsonrpc": "2.0", "id": told["id"], "error": {"code": -32601, "message": "the method does not exist"}}
    return told | {"result": instead} if method.startswith("debug_") else told


# ---- receipts and blocks -----------------------------------------------------------------------------------------


RECEIPT_LIES: dict[str, Callable[[Member], Any]] = {
    "none": lambda one: None,
    "another transaction": lambda one: one | {"transactionHash": "0x" + "12" * 32, "logs": []},
    "another block": lambda one: one | {"blockHash": "0x" + "12" * 32, "logs": []},
    "another place": lambda one: one | {"transactionIndex": "0x63", "logs": []},
    "another sender": lambda one: one | {"from": "0x" + "12" * 20},
    "another receiver": lambda one: one | {"to": "0x" + "12" * 20},
    "no gas": lambda one: {key: value for key, value in one.items() if key != "gasUsed"},
    "float": lambda one: one | {"gasUsed": 21000.0},
    "too much": lambda one: one | {"gasUsed": "0x" + "f" * 64},
    "status": lambda one: one | {"status": "0x2"},
}


@pytest.mark.parametrize("lie", RECEIPT_LIES)
@pytest.mark.parametrize("way", WAYS)
def test_a_receipt_that_is_none_or_of_something_else_is_found_out(
    proxy: Proxy, stage: Stage, way: str, lie: str
) -> None:
    if way == TRACE_FILTER:
        change = of("eth_getTransactionReceipt", result(RECEIPT_LIES[lie]), 3)
    else:
        change = of("eth_getBlockReceipts", result(lambda told: [RECEIPT_LIES[lie](told[0]), *told[1:]]), 3)
    assert tell(proxy, stage, way, change) in ("Malformed", "Contradiction")


@pytest.mark.parametrize("way", [CALL_TRACER, LOGS])
@pytest.mark.parametrize("n", [0, -1])
def test_receipts_with_one_missing_are_found_out(proxy: Proxy, stage: Stage, way: str, n: int) -> None:
    for nth in (1, 4, 9):
        assert tell(proxy, stage, way, of("eth_getBlockReceipts", without(n), nth)) in ("Contradiction", "harmless")
    lie = result(lambda told: [])
    assert tell(proxy, stage, way, of("eth_getBlockReceipts", lie, 4)) == "Contradiction"


BLOCK_LIES: dict[str, Callable[[Member], Any]] = {
    "none": lambda block: None,
    "another hash": lambda block: block | {"hash": "0x" + "12" * 32},
    "another parent": lambda block: block | {"parentHash": "0x" + "12" * 32},
    "another number": lambda block: block | {"number": "0x4"},
    "no transactions": lambda block: block | {"transactions": []},
    "transactions left out": lambda block: {key: value for key, value in block.items() if key != "transactions"},
    "a transaction less": lambda block: block | {"transactions": block["transactions"][1:]},
    "the last transaction less": lambda block: block | {"transactions": block["transactions"][:-1]},
    "hashes only": lambda block: block | {"transactions": [one["hash"] for one in block["transactions"]]},
    "long ago": lambda block: block | {"timestamp": "0x1"},
    "far away": lambda block: block | {"timestamp": "0xffffffff"},
    "no time": lambda block: block | {"timestamp": None},
    "withdrawals left out": lambda block: block | {"withdrawals": None},
}


@pytest.mark.parametrize("lie", BLOCK_LIES)
@pytest.mark.parametrize("way", [CALL_TRACER, LOGS])
def test_a_block_that_is_not_itself_is_found_out(proxy: Proxy, stage: Stage, way: str, lie: str) -> None:
    def change(block: Member) -> Any:
        return (
            BLOCK_LIES[lie](block) if block["number"] == "0x9" and isinstance(block["transactions"][0], dict) else block
        )

    assert tell(proxy, stage, way, of("eth_getBlockByNumber", result(change))) in ("Malformed", "Contradiction")


@pytest.mark.parametrize("lie", ["value", "to", "from"])
def test_a_transaction_that_its_calls_or_its_receipt_deny_is_found_out(proxy: Proxy, stage: Stage, lie: str) -> None:
    """Its value only where code ran: a plain payment is told by nothing else."""
    changed = {"value": "0x7", "to": "0x" + "12" * 20, "from": "0x" + "12" * 20}[lie]

    def change(block: Member) -> Any:
        told = block["transactions"]
        if block["number"] != "0x9" or not isinstance(told[0], dict):
            return block
        assert int(told[0]["gas"], 16) > 21_000
        return block | {"transactions": [told[0] | {lie: changed}, *told[1:]]}

    assert tell(proxy, stage, CALL_TRACER, of("eth_getBlockByNumber", result(change))) == "Contradiction"


# ---- values and responses ----------------------------------------------------------------------------------------


WRONG = (1.5, True, -1, "", "0x", "12", "0xzz", "0x1" + "0" * 64, [], {}, None, "latest")


@pytest.mark.parametrize("value", WRONG, ids=repr)
@pytest.mark.parametrize("key", ["gasUsed", "effectiveGasPrice", "blockNumber", "transactionIndex"])
def test_a_quantity_of_a_wrong_type_is_found_out(proxy: Proxy, stage: Stage, key: str, value: Any) -> None:
    lie = of("eth_getTransactionReceipt", result(lambda told: told | {key: value}), 2)
    expected = "harmless" if (key, value) == ("effectiveGasPrice", None) else "Malformed"
    thief = stage.planted.roles["exploiter"]
    assert tell(proxy, stage, TRACE_FILTER, lie, accounts=thief) == expected


@pytest.mark.parametrize("value", ["0x", "0x1", 7, 1.5, None, "0x" + "f" * 66, [], {}], ids=repr)
def test_a_balance_that_is_none_stops_nothing_but_is_no_number(proxy: Proxy, stage: Stage, value: Any) -> None:
    proxy.reset(of("eth_call", lambda told: told | {"result": value}))
    try:
        answer = ask(proxy.url, question(stage, TRACE_FILTER, stage.planted.roles["exploiter"])).answer
    except Malformed:
        return
    tokens = [one for one in answer.balances if "erc20" in one.asset]
    assert tokens
    assert all((one.amount is None and one.reason) or one.amount == 2**256 - 1 for one in tokens)


RESPONSES: dict[str, Callable[[Any], Any]] = {
    "html": lambda told: b"<html><body>502 Bad Gateway</body></html>",
    "nothing": lambda told: b"",
    "cut": lambda told: json.dumps(told).encode()[:-20],
    "not UTF-8": lambda told: b'{"jsonrpc":"2.0","id":0,"result":"\xff"}',
    "a number": lambda told: b"7",
    "null": lambda told: b"null",
    "an empty list": lambda told: b"[]",
    "a list in a list": lambda told: [told],
    "no ids": lambda told: [_less(one, "id") for one in told] if isinstance(told, list) else _less(told, "id"),
    "one id": lambda told: [one | {"id": 0} for one in told] if isinstance(told, list) else told | {"id": 7},
    "texts for ids": lambda told: _each(told, lambda one: one | {"id": str(one["id"])}),
    "ids shifted": lambda told: _each(told, lambda one: one | {"id": one["id"] + 1}),
    "neither": lambda told: _each(told, lambda one: _less(one, "result")),
    "both": lambda told: _each(told, lambda one: one | {"error": {"code": 1, "message": "no"}}),
    "one for all": lambda told: told[0] if isinstance(told, list) else [told, told],
    "one too few": lambda told: told[:-1] if isinstance(told, list) else [],
    "one too many": lambda told: [*told, told[0] | {"id": 99}] if isinstance(told, list) else [told, told | {"id": 1}],
    "twice": lambda told: b'{"jsonrpc":"2.0","id":0,"result":null,"result":[]}',
    "a fault without words": lambda told: _each(told, lambda one: _less(one, "result") | {"error": 7}),
    "an empty fault": lambda told: _each(told, lambda one: _less(one, "result") | {"error": {}}),
}


def _less(one: Member, key: str) -> Member:
    return {name: value for name, value in one.items() if name != key}


def _each(told: Any, change: Callable[[Member], Any]) -> Any:
    return [change(one) for one in told] if isinstance(told, list) else change(told)


@pytest.mark.parametrize("lie", RESPONSES)
@pytest.mark.parametrize("nth", [1, 3, 5])
def test_a_response_that_is_none_is_found_out(proxy: Proxy, stage: Stage, lie: str, nth: int) -> None:
    seen = [0]

    def change(asked: Any, forward: Forward) -> Any:
        seen[0] += 1
        told = forward(asked)
        return RESPONSES[lie](told) if seen[0] >= nth else told

    assert tell(proxy, stage, TRACE_FILTER, change) in ("Malformed", "Refused")


@pytest.mark.parametrize("way", WAYS)
def test_answers_in_another_order_do_no_harm(proxy: Proxy, stage: Stage, way: str) -> None:
    def change(asked: Any, forward: Forward) -> Any:
        told = forward(asked)
        return told[::-1] if isinstance(told, list) else told

    assert tell(proxy, stage, way, change) == "harmless"


@pytest.mark.parametrize("method", ["eth_getLogs", "eth_getBlockByNumber", "trace_filter", "eth_getTransactionReceipt"])
def test_null_for_a_result_is_found_out(proxy: Proxy, stage: Stage, method: str) -> None:
    assert tell(proxy, stage, TRACE_FILTER, of(method, result(lambda told: None))) == "Malformed"


@pytest.mark.parametrize("method", ["eth_getLogs", "eth_getBlockByNumber", "trace_filter", "trace_transaction"])
def test_an_error_that_no_smaller_question_mends_is_handed_on(proxy: Proxy, stage: Stage, method: str) -> None:
    error = {"code": -32603, "message": "internal error"}
    proxy.reset(of(method, lambda told: {"jsonrpc": "2.0", "id": told["id"], "error": error}))
    with pytest.raises(Refused, match="internal error") as caught:
        ask(proxy.url, question(stage, TRACE_FILTER))
    assert caught.value.code == -32603
    assert method in caught.value.call


def test_small_questions_about_the_chain_are_checked_too(proxy: Proxy, stage: Stage) -> None:
    theft = stage.planted.thefts[0]
    with rpc(proxy.url) as fetcher:
        proxy.reset(
            of(
                "eth_getTransactionReceipt",
                result(lambda told: told | {"transactionHash": "0x" + "1" * 64, "logs": []}),
            )
        )
        with pytest.raises(Malformed):
            fetcher.block_of(theft)
        proxy.reset(of("eth_getBlockByNumber", result(lambda told: told | {"number": "0x7"})))
        with pytest.raises(Malformed):
            fetcher.hashes([3])
        proxy.reset(of("eth_getBlockByNumber", result(lambda told: None)))
        assert fetcher.hashes([3]) == {}
        refusal = {"code": -32000, "message": "no"}
        proxy.reset(of("eth_getBlockByNumber", lambda told: {"jsonrpc": "2.0", "id": told["id"], "error": refusal}))
        with pytest.raises(Refused):
            fetcher.hashes([3])
        proxy.reset(of("eth_chainId", result(lambda told: "0x" + "f" * 20)))
        with pytest.raises(Malformed):
            _ = fetcher.chain


# ---- what no page can find out -----------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
def test_calls_to_who_never_acts_can_be_kept_back_and_only_the_balance_shows_it(
    proxy: Proxy, stage: Stage, way: str
) -> None:
    heir = stage.planted.one("heir")
    proxy.reset(of("trace_filter", result(lambda told: [])))
    answer = ask(proxy.url, question(stage, way, [heir])).answer
    found = sum(row.amount for row in rows_of(answer.rows) if row.asset == NATIVE)
    held = next(one.amount for one in answer.balances if one.block == stage.planted.last and one.asset == NATIVE)
    assert held
    assert (found == held) == (way == CALL_TRACER)


def test_a_token_of_who_never_acts_can_be_kept_back_and_nothing_shows_it(proxy: Proxy, stage: Stage) -> None:
    """Nobody knows which tokens to ask about. Where blocks are read whole, the receipts tell."""
    lookalike = [stage.planted.one("lookalike")]
    lie = of("eth_getLogs", result(lambda told: []))
    proxy.reset(lie)
    answer = ask(proxy.url, question(stage, TRACE_FILTER, lookalike)).answer
    assert stage.planted.touching(lookalike)
    assert rows_of(answer.rows) == ()
    assert tell(proxy, stage, CALL_TRACER, lie, accounts=lookalike) == "Contradiction"
    assert tell(proxy, stage, LOGS, lie, accounts=lookalike) == "Contradiction"
