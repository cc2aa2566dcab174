"""Scout: a local server that shows a local node's chain by Blockscout's REST API v2, with its limits and its faults.

Rule: Blockscout's API v2 as of v12.0.0: pages by key, ``items_count`` from 1 to 100, and 422 for what it does not know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from chaintrace.model.address import format_address
from chaintrace.testing.anvil import Anvil
from chaintrace.testing.explored import Item
from chaintrace.testing.front import Front, Request, Response, to_bytes

FAULTS = (
    "truncated", "error", "duplicated", "reordered", "overlapping", "shrinking", "looping", "skipping", "lagging",
)  # fmt: skip
PRICE = 20
"""Credits that a request costs."""
_LISTS = {
    "transactions": "sent",
    "internal-transactions": "inside",
    "token-transfers": "moved",
    "withdrawals": "withdrawn",
}
_PLACE = re.compile(r"/api/v2/(addresses|transactions)/(0x[0-9a-fA-F]+)/([a-z-]+)")
_NODE = ("/api/eth-rpc", "/json-rpc")
_COMMON = {"items_count", "apikey", "sort", "order", "filter", "type"}

Change = Callable[[str, Mapping[str, str], Any], Any]
"""The name of a list (``inside`` for that of a transaction's calls, ``rpc``, ``blocks``), a request's query and the
answer, to what is answered instead: JSON, bytes, or a Response."""


class Scout(Front):
    """See ``Front``.

    ``cap``      the most rows of a page, however many are asked for.
    ``key``      what ``apikey`` has to be, or a Bearer's token; None takes any.
    ``rate``     requests in a second; more are answered with 429, and with Retry-After where ``after`` gives seconds.
    ``credits``  that are left, 20 a request; None: no end of them.
    ``wraps``    whether it lists what wrapped coins issue and take back as transfers from nobody and to nobody.
    ``scams``    contracts that it calls scams: their transfers are shown to those only who ask for them.
    ``fault``    one of FAULTS: bodies that break off, no list with HTTP's 200, rows twice, rows in another order, pages
                 that begin with the row before, pages of several sizes, the first page again and again, a row that
                 no page has, the last blocks missing. ``change`` is any other.
    ``calls``    counts requests by list, as ``Change`` names them.
    """

    path = "/api/v2"

    def __init__(
        self,
        node: Anvil,
        *,
        cap: int = 100,
        key: str | None = None,
        rate: int | None = None,
        after: int | None = None,
        credits: int | None = None,
        archive: bool = True,
        scams: Sequence[str] = (),
        wraps: bool = True,
        fault: str = "",
    ) -> None:
        super().__init__(node, key=key, rate=rate, archive=archive, fault=fault)
        self.cap, self.after, self.credits, self.scams = cap, after, credits, set(scams)
        self.change: Change | None = None
        self._index = {one["hash"]: int(one["transactionIndex"]) for one in self.seen.sent}
        moved = self.seen.tokens + self.seen.nfts + (self.seen.wraps if wraps else [])
        self._rows: dict[str, list[tuple[tuple[int, ...], Item]]] = {
            "sent": [(_sent_key(one), one) for one in self.seen.sent],
            "inside": [(self._inner_key(one), one) for one in self.seen.inside + self._creations()],
            "moved": [(_moved_key(one), one) for one in moved],
            "withdrawn": [((int(one["withdrawalIndex"]),), one) for one in self.seen.withdrawn],
        }

    def _creations(self) -> list[Item]:
        """A transaction that creates a contract is listed as its own first call."""
        return [
            {**one, "type": "create", "errCode": "", "_index": 0}
            for one in self.seen.sent
            if one["contractAddress"] and one["isError"] == "0"
        ]

    def _inner_key(self, one: Item) -> tuple[int, ...]:
        return int(one["blockNumber"]), self._index[one["hash"]], one["_index"]

    def _respond(self, request: Request) -> Response:
        found = _PLACE.fullmatch(request.path)
        name = _name(found) if found else "rpc" if request.path in _NODE else request.path.split("/")[3]
        self.calls[name] += 1
        refused = self._refused(request)
        if refused is not None:
            return refused
        if self.credits is not None:
            self.credits -= PRICE
        told = self._list(found, request) if found else self._asked(name, request)
        if self.change is not None:
            told = self.change(name, request.query, told)
        if isinstance(told, Response):
            return told
        data = told if isinstance(told, bytes) else to_bytes(told)
        if self.fault == "truncated" and found:
            data = data[: len(data) * 2 // 3]
        return Response(200, data, self._headers)

    @property
    def _headers(self) -> dict[str, str]:
        told = {} if self.rate is None else {"x-ratelimit-remaining": str(max(self.rate - len(self._times), 0))}
        return told if self.credits is None else {**told, "x-credits-remaining": str(max(self.credits, 0))}

    def _refused(self, request: Request) -> Response | None:
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.key is not None and self.key not in (request.query.get("apikey"), bearer):
            return Response(401, to_bytes({"message": "Invalid API key"}))
        if self.credits is not None and self.credits < PRICE:
            self.refused += 1
            return Response(429, to_bytes({"message": "You have used up your credits"}), self._headers)
        if self._is_hurried():
            after = {} if self.after is None else {"Retry-After": str(self.after)}
            return Response(429, to_bytes({"message": "429 Too Many Requests"}), self._headers | after)
        return None

    def _asked(self, name: str, request: Request) -> Any:
        if name == "rpc":
            asked = json.loads(request.body)
            return self._node(asked["method"], asked["params"], asked["id"])
        number = request.path.rpartition("/")[2]
        if name != "blocks" or not number.isdigit() or int(number) > self._last:
            return Response(404, to_bytes({"message": "Not found"}))
        block = self.node.rpc("eth_getBlockByNumber", hex(int(number)), False)
        return {"hash": block["hash"], "height": int(number), "transactions_count": len(block["transactions"])}

    # ---- lists ----

    def _list(self, found: re.Match[str], request: Request) -> Any:
        if self.fault == "error":
            return {"message": "Something went wrong"}
        whose, who, name = found[1], found[2].lower(), found[3]
        if name not in _LISTS or (whose == "transactions" and name != "internal-transactions"):
            return Response(404, to_bytes({"message": "Not found"}))
        rows = [one for one in self._rows[_LISTS[name]] if self._is_of(whose, who, one[1], request)]
        rows.sort(key=lambda one: one[0], reverse=whose == "addresses")
        return self._page(rows, dict(request.query), name, whose == "addresses")

    def _is_of(self, whose: str, who: str, row: Item, request: Request) -> bool:
        if whose == "transactions":
            return bool(row["hash"] == who)
        hidden = row.get("contractAddress") in self.scams and request.headers.get("show-scam-tokens") != "true"
        return who in row["_parties"] and not hidden and int(row["blockNumber"]) <= self._last

    def _page(self, rows: list[tuple[Any, Item]], query: dict[str, str], name: str, newest: bool) -> Any:
        members = ("index",) if name == "withdrawals" else _CURSOR[name]
        unknown = next((one for one in query if one not in (*_COMMON, *members, *_DECORATION)), None)
        count = query.get("items_count", "50")
        if unknown is not None:
            return _invalid(unknown, f"Unexpected field: {unknown}")
        if not count.isdigit() or not 1 <= int(count) <= 100:
            return _invalid("items_count", f"{count} is not between 1 and 100")
        if members[0] in query and self.fault != "looping":
            after = tuple(int(query[one]) for one in members)
            rows = [one for one in rows if self._comes_after(one[0], after, newest)]
        size = min(int(count), self.cap)
        if self.fault == "shrinking":
            size = max(size - sum(self.calls.values()) % 3, 1)
        shown, cursor = rows[:size], None
        if len(rows) > size:
            key, last = rows[size if self.fault == "skipping" else size - 1]
            cursor = dict(zip(members, key, strict=True)) | self._decorated(name, last)
        if self.fault == "duplicated":
            shown = shown[:1] + shown
        if self.fault == "reordered":
            shown = shown[::-1]
        return {"items": [self._shown(name, row) for _, row in shown], "next_page_params": cursor}

    def _comes_after(self, key: Any, after: Any, newest: bool) -> bool:
        return bool(key < after if newest else key > after) or (self.fault == "overlapping" and key == after)

    def _decorated(self, name: str, row: Item) -> Item:
        """What a key of transactions holds besides its place."""
        if name != "transactions":
            return {}
        fee = int(row["gasUsed"]) * int(row["gasPrice"])
        return {"hash": row["hash"], "inserted_at": _time(row), "value": row["value"], "fee": str(fee)}

    # ---- rows ----

    def _shown(self, name: str, row: Item) -> Item:
        if name == "withdrawals":
            return {
                "index": int(row["withdrawalIndex"]),
                "validator_index": int(row["validatorIndex"]),
                "block_number": int(row["blockNumber"]),
                "timestamp": _time(row),
                "amount": str(int(row["amount"]) * 10**9),
            }
        common = {"block_number": int(row["blockNumber"]), "timestamp": _time(row)}
        common |= {"from": self._party(row["from"]), "to": self._party(row["to"])}
        if name == "transactions":
            return common | self._sent(row)
        common |= {"transaction_hash": row["hash"]}
        return common | (self._inner(row) if name == "internal-transactions" else self._moved(row))

    def _sent(self, row: Item) -> Item:
        failed = row["isError"] == "1"
        return {
            "hash": row["hash"],
            "position": int(row["transactionIndex"]),
            "status": "error" if failed else "ok",
            "result": "Reverted" if failed else "success",
            "value": row["value"],
            "gas_limit": row["gas"],
            "gas_used": row["gasUsed"],
            "gas_price": row["gasPrice"],
            "fee": {"type": "actual", "value": str(int(row["gasUsed"]) * int(row["gasPrice"]))},
            "created_contract": self._party(row["contractAddress"]),
            "nonce": int(row["nonce"]),
            "raw_input": row["input"],
            "method": None,
            "type": 2,
            "confirmations": int(row["confirmations"]),
            "revert_reason": {"raw": "0x"} if failed else None,
            "token_transfers": None,
        }

    def _inner(self, row: Item) -> Item:
        failed = row["isError"] == "1"
        return {
            "transaction_index": self._index[row["hash"]],
            "index": row["_index"],
            "type": "selfdestruct" if row["type"] == "suicide" else row["type"],
            "success": not failed,
            "error": row["errCode"] or None,
            "value": row["value"],
            "gas_limit": row["gas"],
            "created_contract": self._party(row["contractAddress"]),
        }

    def _moved(self, row: Item) -> Item:
        kind = "ERC-721" if "tokenID" in row else "ERC-20"
        digits = row.get("tokenDecimal")
        nobody = "0x" + "0" * 40
        how = "token_minting" if row["from"] == nobody else "token_burning" if row["to"] == nobody else "token_transfer"
        scam = row["contractAddress"] in self.scams
        return {
            "block_hash": row.get("blockHash"),
            "log_index": row["_index"],
            "type": how,
            "token_type": kind,
            "method": None,
            "token": {
                "address_hash": format_address(row["contractAddress"]),
                "name": row.get("tokenName"),
                "symbol": row.get("tokenSymbol"),
                "decimals": digits,
                "type": kind,
                "reputation": "scam" if scam else "ok",
            },
            "total": {"token_id": row["tokenID"]} if "tokenID" in row else {"decimals": digits, "value": row["value"]},
        }

    def _party(self, address: str) -> Item | None:
        if not address:
            return None
        return {
            "hash": format_address(address),
            "name": None,
            "ens_domain_name": None,
            "is_contract": False,
            "is_scam": False,
            "reputation": "ok",
            "public_tags": [],
            "metadata": None,
        }


_CURSOR = {
    "transactions": ("block_number", "index"),
    "internal-transactions": ("block_number", "transaction_index", "index"),
    "token-transfers": ("block_number", "index"),
}
_DECORATION = ("hash", "inserted_at", "value", "fee")


def _name(found: re.Match[str]) -> str:
    return "inside" if found[1] == "transactions" else found[3]


def _sent_key(one: Item) -> tuple[int, ...]:
    return int(one["blockNumber"]), int(one["transactionIndex"])


def _moved_key(one: Item) -> tuple[int, ...]:
    return int(one["blockNumber"]), one["_index"]


def _time(row: Item) -> str:
    moment = datetime.fromtimestamp(int(row.get("timeStamp") or row["timestamp"]), UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def _invalid(name: str, detail: str) -> Response:
    told = {"title": "Invalid value", "source": {"pointer": f"/{name}"}, "detail": detail}
    return Response(422, to_bytes({"errors": [told]}))
