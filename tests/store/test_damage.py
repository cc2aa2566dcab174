"""What was kept is what is read, or it is named as damaged, with what to fetch again."""

from __future__ import annotations

import random
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import settings

from chaintrace.errors import StoreDamaged, StoreError
from chaintrace.store.store import Store
from tests.store.worlds import ACCOUNTS, FOUR, PAGES, TOP, everything, filled


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("sound")
    store = filled(Store.create(folder), PAGES)
    with store.writing():
        store.set("key", "value")
        store.orphan("rpc one", 8)
        store.commit([FOUR.page(ACCOUNTS[:2], 9, TOP)])
    return folder, everything(store)


@pytest.fixture
def case(sound: tuple[Path, dict[str, Any]], tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound[0], tmp_path / "case"))


def test_a_flipped_bit_is_found_or_changes_nothing(case: Path, sound: tuple[Path, dict[str, Any]]) -> None:
    chance, found, tries = random.Random(47), 0, settings.default.max_examples
    database = case / "store" / "case.duckdb"
    places = [(database, chance.randrange(database.stat().st_size)) for _ in range(tries // 2)]
    places += [(database, chance.randrange(3 * 4096)) for _ in range(tries // 4)]
    places += [(file, chance.randrange(file.stat().st_size)) for file in _others(case) for _ in range(tries // 20)]
    for file, place in places:
        whole = file.read_bytes()
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1 << chance.randrange(8)]) + whole[place + 1 :])
        found += _damaged_or_the_same(case, file, sound[1])
        file.write_bytes(whole)
    assert found > len(places) / 2
    assert everything(Store.open(case)) == sound[1]


def test_a_truncated_file_is_found(case: Path, sound: tuple[Path, dict[str, Any]]) -> None:
    chance = random.Random(47)
    for file in (case / "store" / "case.duckdb", *_others(case)):
        whole = file.read_bytes()
        for size in (0, 1, len(whole) // 2, chance.randrange(len(whole)), len(whole) - 1):
            file.write_bytes(whole[:size])
            if file.name != "seal" or size < len(whole) - 1:
                assert _damaged_or_the_same(case, file, sound[1])
        file.write_bytes(whole)


def test_a_missing_file_is_named(case: Path) -> None:
    for file in _others(case):
        gone = file.rename(file.with_suffix(".gone"))
        with pytest.raises(StoreDamaged) as caught:
            Store.open(case)
        assert caught.value.path == str(file)
        assert caught.value.reason == "it is missing"
        gone.rename(file)


def test_what_to_fetch_again_is_said(case: Path) -> None:
    store, page = Store.open(case), PAGES[2]
    body = page.asked[1].body
    (case / "store" / "evidence" / body[:2] / f"{body}.zst").write_bytes(b"")
    for look in (lambda: store.body(body), lambda: Store.open(case)):
        with pytest.raises(StoreDamaged) as caught:
            look()
        assert caught.value.path.endswith(f"{body}.zst")
        assert f"ask rpc one again for {ACCOUNTS[2]} in blocks 0 to {TOP}" in caught.value.hint


def test_a_response_that_comes_again_mends_its_file(case: Path, sound: tuple[Path, dict[str, Any]]) -> None:
    store = Store.open(case)
    body = PAGES[0].asked[0].body
    (case / "store" / "evidence" / body[:2] / f"{body}.zst").write_bytes(b"torn")
    filled(store, [FOUR.page([ACCOUNTS[3]], 9, TOP)])
    assert Store.open(case).body(body) == sound[1]["bodies"][body][0]


CHANGES = {
    "a row": "UPDATE rows SET seq = seq + 1 WHERE page = 3",
    "an amount": "UPDATE rows SET amount = unhex(sha256('x')) WHERE page = 3 AND n = 0",
    "a short amount": "UPDATE rows SET amount = 'x'::BLOB WHERE page = 3 AND n = 0",
    "no asset": "UPDATE rows SET asset = NULL WHERE page = 3",
    "the order of rows": "UPDATE rows SET n = -n WHERE page = 3",
    "a row less": "DELETE FROM rows WHERE page = 3 AND n = 0",
    "coverage": "UPDATE covered SET last = 99 WHERE page = 3",
    "kinds": "UPDATE covered SET kinds = ['token'] WHERE page = 3",
    "what is missing": "DELETE FROM missing WHERE page = 3",
    "a balance": "UPDATE balances SET amount = '1' WHERE page = 3 AND n = 0",
    "a balance that is no number": "UPDATE balances SET amount = 'x' WHERE page = 3 AND n = 0",
    "metadata": "UPDATE metadata SET symbol = 'USDT' WHERE page = 3",
    "a hash": "UPDATE hashes SET hash = '0x' WHERE page = 3",
    "a note": "UPDATE pages SET notes = '[]' WHERE page = 3",
    "what was rejected": "UPDATE pages SET rejected = '{}' WHERE page = 3",
    "a question": "UPDATE pages SET question = '[' WHERE page = 3",
    "accounts": "UPDATE pages SET question = replace(question, 'cc', 'cd') WHERE page = 3",
    "a provider": "UPDATE pages SET provider = 'another' WHERE page = 3",
    "a call": "UPDATE asked SET call = 'x' WHERE page = 3 AND n = 0",
    "a call more": "INSERT INTO asked VALUES (99, 0, 'x', 'x', 0, true)",
    "a place": "UPDATE asked SET place = 1 WHERE page = 3 AND n = 0",
    "when it came": "UPDATE bodies SET asked_at = 0 WHERE page = 3",
    "how long it is": "UPDATE bodies SET size = 1 WHERE page = 3",
    "a reorg": "DELETE FROM orphans",
    "its block": "UPDATE orphans SET block = 9",
    "a setting": "UPDATE settings SET value = 'another'",
    "a page less": "DELETE FROM pages WHERE page = 3",
    "a page twice": "INSERT INTO pages SELECT * FROM pages WHERE page = 3",
    "a number": "UPDATE pages SET page = 9 WHERE page = 5",
    "a table less": "DROP TABLE hashes",
    "a table more": "CREATE TABLE more (x BIGINT)",
    "a view for a table": "ALTER TABLE rows RENAME TO lines; CREATE VIEW rows AS SELECT * FROM lines",
    "no version": "DELETE FROM version",
    "no state": "DELETE FROM state",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_by_another_hand_is_found(case: Path, change: str) -> None:
    with duckdb.connect(case / "store" / "case.duckdb") as con:
        con.execute(change)
    with pytest.raises(StoreDamaged) as caught:
        Store.open(case)
    assert caught.value.path.endswith("case.duckdb")
    assert caught.value.hint


def test_a_database_that_fell_back_is_found(case: Path) -> None:
    database = case / "store" / "case.duckdb"
    before = database.read_bytes()
    with Store.open(case).writing():
        pass
    store = Store.open(case)
    with store.writing():
        store.set("later", "change")
    database.write_bytes(before)
    with pytest.raises(StoreDamaged, match="it fell back"):
        Store.open(case)


def test_a_file_that_is_no_database_is_named(case: Path) -> None:
    (case / "store" / "case.duckdb").write_bytes(b"hello" * 10_000)
    with pytest.raises(StoreDamaged):
        Store.open(case)


def _others(case: Path) -> list[Path]:
    return [case / "store" / "seal", *sorted((case / "store" / "evidence").glob("*/*.zst"))]


def _damaged_or_the_same(case: Path, file: Path, before: dict[str, Any]) -> bool:
    """Whether it was found."""
    try:
        found = everything(Store.open(case))
    except StoreError as error:
        named = error.path
    else:
        assert found == before
        return False
    assert named == str(file) or file.name == "seal"
    return True
