"""Transport: questions to one provider over HTTP, with limits, retries and secrets that stay secret."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, NoReturn

from chaintrace.errors import MethodError, Refused
from chaintrace.fetch.answer import Answer, Broken, Died, Garbled
from chaintrace.fetch.bucket import TokenBucket
from chaintrace.fetch.endpoint import Endpoint
from chaintrace.fetch.retry import backoff
from chaintrace.fetch.secret import Secret
from chaintrace.fetch.veil import hide, without
from chaintrace.fetch.verdict import CHECK_ADDRESS, REDIRECT, follow, judge
from chaintrace.fetch.watch import Brake

if TYPE_CHECKING:
    from chaintrace.fetch.connection import Line

MIB = 1 << 20
REDIRECTS = 3
# How often the tasks of post_all are looked at, in seconds, so that Ctrl-C is heard on every system.
LOOK = 0.5


@dataclass(frozen=True)
class Limits:
    """How long, how much and how often. Times are in seconds, ``size`` in bytes of the unpacked body.

    ``connect``: until there is a connection; ``silence``: without a byte; ``whole``: for a response, headers and body;
    ``tries``: of one question; ``patience``: the longest wait between two; ``workers``: questions at once; ``rate``:
    requests a second (None: any), in bursts of ``burst``. MethodError where one allows nothing at all.
    """

    connect: float = 10
    silence: float = 30
    whole: float = 120
    size: int = 256 * MIB
    tries: int = 5
    patience: float = 60
    workers: int = 4
    rate: float | None = None
    burst: int = 1

    def __post_init__(self) -> None:
        for name in ("connect", "silence", "whole", "size", "tries", "workers"):
            if not 0 < getattr(self, name) < math.inf:
                raise MethodError(f"limit {name}", "it allows nothing, or no end", "give a number above 0")
        if not 0 <= self.patience < math.inf:
            raise MethodError("limit patience", "it is no time to wait", "give seconds, 0 or more")


class Transport:
    """A provider that is asked over HTTP. Safe among threads; a context manager.

    ``url`` and ``headers`` may hold keys: they are kept as secrets, sent to this scheme, host and port only, and shown
    nowhere. ``name`` is ``{kind} {host}[:port]``. InputError for a url that is not http or https, or has no host.

    A question is repeated after a broken connection and the statuses 408, 425, 429, 500, 502, 503 and 504. In the end:
    Unreachable, RateLimited, Refused (the provider said no) or Malformed (the body is too large or cannot be unpacked).
    """

    def __init__(
        self,
        url: str,
        *,
        kind: str = "rpc",
        headers: Mapping[str, str] | None = None,
        limits: Limits = Limits(),
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        hidden, veiled = _hidden(url), {name: _hidden(value) for name, value in (headers or {}).items()}
        url, headers = "", None  # no traceback shows what these were
        self._endpoint = Endpoint(hidden, kind, veiled)
        hide((hidden, *self._endpoint.secrets))
        self._url = hidden
        self.limits = limits
        self._sleep = sleep
        self._bucket = TokenBucket(limits.rate, limits.burst)
        self._lock = threading.Lock()
        self._sent = 0
        self._line: Line | None = None
        self._process = 0

    @property
    def name(self) -> str:
        """What the provider is called in errors and reports."""
        return self._endpoint.name

    @property
    def requests(self) -> int:
        """HTTP requests sent so far, retries and redirects included."""
        with self._lock:
            return self._sent

    def post(self, body: bytes, path: str = "") -> bytes:
        """Send JSON, to a path below the url, and return the unpacked body of the response; a key that it repeats is
        hidden in it.

        An error of JSON-RPC is a body like any other, whatever the HTTP status, but for 429.
        """
        return self._ask("POST", self._endpoint.url(path), body, Brake())

    def get(self, path: str, query: Mapping[str, str]) -> bytes:
        """Fetch a path below the url. The url's own query is sent along; that, or a header, is the place for a key."""
        return self._ask("GET", self._endpoint.url(path, query), None, Brake())

    def post_all(self, bodies: Sequence[bytes]) -> list[bytes]:
        """Post all of them, ``limits.workers`` at a time; the answers are in the order of the bodies.

        After an error no further one is begun; those under way are ended, and the first error by order is raised.
        """
        if not bodies:
            return []
        brake, url = Brake(), self._endpoint.url()
        pool = ThreadPoolExecutor(min(self.limits.workers, len(bodies)), "chaintrace-fetch")
        futures: list[Future[bytes]] = []
        try:
            futures += [pool.submit(self._ask, "POST", url, body, brake) for body in bodies]
            _settle(futures)
            pool.shutdown()
        except BaseException:
            brake.pull()
            pool.shutdown(wait=False, cancel_futures=True)
            wait([each for each in futures if not each.cancelled()], timeout=1)
            raise
        errors = (error for each in futures if not each.cancelled() and (error := each.exception()))
        if error := next(errors, None):
            raise error
        return [each.result() for each in futures]

    def shown(self, text: str) -> str:
        """Up to 200 printable characters of what the provider said, with every secret hidden."""
        return self._endpoint.shown(text)

    def close(self) -> None:
        """Close the connections. They are opened again when another question is asked."""
        with self._lock:
            line, self._line = self._line, None
        if line is not None:
            line.close()

    def __enter__(self) -> Transport:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Transport {self.name if hasattr(self, '_endpoint') else 'unmade'}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("a Transport holds keys and open connections and cannot be pickled: make one in each process")

    def _ask(self, method: str, url: Secret, body: bytes | None, brake: Brake) -> bytes:
        tried = 0
        while True:
            outcome = self._through_redirects(method, url, body, brake)
            tried += 1
            got = judge(self._endpoint, method, outcome, tries=tried, patience=self.limits.patience)
            if isinstance(got, bytes):
                return without(got, self._endpoint.secrets)
            if not got.again or tried >= self.limits.tries:
                raise got.error
            self._pause(max(got.after, backoff(tried - 1, self.limits.patience)), brake)

    def _through_redirects(
        self, method: str, url: Secret, body: bytes | None, brake: Brake
    ) -> Answer | Broken | Garbled:
        left = REDIRECTS
        while True:
            outcome = self._once(method, url, body, brake)
            if not isinstance(outcome, Answer) or outcome.status not in REDIRECT:
                return outcome
            target = follow(self._endpoint, method, url, outcome)
            if isinstance(target, Refused):
                raise target
            if not left:
                raise Refused(self.name, f"more than {REDIRECTS} redirects", CHECK_ADDRESS, code=outcome.status)
            url, left = target, left - 1

    def _once(self, method: str, url: Secret, body: bytes | None, brake: Brake) -> Answer | Broken | Garbled:
        self._pause(self._bucket.reserve(), brake)
        line = self._opened()
        with brake.watch(self.limits.whole) as watch:
            outcome = line.exchange(method, url, body, self._endpoint.sign, watch)
        if isinstance(outcome, Died):
            raise outcome.kind
        if isinstance(outcome, Broken) and watch.over:
            return Broken(f"not done within {self.limits.whole:g} s")
        return outcome

    def _pause(self, seconds: float, brake: Brake) -> None:
        if self._sleep is None:
            brake.wait(seconds)
        elif seconds > 0:
            self._sleep(seconds)

    def _opened(self) -> Line:
        """The open line, and one request more on the count. After a fork the child opens connections of its own."""
        from chaintrace.fetch.connection import Line

        limits = self.limits
        with self._lock:
            self._sent += 1
            if self._line is None or self._process != os.getpid():
                self._line = Line(limits.workers, connect=limits.connect, silence=limits.silence, size=limits.size)
                self._process = os.getpid()
            return self._line


def _hidden(value: object) -> Secret:
    """What is no str becomes what no url and no header may be, and is refused as one."""
    return Secret(value if isinstance(value, str) else "\0")


def _settle(futures: Sequence[Future[bytes]]) -> None:
    """Wait until all have ended; after an error, those that had not begun are called off."""
    while True:
        done, rest = wait(futures, timeout=LOOK, return_when=FIRST_EXCEPTION)
        if not rest or any(each.exception() for each in done):
            break
    # Tasks begin in order, so all before the first error have begun and are not touched by this.
    for each in reversed(futures):
        each.cancel()
    while wait(futures, timeout=LOOK).not_done:
        pass
