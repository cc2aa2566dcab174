"""Spans: the day before, the first day, the day of delisting, the day after; and what nobody knows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import MethodError
from chaintrace.labels.edition import Edition
from chaintrace.labels.span import Standing, next_day, seconds, standing

DAYS = st.dates(date(2009, 1, 3), date(2100, 1, 1))
IN, OUT, UNKNOWN = Standing.IN_FORCE, Standing.NOT_IN_FORCE, Standing.UNKNOWN


@given(DAYS, st.integers(1, 5000))
def test_since_is_included_and_until_is_not(first: date, length: int) -> None:
    since, until = first.isoformat(), (first + timedelta(days=length)).isoformat()
    begin, end = seconds(since), seconds(until)
    said = [standing(since, until, False, None, at) for at in (begin - 1, begin, end - 1, end, end + 1)]
    assert said == [OUT, IN, IN, OUT, OUT]


@given(DAYS, st.integers(-(10**9), 10**9))
def test_without_dates_always(day: date, at: int) -> None:
    assert standing(None, None, False, None, at) is IN
    assert standing(day.isoformat(), None, False, None, at) is (IN if at >= seconds(day.isoformat()) else OUT)
    assert standing(None, day.isoformat(), False, None, at) is (OUT if at >= seconds(day.isoformat()) else IN)


@given(DAYS)
def test_a_beginning_at_the_latest_leaves_open_what_was_before(day: date) -> None:
    since = day.isoformat()
    assert standing(since, None, True, None, seconds(since) - 1) is UNKNOWN
    assert standing(since, None, True, None, seconds(since)) is IN
    assert standing(None, None, True, None, seconds(since)) is UNKNOWN


@given(DAYS, st.integers(1, 100), st.integers(0, 200))
def test_after_it_was_last_seen_nobody_knows(first: date, seen: int, later: int) -> None:
    last = first + timedelta(days=seen)
    until, at = (last + timedelta(days=50)).isoformat(), last + timedelta(days=later)
    expected = IN if later == 0 else UNKNOWN if later < 50 else OUT
    assert standing(first.isoformat(), until, False, last.isoformat(), seconds(at.isoformat())) is expected


@given(DAYS, st.booleans(), st.integers(-(10**9), 10**10))
def test_what_is_not_in_force_is_never_so_by_doubt(day: date, at_latest: bool, at: int) -> None:
    """A doubt turns a No into not known, never a Yes into a No or a No into a Yes."""
    since, until = day.isoformat(), (day + timedelta(days=9)).isoformat()
    sure, doubted = (standing(since, until, flag, None, at) for flag in (False, at_latest))
    assert doubted is sure or (sure is OUT and doubted is UNKNOWN)


def test_moments_are_utc_whatever_the_form() -> None:
    assert seconds("2022-08-08") == seconds("2022-08-08T02:00:00+02:00") == seconds(datetime(2022, 8, 8, tzinfo=UTC))
    assert next_day("2024-02-28") == "2024-02-29"
    for moment in (14442835, "14442835", "2022", "2022-08-08T00:00:00"):
        with pytest.raises(MethodError):
            seconds(moment)


def test_the_age_of_an_edition() -> None:
    edition = Edition("ofac", "2026-08-20", snapshot=True)
    assert [edition.age(day) for day in ("2026-08-20", "2026-09-19", "2026-09-20")] == [0, 30, 31]
    assert [edition.stale(day) for day in ("2026-08-20", "2026-09-19", "2026-09-20")] == [False, False, True]
    assert Edition("x", snapshot=True).stale("2026-01-01"), "no date is no good date"
    assert not Edition("own").stale("2026-01-01")
