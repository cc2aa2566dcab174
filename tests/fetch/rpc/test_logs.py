"""Logs asked of a node, and what a node that lies about them is told."""

from __future__ import annotations

from typing import Any

import pytest

from chaintrace.errors import Contradiction, InputError, Malformed, MethodError, Refused
from chaintrace.fetch.rpc.call import DEPOSIT, TRANSFER, padded
from chaintrace.fetch.rpc.logs import fetch_logs
from chaintrace.testing.contracts import compiled
from tests.fetch.rpc.asking import Stage, rpc
from tests.fetch.rpc.proxy import Member, Proxy, each, instead


def every(stage: Stage) -> list[Any]:
    """What the node says of every log, in one answer."""
    told: list[Any] = stage.node.rpc("eth_getLogs", {"fromBlock": "0x0", "toBlock": hex(stage.planted.last)})
    return told


def test_a_nodes_logs_are_those_that_it_has_with_the_calls_that_wrote_them(stage: Stage) -> None:
    told = every(stage)
    with rpc(stage.node.url) as node:
        read = fetch_logs(node, [], last=stage.planted.last, calls=True)
    assert [(log.block, log.log_index) for log in read.logs] == [
        (int(one["blockNumber"], 16), int(one["logIndex"], 16)) for one in told
    ]
    assert {call.tx_hash for call in read.calls} == {log.tx_hash for log in read.logs}
    assert all(log.time is not None for log in read.logs)
    deposit = compiled("Weth").selector("deposit")
    wrapped = {log.tx_hash for log in read.logs if log.topics[0] == DEPOSIT}
    assert any(call.input.hex() == deposit[2:] for call in read.calls if call.tx_hash in wrapped)
    assert "its lists of logs are whole is the node's word" in read.notes[0]


def test_contracts_and_topics_narrow_what_is_asked(stage: Stage) -> None:
    one = next(one for one in every(stage) if one["topics"][0] == TRANSFER)
    taker = one["topics"][2]
    wanted = [
        each for each in every(stage)
        if each["address"] == one["address"] and each["topics"][0] == TRANSFER and each["topics"][2] == taker
    ]  # fmt: skip
    with rpc(stage.node.url) as node:
        read = fetch_logs(node, one["address"], [TRANSFER, None, [taker, padded("0x" + "0" * 40)]])
        some = fetch_logs(node, one["address"], [[TRANSFER, DEPOSIT]], 0, 5)
    assert {(log.tx_hash, log.log_index) for log in read.logs} >= {
        (each["transactionHash"], int(each["logIndex"], 16)) for each in wanted
    }
    assert all(log.block <= 5 for log in some.logs)


def test_a_range_that_is_too_large_is_asked_in_halves(stage: Stage, proxy: Proxy) -> None:
    def narrow(method: str, params: list[Any]) -> Member | None:
        wide = method == "eth_getLogs" and int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) > 3
        return {"code": -32005, "message": "query returned more than 10000 results"} if wide else None

    with rpc(stage.node.url) as node:
        whole = fetch_logs(node, [], last=stage.planted.last)
    proxy.reset(instead(narrow))
    with rpc(proxy.url) as node:
        assert fetch_logs(node, [], last=stage.planted.last).logs == whole.logs


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("address", "0x" + "12" * 20, Malformed),
        ("blockNumber", "0xfffff", Malformed),
        ("blockHash", "0x" + "12" * 32, Contradiction),
        ("data", "0x0", Malformed),
        ("topics", [], Malformed),
    ],
)
def test_a_log_that_was_not_asked_for_or_is_none_stops_it(
    stage: Stage, proxy: Proxy, field: str, value: Any, error: type[Exception]
) -> None:
    token = every(stage)[0]["address"]

    def lie(method: str, params: list[Any], told: Member) -> Member:
        if method != "eth_getLogs":
            return told
        return told | {"result": [{**one, field: value} for one in told["result"]]}

    proxy.reset(each(lie))
    with rpc(proxy.url) as node, pytest.raises(error):
        fetch_logs(node, token, [TRANSFER], last=stage.planted.last)


def test_questions_that_are_none(stage: Stage) -> None:
    with rpc(stage.node.url) as node:
        with pytest.raises(MethodError):
            fetch_logs(node, [], [], 5, 4)
        with pytest.raises(InputError):
            fetch_logs(node, [], ["0x12"])


def test_a_refusal_of_one_block_is_the_nodes_last_word(stage: Stage, proxy: Proxy) -> None:
    def narrow(method: str, params: list[Any]) -> Member | None:
        return {"code": -32005, "message": "too many"} if method == "eth_getLogs" else None

    proxy.reset(instead(narrow))
    with rpc(proxy.url) as node, pytest.raises(Refused):
        fetch_logs(node, [], last=3)
