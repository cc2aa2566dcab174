"""Ctrl-C is Ctrl-C, whatever DuckDB makes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaintrace.store.base import Con
from chaintrace.store.store import Store


def test_an_interrupted_query_is_an_interrupt(tmp_path: Path) -> None:
    store = Store.create(tmp_path)

    def interrupted(con: Con) -> None:
        raise RuntimeError("Query interrupted")

    with pytest.raises(KeyboardInterrupt):
        store._base.read(interrupted)
    assert store.pages() == []


def test_another_error_stays_what_it_is(tmp_path: Path) -> None:
    store = Store.create(tmp_path)

    def broken(con: Con) -> None:
        raise RuntimeError("something else")

    with pytest.raises(RuntimeError, match="something else"):
        store._base.read(broken)
