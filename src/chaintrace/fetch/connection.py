"""Line: the open connections to one provider, and one HTTP request over them. Nothing else here opens a socket."""

from __future__ import annotations

from collections.abc import Callable
from http.client import HTTPException
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from chaintrace.fetch.answer import Answer, Broken, Died, Garbled, GarbledError, Outcome
from chaintrace.fetch.fault import explain
from chaintrace.fetch.retry import credits_left, retry_after
from chaintrace.fetch.secret import Secret
from chaintrace.fetch.unpack import PIECE, Unpacker
from chaintrace.fetch.watch import Watch, current

# As much of an error's body is read: enough for any message, and for a batch of JSON-RPC errors.
ERROR_SIZE = 1 << 20
HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip, deflate", "User-Agent": "chaintrace"}


class Line:
    """Up to ``workers`` connections that are kept open, shared by any number of threads.

    TLS certificates are checked; proxies and CA bundles named in the environment are used; cookies and ~/.netrc are
    not; no redirect is followed. ``silence``: seconds without a byte; ``size``: bytes of an unpacked body.
    """

    def __init__(self, workers: int, *, connect: float, silence: float, size: int) -> None:
        self._timeout, self._size = (connect, silence), size
        self._session = _Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, _Adapter(workers))

    def close(self) -> None:
        """Close the connections."""
        self._session.close()

    def exchange(
        self, method: str, url: Secret, body: bytes | None, sign: Callable[[Any], Any], watch: Watch
    ) -> Outcome:
        """Send one request and read its response to the end. Raises nothing: an error of requests holds the url."""
        headers = {**HEADERS, "Content-Type": "application/json"} if body is not None else HEADERS
        try:
            response = self._session.request(
                method,
                url.reveal(),
                data=body,
                headers=headers,
                auth=sign,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
            return self._read(response, watch)
        except GarbledError as garbled:
            return Garbled(str(garbled))
        except (KeyboardInterrupt, SystemExit, MemoryError) as end:
            return Died(type(end))
        except (requests.RequestException, HTTPError, HTTPException, OSError) as error:
            return explain(error, self._timeout)
        except Exception as error:
            return Broken(f"an unexpected {type(error).__name__} of the HTTP library", final=True)

    def _read(self, response: requests.Response, watch: Watch) -> Outcome:
        status, headers = response.status_code, response.headers
        try:
            if 200 <= status < 300:
                body: bytes | None = _body(response, self._size)
            else:
                body = b"" if status < 400 else _error_body(response, min(self._size, ERROR_SIZE))
        finally:
            response.raw.close()
        framed = "Content-Length" in headers or "Transfer-Encoding" in headers
        if body is None or watch.over or (status == 200 and not body and not framed):
            return Broken("the response broke off")
        # http.client reads header bytes as Latin-1; urls are ASCII or UTF-8.
        location = headers.get("Location")
        return Answer(
            status=status,
            body=body,
            location=None if location is None else Secret(location),
            after=retry_after(headers.get("Retry-After")),
            credits=credits_left(headers.get("x-credits-remaining")),
        )


def _body(response: requests.Response, limit: int) -> bytes | None:
    """The unpacked body, None where it broke off. GarbledError where it is larger than ``limit``."""
    body = bytearray()
    whole = _gather(response, limit, body)
    if len(body) > limit:
        raise GarbledError(f"the response is larger than {limit:,} bytes")
    return bytes(body) if whole else None


def _error_body(response: requests.Response, limit: int) -> bytes | None:
    """As much as can be read of an error's body: the status says already what is the matter."""
    body = bytearray()
    try:
        whole = _gather(response, limit, body)
    except GarbledError:
        return b""
    return bytes(body[:limit]) if whole or len(body) > limit else None


def _gather(response: requests.Response, limit: int, body: bytearray) -> bool:
    """Fill ``body`` until the response ends or ``limit`` is passed; whether the packing came to its end."""
    unpacker = Unpacker(response.headers.get("Content-Encoding", ""))
    wire = 0
    # read1 returns what is there; read would wait until all of the bytes asked for are.
    while data := response.raw.read1(PIECE, decode_content=False):
        wire += len(data)
        for piece in unpacker.feed(data):
            body += piece
            if max(wire, len(body)) > limit:
                return False
    return unpacker.whole


class _Session(requests.Session):
    def get_redirect_target(self, resp: requests.Response) -> None:
        """No redirect is prepared: requests would read its body first, whatever its size and pace."""


class _Watched:
    """Hands each connection to the watch of the request that uses it."""

    sock: Any

    def _new_conn(self) -> Any:
        sock = super()._new_conn()  # type: ignore[misc]
        _hold(sock)
        return sock

    def request(self, *given: Any, **named: Any) -> None:
        _hold(self.sock)
        super().request(*given, **named)  # type: ignore[misc]


def _hold(sock: Any) -> None:
    watch = current()
    if sock is not None and watch is not None:
        watch.hold(sock.fileno())


class _Adapter(HTTPAdapter):
    """Makes every pool, behind a proxy or not, build watched connections, and closes them all."""

    def __init__(self, workers: int) -> None:
        self._pools: set[Any] = set()
        super().__init__(pool_connections=1, pool_maxsize=workers, max_retries=0)

    def get_connection_with_tls_context(self, *given: Any, **named: Any) -> Any:
        pool: Any = super().get_connection_with_tls_context(*given, **named)
        kind = pool.ConnectionCls
        if not issubclass(kind, _Watched):
            pool.ConnectionCls = type(f"Watched{kind.__name__}", (_Watched, kind), {})
        self._pools.add(pool)
        return pool

    def close(self) -> None:
        # The library leaves this to the garbage collector.
        while self._pools:
            self._pools.pop().close()
        super().close()
