"""Proxy: a local server in front of a node that passes calls on and changes them or their answers as a test says."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import urllib3

Member = dict[str, Any]
Forward = Callable[[Any], Any]
Change = Callable[[Any, Forward], Any]
"""What is asked (an object or a list of them) and how to pass it on, to what is answered: JSON, bytes, or a pair of
HTTP status and either."""


def straight(asked: Any, forward: Forward) -> Any:
    return forward(asked)


def calls_of(asked: Any) -> list[Member]:
    return asked if isinstance(asked, list) else [asked]


def each(change: Callable[[str, list[Any], Member], Any]) -> Change:
    """Changes the answer of each call: method, params and the true answer, to what is answered instead."""

    def run(asked: Any, forward: Forward) -> Any:
        told = forward(asked)
        if not isinstance(asked, list):
            return change(asked["method"], asked["params"], told)
        return [change(call["method"], call["params"], one) for call, one in zip(asked, told, strict=True)]

    return run


def instead(refuse: Callable[[str, list[Any]], Member | None]) -> Change:
    """Answers some calls by an error (code and message) and passes the others on."""

    def run(asked: Any, forward: Forward) -> Any:
        told = []
        for call in calls_of(asked):
            error = refuse(call["method"], call["params"])
            head = {"jsonrpc": "2.0", "id": call["id"]}
            told.append(forward(call) if error is None else head | {"error": error})
        return told if isinstance(asked, list) else told[0]

    return run


class Proxy:
    """``change`` is what it does to calls. ``calls`` counts them, ``batches`` are their sizes."""

    def __init__(self, url: str) -> None:
        self._pool = urllib3.PoolManager(maxsize=8)
        self._url = url
        self._known: dict[str, Any] = {}
        self.reset()
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                status, data = proxy.answer(asked)
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *words: Any) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._pool.clear()

    def reset(self, change: Change = straight) -> None:
        self.change = change
        self.batches: list[int] = []

    @property
    def calls(self) -> int:
        return sum(self.batches)

    def answer(self, asked: Any) -> tuple[int, bytes]:
        self.batches.append(len(calls_of(asked)))
        told = self.change(asked, self.forward)
        status, told = told if isinstance(told, tuple) else (200, told)
        return status, told if isinstance(told, bytes) else json.dumps(told).encode()

    def forward(self, asked: Any) -> Any:
        """The true answers, each in a copy of its own."""
        texts = [json.dumps([call["method"], call["params"]]) for call in calls_of(asked)]
        new = [call for call, text in zip(calls_of(asked), texts, strict=True) if text not in self._known]
        if new:
            response = self._pool.request("POST", self._url, json=[one | {"id": n} for n, one in enumerate(new)])
            for one in response.json():
                call = new[one.pop("id")]
                self._known[json.dumps([call["method"], call["params"]])] = json.dumps(one)
        told = [
            json.loads(self._known[text]) | {"id": call["id"]}
            for call, text in zip(calls_of(asked), texts, strict=True)
        ]
        return told if isinstance(asked, list) else told[0]
