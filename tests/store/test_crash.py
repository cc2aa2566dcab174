"""A run that is killed leaves each commit whole or absent, and going on ends where an undisturbed run ends."""

from __future__ import annotations

import random
import time
from collections import Counter
from pathlib import Path

import pytest

from chaintrace.store.store import Store
from tests.store.children import fill, fill_and_die, started
from tests.store.worlds import PAGES, everything, filled


@pytest.fixture
def undisturbed(tmp_path: Path) -> dict[str, object]:
    return everything(filled(Store.create(tmp_path / "undisturbed"), PAGES))


def test_killed_at_any_moment(tmp_path: Path, undisturbed: dict[str, object]) -> None:
    chance, seen = random.Random(43), Counter[int]()
    for n in range(20):
        folder = tmp_path / str(n)
        child = started(fill, folder)
        time.sleep(chance.uniform(0.02, 0.5))
        child.kill()
        child.join()
        seen[_whole_or_absent(folder, undisturbed)] += 1
    assert len(seen) > 1, "it was never killed in between"


@pytest.mark.parametrize("part", range(3))
def test_killed_at_each_step(tmp_path: Path, undisturbed: dict[str, object], part: int) -> None:
    for step in range(part, 1000, 3):
        folder = tmp_path / str(step)
        child = started(fill_and_die, folder, step)
        child.join()
        _whole_or_absent(folder, undisturbed)
        if child.exitcode == 0:
            assert step > 20
            return
    pytest.fail("it has no end")


def _whole_or_absent(folder: Path, undisturbed: dict[str, object]) -> int:
    """How many pages are there; the store is sound, and ends as the undisturbed one."""
    store = Store.create(folder)
    count = len(store.pages())
    assert [kept.question for kept in store.pages()] == [page.question for page in PAGES[:count]]
    with store.writing():
        store.commit(PAGES)
    assert everything(store) == undisturbed
    return count
