"""A server on 127.0.0.1 that misbehaves as it is told. One play answers one request; it says whether to go on."""

from __future__ import annotations

import gzip
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from chaintrace.fetch.transport import Limits, Transport


@dataclass
class Seen:
    """One request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    time: float = field(default_factory=time.monotonic)


Play = Callable[[Any, Seen], bool]
DRIP = 0.02


class Hostile:
    """Plays ``plays`` in turn, the last one for ever. ``seen``: the requests; ``connections``: how many were opened."""

    def __init__(self, *plays: Play, tls: ssl.SSLContext | None = None) -> None:
        self.plays = list(plays)
        self.seen: list[Seen] = []
        self.connections = 0
        self._lock = threading.Lock()
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                outer._serve(self.request)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads, block_on_close, request_queue_size = True, False, 64

        self.server = Server(("127.0.0.1", 0), Handler)
        self.tls = tls
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True)
        self.thread.start()

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server.server_address[1]}"

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.place}"

    def __enter__(self) -> Hostile:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def _serve(self, wire: socket.socket) -> None:
        with self._lock:
            self.connections += 1
        try:
            if self.tls:
                with self.tls.wrap_socket(wire, server_side=True) as safe:
                    self._talk(safe)
            else:
                self._talk(wire)
        except OSError:
            pass

    def _talk(self, wire: socket.socket) -> None:
        with wire.makefile("rb") as file:
            while seen := _request(file):
                with self._lock:
                    play = self.plays[min(len(self.seen), len(self.plays) - 1)]
                    self.seen.append(seen)
                if not play(wire, seen):
                    return


def _request(file: Any) -> Seen | None:
    first = file.readline().split()
    if len(first) < 3:
        return None
    headers: dict[str, str] = {}
    while (line := file.readline().strip()) and b":" in line:
        name, _, value = line.partition(b":")
        headers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
    body = file.read(int(headers.get("content-length", "0")))
    return Seen(first[0].decode(), first[1].decode("latin-1"), headers, body)


def head(status: int, headers: Mapping[str, str]) -> bytes:
    lines = [f"HTTP/1.1 {status} X", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def plain(body: bytes = b"{}", status: int = 200, **headers: str) -> Play:
    """A whole and honest response; ``Retry_After="3"`` is a header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def play(wire: Any, seen: Seen) -> bool:
        wire.sendall(head(status, {"Content-Length": str(len(body)), **named}) + body)
        return True

    return play


def echo(status: int = 200) -> Play:
    """Sends the body back, or, as an error, everything that it was told."""

    def play(wire: Any, seen: Seen) -> bool:
        told = f"{seen.method} {seen.target} {seen.headers} may not".encode()
        return plain(seen.body if status == 200 else told, status)(wire, seen)

    return play


def slow(play: Play, seconds: float) -> Play:
    def later(wire: Any, seen: Seen) -> bool:
        time.sleep(seconds)
        return play(wire, seen)

    return later


def drip(start: bytes, byte: bytes) -> Play:
    """``start`` at once, and then one byte more every 20 ms, without end."""

    def play(wire: Any, seen: Seen) -> bool:
        wire.sendall(start)
        while True:
            wire.sendall(byte)
            time.sleep(DRIP)

    return play


def drip_headers() -> Play:
    return drip(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a")


def drip_body(framing: str) -> Play:
    length = {"Transfer-Encoding": "chunked"} if framing == "chunked" else {"Content-Length": "100000"}
    return drip(head(200, {} if framing == "none" else length), b"1\r\na\r\n" if framing == "chunked" else b"a")


def drip_gzip() -> Play:
    packed = gzip.compress(bytes(range(256)) * 4096, mtime=0)

    def play(wire: Any, seen: Seen) -> bool:
        wire.sendall(head(200, {"Content-Length": str(len(packed)), "Content-Encoding": "gzip"}))
        for at in range(len(packed)):
            wire.sendall(packed[at : at + 1])
            time.sleep(DRIP)
        return False

    return play


def stall() -> Play:
    """Not a byte."""

    def play(wire: Any, seen: Seen) -> bool:
        wire.recv(1)
        return False

    return play


def chunked(*pieces: bytes, end: bool = True, **headers: str) -> Play:
    named = {name.replace("_", "-"): value for name, value in headers.items()}

    def play(wire: Any, seen: Seen) -> bool:
        wire.sendall(head(200, {"Transfer-Encoding": "chunked", **named}))
        for piece in pieces:
            wire.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        if end:
            wire.sendall(b"0\r\n\r\n")
        return end

    return play


def endless() -> Play:
    """A body of zeros in chunks, for ever, as fast as it is read."""

    def play(wire: Any, seen: Seen) -> bool:
        wire.sendall(head(200, {"Transfer-Encoding": "chunked"}))
        while True:
            wire.sendall(b"10000\r\n" + bytes(1 << 16) + b"\r\n")

    return play


def bomb(size: int, encoding: str = "gzip") -> Play:
    """``size`` bytes of zeros, packed to a thousandth."""
    return plain(gzip.compress(bytes(size), mtime=0), Content_Encoding=encoding)


def truncated(body: bytes = b"{}", missing: int = 10, status: int = 200) -> Play:
    def play(wire: Any, seen: Seen) -> bool:
        wire.sendall(head(status, {"Content-Length": str(len(body) + missing)}) + body)
        return False

    return play


def raw(data: bytes) -> Play:
    """These bytes, and the connection ends."""

    def play(wire: Any, seen: Seen) -> bool:
        wire.sendall(data)
        return False

    return play


def reset() -> Play:
    """The connection is torn down instead of an answer."""

    def play(wire: Any, seen: Seen) -> bool:
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        wire.close()
        return False

    return play


def redirect(to: str, status: int = 307) -> Play:
    return plain(b"", status, Location=to)


QUICK = Limits(connect=2, silence=2, whole=5, tries=3, patience=0.01)


def ask(play: Play, limits: Limits = QUICK) -> bytes:
    """What a transport makes of one play."""
    with Hostile(play) as server, Transport(server.url, limits=limits) as transport:
        return transport.post(b"{}")


@pytest.fixture
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing in the environment stands between the test and 127.0.0.1."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
