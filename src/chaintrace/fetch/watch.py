"""Watch and Brake: what ends a request whose time is up, or that nobody wants any more."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextvars import ContextVar, Token
from types import TracebackType


class Stopped(Exception):
    """The brake was pulled; never leaves this room."""


class Watch:
    """For the length of a ``with``: cuts every connection it holds once ``seconds`` are over, or at ``cut()``.

    A socket's own time-out begins anew with every byte, so a slow drip never meets it. Here a second handle on the
    connection is shut down from another thread, whatever the first is doing: sending, TLS, headers or body.
    """

    def __init__(self, seconds: float) -> None:
        self.over = False
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self.cut)
        self._timer.daemon = True
        self._token: Token[Watch | None] | None = None

    def __enter__(self) -> Watch:
        self._timer.start()
        self._token = _WATCH.set(self)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._timer.cancel()
        if self._token is not None:
            _WATCH.reset(self._token)
        with self._lock:
            held, self._held = self._held, []
        for each in held:
            each.close()

    def hold(self, number: int) -> None:
        """Watch over the open socket with this file number."""
        # shutdown() acts on the connection, not on the handle: family and type of the copy do not matter.
        twin = socket.fromfd(number, socket.AF_INET, socket.SOCK_STREAM)
        with self._lock:
            self._held.append(twin)
            if self.over:
                _shut(twin)

    def cut(self) -> None:
        """End the request now; whoever waits for it is woken by a broken connection."""
        with self._lock:
            self.over = True
            for each in self._held:
                _shut(each)


_WATCH: ContextVar[Watch | None] = ContextVar("watch", default=None)


def current() -> Watch | None:
    """The watch of the ``with`` this thread is in."""
    return _WATCH.get()


class Brake:
    """One for a group of threads: when it is pulled, their waits end and their requests are cut."""

    def __init__(self) -> None:
        self._pulled = threading.Event()
        self._lock = threading.Lock()
        self._watches: set[Watch] = set()

    def pull(self) -> None:
        """Stop them all."""
        self._pulled.set()
        with self._lock:
            watches = list(self._watches)
        for watch in watches:
            watch.cut()

    def wait(self, seconds: float) -> None:
        """Sleep so long. Stopped where the brake is or gets pulled."""
        if self._pulled.wait(seconds) if seconds > 0 else self._pulled.is_set():
            raise Stopped

    @contextlib.contextmanager
    def watch(self, seconds: float) -> Iterator[Watch]:
        """A watch that the brake cuts too. Stopped where the brake was pulled meanwhile."""
        with Watch(seconds) as watch:
            with self._lock:
                self._watches.add(watch)
            try:
                self.wait(0)
                yield watch
            finally:
                with self._lock:
                    self._watches.discard(watch)
        self.wait(0)


def _shut(twin: socket.socket) -> None:
    with contextlib.suppress(OSError):
        twin.shutdown(socket.SHUT_RDWR)
