"""Whatever a node finds too much at once, all rows come, and not for many times the calls."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chaintrace.errors import RateLimited, Refused
from chaintrace.fetch.reply import Fault
from chaintrace.fetch.rpc.faults import says_crowded, says_too_large, says_unable, says_wait
from chaintrace.fetch.rpc.node import BATCH
from chaintrace.fetch.rpc.ways import CALL_TRACER, LOGS, TRACE_FILTER, WAYS
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.rpc.asking import Stage, ask, question, shown
from tests.fetch.rpc.proxy import Change, Forward, Member, Proxy, calls_of, instead, straight

NOTHING = ((), ())

TOO_LARGE: dict[str, tuple[int, str]] = {
    "anvil": (-32602, "block range too large, currently limited to 300"),
    "geth": (-32000, "exceed maximum block range: 5000"),
    "geth, results": (-32005, "query returned more than 10000 results"),
    "erigon": (-32000, "query block range exceeds the limit of 1000"),
    "nethermind": (-32000, "Too many logs in the result"),
    "besu": (-32005, "Requested range exceeds maximum range limit"),
    "reth": (-32602, "query exceeds max block range 100000"),
    "reth, results": (-32602, "query exceeds max results 20000, retry with the range 100-200"),
    "infura": (-32005, "query returned more than 10000 results. Try with this block range [0x1, 0x2]."),
    "alchemy": (-32602, "Log response size exceeded. You can make eth_getLogs requests with up to a 2K block range"),
    "alchemy, free": (
        -32600,
        "Under the Free tier plan, you can make eth_getLogs requests with up to a 10 block range",
    ),
    "quicknode": (-32614, "eth_getLogs is limited to a 10,000 range"),
    "ankr": (-32062, "Block range is too large"),
    "cloudflare": (-32047, "Invalid eth_getLogs request. 'fromBlock'-'toBlock' range too large. Max range: 800"),
    "drpc": (35, "ranges over 10000 blocks are not supported on freetier"),
    "a time-out": (-32000, "query timeout exceeded"),
}

IMPATIENT: dict[str, tuple[int, str]] = {
    "alchemy": (429, "Your app has exceeded its compute units per second capacity."),
    "infura": (-32005, "daily request count exceeded, request rate limited"),
    "quicknode": (-32007, "50/second request limit reached - reduce calls per second or upgrade: rate limit"),
    "others": (-32029, "Too Many Requests"),
}


def ranges(most: int, error: tuple[int, str]) -> Change:
    """Refuses ranges of more than ``most`` blocks."""

    def refuse(method: str, params: list[Any]) -> Member | None:
        if method not in ("eth_getLogs", "trace_filter") or "blockHash" in params[0]:
            return None
        wide = int(params[0]["toBlock"], 16) - int(params[0]["fromBlock"], 16) + 1
        return {"code": error[0], "message": error[1]} if wide > most else None

    return instead(refuse)


def rows_come(proxy: Proxy, stage: Stage, way: str, accounts: Sequence[str] | None = None) -> None:
    asked = question(stage, way, accounts)
    found = rows_of(ask(proxy.url, asked).answer.rows)
    assert difference(shown(stage.planted.touching(asked.accounts), way), found) == NOTHING


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("most", [1, 2, 7, 300])
@pytest.mark.parametrize("node", ["anvil", "geth", "erigon", "infura", "alchemy", "quicknode"])
def test_ranges_that_are_refused_are_halved(proxy: Proxy, stage: Stage, node: str, most: int, way: str) -> None:
    some = stage.planted.roles["exploiter"] + stage.planted.roles["mule"]
    rows_come(proxy, stage, way, some)
    least = proxy.calls
    proxy.reset(ranges(most, TOO_LARGE[node]))
    rows_come(proxy, stage, way, some)
    queries = 5 if way == TRACE_FILTER else 3
    leaves = math.ceil((stage.planted.last + 1) / most)
    assert proxy.calls - least <= 4 * queries * leaves


@pytest.mark.parametrize("node", TOO_LARGE)
def test_what_nodes_say_of_too_large_ranges_is_understood(node: str) -> None:
    fault = Fault(*TOO_LARGE[node])
    assert says_too_large(fault)
    assert not says_wait(fault)


@pytest.mark.parametrize("node", IMPATIENT)
def test_what_nodes_say_of_too_many_calls_is_understood(node: str) -> None:
    fault = Fault(*IMPATIENT[node])
    assert says_wait(fault)
    assert not says_too_large(fault)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(-32602, "exceed max addresses or topics per search position"),
        Fault(-32000, "block range extends beyond current head block"),
        Fault(-32603, "internal error"),
        Fault(-32000, "invalid block range params"),
    ],
)
def test_what_no_smaller_range_mends_is_not_asked_again(fault: Fault) -> None:
    assert not says_too_large(fault)
    assert not says_wait(fault)


def test_methods_that_are_missing_are_known_by_code_or_text() -> None:
    assert says_unable(Fault(-32601, ""))
    assert says_unable(Fault(-32004, ""))
    assert says_unable(Fault(-32000, "the method eth_getBlockReceipts does not exist/is not available"))
    assert not says_unable(Fault(-32000, "header not found"))
    assert says_crowded(Fault(-32003, "response too large"))


def test_a_single_block_that_is_too_much_is_refused(proxy: Proxy, stage: Stage) -> None:
    proxy.reset(ranges(0, TOO_LARGE["infura"]))
    with pytest.raises(Refused, match="more than 10000"):
        rows_come(proxy, stage, TRACE_FILTER)
    assert proxy.calls < 3 * 3 * (stage.planted.last + 1)


# ---- batches -----------------------------------------------------------------------------------------------------

Answer = Callable[[list[Member]], Any]

BATCHES: dict[str, Answer] = {
    "an error for all": lambda asked: {
        "jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "batch of calls is too large"},
    },
    "an error without an id": lambda asked: {"jsonrpc": "2.0", "error": {"code": -32000, "message": "no batches"}},
    "a list of one error": lambda asked: [
        {"jsonrpc": "2.0", "id": asked[0]["id"], "error": {"code": -32600, "message": "batch too large"}}
    ],
    "a list of one without an id": lambda asked: [
        {"jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "batch too large"}}
    ],
    "a status": lambda asked: (413, b"Request Entity Too Large"),
    "a status and an error": lambda asked: (400, {
        "jsonrpc": "2.0", "id": None, "error": {"code": -32600, "message": "batch requests are not allowed"},
    }),
}  # fmt: skip


def batches(most: int, answer: Answer) -> Change:
    def change(asked: Any, forward: Forward) -> Any:
        return answer(asked) if isinstance(asked, list) and len(asked) > most else forward(asked)

    return change


@pytest.mark.parametrize("refusal", BATCHES)
@pytest.mark.parametrize("most", [0, 1, 3, 20])
def test_batches_that_are_refused_are_halved(proxy: Proxy, stage: Stage, most: int, refusal: str) -> None:
    some = stage.planted.roles["mule"]
    rows_come(proxy, stage, TRACE_FILTER, some)
    least = proxy.calls
    proxy.reset(batches(most, BATCHES[refusal]))
    rows_come(proxy, stage, TRACE_FILTER, some)
    assert proxy.calls <= 2 * least + 4 * BATCH
    assert max(proxy.batches[-3:]) <= max(most, 1)


@pytest.mark.parametrize("way", WAYS)
def test_calls_that_a_batch_has_no_room_for_are_asked_again_in_smaller_ones(
    proxy: Proxy, stage: Stage, way: str
) -> None:
    error = {"code": -32003, "message": "response too large"}

    def change(asked: Any, forward: Forward) -> Any:
        told = forward(asked)
        if not isinstance(asked, list):
            return told
        return told[:6] + [{"jsonrpc": "2.0", "id": call["id"], "error": error} for call in asked[6:]]

    proxy.reset(change)
    rows_come(proxy, stage, way)


# ---- receipts, and patience --------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", [CALL_TRACER, LOGS])
@pytest.mark.parametrize("code", [-32601, -32004, -32000])
def test_receipts_come_one_by_one_where_no_block_has_them(proxy: Proxy, stage: Stage, way: str, code: int) -> None:
    asked = []

    def refuse(method: str, params: list[Any]) -> Member | None:
        if method != "eth_getBlockReceipts":
            return None
        asked.append(params)
        return {"code": code, "message": "the method eth_getBlockReceipts does not exist/is not available"}

    proxy.reset(instead(refuse))
    rows_come(proxy, stage, way)
    assert len(asked) == 1


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("node", IMPATIENT)
def test_a_node_that_asks_for_patience_gets_it(proxy: Proxy, stage: Stage, node: str, way: str) -> None:
    code, message = IMPATIENT[node]
    seen: dict[str, int] = {}

    def refuse(method: str, params: list[Any]) -> Member | None:
        """Every third call, once."""
        text = f"{method}{params}"
        seen[text] = seen.get(text, 0) + 1
        return {"code": code, "message": message} if hash(text) % 3 == 0 and seen[text] == 1 else None

    rows_come(proxy, stage, way)
    least = proxy.calls
    proxy.reset(instead(refuse))
    rows_come(proxy, stage, way)
    assert proxy.calls <= 2 * least


def test_a_node_that_never_has_time_is_given_up(proxy: Proxy, stage: Stage) -> None:
    proxy.reset(instead(lambda method, params: {"code": 429, "message": "Too Many Requests"}))
    with pytest.raises(RateLimited):
        rows_come(proxy, stage, TRACE_FILTER)
    assert proxy.calls < 20


def test_a_node_that_has_all_faults_at_once_is_asked_until_all_is_there(proxy: Proxy, stage: Stage) -> None:
    seen: set[str] = set()

    def refuse(method: str, params: list[Any]) -> Member | None:
        text = f"{method}{params}"
        if text not in seen:
            seen.add(text)
            if len(seen) % 4 == 0:
                return {"code": -32005, "message": "request rate limited"}
        if method == "eth_getBlockReceipts":
            return {"code": -32601, "message": "Method not found"}
        return None

    narrow, slow = ranges(5, TOO_LARGE["alchemy"]), instead(refuse)

    def change(asked: Any, forward: Forward) -> Any:
        if isinstance(asked, list) and len(asked) > 4:
            return BATCHES["a list of one error"](asked)
        return slow(asked, lambda call: narrow(call, forward))

    for way in WAYS:
        proxy.reset(change)
        rows_come(proxy, stage, way)
    proxy.reset(straight)
    rows_come(proxy, stage, CALL_TRACER)
    assert len(calls_of({"method": "eth_chainId"})) == 1
