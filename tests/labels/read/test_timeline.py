"""Timelines: every address is found in its interval and in none other; what is unusable is never matched."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest

from chaintrace.errors import InputError, ListError
from chaintrace.labels.book import LabelBook
from chaintrace.labels.read.formats import read_list
from chaintrace.model.address import is_account
from tests.labels.lists import BLENDER, RONIN, TRON, read

EARLIER = "ofac_crypto_timeline_0xB10C_2022-09_2024-09.csv"
LATER = "ofac_crypto_timeline_2024-12_2026-08.csv"


def day(text: str, plus: int = 0) -> str:
    return (date.fromisoformat(text) + timedelta(days=plus)).isoformat()


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


def test_plain_intervals() -> None:
    text = f"address,since,until\n{RONIN},2022-04-14,\n{BLENDER},<=2022-05-06,2023-01-01\n"
    found = read(text, name="t.csv", format="timeline")
    assert [(one.since, one.until, one.since_at_latest) for one in found.labels] == [
        ("2022-04-14", None, False),
        ("2022-05-06", "2023-01-01", True),
    ]
    assert found.edition.published == "2023-01-01"


@pytest.mark.parametrize(
    "row",
    [
        "2022-04-14,2022-04-14",
        "2022-04-14,2022-04-13",
        "soon,",
        "2022-04-14,later",
        "2022-02-30,",
        "03/04/2022,",
        "2022-04-14 and so on,",
    ],
)
def test_an_interval_that_is_none_is_refused(row: str) -> None:
    with pytest.raises(InputError, match="line 2"):
        read(f"address,since,until\n{RONIN},{row}\n", name="t.csv", format="timeline")


def test_a_row_cut_short_is_refused() -> None:
    with pytest.raises(ListError, match="as many cells"):
        read(f"address,since,until\n{RONIN}\n", name="t.csv", format="timeline")
    with pytest.raises(ListError, match="no timeline"):
        read(f"address,from\n{RONIN},2022-04-14\n", name="t.csv", format="timeline")


def test_between_two_looks_nobody_knows() -> None:
    """A mirror's history says when it was last seen and when it was seen to be gone."""
    text = (
        "asset,address,first_seen_commit_date,last_seen_commit_date,present_in_last_snapshot\n"
        f"ETH,{RONIN},2022-09-03,2022-09-16,0\nXBT,{BLENDER},2022-11-09,2024-09-27,1\n"
    )
    book = LabelBook(read(text, name="t.csv"))
    said = {at: book.look(RONIN, at).sanctioned for at in ("2022-09-02", "2022-09-03", "2022-09-16", "2022-09-17")}
    assert said == {"2022-09-02": None, "2022-09-03": True, "2022-09-16": True, "2022-09-17": None}
    assert [book.look(RONIN, at).sanctioned for at in ("2022-11-08", "2022-11-09")] == [None, False]


def test_lost_capitals_are_counted_and_never_matched() -> None:
    text = f"address,address_case_ok,asset,since\n{TRON.lower()},0,TRX,2022-01-01\n{BLENDER.lower()},1,XBT,2022-01-01\n"
    found = read(text, name="t.csv", format="timeline")
    assert found.labels == ()
    assert [one.text for one in found.unusable] == [TRON.lower(), BLENDER.lower()]
    answer = LabelBook(found).look(TRON, "2023-01-01")
    assert (answer.labels, answer.doubtful) == ((), ())
    assert [one.text for one in answer.unusable] == [TRON.lower()]
    assert answer.sanctioned is None, "it is no No"


def test_every_address_of_the_later_history_in_its_interval_and_in_none_other(data: Path) -> None:
    path = data / "ofac" / LATER
    book = LabelBook(read_list(path))
    rows = table(path)
    usable = [row for row in rows if row["address_case_ok"] == "1"]
    assert (len(rows), len(usable), book.unusable) == (1067, 759, 308)
    for row in usable:
        first, last = row["first_seen_sdn_date"].removeprefix("<="), row["last_seen_sdn_date"]
        before = None if row["first_seen_sdn_date"].startswith("<=") else False
        there = row["still_listed_at_last_snapshot"] == "1"
        # An address may stand there under two parties, each with its own dates.
        alone = LabelBook([one for one in book.look(row["address"], last).labels if one.name == row["entity"]])
        said = [alone.look(row["address"], at).sanctioned for at in (day(first, -1), first, last, day(last, 1))]
        assert said[1:] == [True, True, there], row
        if len(alone) == 1:
            assert said[0] is before, row
        assert row["program"] in {one.programme for one in book.look(row["address"], last).labels}


def test_every_address_of_the_earlier_history_in_its_interval_and_in_none_other(data: Path) -> None:
    path = data / "ofac" / EARLIER
    book = LabelBook(read_list(path))
    assert book.unusable == 0
    for row in table(path):
        first, last = row["first_seen_commit_date"], row["last_seen_commit_date"]
        there = True if row["present_in_last_snapshot"] == "1" else None
        moments = (day(first, -1), first, last, day(last, 1))
        # An address may stand there under two tickers, each with its own dates.
        alone = LabelBook([one for one in book.look(row["address"], last).labels if one.since == first])
        assert [alone.look(row["address"], at).sanctioned for at in moments] == [None, True, True, there], row
        if there is None:
            assert alone.look(row["address"], "2024-09-28").sanctioned is False


def test_tornado_cash_left_the_list_in_march_2025(data: Path) -> None:
    book = LabelBook(read_list(data / "ofac" / LATER))
    left = {one.address for one in book if one.until == "2025-03-21"}
    assert len(left) == 90
    assert all(one.name == "TORNADO CASH" for one in book if one.until is not None)
    for address in left:
        assert [book.look(address, at).sanctioned for at in ("2025-03-20T23:59:59Z", "2025-03-21")] == [True, False]
    assert any(one.name == "Roman SEMENOV" and one.until is None for one in book)


def test_addresses_are_of_the_chain_that_they_say(data: Path) -> None:
    """And of no other: what names a chain that is not followed is kept letter by letter."""
    for name in (EARLIER, LATER):
        for one in read_list(data / "ofac" / name).labels:
            if one.chain.startswith("other:"):
                assert one.chain.removeprefix("other:") in {
                    "BCH", "BSV", "BTG", "DASH", "DOGE", "LTC", "SOL", "XMR", "XRP", "XVG", "ZEC", "BNB",
                }  # fmt: skip
            else:
                assert is_account(one.address, one.chain or "ethereum")
