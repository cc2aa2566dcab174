from __future__ import annotations

import threading
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import MethodError
from chaintrace.fetch.bucket import TokenBucket

RATES = st.floats(0.01, 1000)


class Clock:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds


def grants(rate: float, burst: int, steps: list[tuple[float, int]]) -> list[tuple[float, int]]:
    """When each was let through, and how many."""
    clock = Clock()
    bucket = TokenBucket(rate, burst, clock, clock.sleep)
    found = []
    for pause, count in steps:
        clock.now += pause
        before = clock.now
        assert bucket.take(count) == pytest.approx(clock.now - before, abs=1e-6)
        found.append((clock.now, count))
    return found


@given(RATES, st.integers(1, 20), st.lists(st.tuples(st.floats(0, 100), st.integers(1, 20)), max_size=40))
def test_no_window_sees_more_than_burst_and_rate_allow(rate: float, burst: int, steps: list[tuple[float, int]]):
    let = grants(rate, burst, [(pause, min(count, burst)) for pause, count in steps])
    for first in range(len(let)):
        for last in range(first, len(let)):
            seconds = let[last][0] - let[first][0]
            assert sum(count for _, count in let[first : last + 1]) <= (burst + rate * seconds) + 1e-6 * (1 + rate)


@given(RATES, st.integers(1, 20), st.lists(st.tuples(st.floats(0, 100), st.integers(1, 200)), max_size=40))
def test_more_than_the_burst_is_paid_for_in_time(rate: float, burst: int, steps: list[tuple[float, int]]):
    let = grants(rate, burst, steps)
    for last in range(len(let)):
        seconds = let[last][0] - 1000.0
        assert sum(count for _, count in let[: last + 1]) <= (burst + rate * seconds) + 1e-6 * (1 + rate)


@given(RATES, st.integers(1, 20), st.integers(1, 200))
def test_nobody_waits_longer_than_needed(rate: float, burst: int, count: int):
    clock = Clock()
    bucket = TokenBucket(rate, burst, clock, clock.sleep)
    for _ in range(count):
        bucket.take()
    assert clock.now - 1000.0 == pytest.approx(max(0, count - burst) / rate, rel=1e-6, abs=1e-6)


def test_without_a_rate_nobody_waits():
    bucket = TokenBucket(None, 1, Clock(), pytest.fail)
    assert [bucket.take(10**6) for _ in range(3)] == [0, 0, 0]


def test_an_idle_bucket_never_holds_more_than_its_burst():
    clock = Clock()
    bucket = TokenBucket(1, 3, clock, clock.sleep)
    clock.now += 10**6
    assert [bucket.take() for _ in range(4)] == pytest.approx([0, 0, 0, 1])


def test_threads_together_keep_the_rate():
    bucket = TokenBucket(200, 5)
    begun = time.monotonic()
    threads = [threading.Thread(target=lambda: [bucket.take() for _ in range(10)]) for _ in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert time.monotonic() - begun >= (50 - 5) / 200 - 0.001


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_none_is_refused(rate: float):
    with pytest.raises(MethodError, match="is no rate"):
        TokenBucket(rate)


def test_a_burst_of_nothing_is_refused():
    with pytest.raises(MethodError, match="lets nothing through"):
        TokenBucket(1, 0)
