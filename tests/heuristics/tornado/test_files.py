"""Notes come back from files as they were, and what is no note is counted with its reason."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.errors import ColumnError, InputError, MethodError
from chaintrace.heuristics.tornado import files as module
from chaintrace.heuristics.tornado.files import notes_text
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.heuristics.tornado.pools import pool_named
from chaintrace.labels.pools import tornado_pools
from tests.heuristics.tornado.told import HUNDRED, ONE, paid, taken

WHO = "0x51940F5F8eB0bf150eDD0Bc00067d8DAbDB16BD6"
DEPOSIT: dict[str, Any] = {
    "blockNumber": 9162622,
    "logIndex": 63,
    "transactionHash": "0x" + "64" * 32,
    "commitment": "0x" + "04" * 32,
    "leafIndex": 0,
    "timestamp": 1577309522,
    "from": WHO,
}
WITHDRAWAL: dict[str, Any] = {
    "blockNumber": 9176937,
    "logIndex": 51,
    "transactionHash": "0x" + "30" * 32,
    "nullifierHash": "0x" + "2E" * 32,
    "to": WHO,
    "fee": "2006000000000000000",
    "timestamp": "1577555782",
}
NAME = "deposits_1_eth_100.json"
notes = st.builds(
    lambda make, who, at, pool, more: make(who, at, pool, **more),
    st.sampled_from([paid, taken]),
    st.sampled_from("abc"),
    st.integers(0, 99),
    st.sampled_from([HUNDRED, ONE]),
    st.fixed_dictionaries(
        {}, optional={"log_index": st.integers(0, 9), "block": st.none(), "tx": st.sampled_from("xyz")}
    ),
)


def write(folder: Path, events: Any, name: str = NAME) -> Path:
    path = folder / name
    path.write_text(json.dumps(events), encoding="utf-8")
    return path


@given(st.lists(notes, max_size=8))
def test_a_table_of_ours_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, made: list[Any]) -> None:
    told = Notes.of(made)
    path = tmp_path_factory.mktemp("notes") / "notes.csv"
    path.write_text(notes_text(told), encoding="utf-8")
    assert tuple(ct.read_notes(path)) == told.found


def test_every_field_is_kept(tmp_path: Path) -> None:
    a, b = paid("x").account, paid("y").account
    whole = [
        paid("a", leaf=3, mark="0x" + "ab" * 32, log_index=9),
        taken("b", 2, fee=10**18 + 1, relayer=a, sender=b, mark="0x" + "cd" * 32, log_index=0),
    ]
    path = tmp_path / "notes.csv"
    path.write_text(notes_text(whole), encoding="utf-8")
    assert list(ct.read_notes(path)) == whole


def test_events_of_tornado_cli(tmp_path: Path) -> None:
    first, second = ct.read_notes(write(tmp_path, [WITHDRAWAL, DEPOSIT]))
    assert (first.pool, first.kind, first.account, first.time, first.leaf) == (
        HUNDRED,
        "deposit",
        WHO.lower(),
        1577309522,
        0,
    )
    assert (second.kind, second.fee, second.time, second.mark) == (
        "withdrawal", 2006 * 10**15, 1577555782, "0x" + "2e" * 32,
    )  # fmt: skip
    assert (second.relayer, second.sender, second.log_index, second.block) == (None, None, 51, 9176937)


def test_a_zip_a_folder_and_a_name_of_ones_own(tmp_path: Path) -> None:
    path = write(tmp_path, [DEPOSIT])
    inner = tmp_path / "folder"
    inner.mkdir()
    with ZipFile(inner / f"{NAME}.zip", "w") as archive:
        archive.write(path, NAME)
    (inner / "governance_1.json").write_text("[]")
    told = ct.read_notes(inner)
    assert len(told) == 1
    assert told.told == ("1 files of the folder are of no known pool, and were not read: governance_1.json",)
    with ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.write(path, NAME)
    assert len(ct.read_notes(tmp_path / "other.zip")) == 1
    renamed = write(tmp_path, [DEPOSIT], "mine.json")
    with pytest.raises(InputError, match="tells no known pool"):
        ct.read_notes(renamed)
    assert ct.read_notes(renamed, pool="1_eth_100")[0].pool == HUNDRED
    assert len(ct.read_notes([renamed, paid("a")], pool=HUNDRED)) == 2


@pytest.mark.parametrize(
    ("event", "reason"),
    [
        (DEPOSIT | {"from": WHO.replace("F", "f", 1)}, "bad checksum"),
        (DEPOSIT | {"from": "0x12"}, "bad address"),
        (DEPOSIT | {"from": None}, "missing value"),
        (DEPOSIT | {"leafIndex": 2**20}, "no leaf of a pool"),
        (DEPOSIT | {"leafIndex": -1}, "negative"),
        (DEPOSIT | {"leafIndex": 1.5}, "fractional"),
        (DEPOSIT | {"commitment": "0x04"}, "bad mark"),
        (DEPOSIT | {"transactionHash": "0x64"}, "bad transaction hash"),
        (DEPOSIT | {"timestamp": "yesterday"}, "not a time"),
        (DEPOSIT | {"timestamp": True}, "not a time"),
        (DEPOSIT | {"blockNumber": 9161894}, "before the pool was there"),
        (DEPOSIT | {"nullifierHash": "0x" + "11" * 32}, "neither deposit nor withdrawal"),
        ({"transactionHash": "0x" + "64" * 32}, "neither deposit nor withdrawal"),
        ("a text", "neither deposit nor withdrawal"),
        (WITHDRAWAL | {"fee": str(100 * 10**18 + 1)}, "a fee that a note cannot pay"),
        (WITHDRAWAL | {"fee": "1e18"}, "not a number"),
        ({name: value for name, value in WITHDRAWAL.items() if name != "fee"}, "missing value"),
    ],
)
def test_what_is_no_note_is_counted_with_its_reason(tmp_path: Path, event: Any, reason: str) -> None:
    good = DEPOSIT | {"leafIndex": 1, "logIndex": 7, "commitment": "0x" + "05" * 32}
    told = ct.read_notes(write(tmp_path, [event, good]))
    assert (len(told), told.rejected.counts) == (1, {reason: 1})
    assert told.rejected.examples[0].row == 0


def test_the_whole_denomination_may_be_a_fee(tmp_path: Path) -> None:
    (note,) = ct.read_notes(write(tmp_path, [WITHDRAWAL | {"fee": str(100 * 10**18)}]))
    assert note.fee == HUNDRED.denomination


@pytest.mark.parametrize("text", ["", "{}", "[1", '[{"a": 1, "a": 2}]', "NaN", "[" * 100_000])
def test_a_file_that_is_no_list_of_events_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / NAME).write_text(text)
    with pytest.raises(InputError):
        ct.read_notes(tmp_path / NAME)


def refused_zips() -> list[Callable[[Path], None]]:
    def two(path: Path) -> None:
        with ZipFile(path, "w") as archive:
            archive.writestr("a.json", "[]")
            archive.writestr("b.json", "[]")

    def none(path: Path) -> None:
        ZipFile(path, "w").close()

    return [two, none, lambda path: path.write_bytes(b"PK no"), lambda path: path.mkdir()]


@pytest.mark.parametrize("make", refused_zips())
def test_an_archive_that_is_none_or_holds_several_is_refused(tmp_path: Path, make: Callable[[Path], None]) -> None:
    make(tmp_path / f"{NAME}.zip")
    with pytest.raises(InputError):
        ct.read_notes(tmp_path / f"{NAME}.zip")


def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LARGEST", 100)
    with pytest.raises(InputError, match="larger than 100 bytes"):
        ct.read_notes(write(tmp_path, [DEPOSIT]))


def test_a_table_without_its_columns_is_refused_and_a_torn_row_counted(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("pool,kind\n1_eth_100,deposit\n")
    with pytest.raises(ColumnError, match="account, time, tx_hash"):
        ct.read_notes(path)
    lines = list(csv.reader(notes_text([paid("a"), taken("b", 1)]).splitlines()))
    lines[1].append("more")
    lines[2][0] = "1_eth_7"
    path.write_text("\n".join(map(",".join, lines)))
    assert ct.read_notes(path).rejected.counts == {"is not among the known pools": 1, "wrong number of columns": 1}


def test_pools_by_name() -> None:
    assert len(tornado_pools()) == 61
    for pool in tornado_pools():
        assert pool_named(f"{pool.chain}:{pool.address}") == pool
    assert pool_named(HUNDRED.address) == pool_named(f"eip155:1:{HUNDRED.address.upper().replace('X', 'x')}") == HUNDRED
    assert pool_named("137_matic_100000").denomination == 100_000 * 10**18
    assert pool_named("1_wbtc_0.1").denomination == 10**7
    with pytest.raises(MethodError, match="one of several chains"):
        pool_named("0x1e34a77868e19a6647b1f2f47b51ed72dede95dd")
    with pytest.raises(MethodError, match="not among the known pools"):
        pool_named("1_eth_7")


def test_what_holds_no_notes_is_refused() -> None:
    with pytest.raises(InputError, match="no notes can be read"):
        ct.read_notes(7)
    assert ct.read_notes(Notes.of([replace(paid("a"), leaf=None)])).found == (paid("a"),)


def test_a_withdrawal_tells_its_fee(tmp_path: Path) -> None:
    """No fee says that no relayer was paid, which a table that does not speak of fees does not say."""
    path, told = tmp_path / "notes.csv", notes_text([paid("a"), taken("b", 1, fee=0), taken("c", 2, fee=7)])
    path.write_text(told)
    assert [one.fee for one in ct.read_notes(path)] == [0, 0, 7]
    rows = list(csv.reader(told.splitlines()))
    at = rows[0].index("fee")
    rows[1][at] = rows[2][at] = ""
    for without in (rows, [row[:at] + row[at + 1 :] for row in rows]):
        path.write_text("\n".join(map(",".join, without)))
        found = ct.read_notes(path)
        assert found[0] == paid("a")
        assert found.rejected.counts == {"missing value": 3 - len(found)}
        assert {one.field for one in found.rejected.examples} == {"fee"}


def test_a_table_that_is_read_twice_counts_once(tmp_path: Path) -> None:
    one, other = tmp_path / "notes.csv", tmp_path / "more.csv"
    alike = [taken("b", 1, tx="x", fee=5)] * 3
    one.write_text(notes_text(alike))
    other.write_text(notes_text(alike[:2]))
    assert len(ct.read_notes([one, one])) == len(ct.read_notes([one, other])) == len(ct.read_notes(one)) == 3
    assert ct.read_notes([one, other]).told[0].startswith("2 notes without a place")
