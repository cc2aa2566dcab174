"""The real pools: every event is read, and the pools' own arithmetic holds at every moment."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

import chaintrace as ct
from chaintrace.heuristics.tornado.notes import Notes


@pytest.fixture(scope="module")
def events(data: Path) -> Notes:
    return ct.read_notes(data / "tornado" / "events")


def index(data: Path) -> dict[str, int]:
    with (data / "tornado" / "INDEX.csv").open(encoding="utf-8") as file:
        return {row["file"]: int(row["events"]) for row in csv.DictReader(file)}


def file_of(note: ct.Note) -> str:
    pool = note.pool
    name = f"{note.kind}s_{pool.chain.removeprefix('eip155:')}_{pool.symbol}_{pool.written}.json.zip"
    return name.lower().replace(",", "")


def test_every_event_is_read_and_none_is_refused(events: Notes, data: Path) -> None:
    told = {name: many for name, many in index(data).items() if name.startswith(("deposits", "withdrawals")) and many}
    found = Counter(
        f"{one.kind}s_{one.pool.chain.removeprefix('eip155:')}_{one.pool.symbol}_{one.pool.written}".lower().replace(
            ",", ""
        )
        for one in events
    )
    assert {f"{name}.json.zip": many for name, many in found.items()} == told
    assert sum(told.values()) == len(events) == 253_010
    assert events.rejected.counts == {}
    assert len(events.told) == 1


def test_leaves_have_no_gap_and_nothing_is_taken_out_twice_or_before_it_is_there(events: Notes) -> None:
    columns = events.columns
    assert all(columns.whole)
    assert int(columns.unspent[~columns.deposit].min()) >= 1
    for pool in range(len(columns.pools)):
        for way in (True, False):
            marks = [columns.notes[n].mark for n in columns.of(pool, deposit=way)]
            assert len(set(marks)) == len(marks)
        leaves = [columns.notes[n].leaf for n in columns.of(pool, deposit=True)]
        assert leaves == list(range(len(leaves)))


def test_the_totals_are_those_of_the_pools(events: Notes) -> None:
    """Deposits less withdrawals of the 100 ETH pool at the end of the files, in wei."""
    hundred = [one for one in events if one.pool.name == "Tornado Cash 100 ETH" and one.pool.chain == "eip155:1"]
    paid = sum(one.pool.denomination for one in hundred if one.kind == "deposit")
    taken = sum(one.pool.denomination for one in hundred if one.kind == "withdrawal")
    assert (paid, taken) == (3_504_900 * 10**18, 3_394_900 * 10**18)


def test_the_deposits_of_the_ronin_case_are_among_them(events: Notes, data: Path) -> None:
    with (data / "ronin" / "tornado_deposits.csv").open(encoding="utf-8") as file:
        told = {(row["tx_hash"], row["depositor"], int(row["leaf_index"])) for row in csv.DictReader(file)}
    found = {(one.tx_hash, one.account, one.leaf) for one in events if one.pool.name == "Tornado Cash 100 ETH"}
    assert len(told) == 1751
    assert told <= found
    rows = ct.read_notes(ct.Case.open("ronin").graph)
    said = {(one.tx_hash, one.account, one.time, one.block) for one in events}
    assert {(one.tx_hash, one.account, one.time, one.block) for one in rows} <= said


def test_two_events_of_one_transaction_happen(events: Notes) -> None:
    assert max(Counter((one.tx_hash, one.kind) for one in events).values()) > 1
