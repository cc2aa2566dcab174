"""An old store is made into one of today in one step or not at all; a newer one is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from chaintrace.errors import StoreVersion
from chaintrace.store import migrate
from chaintrace.store.base import Con
from chaintrace.store.store import Store
from tests.store.worlds import PAGES, everything, filled

OLD = "UPDATE version SET number = 0; ALTER TABLE settings RENAME value TO val"


def test_an_old_store_is_migrated_when_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _old(tmp_path)
    monkeypatch.setitem(migrate.MIGRATIONS, 0, _renamed)
    assert everything(Store.open(tmp_path)) == before
    monkeypatch.delitem(migrate.MIGRATIONS, 0)
    assert everything(Store.open(tmp_path)) == before


def test_a_migration_that_fails_leaves_the_old_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _old(tmp_path)

    def fails(con: Con) -> None:
        _renamed(con)
        raise ZeroDivisionError

    monkeypatch.setitem(migrate.MIGRATIONS, 0, fails)
    with pytest.raises(ZeroDivisionError):
        Store.open(tmp_path)
    monkeypatch.setitem(migrate.MIGRATIONS, 0, _renamed)
    assert everything(Store.open(tmp_path)) == before


@pytest.mark.parametrize(("found", "says"), [(0, "which this chaintrace cannot read"), (7, "later than 1")])
def test_another_version_is_refused_and_left_alone(tmp_path: Path, found: int, says: str) -> None:
    _old(tmp_path, f"UPDATE version SET number = {found}; DROP TABLE settings")
    whole = (tmp_path / "store" / "case.duckdb").read_bytes()
    for look in (Store.open, Store.create):
        with pytest.raises(StoreVersion, match=says) as caught:
            look(tmp_path)
        assert (caught.value.found, caught.value.known) == (found, 1)
        assert caught.value.hint
    assert (tmp_path / "store" / "case.duckdb").read_bytes() == whole


def _renamed(con: Con) -> None:
    con.execute("ALTER TABLE settings RENAME val TO value")


def _old(folder: Path, sql: str = OLD) -> dict[str, Any]:
    """Make a store of another version; what it told before."""
    store = filled(Store.create(folder), PAGES[:2])
    with store.writing():
        store.set("key", "value")
    before = everything(store)
    with duckdb.connect(folder / "store" / "case.duckdb") as con:
        con.execute(sql)
    return before
