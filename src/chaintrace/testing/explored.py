"""Explored: a local node's chain read into the lists of an explorer, by itself, without the fetchers' decoders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from chaintrace.testing.anvil import Anvil

Item = dict[str, Any]
Path = tuple[int, ...]

DEPOSIT = "0xe1fffcc4923d04b559f4d29a8bfc6cda04eb5b0d3c460751c2402c5c5cc9109c"
WITHDRAWAL = "0x7fcf532c15f0a6db0bd6d0e038bea71d30d808c7d98cb3bf7268a95bf5081b65"
TRANSFER = "0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef"
_WRAPS = {DEPOSIT, WITHDRAWAL}
NOBODY = "0x" + "0" * 64
_FOREIGN = {"delegatecall", "callcode", "staticcall"}


class Explored:
    """The lists of blocks 0 to ``last``, in the order of the chain, their values as Etherscan's API writes them.

    ``sent``, ``inside``, ``tokens``, ``nfts``, ``wraps``, ``withdrawn`` and ``logs``; each row has the further member
    ``_parties``, whom it touches; transfers ``_index``, that of their log; and rows of ``inside`` ``_path``, their
    trace address, and ``_index``, their number among all calls of the transaction, the top one being 0.
    """

    def __init__(self, node: Anvil) -> None:
        self.node = node
        self.last = int(node.rpc("eth_blockNumber"), 16)
        self.sent: list[Item] = []
        self.inside: list[Item] = []
        self.tokens: list[Item] = []
        self.nfts: list[Item] = []
        self.wraps: list[Item] = []
        self.withdrawn: list[Item] = []
        self.logs: list[Item] = []
        self._known: dict[str, tuple[str, str]] = {}
        for block in node.batch([("eth_getBlockByNumber", [hex(n), True]) for n in range(self.last + 1)]):
            self._block(block)

    def _block(self, block: Item) -> None:
        hashes = [one["hash"] for one in block["transactions"]]
        receipts = self.node.batch([("eth_getTransactionReceipt", [one]) for one in hashes])
        traces = self.node.batch([("debug_traceTransaction", [one, {"tracer": "callTracer"}]) for one in hashes])
        for one, receipt, trace in zip(block["transactions"], receipts, traces, strict=True):
            place = {
                "blockNumber": _number(block["number"]),
                "timeStamp": _number(block["timestamp"]),
                "hash": one["hash"],
            }
            self.sent.append(self._sent(place, one, receipt))
            calls = enumerate(_calls(trace))
            self.inside += [_inner(place, n, *told) for n, told in calls if _is_listed(told[1], told[0])]
            self.tokens += [self._token(place, log) for log in receipt["logs"] if _is_transfer(log)]
            self.nfts += [self._nft(place, log) for log in receipt["logs"] if _is_nft(log)]
            self.wraps += [self._wrap(place, log) for log in receipt["logs"] if _WRAPS.intersection(log["topics"][:1])]
            self.logs += [_log(block, log, receipt) for log in receipt["logs"]]
        for one in block.get("withdrawals") or ():
            self.withdrawn.append(_withdrawn(block, one))

    def _sent(self, place: Item, one: Item, receipt: Item) -> Item:
        made, went_well = receipt.get("contractAddress") or "", receipt["status"] == "0x1"
        return {
            **place,
            "blockHash": one["blockHash"],
            "nonce": _number(one["nonce"]),
            "transactionIndex": _number(one["transactionIndex"]),
            "from": one["from"],
            "to": one["to"] or "",
            "value": _number(one["value"]),
            "gas": _number(one["gas"]),
            "gasPrice": _number(receipt["effectiveGasPrice"]),
            "isError": "0" if went_well else "1",
            "txreceipt_status": "1" if went_well else "0",
            "input": one["input"],
            "contractAddress": made,
            "cumulativeGasUsed": _number(receipt["cumulativeGasUsed"]),
            "gasUsed": _number(receipt["gasUsed"]),
            "confirmations": str(self.last - int(one["blockNumber"], 16)),
            "methodId": one["input"][:10],
            "functionName": "",
            "_parties": {one["from"], one["to"] or "", made},
        }

    def _token(self, place: Item, log: Item) -> Item:
        sender, receiver = ("0x" + topic[26:] for topic in log["topics"][1:])
        symbol, decimals = self._about(log["address"])
        return {
            **place,
            "blockHash": log["blockHash"],
            "from": sender,
            "contractAddress": log["address"],
            "to": receiver,
            "value": _number(log["data"]),
            "tokenName": symbol,
            "tokenSymbol": symbol,
            "tokenDecimal": decimals,
            "transactionIndex": _number(log["transactionIndex"]),
            "confirmations": str(self.last - int(log["blockNumber"], 16)),
            "_parties": {sender, receiver},
            "_index": int(log["logIndex"], 16),
        }

    def _nft(self, place: Item, log: Item) -> Item:
        sender, receiver = ("0x" + topic[26:] for topic in log["topics"][1:3])
        return {
            **place,
            "from": sender,
            "contractAddress": log["address"],
            "to": receiver,
            "tokenID": _number(log["topics"][3]),
            "_parties": {sender, receiver},
            "_index": int(log["logIndex"], 16),
        }

    def _wrap(self, place: Item, log: Item) -> Item:
        """A deposit into a wrapped coin as a transfer from nobody, a withdrawal as one to nobody."""
        ends = [NOBODY, log["topics"][1]]
        topics = [TRANSFER, *(ends if log["topics"][0] == DEPOSIT else ends[::-1])]
        return self._token(place, {**log, "topics": topics})

    def _about(self, contract: str) -> tuple[str, str]:
        """Symbol and decimals, as the contract says."""
        if contract not in self._known:
            asked = [("eth_call", [{"to": contract, "data": data}, "latest"]) for data in ("0x95d89b41", "0x313ce567")]
            symbol, decimals = self.node.batch(asked)
            raw = bytes.fromhex(symbol[2:])
            length = int.from_bytes(raw[32:64], "big")
            self._known[contract] = raw[64 : 64 + length].decode(), _number(decimals)
        return self._known[contract]


def _calls(top: Item) -> Iterator[tuple[Path, Item, bool]]:
    """Place, frame, and whether it or one above it failed; depth first."""
    waiting: list[tuple[Path, Item, bool]] = [((), top, "error" in top)]
    while waiting:
        path, frame, failed = waiting.pop()
        yield path, frame, failed
        calls: Sequence[Item] = frame.get("calls") or ()
        waiting += [((*path, n), one, failed or "error" in one) for n, one in reversed(list(enumerate(calls)))]


def _is_listed(frame: Item, path: Path) -> bool:
    kind, value = frame["type"].lower(), int(frame.get("value") or "0x0", 16)
    return bool(path) and (value > 0 or kind.startswith("create") or kind == "selfdestruct")


def _inner(place: Item, number: int, path: Path, frame: Item, failed: bool) -> Item:
    kind = frame["type"].lower()
    receiver = frame.get("to") or ""
    creates = kind.startswith("create")
    return {
        **place,
        "from": frame["from"],
        "to": "" if creates else receiver,
        "value": "0" if kind in _FOREIGN else _number(frame.get("value") or "0x0"),
        "contractAddress": receiver if creates else "",
        "input": "",
        "type": "suicide" if kind == "selfdestruct" else kind,
        "gas": _number(frame.get("gas") or "0x0"),
        "gasUsed": _number(frame.get("gasUsed") or "0x0"),
        "isError": "1" if failed else "0",
        "errCode": "Reverted" if failed else "",
        "_parties": {frame["from"], receiver},
        "_path": path,
        "_index": number,
    }


def _is_transfer(log: Item) -> bool:
    return len(log["topics"]) == 3 and log["topics"][0] == TRANSFER and len(log["data"]) == 66


def _is_nft(log: Item) -> bool:
    return len(log["topics"]) == 4 and log["topics"][0] == TRANSFER


def _log(block: Item, log: Item, receipt: Item) -> Item:
    return {
        "address": log["address"],
        "topics": log["topics"],
        "data": log["data"],
        "blockNumber": log["blockNumber"],
        "blockHash": log["blockHash"],
        "timeStamp": block["timestamp"],
        "gasPrice": receipt["effectiveGasPrice"],
        "gasUsed": receipt["gasUsed"],
        "logIndex": _bare(log["logIndex"]),
        "transactionHash": log["transactionHash"],
        "transactionIndex": _bare(log["transactionIndex"]),
        "_parties": {log["address"]},
    }


def _withdrawn(block: Item, one: Item) -> Item:
    return {
        "withdrawalIndex": _number(one["index"]),
        "validatorIndex": _number(one["validatorIndex"]),
        "address": one["address"],
        "amount": _number(one["amount"]),
        "blockNumber": _number(block["number"]),
        "timestamp": _number(block["timestamp"]),
        "_parties": {one["address"]},
    }


def _number(text: str) -> str:
    return str(int(text, 16))


def _bare(text: str) -> str:
    """Etherscan writes nought as ``0x`` in logs."""
    return "0x" if int(text, 16) == 0 else text
