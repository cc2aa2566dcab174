"""``chaintrace fetch --files`` and ``--warehouse``, as a stranger types them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.fetch.rpc.asking import Stage
from tests.live.test_command import run


@pytest.fixture
def fetch(stage: Stage, tmp_path: Path) -> Any:
    def run_with(*words: str) -> subprocess.CompletedProcess[str]:
        seed = ("--seed-tx", stage.planted.thefts[0], "--max-accounts", "1", "--json")
        return run(tmp_path, "fetch", words[0], *seed, *words[1:])

    return run_with


def test_files_and_a_database_say_the_same(fetch: Any, lake: Path, tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "chain.duckdb") as con:
        for name in ("blocks", "transactions", "traces", "logs"):
            con.execute(f"CREATE TABLE {name} AS SELECT * FROM read_parquet('{lake}/{name}/*.parquet')")
        con.execute("CREATE TABLE other AS SELECT 1 AS number")
    tables = (
        word
        for name in ("traces", "logs", "transactions", "blocks")
        for word in ("--warehouse", f"chain.duckdb:{name}")
    )
    told = []
    for name, words in {
        "files": ("--files", f"{lake}/[bl]*/*.parquet", "--files", f"{lake}/tra*/*.parquet"),
        "database": tuple(tables),
    }.items():
        done = fetch(name, *words)
        assert done.returncode == 0, done.stderr
        told.append(json.loads(done.stdout))
    assert len({json.dumps(one["accounts"]) for one in told}) == 1
    assert [one["door"] for case in told for one in case["doors"].values()] == ["files", "warehouse"]
    assert {name for case in told[1:] for name in case["providers"]} == {"warehouse chain.duckdb"}


def test_what_is_not_there_says_so_and_shows_no_key(fetch: Any, tmp_path: Path) -> None:
    with duckdb.connect(tmp_path / "chain.duckdb") as con:
        con.execute("CREATE TABLE other AS SELECT 1 AS number")
    for words, says in (
        (("--warehouse", "md:lake?motherduck_token=s3cr3t"), "no such file"),
        (("--warehouse", "chain.duckdb:traces"), "no such table"),
        (("--files", "s3://s3cr3t@bucket/lake"), "no file on this machine"),
    ):
        done = fetch("case", *words)
        assert done.returncode == 2
        assert says in done.stderr
        assert "s3cr3t" not in done.stderr + done.stdout
