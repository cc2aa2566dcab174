"""Moments are blocks or times with a zone, and nothing that could be mistaken for either."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import MethodError
from chaintrace.model.moment import SECONDS, is_later, parse_moment


@given(st.integers(0, SECONDS - 1))
def test_a_whole_number_is_a_block(block: int) -> None:
    assert parse_moment(block) == (block, True)


@given(st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1)), st.integers(-14, 14))  # noqa: DTZ001
def test_a_time_is_the_same_second_in_every_zone(naive: datetime, hours: int) -> None:
    when = naive.replace(tzinfo=UTC)
    elsewhere = when.astimezone(timezone(timedelta(hours=hours)))
    seconds = parse_moment(when)
    assert parse_moment(elsewhere) == seconds
    assert parse_moment(elsewhere.isoformat()) == seconds
    assert not seconds[1]


def test_a_date_is_its_first_second() -> None:
    assert parse_moment("2022-03-23") == parse_moment("2022-03-23T00:00:00Z") == (1647993600, False)


@pytest.mark.parametrize(
    "moment",
    [
        1648042149,
        "1648042149",
        "2022",
        "2022-03-23T13:29:09",
        "soon",
        "",
        "\uff11\uff12",
        True,
        1.5,
        None,
        datetime(2022, 1, 1),  # noqa: DTZ001
    ],
)
def test_what_could_be_mistaken_is_refused(moment: object) -> None:
    """Unix seconds would be a block that never comes, and a trace would silently go on to the end."""
    with pytest.raises(MethodError) as caught:
        parse_moment(moment)  # type: ignore[arg-type]
    assert caught.value.hint


def test_blocks_and_times_say_nothing_of_each_other() -> None:
    assert is_later(6, 5) is True
    assert is_later("2022-01-02", "2022-01-02") is False
    assert is_later(5, "2022-01-02") is None
