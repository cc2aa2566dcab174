"""Logs and calls read from files: what nodes answer, and what ethereum-etl and cryo export."""

from __future__ import annotations

import csv
import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import ChaintraceError, ColumnError, InputError
from chaintrace.fetch.log_files import read_logs
from chaintrace.model.log import Logs
from tests.fetch.samples import HASHES, TOKEN, A, B, write_csv, write_json

TOPIC = "0x" + "01" * 32


def told(n: int = 0, **other: Any) -> dict[str, Any]:
    return {
        "address": TOKEN, "topics": [TOPIC, "0x" + "0" * 24 + A[2:]], "data": "0x0102", "blockNumber": "0x64",
        "blockHash": HASHES[1], "transactionHash": HASHES[0], "transactionIndex": "0x3", "logIndex": hex(n), **other,
    }  # fmt: skip


def sent(n: int = 0, **other: Any) -> dict[str, Any]:
    return {
        "hash": HASHES[n], "transactionIndex": "0x3", "blockNumber": "0x64", "blockHash": HASHES[1], "from": A, "to": B,
        "value": "0x0", "gas": "0x5208", "gasPrice": "0x7", "input": "0xdeadbeef", **other,
    }  # fmt: skip


def receipt(*logs: dict[str, Any]) -> dict[str, Any]:
    return {
        "transactionHash": HASHES[0], "transactionIndex": "0x3", "blockNumber": "0x64", "blockHash": HASHES[1],
        "from": A, "to": TOKEN, "gasUsed": "0x1", "logs": list(logs),
    }  # fmt: skip


def block(*transactions: dict[str, Any], **other: Any) -> dict[str, Any]:
    return {
        "number": "0x64", "hash": HASHES[1], "parentHash": HASHES[2], "timestamp": "0x62", "miner": A,
        "gasUsed": "0x1", "transactions": list(transactions), **other,
    }  # fmt: skip


def row(n: int = 0, **other: Any) -> dict[str, Any]:
    return {
        "log_index": n, "transaction_hash": HASHES[0], "block_number": 100, "address": TOKEN, "data": "0x0102",
        "topics": f"{TOPIC},0x{'0' * 24}{A[2:]}", "block_timestamp": 98, **other,
    }  # fmt: skip


