"""What real nodes answered, as ethereum-etl recorded it, is read as ethereum-etl read it."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chaintrace.fetch.rpc import things
from chaintrace.fetch.rpc.moves import Move, Step, frames, moves, trace
from chaintrace.fetch.rpc.reply import Reply
from chaintrace.fetch.rpc.things import GWEI, Header, Log
from chaintrace.fetch.rpc.ways import CALL_TRACER, LOGS, TRACE_FILTER
from chaintrace.fetch.words import Bad
from chaintrace.testing.truth import difference, rows_of
from tests.fetch.rpc.asking import Stage, ask, question
from tests.fetch.rpc.proxy import Member, Proxy, each


@pytest.fixture(scope="module")
def etl(data: Path) -> Path:
    return data / "rpc" / "ethereum-etl"


def result(path: Path) -> Any:
    """The result of a recorded response, by way of Reply."""
    told = json.loads(path.read_bytes())
    told["id"] = 0
    return Reply("recorded", json.dumps(told).encode()).at(0)


def table(path: Path) -> list[dict[str, str]]:
    before = csv.field_size_limit(1 << 24)
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))
    finally:
        csv.field_size_limit(before)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]


def recorded(folder: Path, method: str) -> Iterator[Any]:
    paths = sorted(folder.glob(f"web3_response.{method}*.json"))
    assert paths
    return (result(path) for path in paths)


# ---- blocks, transactions, receipts, logs ------------------------------------------------------------------------


@pytest.mark.parametrize("case", ["blocks_with_transactions", "block_with_logs", "block_without_transactions"])
def test_blocks_and_their_transactions(etl: Path, case: str) -> None:
    folder = etl / "test_export_blocks_job" / case
    blocks = {row["number"]: row for row in table(folder / "expected_blocks.csv")}
    expected = {row["hash"]: row for row in table(folder / "expected_transactions.csv")}
    found: dict[str, Any] = {}
    for told in recorded(folder, "eth_getBlockByNumber"):
        header = things.header(told)
        row = blocks.pop(str(header.number))
        assert (header.hash, header.parent, header.miner) == (row["hash"], row["parent_hash"], row["miner"])
        assert (header.time, header.mined) == (int(row["timestamp"]), row["difficulty"] != "0")
        assert header.base_fee is header.withdrawals is None
        assert header.transactions is not None
        assert len(header.transactions) == int(row["transaction_count"])
        found |= {one.hash: one for one in header.transactions}
    assert not blocks
    assert found.keys() == expected.keys()
    for tx_hash, row in expected.items():
        one = found[tx_hash]
        assert (one.block, one.block_hash, one.index) == (
            int(row["block_number"]), row["block_hash"], int(row["transaction_index"]),
        )  # fmt: skip
        assert (one.sender, one.receiver or "") == (row["from_address"], row["to_address"])
        assert (one.value, one.gas, one.gas_price) == (int(row["value"]), int(row["gas"]), int(row["gas_price"]))


def test_receipts_from_before_byzantium_and_their_logs(etl: Path) -> None:
    folder = etl / "test_export_receipts_job" / "receipts_with_logs"
    expected = {row["transaction_hash"]: row for row in table(folder / "expected_receipts.csv")}
    logs: list[Log] = []
    for told in recorded(folder, "eth_getTransactionReceipt"):
        with pytest.raises(Bad, match="from is missing"):  # as old nodes told it; nobody's fee is guessed
            things.receipt(told)
        one = things.receipt(told | {"from": "0x" + "12" * 20})
        row = expected.pop(one.tx_hash)
        assert (one.block, one.block_hash, one.tx_index) == (
            int(row["block_number"]), row["block_hash"], int(row["transaction_index"]),
        )  # fmt: skip
        assert (one.gas_used, one.price) == (int(row["gas_used"]), int(row["effective_gas_price"]))
        assert (one.succeeded, one.created or "", one.extra) == (None, row["contract_address"], 0)
        logs += one.logs
    assert not expected
    assert_logs(logs, table(folder / "expected_logs.csv"))


def assert_logs(found: list[Log], expected: list[dict[str, str]]) -> None:
    assert len(found) == len(expected)
    for log, row in zip(
        sorted(found, key=lambda log: log.index), sorted(expected, key=lambda row: int(row["log_index"])), strict=True
    ):
        assert (log.tx_hash, log.index, log.block) == (
            row["transaction_hash"], int(row["log_index"]), int(row["block_number"]),
        )  # fmt: skip
        assert (log.address, log.data, ",".join(log.topics)) == (row["address"], row["data"], row["topics"])


def test_logs_of_transfers(etl: Path) -> None:
    folder = etl / "test_export_token_transfers_job" / "block_with_transfers"
    found = [things.log_of(one) for told in recorded(folder, "eth_getFilterLogs") for one in told]
    expected = table(folder / "expected_token_transfers.csv")
    assert [
        (log.address, "0x" + log.topics[1][26:], "0x" + log.topics[2][26:], str(int(log.data, 16)), log.tx_hash)
        for log in found
    ] == [
        (row["token_address"], row["from_address"], row["to_address"], row["value"], row["transaction_hash"])
        for row in expected
    ]


def test_receipts_and_blocks_of_a_stream(etl: Path) -> None:
    folder = etl / "test_stream" / "blocks_1755634_1755635"
    blocks = {one["hash"]: one for one in lines(folder / "expected_blocks.json")}
    transactions = {one["hash"]: one for one in lines(folder / "expected_transactions.json")}
    for told in recorded(folder, "eth_getBlockByNumber_0x"):
        header = things.header(told)
        assert blocks[header.hash]["number"] == header.number
        assert blocks[header.hash]["timestamp"] == header.time
        for one in header.transactions or ():
            row = transactions[one.hash]
            assert (one.sender, one.receiver, one.value) == (row["from_address"], row["to_address"], int(row["value"]))
    for told in recorded(folder, "eth_getTransactionReceipt"):
        receipt = things.receipt(told)
        row = transactions[receipt.tx_hash]
        assert receipt.gas_used == row["receipt_gas_used"]
        assert receipt.succeeded == (None if row["receipt_status"] is None else bool(row["receipt_status"]))


# ---- withdrawals -------------------------------------------------------------------------------------------------


def as_block(row: dict[str, Any]) -> Member:
    """A block of ethereum-etl as a node tells it."""
    return {
        "number": hex(row["number"]), "hash": row["hash"], "parentHash": row["parent_hash"],
        "timestamp": hex(row["timestamp"]), "miner": row["miner"], "difficulty": hex(row["difficulty"]),
        "baseFeePerGas": hex(row["base_fee_per_gas"]), "gasUsed": hex(row["gas_used"]),
        "withdrawalsRoot": row["withdrawals_root"], "transactions": ["0x" + "00" * 32],
        "withdrawals": [
            {"index": hex(one["index"]), "validatorIndex": hex(one["validator_index"]),
             "address": one["address"], "amount": hex(one["amount"])}
            for one in row["withdrawals"]
        ],
    }  # fmt: skip


def headers_of(etl: Path) -> list[tuple[Header, dict[str, Any]]]:
    rows = lines(etl / "test_export_blocks_job" / "blocks_with_transactions_and_withdrawals" / "expected_blocks.json")
    return [(things.header(as_block(row)), row) for row in rows]


def test_withdrawals_are_told_in_gwei_and_read_in_wei(etl: Path) -> None:
    for header, row in headers_of(etl):
        assert header.withdrawals
        assert [(one.index, one.address, one.amount) for one in header.withdrawals] == [
            (one["index"], one["address"], one["amount"] * 10**9) for one in row["withdrawals"]
        ]
        assert not header.mined
        assert header.base_fee == row["base_fee_per_gas"]
        assert header.transactions is None


@pytest.mark.parametrize("way", [CALL_TRACER, LOGS])
def test_withdrawals_become_rows_in_wei(etl: Path, proxy: Proxy, stage: Stage, way: str) -> None:
    real = dict(enumerate((as_block(row)["withdrawals"] for _, row in headers_of(etl)), start=9))

    def add(method: str, params: list[Any], told: Member) -> Member:
        if method.startswith("eth_getBlockBy") and int(told["result"]["number"], 16) in real:
            told["result"]["withdrawals"] = real[int(told["result"]["number"], 16)]
        return told

    proxy.reset(each(add))
    paid = {one["address"] for block in real.values() for one in block}
    mules = stage.planted.roles["mule"]
    answer = ask(proxy.url, question(stage, way, [*mules, *sorted(paid)])).answer
    rows = [row for row in rows_of(answer.rows) if row.kind == "withdrawal"]
    assert [(row.block, row.tx_hash, row.sender, row.receiver, row.amount) for row in rows] == [
        (number, f"withdrawal:{int(one['index'], 16)}", None, one["address"], int(one["amount"], 16) * GWEI)
        for number, block in real.items()
        for one in block
    ]
    if way == CALL_TRACER:
        rest = [row for row in rows_of(answer.rows) if row.kind != "withdrawal"]
        assert difference(stage.planted.touching(mules), rest) == ((), ())
    proxy.reset(each(add))
    asked = question(stage, TRACE_FILTER, sorted(paid))
    assert {one.kind for one in ask(proxy.url, asked).answer.missing} == {"withdrawal", "reward"}


# ---- traces ------------------------------------------------------------------------------------------------------


def assert_steps(steps: list[Step], expected: list[dict[str, Any]]) -> None:
    """``expected``: rows of ethereum-etl, in the same order."""
    assert len(steps) == len(expected)
    for step, row in zip(steps, expected, strict=True):
        kind = row["trace_type"]
        borrowed = row["call_type"] in ("callcode", "delegatecall", "staticcall")
        named = {"suicide": "end", "reward": row["reward_type"]}.get(kind, "borrowed" if borrowed else kind)
        assert step.kind == named
        assert (step.sender, step.failed) == (row["from_address"] or "", bool(row["error"]))
        if not step.failed and not borrowed:
            assert (step.receiver, step.amount) == (row["to_address"], int(row["value"]))


PARITY = ("block_with_create", "block_with_error", "block_with_subtraces", "block_with_suicide")


@pytest.mark.parametrize("case", PARITY)
def test_parity_traces_of_blocks(etl: Path, case: str) -> None:
    folder = etl / "test_export_traces_job" / case
    expected = table(folder / "expected_traces.csv")
    found = [trace(one) for told in recorded(folder, "trace_block") for one in told]
    assert_steps([one.step for one in found], expected)
    for one, row in zip(found, expected, strict=True):
        assert (one.block, one.tx_hash or "") == (int(row["block_number"]), row["transaction_hash"])
        assert one.step.path == tuple(map(int, filter(None, row["trace_address"].split(","))))
        assert one.step.failed == (row["status"] == "0")
        assert one.tx_hash is None or one.tx_index == int(row["transaction_index"])


@pytest.mark.parametrize("case", ["blocks_508110_508110", "blocks_2112234_2112234"])
def test_parity_traces_of_a_stream(etl: Path, case: str) -> None:
    folder = etl / "test_stream" / case
    found = [trace(one) for told in recorded(folder, "trace_block") for one in told]
    assert_steps([one.step for one in found], lines(folder / "expected_traces.json"))


def test_a_contract_that_ended_in_2016_paid_its_heir(etl: Path) -> None:
    (told,) = recorded(etl / "test_export_traces_job" / "block_with_suicide", "trace_block")
    steps = [trace(one).step for one in told if one["type"] != "reward"]
    grave, heir = "0x474faa5018639791952fae334e2911700ac7fe9b", "0x83973747eec131bf9a08ac64fb1a518e891bdf4b"
    assert moves(steps, False) == [Move(1, grave, heir, 5 * 10**16)]


@pytest.mark.parametrize("case", ["block_with_create", "block_with_error", "block_with_subtraces"])
def test_trees_of_geths_call_tracer(etl: Path, case: str) -> None:
    folder = etl / "test_extract_geth_traces_job" / case
    (told,) = recorded(folder, "debug_traceBlockByNumber")
    steps = [step for one in told for step in frames(one["result"])]
    assert_steps(steps, table(folder / "expected_traces.csv"))
    assert all(moves(frames(one["result"]), False) == [] for one in told)


def test_a_tracer_that_does_not_say_whom_an_end_paid_is_found_out(etl: Path) -> None:
    """An old geth told the bare type, and neither parties nor value."""
    (told,) = recorded(etl / "test_extract_geth_traces_job" / "block_with_suicide", "debug_traceBlockByNumber")
    with pytest.raises(Bad, match="from is missing"):
        frames(told[0]["result"])
