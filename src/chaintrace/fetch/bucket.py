"""TokenBucket: so many a second and no more, however many threads ask."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from chaintrace.errors import MethodError


class TokenBucket:
    """At most ``rate`` a second, in bursts of ``burst``: no window of t seconds sees more than burst + rate * t.

    Safe among threads; they are served in the order in which they ask. ``clock`` counts seconds and never goes back.
    MethodError where the rate is not above zero or the burst is below one.
    """

    def __init__(
        self,
        rate: float | None,
        burst: int = 1,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        if rate is not None and not 0 < rate < math.inf:
            raise MethodError("rate", f"{rate} a second is no rate", "give a number above 0, or None for no limit")
        if burst < 1:
            raise MethodError("burst", f"{burst} lets nothing through", "give a whole number from 1 up")
        self._rate, self._burst = rate, burst
        self._clock, self._sleep = clock, sleep
        self._lock = threading.Lock()
        self._paid = -math.inf

    def take(self, count: int = 1) -> float:
        """Take ``count`` and wait until they are there; the seconds waited. Without a rate it never waits.

        More than the burst may be taken at once: the wait is as long as it takes to fill up to them.
        """
        wait = self.reserve(count)
        if wait > 0:
            self._sleep(wait)
        return wait

    def reserve(self, count: int = 1) -> float:
        """Take ``count`` now and return the seconds that the caller must wait before it uses them."""
        if self._rate is None:
            return 0.0
        with self._lock:
            now = self._clock()
            # The moment at which the bucket is full again, had nobody else come (GCRA, ITU-T I.371).
            self._paid = max(self._paid, now) + count / self._rate
            return max(0.0, self._paid - self._burst / self._rate - now)
