"""Esplora: a local server that shows a local Bitcoin chain by Esplora's API, with its limits and its faults."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from chaintrace.testing.bitcoin.chain import Regtest
from chaintrace.testing.esplored import Esplored, Item, Seen, SeenBlock
from chaintrace.testing.front import LAG, Request, Response, Served, to_bytes
from chaintrace.testing.outputs import script_of

PAGE = 25
WAITING = 50
FAULTS = ("truncated", "error", "duplicated", "reordered", "shrinking", "lagging")

Change = Callable[[str, Any], Any]
"""A request's path, and the answer to it: JSON, text, bytes or a ``Response``; to what is answered instead."""

_NO_TX = Response(404, b"Transaction not found")
_NO_BLOCK = Response(404, b"Block not found")
_NO_ADDRESS = Response(400, b"Invalid Bitcoin address")
_NO_SCRIPT = Response(400, b"Invalid hash string")
_NO_WAY = Response(404, b"endpoint does not exist")
_ERROR = "Error: upstream connect error or disconnect/reset before headers"

_HASH = "([0-9a-f]{64})"
_BLOCK = re.compile(rf"/block/{_HASH}(/status|/txids|/txs|/txs/(\d+)|/header|/raw|/txid/(\d+))?")
_TX = re.compile(rf"/tx/{_HASH}(/status|/outspends|/outspend/(\d+)|/hex|/raw)?")
_WHO = re.compile(rf"/(address|scripthash)/([^/]+)(/txs|/txs/chain|/txs/chain/{_HASH}|/txs/mempool|/utxo)?")
_PARTS = (
    (re.compile(r"[0-9a-f]{64}"), ":hash"),
    (re.compile(r"(?<=/)\d+"), ":n"),
    (re.compile(r"(?<=/address/)[^/]+"), ":address"),
)


class _Who(NamedTuple):
    """An address or script hash that was asked about: its script, if any is known, and its history, oldest first."""

    said: Item
    script: bytes
    mined: list[Seen]
    waiting: list[Seen]


