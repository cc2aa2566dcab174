"""Front: a local HTTP server in front of a local chain, for one ``with`` block or until ``stop``."""

from __future__ import annotations

import json
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, ClassVar, Self
from urllib.parse import parse_qsl, urlsplit

from chaintrace.testing.anvil import Anvil
from chaintrace.testing.explored import Explored, Item

LAG = 20
"""Blocks by which a front with the fault ``lagging`` is behind."""


@dataclass(frozen=True, slots=True)
class Request:
    """``path`` without the query; names of ``headers`` in lower case."""

    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    status: int
    data: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class Served(ABC):
    """What a local server has, whatever it shows.

    ``rate``     requests in a second; more are refused and counted by ``refused``.
    ``fault``    a word of the server's own for what it does wrongly.
    ``calls``    counts requests by what they ask for.
    """

    path: ClassVar[str]

    def __init__(self, *, rate: int | None, fault: str) -> None:
        self.rate, self.fault = rate, fault
        self.calls: Counter[str] = Counter()
        self.refused = 0
        self._times: list[float] = []
        self._lock = threading.Lock()
        self._server = _server(self)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}{self.path}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """Ends the server, not the chain behind it."""
        self._server.shutdown()
        self._server.server_close()

    def respond(self, request: Request) -> Response:
        """Requests are answered one after another."""
        with self._lock:
            return self._respond(request)

    @abstractmethod
    def _respond(self, request: Request) -> Response: ...

    def _is_hurried(self) -> bool:
        if self.rate is None:
            return False
        now = time.monotonic()
        self._times = [one for one in self._times if now - one < 1]
        if len(self._times) >= self.rate:
            self.refused += 1
            return True
        self._times.append(now)
        return False


class Front(Served):
    """The chain of a node as it is now, and what else every ``Served`` has.

    ``key``      what a request has to bring; None takes any.
    ``archive``  whether its node knows old balances.
    """

    def __init__(self, node: Anvil, *, key: str | None, rate: int | None, archive: bool, fault: str) -> None:
        self.node, self.chain, self.seen = node, int(node.rpc("eth_chainId"), 16), Explored(node)
        self.key, self.archive = key, archive
        super().__init__(rate=rate, fault=fault)

    @property
    def _last(self) -> int:
        """The last block that lists show."""
        return self.seen.last - (LAG if self.fault == "lagging" else 0)

    def _node(self, method: str, params: list[Any], number: object = 1) -> Item:
        """What the node behind says, as JSON-RPC."""
        from web3.exceptions import Web3RPCError

        if not self.archive and method in ("eth_getBalance", "eth_call"):
            return _error(number, f"missing trie node {'0' * 64}")
        try:
            return {"jsonrpc": "2.0", "id": number, "result": self.node.rpc(method, *params)}
        except Web3RPCError as error:
            return _error(number, str(error)[:100])


def to_bytes(told: Any) -> bytes:
    return json.dumps(told, separators=(",", ":"), default=list).encode()


def _error(number: object, text: str) -> Item:
    return {"jsonrpc": "2.0", "id": number, "error": {"code": -32000, "message": text}}


def _server(front: Served) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            where = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            told = front.respond(Request(where.path, dict(parse_qsl(where.query)), headers, body))
            self.send_response(told.status)
            for name, value in {**told.headers, "Content-Length": str(len(told.data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(told.data)

        do_POST = do_GET

        def log_message(self, *words: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    return server
