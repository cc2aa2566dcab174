"""DuckDB: accounts numbered in a table of their own, then a join of what is new with all rows, until nothing is."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb

NAME = "DuckDB joins"
SHAPES = ("hex", "binary", "ids")
CANNOT = {"fifo": "no lots", "haircut": "rows depend on each other"}

_NUMBERED = """
create table named as
    select row_number() over () - 1 as account, name
    from (select sender as name from read union select receiver from read);
create table moves as
    select file_row_number as row, one.account as sender, other.account as receiver
    from read join named one on one.name = sender join named other on other.name = receiver
    order by row;
"""
_AS_THEY_ARE = "create table moves as select file_row_number as row, sender, receiver from read order by row"


def load(path: Path, shape: str) -> Any:
    db = duckdb.connect()
    _view(db, path)
    db.execute(_AS_THEY_ARE if shape == "ids" else _NUMBERED)
    return db


def _view(db: Any, path: Path) -> None:
    db.execute(f"create view read as from read_parquet('{path}', file_row_number = true)")


def reach(db: Any, row: int) -> Any:
    _clean(db)
    db.execute("create table reached as select receiver as account from moves where row = ?", [row])
    db.execute("create table new as from reached")
    while db.execute("select count(*) from new").fetchall()[0][0]:
        db.execute(
            "create or replace table new as select distinct receiver as account from moves"
            " where sender in (from new) and receiver not in (from reached)"
        )
        db.execute("insert into reached from new")
    return db.execute("select account from reached").fetchnumpy()["account"]


def temporal(db: Any, row: int) -> Any:
    return _earliest(db, row).fetchnumpy()["account"]


def _earliest(db: Any, row: int) -> Any:
    """The earliest row by which each account is reached, improved until nothing improves."""
    _clean(db)
    db.execute("create table reached as select receiver account, row first from moves where row = ?", [row])
    db.execute("create table new as from reached")
    while db.execute("select count(*) from new").fetchall()[0][0]:
        db.execute(
            "create or replace table new as"
            " select found.account, found.first from (select receiver account, min(row) first from moves"
            " join new on sender = account and row > first where row > ? group by receiver) found"
            " left join reached on found.account = reached.account"
            " where reached.first is null or found.first < reached.first",
            [row],
        )
        db.execute("delete from reached where account in (select account from new)")
        db.execute("insert into reached from new")
    return db.execute("select account from reached")


def _clean(db: Any) -> None:
    db.execute("drop table if exists reached; drop table if exists new")


def once(path: Path, row: int) -> Any:
    db = duckdb.connect()
    _view(db, path)
    db.execute(_AS_THEY_ARE.replace(" order by row", " where file_row_number >= ?"), [row])
    return _earliest(db, row).fetchall()


def names(db: Any, answer: Any) -> Iterable[tuple[Any, int]]:
    if db is None:
        return ((name, 0) for (name,) in answer)
    if not db.execute("from information_schema.tables where table_name = 'named'").fetchall():
        return ((int(account), 0) for account in answer)
    found = db.execute("select name from named where account in (select account from reached)").fetchall()
    return ((name if isinstance(name, str) else f"0x{name.hex()}", 0) for (name,) in found)