class Esplora(Served):
    """The chain as it is at each request, for one ``with`` block or until ``stop``.

    ``cap``            the most transactions of a page.
    ``rate``           requests in a second; more get HTTP's status 429, with Retry-After where ``loud``.
    ``main``           the main network's first block and addresses; otherwise regtest's.
    ``mempool_space``  as mempool.space shows it: under ``/api``, next pages by ``?after_txid=``, transactions of one
                       block in its order; Blockstream's server has an order of its own.
    ``fault``          one of FAULTS: bodies that break off, errors with HTTP's 200, transactions twice, pages in
                       another order, pages of changing size, the last blocks missing for addresses and transactions.
                       ``change`` is any other.
    ``calls``          counts requests by path: ``/tx/:hash``, ``/address/:address/txs`` …
    """

    path = ""

    def __init__(
        self,
        chain: Regtest,
        *,
        cap: int = PAGE,
        rate: int | None = None,
        loud: bool = False,
        main: bool = True,
        mempool_space: bool = False,
        fault: str = "",
    ) -> None:
        self.chain, self.seen = chain, Esplored(chain, main)
        self.cap, self.loud, self.main, self.mempool_space = cap, loud, main, mempool_space
        self.change: Change | None = None
        super().__init__(rate=rate, fault=fault)
        self.url += "/api" if mempool_space else ""

    def _respond(self, request: Request) -> Response:
        path = request.path.removeprefix("/api") if self.mempool_space else request.path
        self.calls[_shape(path)] += 1
        if self._is_hurried():
            return Response(429, b"Too Many Requests", {"Retry-After": "1"} if self.loud else {})
        self.seen.look()
        told = self._told(path, request)
        if self.change is not None:
            told = self.change(path, told)
        return self._sent(path, told)

    def _sent(self, path: str, told: Any) -> Response:
        if isinstance(told, Response):
            return told
        is_table = path.startswith(("/address", "/scripthash", "/tx/", "/block/"))
        if self.fault == "error" and is_table:
            told = _ERROR
        if isinstance(told, bytes):
            data, form = told, "application/octet-stream"
        elif isinstance(told, str):
            data, form = told.encode(), "text/plain"
        else:
            data, form = to_bytes(told), "application/json"
        broken = self.fault == "truncated" and is_table
        return Response(200, data[: len(data) * 2 // 3] if broken else data, {"Content-Type": form})

    def _told(self, path: str, request: Request) -> Any:
        blocks = self.seen.blocks
        if path == "/blocks/tip/height":
            return str(len(blocks) - 1)
        if path == "/blocks/tip/hash":
            return blocks[-1].hash
        if found := re.fullmatch(r"/block-height/(\d+)", path):
            height = int(found[1])
            return blocks[height].hash if height < len(blocks) else _NO_BLOCK
        if found := _BLOCK.fullmatch(path):
            return self._block(found)
        if found := _TX.fullmatch(path):
            return self._tx(found)
        if found := _WHO.fullmatch(path):
            return self._who(found, request)
        return _NO_WAY

    # ---- blocks ----

    def _block(self, found: re.Match[str]) -> Any:
        what = found[2] or ""
        block = next((one for one in self.seen.blocks if one.hash == found[1]), None)
        if what == "/status":
            return self._standing(block)
        if block is None:
            return _NO_BLOCK
        match what.split("/")[1:]:
            case []:
                return self.seen.block(block)
            case ["txids"]:
                return [tx.txid for tx in block.sent]
            case ["txs", *start]:
                return self._part(block, int(start[0]) if start else 0)
            case ["header"]:
                return block.header.hex()
            case ["txid", n]:
                return block.sent[int(n)].txid if int(n) < len(block.sent) else _NO_TX
        return block.raw

    def _standing(self, block: SeenBlock | None) -> Item:
        """What is no block of the best chain counts as one that was replaced."""
        if block is None:
            return {"in_best_chain": False, "height": None, "next_best": None}
        above = self.seen.blocks[block.height + 1 : block.height + 2]
        return {"in_best_chain": True, "height": block.height, "next_best": above[0].hash if above else None}

    def _part(self, block: SeenBlock, start: int) -> Any:
        if start % self.cap:
            return Response(400, f"start index must be a multipication of {self.cap}".encode())
        if start >= len(block.sent):
            return Response(400, b"start index out of range")
        return self._page(block.sent[start : start + self._size()])

    # ---- transactions ----

    def _tx(self, found: re.Match[str]) -> Any:
        what = found[2] or ""
        tx = self.seen.sent.get(found[1])
        if tx is None or self._is_late(tx):
            return {"confirmed": False} if what == "/status" else _NO_TX
        match what.split("/")[1:]:
            case []:
                return self.seen.transaction(tx)
            case ["status"]:
                return self.seen.status(tx)
            case ["outspends"]:
                return [self.seen.outspend(tx, n) for n in range(len(tx.said.vout))]
            case ["outspend", n]:
                return self.seen.outspend(tx, int(n))
            case ["hex"]:
                return tx.raw.hex()
        return tx.raw

    # ---- addresses and scripts ----

    def _who(self, found: re.Match[str], request: Request) -> Any:
        who = self._named(found[1], found[2])
        if isinstance(who, Response):
            return who
        after = found[4] or (request.query.get("after_txid") if self.mempool_space else None)
        match (found[3] or "").split("/")[1:]:
            case []:
                return who.said | {
                    "chain_stats": self.seen.stats(who.script, who.mined),
                    "mempool_stats": self.seen.stats(who.script, who.waiting),
                }
            case ["utxo"]:
                return self.seen.unspent(who.script, [*who.mined, *who.waiting])
            case ["txs", "mempool"]:
                return self._page(who.waiting[::-1][:WAITING])
            case ["txs", "chain", *_]:
                return self._page(_after(self._newest(who), after)[: self._size()])
        waiting = who.waiting[::-1][:WAITING]
        newest = self._newest(who)
        if after is None:
            return self._page([*waiting, *newest[: self._size()]])
        return self._page(_after([*waiting, *newest], after)[: self._size()])

    def _named(self, kind: str, name: str) -> _Who | Response:
        if kind == "scripthash":
            if not re.fullmatch(_HASH, name):
                return _NO_SCRIPT
            script = self.seen.scripts.get(name, b"")
        elif (written := script_of(name, self.main)) is None:
            return _NO_ADDRESS
        else:
            script = written
        history = self.seen.by_script.get(sha256(script).hexdigest() if script else "", [])
        mined = [tx for tx in history if tx.block is not None and not self._is_late(tx)]
        return _Who({kind: name}, script, mined, [tx for tx in history if tx.block is None])

    def _newest(self, who: _Who) -> list[Seen]:
        """The last first. Blockstream's index sorts a block's transactions by whether they pay the script, and by their
        ids' bytes; mempool.space's by their place."""

        def place(tx: Seen) -> tuple[Any, ...]:
            assert tx.block is not None
            if self.mempool_space:
                return tx.block.height, tx.place
            spends = any(self.seen.source(one).script_pubkey.data == who.script for one in _inputs(tx))
            return tx.block.height, spends, bytes.fromhex(tx.txid)[::-1]

        return sorted(who.mined, key=place, reverse=True)

    def _is_late(self, tx: Seen) -> bool:
        last = len(self.seen.blocks) - 1 - (LAG if self.fault == "lagging" else 0)
        return tx.block is not None and tx.block.height > last

    # ---- pages ----

    def _size(self) -> int:
        return max(self.cap - sum(self.calls.values()) % 3, 1) if self.fault == "shrinking" else self.cap

    def _page(self, sent: Sequence[Seen]) -> list[Item]:
        told = [self.seen.transaction(tx) for tx in sent]
        if self.fault == "reordered":
            told.reverse()
        return told[:1] + told if self.fault == "duplicated" else told


def _after(sent: Sequence[Seen], txid: str | None) -> Sequence[Seen]:
    """What follows a transaction in a list; nothing where it is not in it, as after a reorganisation."""
    if txid is None:
        return sent
    places = [n for n, tx in enumerate(sent) if tx.txid == txid]
    return sent[places[0] + 1 :] if places else []


def _inputs(tx: Seen) -> Sequence[Any]:
    return [] if tx.is_coinbase else tx.said.vin


def _shape(path: str) -> str:
    for part, name in _PARTS:
        path = part.sub(name, path)
    return path
