"""Exported: a local node's chain as the tables that ethereum-etl writes, by itself, without the fetchers' decoders."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chaintrace.testing.anvil import Anvil

Item = dict[str, Any]

TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
FILES = ("blocks", "transactions", "logs", "traces", "token_transfers", "withdrawals")


class Exported:
    """Rows of blocks 0 to ``last`` in the order of the chain: ``blocks``, ``transactions`` with columns of
    receipts, ``logs``, ``traces``, ``token_transfers`` and, flat, ``withdrawals``. Amounts are decimal text."""

    def __init__(self, node: Anvil, last: int | None = None) -> None:
        self.last = int(node.rpc("eth_blockNumber"), 16) if last is None else last
        self.blocks: list[Item] = []
        self.transactions: list[Item] = []
        self.logs: list[Item] = []
        self.traces: list[Item] = []
        self.withdrawals: list[Item] = []
        for block in node.batch([("eth_getBlockByNumber", [hex(n), True]) for n in range(self.last + 1)]):
            self._block(node, block)

    @property
    def token_transfers(self) -> list[Item]:
        """As ethereum-etl extracts them from logs: what looks like an ERC-20 or ERC-721 transfer."""
        return list(_moved(self.logs))

    def write(self, folder: Path, names: tuple[str, ...] = FILES) -> Path:
        """Each table as a Parquet file in a folder of its own; those without rows are left out. The folder."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        for name in names:
            rows = getattr(self, name)
            if rows:
                (folder / name).mkdir(parents=True)
                pq.write_table(pa.Table.from_pylist(rows), folder / name / f"{name}.parquet")
        return folder

    def _block(self, node: Anvil, block: Item) -> None:
        number, time = int(block["number"], 16), int(block["timestamp"], 16)
        self.blocks.append(
            {
                "number": number,
                "hash": block["hash"],
                "parent_hash": block["parentHash"],
                "miner": block["miner"],
                "timestamp": time,
                "transaction_count": len(block["transactions"]),
                "blob_gas_used": None if block.get("blobGasUsed") is None else int(block["blobGasUsed"], 16),
            }
        )
        hashes = [one["hash"] for one in block["transactions"]]
        receipts = node.batch([("eth_getTransactionReceipt", [one]) for one in hashes])
        traces = node.batch([("trace_transaction", [one]) for one in hashes])
        for one, receipt, calls in zip(block["transactions"], receipts, traces, strict=True):
            self.transactions.append(_sent(one, receipt, time))
            self.logs += [_log(log, time) for log in receipt["logs"]]
            self.traces += _called(calls, receipt["status"] == "0x1", time)
        for withdrawal in block.get("withdrawals") or ():
            told = {name: int(withdrawal[ours], 16) for name, ours in _WITHDRAWN}
            self.withdrawals.append({**told, "address": withdrawal["address"], "block_number": number})


_WITHDRAWN = (("index", "index"), ("validator_index", "validatorIndex"), ("amount", "amount"))


def _sent(one: Item, receipt: Item, time: int) -> Item:
    return {
        "hash": one["hash"],
        "nonce": int(one["nonce"], 16),
        "block_hash": one["blockHash"],
        "block_number": int(one["blockNumber"], 16),
        "transaction_index": int(one["transactionIndex"], 16),
        "from_address": one["from"],
        "to_address": one["to"],
        "value": str(int(one["value"], 16)),
        "block_timestamp": time,
        "receipt_status": int(receipt["status"], 16),
        "receipt_gas_used": int(receipt["gasUsed"], 16),
        "receipt_effective_gas_price": int(receipt["effectiveGasPrice"], 16),
        "receipt_contract_address": receipt.get("contractAddress"),
    }


def _log(log: Item, time: int) -> Item:
    return {
        "log_index": int(log["logIndex"], 16),
        "transaction_hash": log["transactionHash"],
        "transaction_index": int(log["transactionIndex"], 16),
        "block_hash": log["blockHash"],
        "block_number": int(log["blockNumber"], 16),
        "block_timestamp": time,
        "address": log["address"],
        "data": log["data"],
        "topics": log["topics"],
    }


def _moved(logs: list[Item]) -> Iterator[Item]:
    for log in logs:
        words = [*log["topics"][1:], *(log["data"][2 + n : 66 + n] for n in range(0, len(log["data"]) - 2, 64))]
        if log["topics"][:1] == [TRANSFER] and len(words) == 3:
            sender, receiver = ("0x" + word[-40:] for word in words[:2])
            yield {
                "token_address": log["address"],
                "from_address": sender,
                "to_address": receiver,
                "value": str(int(words[2].removeprefix("0x"), 16)),
                "transaction_hash": log["transaction_hash"],
                "log_index": log["log_index"],
                "block_number": log["block_number"],
            }


def _called(calls: list[Item], went_well: bool, time: int) -> Iterator[Item]:
    """ethereum-etl's ``status`` says of each call whether it and all above it succeeded."""
    failed = [one["traceAddress"] for one in calls if one.get("error") is not None]
    for one in calls:
        action, kind, path = one["action"], one["type"], one["traceAddress"]
        undone = not went_well or any(path[: len(above)] == above for above in failed)
        made = (one.get("result") or {}).get("address")
        yield {
            "block_number": one["blockNumber"],
            "transaction_hash": one["transactionHash"],
            "transaction_index": one["transactionPosition"],
            "block_timestamp": time,
            "trace_type": kind,
            "call_type": action.get("callType"),
            "from_address": action["address"] if kind == "suicide" else action["from"],
            "to_address": action["refundAddress"] if kind == "suicide" else made if kind == "create" else action["to"],
            "value": str(int(action["balance"] if kind == "suicide" else action["value"], 16)),
            "trace_address": ",".join(map(str, path)),
            "error": one.get("error"),
            "status": 0 if undone else 1,
        }