def write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def result(document: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": 1, "result": document}


SHAPES = {
    "a response": result([told(0), told(1)]),
    "a batch": [result([told(0)]), result([told(1)])],
    "a list": [told(0), told(1)],
    "a receipt": result(receipt(told(0), told(1))),
    "receipts of a block": result([receipt(told(0), told(1))]),
    "twice": [told(0), told(1), told(0)],
}


@pytest.mark.parametrize("document", SHAPES.values(), ids=list(SHAPES))
def test_logs_are_found_in_whatever_a_node_answers(tmp_path: Path, document: Any) -> None:
    read = read_logs(write(tmp_path / "told.json", document))
    assert [(log.log_index, log.block, log.time, log.tx_hash) for log in read.logs] == [
        (0, 100, None, HASHES[0]), (1, 100, None, HASHES[0]),
    ]  # fmt: skip
    assert read.logs[0].address == TOKEN
    assert read.logs[0].topics == (TOPIC, "0x" + "0" * 24 + A[2:])
    assert read.logs[0].data == b"\x01\x02"
    assert len(read.rejected) == 0


def test_a_block_tells_calls_and_the_time_of_its_logs(tmp_path: Path) -> None:
    path = write_json(tmp_path / "lines.jsonl", [result(block(sent(0))), result([told(0)])])
    read = read_logs(path, chain="polygon")
    (call,), (log,) = read.calls, read.logs
    assert (call.chain, call.sender, call.receiver, call.input, call.gas_price) == (
        "eip155:137", A, B, b"\xde\xad\xbe\xef", 7,
    )  # fmt: skip
    assert (call.time, log.time) == (98, 98)


def test_a_log_of_a_block_that_is_another_by_now_is_rejected(tmp_path: Path) -> None:
    read = read_logs(write(tmp_path / "told.json", [block(sent(0)), told(0, blockHash=HASHES[5])]))
    assert (len(read.logs), len(read.calls)) == (0, 1)
    assert read.rejected.counts == {"a block with two hashes": 1}


BROKEN = {
    "no address": told(address="0x12"),
    "half a byte": told(data="0x012"),
    "a removed log": told(removed=True),
    "no place": told(logIndex=None),
    "an unknown thing": {"name": "x"},
    "an error": {"id": 1, "error": {"code": 3, "message": "<script>"}},
    "two inputs": sent(data="0x01"),
    "text": "text",
    "nothing": None,
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=list(BROKEN))
def test_what_is_no_log_is_rejected_by_itself(tmp_path: Path, broken: Any) -> None:
    read = read_logs(write(tmp_path / "told.json", [told(0), broken]))
    assert len(read.logs) == 1
    assert len(read.rejected) == 1


def test_tables_are_read_as_node_answers_are(tmp_path: Path) -> None:
    rows = [row(0), row(1)]
    split = [
        {**{k: v for k, v in one.items() if k not in ("topics", "data")}, "chain_id": 1, "data": b"\x01\x02",
         "topic0": bytes.fromhex(TOPIC[2:]), "topic1": bytes(12) + bytes.fromhex(A[2:]), "topic2": None}
        for one in rows
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(split), tmp_path / "cryo.parquet")
    packed = tmp_path / "logs.csv.gz"
    packed.write_bytes(gzip.compress(write_csv(tmp_path / "logs.csv", rows).read_bytes()))
    node = [told(0, blockTimestamp="0x62"), told(1, blockTimestamp="0x62")]
    expected = read_logs(write(tmp_path / "told.json", node)).logs
    paths = (tmp_path / "cryo.parquet", packed, write_json(tmp_path / "logs.jsonl", rows))
    for source in (*paths, pa.Table.from_pylist(split)):
        assert read_logs(source).logs == expected
    assert read_logs(list(paths)).logs == expected


def test_transactions_of_an_export_are_calls(tmp_path: Path) -> None:
    rows = [
        {"hash": HASHES[0], "block_number": 100, "from_address": A, "to_address": "", "input": "0x01", "gas_price": 7},
        {"hash": HASHES[1], "block_number": 100, "from_address": A, "to_address": B, "input": "x", "gas_price": 7},
    ]
    read = read_logs(write_csv(tmp_path / "transactions.csv", rows))
    assert [(call.receiver, call.input) for call in read.calls] == [(None, b"\x01")]
    assert read.rejected.counts == {"not hexadecimal": 1}


def test_rows_of_several_chains_keep_theirs(tmp_path: Path) -> None:
    rows = [row(0, chain_id=1), row(1, chain_id=10), row(2, chain_id="")]
    read = read_logs(write_csv(tmp_path / "logs.csv", rows), chain="base")
    assert {(log.chain, log.log_index) for log in read.logs} == {("eip155:1", 0), ("eip155:10", 1), ("eip155:8453", 2)}


def test_bad_rows_and_lines_are_counted(tmp_path: Path) -> None:
    read = read_logs(write_csv(tmp_path / "logs.csv", [row(0), row(1, data="0x0"), row(2, address="0xZZ")]))
    assert (len(read.logs), read.rejected.counts) == (1, {"bad address": 1, "not hexadecimal": 1})
    lines = tmp_path / "told.jsonl"
    lines.write_text("{broken\n" + json.dumps(told(0)) + "\n" + '{"a": 1, "a": 2}\n')
    assert (len(read_logs(lines).logs), read_logs(lines).rejected.counts) == (1, {"not JSON": 2})


def test_what_holds_no_logs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ColumnError, match="missing address"):
        read_logs(write_csv(tmp_path / "other.csv", [{"a": 1}]))
    with pytest.raises(InputError, match="no such file"):
        read_logs(tmp_path / "absent.json")
    with pytest.raises(InputError, match="none that are read"):
        read_logs([told()], chain="bitcoin")
    with pytest.raises(InputError, match="nothing to read"):
        read_logs([])
    (tmp_path / "torn.json").write_text("[1,")
    with pytest.raises(InputError, match="no line of it"):
        read_logs(tmp_path / "torn.json")


def test_logs_are_returned_as_they_are() -> None:
    assert read_logs(logs := Logs()) is logs


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from([TOPIC, A, "0x1", "0x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*told(), *block(), *sent(), "logs", "result", "error"]), inner, max_size=8)
    ),
    max_leaves=25,
)


@given(JSON, st.sampled_from(list(told())), JSON)
def test_whatever_stands_in_a_file_is_read_or_refused_in_words(
    tmp_path_factory: pytest.TempPathFactory, other: Any, name: str, value: Any
) -> None:
    path = tmp_path_factory.getbasetemp() / "hostile.json"
    write(path, [told(7), {**told(8), name: value}, other])
    try:
        read = read_logs(path)
    except ChaintraceError:
        return
    if name not in ("blockNumber", "blockHash", "transactionHash", "logIndex"):
        assert any(log.log_index == 7 for log in read.logs) or read.rejected.counts.get("a block with two hashes")


def test_recorded_answers_are_read_as_ethereum_etl_read_them(data: Path) -> None:
    folder = data / "rpc" / "ethereum-etl" / "test_export_receipts_job" / "receipts_with_logs"
    recorded = read_logs(sorted(folder.glob("web3_response.eth_getTransactionReceipt*.json")))
    exported = read_logs(folder / "expected_logs.csv")
    assert recorded.logs == exported.logs != ()
    assert len(recorded.rejected) == len(exported.rejected) == 0
    blocks = data / "rpc" / "ethereum-etl" / "test_export_blocks_job" / "blocks_with_transactions"
    before = read_logs(sorted(blocks.glob("web3_response.eth_getBlockByNumber*.json"))).calls
    with (blocks / "expected_transactions.csv").open(encoding="utf-8", newline="") as file:
        wanted = {line["hash"]: line["input"] for line in csv.DictReader(file)}
    assert {call.tx_hash: "0x" + call.input.hex() for call in before} == wanted
    after = read_logs(blocks / "expected_transactions.csv").calls
    assert [(c.tx_hash, c.sender, c.receiver, c.input) for c in before] == [
        (c.tx_hash, c.sender, c.receiver, c.input) for c in after
    ]
