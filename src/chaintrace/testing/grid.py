"""Grid: a local server that shows a local node's chain as Tron, by TronGrid's v1 and java-tron's HTTP API."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from chaintrace.model.address import parse_address
from chaintrace.model.base58 import decode_check
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.explored import TRANSFER, Item
from chaintrace.testing.front import LAG, Front, Request, Response, to_bytes
from chaintrace.testing.tronned import APPROVAL, Tronned, hexed, named

MOST, USUAL = 200, 20
FAULTS = (
    "truncated", "error", "duplicated", "reordered", "overlapping", "shrinking", "looping", "cut", "lagging",
)  # fmt: skip
HURRY = ("429", "later", "403")
_LISTS = {"transactions": "sent", "transactions/trc20": "tokens", "internal-transactions": "internal"}
_PAGING = ("limit", "fingerprint")
_EVENTS = {TRANSFER: "Transfer", APPROVAL: "Approval"}

Asked = dict[str, Any]
Change = Callable[[str, Asked, Any], Any]
"""A request's path and parameters and the answer to it, to what is answered instead: JSON, bytes, or HTTP's status and
bytes."""


class Grid(Front):
    """See ``Front``. The chain is shown with amounts in the node's base units, one for one.

    ``cap``     the most rows of a page, however many are asked for; 200 at most, 20 where nothing is asked.
    ``key``     what the header TRON-PRO-API-KEY has to be; None takes any.
    ``hurry``   one of HURRY, what is said to those who are too fast: HTTP's 429, that with Retry-After, or 403.
    ``penalty`` seconds for which those get no other answer.
    ``solid``   the last block that cannot change.
    ``fault``   one of FAULTS: bodies that break off, errors with HTTP's 200, rows twice, rows in another order, pages
                that begin with the last row of the one before, pages that become shorter, fingerprints that lead to the
                same page, lists cut without a fingerprint, the last blocks missing. ``change`` is any other.
    ``calls``   counts requests by path.
    """

    path = ""

    def __init__(
        self,
        node: Anvil,
        *,
        cap: int = MOST,
        key: str | None = None,
        rate: int | None = None,
        hurry: str = "429",
        penalty: float = 0.0,
        fault: str = "",
    ) -> None:
        super().__init__(node, key=key, rate=rate, archive=True, fault=fault)
        self.tron = Tronned(self.seen)
        self.solid = int(node.rpc("eth_getBlockByNumber", "finalized", False)["number"], 16)
        self.cap, self.hurry, self.penalty = cap, hurry, penalty
        self.change: Change | None = None
        self._until = 0.0
        self._prints: dict[str, tuple[str, int]] = {}

    def _respond(self, request: Request) -> Response:
        asked = dict(request.query) | (json.loads(request.body) if request.body else {})
        self.calls[request.path] += 1
        if self._is_refused():
            return self._refusal()
        if self.key is not None and request.headers.get("tron-pro-api-key") != self.key:
            return Response(401, to_bytes({"Error": "ApiKey not exists"}))
        told = self._told(request.path.strip("/"), asked)
        if self.change is not None:
            told = self.change(request.path.strip("/"), asked, told)
        if isinstance(told, tuple):
            return Response(*told)
        data = told if isinstance(told, bytes) else to_bytes(told)
        broken = self.fault == "truncated" and request.path.startswith("/v1")
        return Response(200, data[: len(data) * 2 // 3] if broken else data)

    def _is_refused(self) -> bool:
        now = time.monotonic()
        if now < self._until:
            self.refused += 1
            return True
        if self._is_hurried():
            self._until = now + self.penalty
            return True
        return False

    def _refusal(self) -> Response:
        said = {"Success": False, "Error": "The key exceeds the frequency limit, and the query server is suspended"}
        if self.hurry == "403":
            return Response(403, to_bytes(said | {"StatusCode": 403}))
        return Response(429, b"", {"Retry-After": "1"} if self.hurry == "later" else {})

    def _told(self, path: str, asked: Asked) -> Any:
        first, _, rest = path.partition("/")
        if first == "v1":
            return self._v1(rest.split("/"), asked)
        if first in ("wallet", "walletsolidity"):
            return self._wallet(rest, asked, self.solid if first == "walletsolidity" else self.seen.last)
        if first == "jsonrpc":
            return self._rpc(asked)
        return 404, b"not found"

    # ---- v1 ----

    def _v1(self, path: list[str], asked: Asked) -> Any:
        if self.fault == "error":
            return _no("something went wrong")
        try:
            what, whom, *rest = path
            if what == "accounts":
                return self._account(_twenty(whom), "/".join(rest), asked)
            if what == "contracts" and rest == ["events"]:
                return self._page(path, asked, [one for one in self._events() if one["contract_address"] == whom])
            if what == "transactions" and rest == ["events"]:
                return self._page(path, asked, [one for one in self._events() if one["transaction_id"] == whom])
            if path == ["blocks", "latest", "events"]:
                return self._page(path, asked, [one for one in self._events() if one["block_number"] == self._last])
        except ValueError as error:
            return _no(str(error))
        return _no("the requested resource does not exist", 404)

    def _account(self, account: str, what: str, asked: Asked) -> Any:
        if not what:
            told = self._state(account, self.seen.last)
            held = {one["contractAddress"] for one in self.seen.tokens if account in one["_parties"]}
            trc20 = [{named(one): str(self._balance_of(one, account, self.seen.last))} for one in sorted(held)]
            return {"data": [told | {"trc20": trc20}] if told else [], "success": True, "meta": self._meta(1)}
        if what not in _LISTS:
            return _no("the requested resource does not exist", 404)
        rows: list[Item] = [one for one in getattr(self.tron, _LISTS[what]) if account in one["_parties"]]
        if what == "transactions" and asked.get("search_internal", "true") != "false":
            rows += [one for one in self.tron.internal if account in one["_parties"]]
        for name, mine in (("only_from", True), ("only_to", False)):
            if asked.get(name) == "true":
                rows = [one for one in rows if (one.get("_from") == hexed(account)) is mine]
        return self._page(["accounts", account, what], asked, rows)

    def _page(self, path: list[str], asked: Asked, rows: list[Item]) -> Any:
        limit, low = int(asked.get("limit", USUAL)), int(asked.get("min_timestamp", 0))
        high = int(asked.get("max_timestamp", 2**62))
        last = self.solid if asked.get("only_confirmed") == "true" else self.seen.last
        if self.fault == "lagging":
            last = min(last, self.seen.last - LAG)
        high = min(high, _time(self.tron.blocks[last]))
        found = sorted((one for one in rows if low <= one["_time"] <= high), key=lambda one: one["_time"])
        if asked.get("order_by", "block_timestamp,desc") != "block_timestamp,asc":
            found.reverse()
        size = min(limit, self.cap, MOST)
        if self.fault == "shrinking":
            size = max(size - sum(self.calls.values()) % 3, 1)
        filters = json.dumps([path, sorted((k, v) for k, v in asked.items() if k not in _PAGING)])
        start = self._start(filters, asked.get("fingerprint"))
        return self._cut(filters, found, start, size)

    def _start(self, filters: str, fingerprint: str | None) -> int:
        if fingerprint is None:
            return 0
        known, start = self._prints.get(fingerprint, ("", 0))
        if known != filters:
            raise ValueError("fingerprint does not match the parameters")
        return start

    def _cut(self, filters: str, found: list[Item], start: int, size: int) -> Any:
        rows = found[start : start + size]
        following = start + size - (self.fault == "overlapping" and size > 1)
        fingerprint = None
        if start + size < len(found) and self.fault != "cut":
            fingerprint = f"{len(self._prints):x}fpr1nt"
            if self.fault == "looping" and start:
                fingerprint = next(name for name, place in self._prints.items() if place == (filters, start))
            self._prints.setdefault(fingerprint, (filters, following))
        if self.fault == "reordered":
            rows = rows[::-1]
        if self.fault == "duplicated":
            rows = rows[:1] + rows
        shown = [{name: value for name, value in one.items() if not name.startswith("_")} for one in rows]
        return {"data": shown, "success": True, "meta": self._meta(len(rows), fingerprint)}

    def _meta(self, size: int, fingerprint: str | None = None) -> Item:
        told: Item = {"at": int(time.time() * 1000), "page_size": size}
        if fingerprint is not None:
            told |= {"fingerprint": fingerprint, "links": {"next": f"{self.url}/?fingerprint={fingerprint}"}}
        return told

    def _events(self) -> list[Item]:
        """Every log, its indexed arguments by place."""
        return [
            {
                "block_number": int(log["blockNumber"], 16),
                "block_timestamp": int(log["timeStamp"], 16) * 1000,
                "contract_address": named(log["address"]),
                "event_name": _EVENTS.get(log["topics"][0] if log["topics"] else "", ""),
                "event_index": 0 if log["logIndex"] == "0x" else int(log["logIndex"], 16),
                "transaction_id": log["transactionHash"][2:],
                "result": dict(enumerate(topic[2:] for topic in log["topics"][1:])),
                "_time": int(log["timeStamp"], 16) * 1000,
            }
            for log in self.seen.logs
        ]

    # ---- java-tron ----

    def _wallet(self, method: str, asked: Asked, last: int) -> Any:
        blocks = self.tron.blocks[: last + 1]
        if method == "getnowblock":
            return _whole(blocks[-1])
        if method == "getblockbynum":
            return _whole(blocks[int(asked["num"])]) if int(asked["num"]) <= last else {}
        if method == "getblockbyid":
            return next((_whole(one) for one in blocks if one["blockID"] == asked["value"]), {})
        if method == "getblock":
            number = int(asked["id_or_num"])
            told = _whole(blocks[number]) if number <= last else {}
            return told if asked.get("detail") in (True, "true") else _head(told)
        if method == "gettransactionbyid":
            return next((e for b in blocks for e in b["transactions"] if e["txID"] == asked["value"]), {})
        if method == "gettransactioninfobyid":
            told = self.tron.infos.get(asked["value"], {})
            return told if told.get("blockNumber", 0) <= last else {}
        if method == "gettransactioninfobyblocknum":
            return [self.tron.infos[e["txID"]] for e in blocks[int(asked["num"])]["transactions"]]
        try:
            if method == "getaccount":
                return self._state(_twenty(asked["address"]), last)
            if method == "triggerconstantcontract":
                return self._constant(asked, last)
        except ValueError as error:
            return {"Error": f"class java.lang.IllegalArgumentException : {error}"}
        return 405, b"method not allowed"

    def _state(self, account: str, last: int) -> Item:
        """What an account holds; nothing is said of accounts that were never there."""
        whole = int(self.node.rpc("eth_getBalance", account, hex(last)), 16) + self.tron.given[account]
        staked = self.tron.staked[account]
        told: Item = {"balance": whole - staked} if whole > staked else {}
        if staked:
            told |= {"frozenV2": [{"amount": staked}, {"type": "ENERGY"}, {"type": "TRON_POWER"}]}
        return {"address": hexed(account), "create_time": 1, **told} if told else {}

    def _balance_of(self, contract: str, account: str, last: int) -> int:
        data = "0x70a08231" + "0" * 24 + account[2:]
        return int(self.node.rpc("eth_call", {"to": contract, "data": data}, hex(last)), 16)

    def _constant(self, asked: Asked, last: int) -> Item:
        if asked["function_selector"] != "balanceOf(address)":
            raise ValueError("this server knows balanceOf(address) alone")
        contract = _twenty(asked["contract_address"])
        if self.node.rpc("eth_getCode", contract, hex(last)) == "0x":
            message = b"Smart contract is not exist.".hex()
            return {"result": {"code": "CONTRACT_VALIDATE_ERROR", "message": message}}
        held = self._balance_of(contract, "0x" + asked["parameter"][-40:], last)
        return {"result": {"result": True}, "energy_used": 500, "constant_result": [f"{held:064x}"]}

    def _rpc(self, asked: Asked) -> Item:
        """As java-tron's own: balances and calls at the last block only."""
        method, params = asked["method"], asked["params"]
        if method in ("eth_getBalance", "eth_call") and params[-1] != "latest":
            said = {"code": -32602, "message": "QUANTITY not supported, just support TAG as latest"}
            return {"jsonrpc": "2.0", "id": asked["id"], "error": said}
        if method == "eth_chainId":
            return {"jsonrpc": "2.0", "id": asked["id"], "result": "0x2b6653dc"}
        return self._node(method, params, asked["id"])


def _twenty(text: str) -> str:
    """An account in any form as 0x and 40 digits. ValueError where it is none."""
    return "0x" + decode_check(parse_address(text, "tron"))[1:].hex()


def _time(block: Item) -> int:
    return int(block["block_header"]["raw_data"]["timestamp"])


def _whole(block: Item) -> Item:
    return block if block["transactions"] else _head(block)


def _head(block: Item) -> Item:
    return {name: value for name, value in block.items() if name != "transactions"}


def _no(text: str, code: int = 400) -> Item:
    return {"success": False, "error": text, "statusCode": code}
