"""A disk that is full, may not be written to, or fails, takes nothing away that was kept."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from chaintrace.errors import CannotWrite, StoreDamaged, StoreVersion
from chaintrace.store import files, migrate, schema
from chaintrace.store.store import Store
from tests.store.worlds import PAGES, everything, filled


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, for whoever may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not _mount("-t", "tmpfs", "-o", "size=64k", "tmpfs", str(folder)):
        pytest.skip("a disk of its own cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk_takes_nothing_away(disk: Path, tmp_path: Path) -> None:
    undisturbed = everything(filled(Store.create(tmp_path / "undisturbed"), PAGES))
    size, failed = 64, 0
    while True:
        assert _mount("-o", f"remount,size={size}k", str(disk))
        kept = Store.open(disk).pages() if Store.exists(disk) else []
        why = _why_not_filled(disk)
        if not why:
            break
        failed += 1
        assert "the disk is full; about " in why
        assert "make room" in why
        if Store.exists(disk):
            assert Store.open(disk).pages()[: len(kept)] == kept
        size += 192
    assert failed > 5
    assert everything(Store.open(disk)) == undisturbed


def test_a_disk_that_may_not_be_written_to_can_be_read(disk: Path) -> None:
    assert _mount("-o", "remount,size=64m", str(disk))
    before = everything(filled(Store.create(disk), PAGES))
    assert _mount("-o", "remount,ro", str(disk))
    store = Store.open(disk)
    assert everything(store) == before
    with pytest.raises(CannotWrite, match="may not be written to"), store.writing():
        pytest.fail("it wrote")
    with pytest.raises(CannotWrite, match="may not be written to"):
        Store.create(disk / "another")


def test_an_old_store_that_may_not_be_written_to_says_so(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _mount("-o", "remount,size=64m", str(disk))
    filled(Store.create(disk), PAGES)
    assert _mount("-o", "remount,ro", str(disk))
    monkeypatch.setattr(schema, "VERSION", 2)
    monkeypatch.setattr(migrate, "VERSION", 2)
    monkeypatch.setitem(migrate.MIGRATIONS, 1, lambda con: None)
    with pytest.raises(StoreVersion, match="cannot be written") as caught:
        Store.open(disk)
    assert (caught.value.found, caught.value.known) == (1, 2)


@pytest.mark.parametrize("name", ["prepare", "adopt", "force"])
def test_a_write_that_fails_leaves_all_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    store = filled(Store.create(tmp_path), PAGES[:2])
    before = everything(store)

    def fails(*_: object) -> None:
        raise OSError(5, os.strerror(5))

    with monkeypatch.context() as patched:
        patched.setattr(files, name, fails)
        with store.writing(), pytest.raises(CannotWrite, match="Input/output error"):
            store.commit(PAGES[2:])
    assert everything(Store.open(tmp_path)) == before
    filled(store, PAGES)


def test_what_may_not_be_read_is_not_called_damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(Store.create(tmp_path), PAGES)

    def barred(*_: object, **__: object) -> str:
        raise PermissionError(13, os.strerror(13))

    monkeypatch.setattr(Path, "read_text", barred)
    with pytest.raises(Exception, match="may not be read") as caught:
        Store.open(tmp_path)
    assert not isinstance(caught.value, StoreDamaged)


def _why_not_filled(folder: Path) -> str:
    try:
        filled(Store.create(folder), PAGES)
    except CannotWrite as error:
        return str(error)
    return ""


def _mount(*told: str) -> bool:
    return subprocess.run(["mount", *told], capture_output=True, check=False).returncode == 0
