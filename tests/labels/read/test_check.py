"""A list that lost what it had is refused: emptied, shrunk, older, or another list altogether."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.errors import ListError
from chaintrace.labels.official import OFFICIAL, RONIN_EXPLOITER, official
from chaintrace.labels.read.check import Expected, check
from tests.labels.lists import LAZARUS, RONIN, Party, advanced, eu, read, uk_csv, un

NEEDED = Expected(actors=2, labels=2, actor="group lazarus", programme="DPRK3", address=RONIN.lower())


def listed(count: int, date: str = "2026-08-20") -> list[Party]:
    return [Party(f"P{n}", "X", [("ETH", f"0x{n:040x}")]) for n in range(count)]


def test_what_has_all_that_is_known_passes() -> None:
    check(read(advanced([LAZARUS, Party("KIM")])), NEEDED)


@pytest.mark.parametrize(
    ("parties", "said"),
    [
        ([], "0 actors"),
        ([LAZARUS], "1 actors"),
        ([LAZARUS._replace(addresses=[]), Party("KIM")], "0 addresses"),
        ([LAZARUS._replace(name="LAZARUS"), Party("KIM")], "group lazarus is not on it"),
        ([LAZARUS._replace(programme="X"), Party("KIM", "X")], "nobody is on it for DPRK3"),
        ([LAZARUS._replace(addresses=[("ETH", "0x" + "1" * 40), LAZARUS.addresses[1]]), Party("K")], "0x098b"),
    ],
)
def test_what_lacks_something_is_refused(parties: list[Party], said: str) -> None:
    with pytest.raises(ListError, match=said) as caught:
        check(read(advanced(parties)), NEEDED)
    assert "last good edition" in caught.value.hint


@given(st.integers(0, 40), st.integers(0, 40))
def test_a_tenth_may_go_and_no_more(before: int, after: int) -> None:
    old, new = read(advanced(listed(before))), read(advanced(listed(after), "2026-08-21"))
    if after * 10 >= before * 9:
        check(new, Expected(), old)
    else:
        with pytest.raises(ListError, match="the edition before had"):
            check(new, Expected(), old)


def test_addresses_alone_may_not_vanish() -> None:
    """A renamed feature type would leave every name where it was."""
    whole = advanced(listed(20))
    with pytest.raises(ListError, match="0 addresses"):
        check(read(whole.replace("Digital Currency Address", "Digital Asset Address")), Expected(), read(whole))


def test_an_older_edition_is_refused() -> None:
    new, old = read(advanced(date="2026-08-20")), read(advanced(date="2026-08-19"))
    with pytest.raises(ListError, match="2026-08-20 is there already"):
        check(old, Expected(), new)
    check(new, Expected(), old)
    check(new, Expected(), new)


def test_an_edition_of_the_future_is_refused() -> None:
    """It would keep every true edition out, as older."""
    found = read(advanced(date="2026-08-20"))
    for today in ("2026-08-19", "2026-08-20", "2030-01-01"):
        check(found, Expected(), today=today)
    with pytest.raises(ListError, match="which is to come"):
        check(found, Expected(), today="2026-08-18")


def test_every_official_list_wants_something_that_is_on_it() -> None:
    assert RONIN.lower() == RONIN_EXPLOITER
    for name, text in (("un", un()), ("eu", eu()), ("uk", uk_csv())):
        expected = official(name).expected
        assert expected.actors > 500
        with pytest.raises(ListError, match="at least"):
            check(read(text, name="x"), expected)
    assert all(one.url.startswith("https://") for one in OFFICIAL.values())
