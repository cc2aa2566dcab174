"""Other formats than ethereum-etl's Parquet: cryo's, CSV and JSON lines, real exports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import chaintrace as ct
from chaintrace.errors import Malformed
from chaintrace.testing.exported import Exported
from tests.fetch.etherscan_api.asking import ask_node
from tests.fetch.rpc.asking import Stage, by_identity
from tests.fetch.samples import write_csv, write_json
from tests.fetch.tables.asking import about, asked_of, question

Rows = list[dict[str, Any]]


def binary(text: str | None) -> bytes | None:
    return None if text is None else bytes.fromhex(text[2:])


def as_cryo(exported: Exported) -> dict[str, Rows]:
    """The chain's transactions and logs as cryo writes them: bytes, and amounts of 32 bytes."""
    sent = [
        {
            "block_number": row["block_number"], "transaction_index": row["transaction_index"], "chain_id": 1,
            "transaction_hash": binary(row["hash"]), "from_address": binary(row["from_address"]),
            "to_address": binary(row["to_address"]), "value_binary": int(row["value"]).to_bytes(32, "big"),
            "success": bool(row["receipt_status"]), "gas_used": row["receipt_gas_used"],
            "gas_price": row["receipt_effective_gas_price"],
        }
        for row in exported.transactions
    ]  # fmt: skip
    logs = [
        {
            "block_number": row["block_number"], "transaction_index": row["transaction_index"], "chain_id": 1,
            "transaction_hash": binary(row["transaction_hash"]), "log_index": row["log_index"],
            "address": binary(row["address"]), "data": binary(row["data"]),
            **{f"topic{n}": binary(row["topics"][n]) if n < len(row["topics"]) else None for n in range(4)},
        }
        for row in exported.logs
    ]  # fmt: skip
    blocks = [
        {"block_number": row["number"], "block_hash": binary(row["hash"]), "timestamp": row["timestamp"],
         "author": binary(row["miner"])}
        for row in exported.blocks
    ]  # fmt: skip
    return {"transactions": sent, "logs": logs, "blocks": blocks}


def test_cryo_s_files_say_what_a_node_says(stage: Stage, exported: Exported, tmp_path: Path) -> None:
    """But for what happens inside transactions, and for contracts that a transaction makes: with ether inside, that is
    an error for who sent it, for nobody says who got it."""
    for name, rows in as_cryo(exported).items():
        pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"ethereum__{name}__0_to_62.parquet")
    files = ct.Files(tmp_path)
    making = [row for row in exported.transactions if row["to_address"] is None]
    giving = {row["from_address"] for row in making if row["value"] != "0"}
    assert giving
    with pytest.raises(Malformed, match="missing receiver"):
        asked_of(files, question(stage, files, sorted(giving)))
    others = [one for one in stage.planted.accounts if one not in giving]
    answer = asked_of(files, question(stage, files, others)).answer
    node = {
        key: row
        for key, row in by_identity(ask_node(stage, others).rows).items()
        if row["kind"] not in ("opening", "internal") and not (row["kind"] == "burn" and "slip44" in row["asset"])
    }
    mine = by_identity(answer.rows)
    assert all(node[key] == row for key, row in mine.items())
    assert {key[0] for key in node.keys() - mine.keys()} <= {row["hash"] for row in making}
    assert {one.kind for one in answer.missing} == {"internal", "burn", "reward", "withdrawal"}


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_text_files_say_the_same_as_parquet(
    stage: Stage, exported: Exported, lake: Path, ending: str, tmp_path: Path
) -> None:
    for name in ("blocks", "transactions", "traces", "logs"):
        rows = getattr(exported, name)
        if ending == "csv":
            told = [{**row, "topics": ",".join(row["topics"])} if "topics" in row else row for row in rows]
            write_csv(tmp_path / f"{name}.csv", told)
        else:
            write_json(tmp_path / f"{name}.jsonl", rows)
    some = stage.planted.accounts[::5]
    text, parquet = ct.Files(tmp_path), ct.Files(lake)
    one = asked_of(text, question(stage, text, some)).answer
    other = asked_of(parquet, question(stage, parquet, some)).answer
    assert one.rows.drop_columns(["evidence"]).equals(other.rows.drop_columns(["evidence"]))
    assert one.hashes == other.hashes


def test_a_real_export_says_what_reading_it_says(data: Path) -> None:
    folder = data / "rpc/ethereum-etl/test_stream/blocks_17173049_17173050"
    whole = ct.read_transfers(folder / "expected_transactions.json").table.drop_columns(["evidence"]).to_pylist()
    files = ct.Files(folder / "expected_transactions.json", folder / "expected_blocks.json")
    assert files.head().hash.startswith("0x")
    senders = sorted({row["sender"] for row in whole})[:40]
    answer = asked_of(files, about(files, senders, 17173049, 17173050)).answer
    mine = answer.rows.drop_columns(["evidence"]).to_pylist()
    wanted = [row for row in whole if {row["sender"], row["receiver"]} & set(senders)]
    assert sorted(map(str, mine)) == sorted(map(str, wanted))
    assert len(mine) > 80
    assert {one.kinds for one in answer.covered} == {("native", "fee")}
