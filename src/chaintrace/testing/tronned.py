"""Tronned: a chain that was explored as it would stand on Tron, in the words of java-tron and of TronGrid.

Accounts keep their twenty bytes, transactions their hashes, amounts their base units. Block ids begin with their
number, and that of block 0 ends as Tron's own does. Rule: java-tron's HTTP API, and TronGrid's v1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from chaintrace.model.base58 import encode_check
from chaintrace.testing.explored import TRANSFER, Explored, Item

APPROVAL = "0x8c5be1e5ebec7d5bd14f71427d1e84f3dd0314c0f7b2291e5b200ac8c7c3b925"
GENESIS = "2b6653dc"
PLAIN_GAS = 21_000
GIVER = "0x" + sha256(b"chaintrace.testing/giver").hexdigest()[:40]
NOBODY = "0x" + "0" * 40
_NOTES = {"suicide": "suicide", "create": "create", "create2": "create"}
_NOTHING: Mapping[str, Any] = {}


def hexed(address: str) -> str:
    """Twenty bytes as java-tron writes an account: 41 and 40 digits."""
    return "41" + address[2:]


def named(address: str) -> str:
    """Twenty bytes as people write an account: T…"""
    return encode_check(bytes.fromhex(hexed(address)))


def block_id(number: int, digest: str) -> str:
    """A hash of the node as the id of a block."""
    return f"{number:016x}" + (digest[18:] if number else digest[18:58] + GENESIS)


class Tronned:
    """``blocks`` by number; ``infos`` by transaction; ``sent``, ``internal`` and ``tokens``: TronGrid's lists, in the
    order of the chain, each row with whom it touches (``_parties``) and its time in milliseconds (``_time``).

    ``given``: what accounts hold beyond what the node says, by what ``add`` has moved; ``staked``: what of it is not
    free.
    """

    def __init__(self, seen: Explored) -> None:
        self.seen = seen
        self.blocks = [_block(one) for one in seen.blocks]
        self.infos: dict[str, Item] = {}
        self.sent: list[Item] = []
        self.internal: list[Item] = []
        self.tokens: list[Item] = []
        self.given: Counter[str] = Counter()
        self.staked: Counter[str] = Counter()
        self._give()
        symbols = {one["contractAddress"]: one for one in seen.tokens}
        for one in seen.sent:
            digest = one["hash"]
            logs = [log for log in seen.logs if log["transactionHash"] == digest]
            calls = [call for call in seen.inside if call["hash"] == digest]
            self._transaction(one, logs, calls)
            self.tokens += [_token(one, log, symbols) for log in logs if _is_listed(log)]

    def _give(self) -> None:
        """What accounts had been given by hand when the chain began is paid out in block 0, as on Tron itself."""
        parties = sorted({party for one in (*self.seen.sent, *self.seen.inside) for party in one["_parties"]} - {""})
        asked = [("eth_getBalance", [one, "0x0"]) for one in parties]
        for one, held in zip(parties, self.seen.node.batch(asked), strict=True):
            if amount := int(held, 16):
                value = {"owner_address": hexed(GIVER), "to_address": hexed(one), "amount": amount}
                digest = sha256(f"given to {one}".encode()).hexdigest()
                self._add(0, digest, "TransferContract", value, {GIVER, one}, 0, "SUCCESS", _NOTHING)

    def _transaction(self, one: Item, logs: list[Item], calls: list[Item]) -> None:
        kind, value, parties = _contract(one)
        went = "SUCCESS" if one["isError"] == "0" else "OUT_OF_ENERGY" if one["gas"] == one["gasUsed"] else "REVERT"
        fee = int(one["gasUsed"]) * int(one["gasPrice"])
        energy = 0 if kind == "TransferContract" else fee - fee // 10
        told = [_call(one["hash"], call) for call in calls]
        info: Item = {
            "contractResult": [""],
            "receipt": {"net_fee": fee - energy},
            "log": [_log(log) for log in logs],
            "internal_transactions": told,
        }
        if energy:
            info["receipt"] |= {"energy_fee": energy, "energy_usage_total": int(one["gasUsed"]), "result": went}
            info["contract_address"] = hexed(one["to"] or one["contractAddress"])
        if went != "SUCCESS":
            info |= {"result": "FAILED", "resMessage": went.encode().hex()}
        number, digest = int(one["blockNumber"]), one["hash"][2:]
        self._add(number, digest, kind, value, parties, fee, went, {k: v for k, v in info.items() if v})
        place = {"block_timestamp": _milliseconds(one), "_time": _milliseconds(one), "tx_id": digest}
        self.internal += [_listed_call(place, call, said) for call, said in zip(calls, told, strict=True)]

    def _add(
        self,
        number: int,
        digest: str,
        kind: str,
        value: Mapping[str, Any],
        parties: Iterable[str],
        fee: int,
        went: str,
        info: Mapping[str, Any],
    ) -> None:
        block = self.blocks[number]
        time = block["block_header"]["raw_data"]["timestamp"]
        url = f"type.googleapis.com/protocol.{kind}"
        raw = {
            "contract": [{"parameter": {"value": dict(value), "type_url": url}, "type": kind}],
            "ref_block_bytes": "0000",
            "ref_block_hash": "0" * 16,
            "expiration": time + 60_000,
            "timestamp": time - 1_000,
        }
        entry = {"txID": digest, "raw_data": raw, "raw_data_hex": "0a02", "signature": ["00" * 65]}
        block["transactions"].append({"ret": [{"contractRet": went}], **entry})
        receipt = info.get("receipt", _NOTHING)
        charged = {name: receipt.get(name, 0) for name in ("net_fee", "energy_fee", "energy_usage_total")}
        self.sent.append(
            {
                "ret": [{"contractRet": went, "fee": fee}],
                **entry,
                **charged,
                "net_usage": 0,
                "energy_usage": 0,
                "blockNumber": number,
                "block_timestamp": time,
                "internal_transactions": [],
                "_parties": set(parties),
                "_time": time,
                "_from": value.get("owner_address"),
            }
        )
        whole = {"id": digest, "fee": fee, "blockNumber": number, "blockTimeStamp": time}
        self.infos[digest] = {name: one for name, one in (whole | dict(info)).items() if one}

    def add(
        self,
        number: int,
        kind: str,
        value: Mapping[str, Any],
        *,
        fee: int = 0,
        gains: Mapping[str, int] = _NOTHING,
        stakes: Mapping[str, int] = _NOTHING,
        **info: Any,
    ) -> str:
        """One more transaction at the end of a block, of any kind; its id. ``gains``: what it leaves accounts (0x…)
        with, fees included, in sun; ``stakes``: what of that is no longer free. Accounts in ``value`` are 41 and 40
        digits."""
        digest = sha256(f"{kind}/{number}/{len(self.infos)}".encode()).hexdigest()
        parties = ["0x" + one[2:] for one in value.values() if isinstance(one, str) and one.startswith("41")]
        self._add(number, digest, kind, value, parties, fee, "SUCCESS", info)
        time = self.sent[-1]["_time"]
        for call in info.get("internal_transactions", ()):
            ends = [call[name] for name in ("caller_address", "transferTo_address")]
            paid = {one.get("tokenId", "_"): one.get("callValue", 0) for one in call["callValueInfo"]}
            said = {"note": call["note"], "rejected": call.get("rejected", False), "call_value": {"_": 0, **paid}}
            told = {"from_address": ends[0], "to_address": ends[1], "_parties": {"0x" + one[2:] for one in ends}}
            place = {"block_timestamp": time, "_time": time, "tx_id": digest, "internal_tx_id": call["hash"]}
            self.internal.append({**place, "data": said, **told})
        self.sent.sort(key=lambda one: one["_time"])
        self.given.update(gains)
        self.staked.update(stakes)
        return digest


def _block(told: Item) -> Item:
    number = int(told["number"], 16)
    raw = {
        "number": number,
        "txTrieRoot": "0" * 64,
        "witness_address": hexed(told["miner"]),
        "parentHash": block_id(number - 1, told["parentHash"]) if number else "0" * 64,
        "version": 30,
        "timestamp": int(told["timestamp"], 16) * 1000,
    }
    header = {"raw_data": {name: one for name, one in raw.items() if one}, "witness_signature": "00" * 65}
    return {"blockID": block_id(number, told["hash"]), "block_header": header, "transactions": []}


def _contract(one: Item) -> tuple[str, Item, set[str]]:
    """The kind, what it says, and whom it touches. What is nought is left out, as protobuf does."""
    owner, amount = hexed(one["from"]), int(one["value"])
    made = one["contractAddress"]
    if not one["to"]:
        new = {"bytecode": one["input"][2:], "name": "made", "origin_address": owner} | _maybe("call_value", amount)
        return "CreateSmartContract", {"owner_address": owner, "new_contract": new}, {one["from"], made}
    if int(one["gasUsed"]) == PLAIN_GAS:
        said = {"owner_address": owner, "to_address": hexed(one["to"])} | _maybe("amount", amount)
        return "TransferContract", said, {one["from"], one["to"]}
    said = {"owner_address": owner, "contract_address": hexed(one["to"])} | _maybe("call_value", amount)
    return "TriggerSmartContract", said | _maybe("data", one["input"][2:]), {one["from"], one["to"]}


def _maybe(name: str, value: Any) -> Item:
    return {name: value} if value else {}


def _milliseconds(one: Item) -> int:
    return int(one["timeStamp"], 0) * 1000


def _call(digest: str, call: Item) -> Item:
    amount = int(call["value"])
    told = {
        "hash": sha256(f"{digest}{call['_path']}".encode()).hexdigest(),
        "caller_address": hexed(call["from"]),
        "transferTo_address": hexed(call["to"] or call["contractAddress"] or NOBODY),
        "callValueInfo": [_maybe("callValue", amount)],
        "note": _NOTES.get(call["type"], "call").encode().hex(),
    }
    return told | ({"rejected": True} if call["isError"] == "1" else {})


def _listed_call(place: Item, call: Item, told: Item) -> Item:
    said = {"note": told["note"], "rejected": "rejected" in told, "call_value": {"_": int(call["value"])}}
    return {
        **place,
        "internal_tx_id": told["hash"],
        "data": said,
        "from_address": told["caller_address"],
        "to_address": told["transferTo_address"],
        "_parties": call["_parties"] - {""},
    }


def _log(log: Item) -> Item:
    return {
        "address": log["address"][2:],
        "topics": [topic[2:] for topic in log["topics"]],
        "data": log["data"][2:],
    }


def _is_listed(log: Item) -> bool:
    return len(log["topics"]) == 3 and log["topics"][0] in (TRANSFER, APPROVAL) and len(log["data"]) == 66


def _token(one: Item, log: Item, symbols: Mapping[str, Item]) -> Item:
    sender, receiver = ("0x" + topic[26:] for topic in log["topics"][1:])
    told = symbols.get(log["address"], {"tokenSymbol": "", "tokenDecimal": "0"})
    about = {
        "symbol": told["tokenSymbol"],
        "address": named(log["address"]),
        "decimals": int(told["tokenDecimal"]),
        "name": told["tokenSymbol"],
    }
    return {
        "transaction_id": one["hash"][2:],
        "token_info": about,
        "block_timestamp": _milliseconds(one),
        "from": named(sender),
        "to": named(receiver),
        "type": "Transfer" if log["topics"][0] == TRANSFER else "Approval",
        "value": str(int(log["data"], 16)),
        "_parties": {sender, receiver},
        "_time": _milliseconds(one),
        "_from": hexed(sender),
    }
