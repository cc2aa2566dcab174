"""Explorer: a local server that shows a local node's chain by Etherscan's API V2, with its limits and its faults."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from chaintrace.testing.anvil import Anvil
from chaintrace.testing.explored import Item
from chaintrace.testing.front import Front, Request, Response, to_bytes

WINDOW = 10_000
FAULTS = ("truncated", "error", "duplicated", "reordered", "shrinking", "lagging")
TRACES = ("path", "account", "index", "none")
_WIDE = "Result window is too large, PageNo x Offset size must be less than or equal to 10000"
_CHAIN = "Missing or unsupported chainid parameter (required for v2 api)"
_LISTS = {"txlist": "sent", "txlistinternal": "inside", "tokentx": "tokens", "txsBeaconWithdrawal": "withdrawn"}

Query = dict[str, str]
Change = Callable[[Query, Any], Any]
"""A request's query and the answer to it, to what is answered instead: JSON, bytes, or HTTP's status and bytes."""


class Explorer(Front):
    """See ``Front``.

    ``cap``      the most rows of a page, however many are asked for.
    ``window``   how far into a list pages go, in rows.
    ``key``      what ``apikey`` has to be; None takes any.
    ``rate``     calls in a second; more are told so, by HTTP's status 429 where ``loud``, else in a body with 200.
    ``archive``  whether its node knows old balances.
    ``traces``   how places of calls are told: ``path`` in all lists, ``account`` in those of accounts only, ``index`` a
                 number as Blockscout does, ``none``.
    ``fault``    one of FAULTS: bodies that break off, errors with HTTP's 200, rows twice, rows in another order, pages
                 that become shorter, the last blocks missing. ``change`` is any other.
    ``calls``    counts requests by action.
    """

    path = "/v2/api"

    def __init__(
        self,
        node: Anvil,
        *,
        cap: int = 1_000,
        window: int = WINDOW,
        key: str | None = None,
        rate: int | None = None,
        loud: bool = False,
        archive: bool = True,
        traces: str = "path",
        fault: str = "",
    ) -> None:
        super().__init__(node, key=key, rate=rate, archive=archive, fault=fault)
        self.cap, self.window, self.loud, self.traces = cap, window, loud, traces
        self.change: Change | None = None

    def _respond(self, request: Request) -> Response:
        query = dict(request.query)
        self.calls[query.get("action", "")] += 1
        if self._is_hurried():
            if self.loud:
                return Response(429, b"Too Many Requests")
            return Response(200, to_bytes(_no(f"Max calls per sec rate limit reached ({self.rate}/sec)")))
        told = self._told(query)
        if self.change is not None:
            told = self.change(query, told)
        if isinstance(told, tuple):
            return Response(*told)
        data = told if isinstance(told, bytes) else to_bytes(told)
        broken = self.fault == "truncated" and query.get("module") == "account"
        return Response(200, data[: len(data) * 2 // 3] if broken else data)

    def _told(self, query: Query) -> Any:
        if self.key is not None and query.get("apikey") != self.key:
            return _no("Invalid API Key (#err2)|" + query.get("apikey", ""))
        if query.get("chainid") != str(self.chain):
            return _no(_CHAIN)
        module, action = query.get("module"), query.get("action", "")
        if module == "proxy":
            return self._proxy(action, query)
        if self.fault == "error":
            return _no("Error! Something went wrong")
        if module == "account" and action in _LISTS:
            return self._list(query, getattr(self.seen, _LISTS[action]))
        if module == "logs" and action == "getLogs":
            return self._list(query, [log for log in self.seen.logs if _has_topics(log, query)])
        return _no("Error! Missing Or invalid Action name")

    # ---- lists ----

    def _list(self, query: Query, rows: list[Item]) -> Any:
        if "txhash" in query:
            found = [one for one in rows if one["hash"] == query["txhash"]]
            return self._page([self._shown(one, alone=True) for one in found])
        page, offset = int(query["page"]), int(query["offset"])
        if page * min(offset, self.cap) > self.window:
            return _no(_WIDE)
        names = ("fromBlock", "toBlock") if query["action"] == "getLogs" else ("startblock", "endblock")
        first, last = (int(query[name]) for name in names)
        last = min(last, self._last)
        found = [
            one for one in rows if query["address"] in one["_parties"] and first <= int(one["blockNumber"], 0) <= last
        ]
        if query.get("sort") == "desc" or self.fault == "reordered":
            found.reverse()
        size = min(offset, self.cap)
        if self.fault == "shrinking":
            size = max(size - sum(self.calls.values()) % 3, 1)
        found = found[(page - 1) * size : page * size]
        return self._page([self._shown(one) for one in found])

    def _page(self, rows: list[Item]) -> Any:
        if self.fault == "duplicated":
            rows = rows[:1] + rows
        if not rows:
            return {"status": "0", "message": "No transactions found", "result": []}
        return {"status": "1", "message": "OK", "result": rows}

    def _shown(self, row: Item, alone: bool = False) -> Item:
        """A row as it is sent; ``alone``: in the list of one transaction, which does not repeat its hash."""
        told = {name: value for name, value in row.items() if not name.startswith("_")}
        if "_path" in row:
            if self.traces == "index":
                told["transactionHash"], told["index"] = told.pop("hash"), str(self._index(row))
            elif self.traces == "path" or (self.traces == "account" and not alone):
                told["traceId"] = "_".join(map(str, row["_path"]))
            if alone:
                told.pop("hash", None)
        return told

    def _index(self, row: Item) -> int:
        return 1 + [one["_path"] for one in self.seen.inside if one["hash"] == row["hash"]].index(row["_path"])

    # ---- what its node says ----

    def _proxy(self, action: str, query: Query) -> Any:
        params: list[Any]
        if action == "eth_getBlockByNumber":
            params = [query["tag"], query["boolean"] == "true"]
        elif action in ("eth_getTransactionByHash", "eth_getTransactionReceipt"):
            params = [query["txhash"]]
        elif action in ("eth_getBalance", "eth_call"):
            who = [query["address"]] if action == "eth_getBalance" else [{"to": query["to"], "data": query["data"]}]
            params = [*who, query["tag"]]
        else:
            return _no("Error! Missing Or invalid Action name")
        return self._node(action, params)


def _has_topics(log: Item, query: Query) -> bool:
    topics: list[str] = log["topics"]
    return topics[:2] == [query["topic0"], query["topic1"]]


def _no(text: str) -> Item:
    return {"status": "0", "message": "NOTOK", "result": text}
