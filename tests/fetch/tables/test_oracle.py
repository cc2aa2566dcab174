"""What tables answer is what reading all of them says about the same accounts and blocks, in every engine."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fetch.tables.asking import about, again, asked_of
from tests.fetch.tables.ledgers import ACCOUNTS, ENGINES, Rows, all_read, chain, held, plain, touching

SOME = settings(
    settings.get_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=1_000 if os.environ.get("HYPOTHESIS_PROFILE") == "nightly" else 25,
)
NUMBER = count()


def compare(engine: str, tables: dict[str, Rows], folder: Path, data: st.DataObject) -> None:
    wanted = data.draw(st.lists(st.sampled_from(ACCOUNTS), min_size=1, max_size=3, unique=True))
    first = data.draw(st.integers(0, 10))
    last = data.draw(st.integers(first, 10))
    turned = {name: data.draw(st.permutations(rows)) for name, rows in tables.items()}
    held_so = held(engine, turned, folder / str(next(NUMBER)), first=0, last=10)
    page = asked_of(held_so, about(held_so, wanted, first, last))
    mine = page.answer.rows.drop_columns(["evidence", "block_hash"]).to_pylist()
    expected = touching(all_read(tables), wanted, first, last)
    assert sorted(map(_key, mine)) == sorted(map(_key, expected))
    assert not set(page.answer.rejected.counts) & {"conflict"}
    assert again(page).digest == page.answer.digest


def _key(row: dict[str, Any]) -> list[str]:
    return [f"{name}={value}" for name, value in row.items()]


@pytest.mark.parametrize("engine", ENGINES)
@SOME
@given(data=st.data(), rows=plain())
def test_our_own_columns(engine: str, rows: Rows, data: st.DataObject, tmp_path: Path) -> None:
    again = data.draw(st.lists(st.sampled_from(rows), max_size=2)) if "seq" in rows[0] else []
    compare(engine, {"transfers": rows + again}, tmp_path, data)


@pytest.mark.parametrize("engine", ENGINES)
@SOME
@given(data=st.data(), tables=chain())
def test_a_chain_as_ethereum_etl_exports_it(
    engine: str, tables: dict[str, Rows], data: st.DataObject, tmp_path: Path
) -> None:
    doubled = {name: rows + data.draw(st.lists(st.sampled_from(rows), max_size=2)) for name, rows in tables.items()}
    compare(engine, doubled, tmp_path, data)


@SOME
@given(data=st.data(), rows=plain())
def test_a_row_has_one_name_whatever_is_asked_beside_it(rows: Rows, data: st.DataObject, tmp_path: Path) -> None:
    held_so = held("pyarrow", {"transfers": rows}, tmp_path, first=0, last=10)
    whole = about(held_so, ACCOUNTS, 0, 10)
    everything = asked_of(held_so, whole).answer.rows.drop_columns(["evidence"]).to_pylist()
    wanted = data.draw(st.lists(st.sampled_from(ACCOUNTS), min_size=1, max_size=2, unique=True))
    some = asked_of(held_so, about(held_so, wanted, 0, 10)).answer.rows.drop_columns(["evidence"]).to_pylist()
    assert sorted(map(_key, some)) == sorted(map(_key, touching(everything, wanted, 0, 10)))
