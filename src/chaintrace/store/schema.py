"""Schema: the tables of ``case.duckdb``, and whether a database has them.

``page`` is the running number of a page, from 1, in order of commit; ``n`` the place in its page, from 0.
Amounts of rows are 32 bytes, balances decimal text, times unix seconds.
"""

from __future__ import annotations

import duckdb

from chaintrace.errors import StoreDamaged
from chaintrace.store.faults import COPY

VERSION = 1

TABLES: dict[str, dict[str, str]] = {
    "version": {"number": "BIGINT"},
    "state": {"changes": "BIGINT", "seal": "VARCHAR"},
    "pages": {
        "page": "BIGINT",
        "id": "VARCHAR",
        "provider": "VARCHAR",
        "chain": "VARCHAR",
        "last": "BIGINT",
        "question": "VARCHAR",
        "digest": "VARCHAR",
        "rejected": "VARCHAR",
        "notes": "VARCHAR",
        "seal": "VARCHAR",
    },
    "asked": {
        "page": "BIGINT",
        "n": "BIGINT",
        "call": "VARCHAR",
        "body": "VARCHAR",
        "place": "BIGINT",
        "lasting": "BOOLEAN",
    },
    "bodies": {"sha256": "VARCHAR", "page": "BIGINT", "size": "BIGINT", "asked_at": "BIGINT"},
    "rows": {
        "page": "BIGINT",
        "n": "BIGINT",
        "chain": "VARCHAR",
        "block": "BIGINT",
        "block_hash": "VARCHAR",
        "time": "BIGINT",
        "tx_hash": "VARCHAR",
        "tx_index": "BIGINT",
        "seq": "BIGINT",
        "order": "VARCHAR",
        "kind": "VARCHAR",
        "sender": "VARCHAR",
        "receiver": "VARCHAR",
        "asset": "VARCHAR",
        "amount": "BLOB",
        "outpoint": "VARCHAR",
        "evidence": "VARCHAR",
    },
    "covered": {
        "page": "BIGINT",
        "n": "BIGINT",
        "account": "VARCHAR",
        "kinds": "VARCHAR[]",
        "first": "BIGINT",
        "last": "BIGINT",
    },
    "missing": {"page": "BIGINT", "n": "BIGINT", "account": "VARCHAR", "kind": "VARCHAR", "reason": "VARCHAR"},
    "balances": {
        "page": "BIGINT",
        "n": "BIGINT",
        "account": "VARCHAR",
        "asset": "VARCHAR",
        "block": "BIGINT",
        "amount": "VARCHAR",
        "reason": "VARCHAR",
    },
    "metadata": {"page": "BIGINT", "n": "BIGINT", "asset": "VARCHAR", "symbol": "VARCHAR", "decimals": "BIGINT"},
    "hashes": {"page": "BIGINT", "block": "BIGINT", "hash": "VARCHAR"},
    "orphans": {"n": "BIGINT", "provider": "VARCHAR", "block": "BIGINT", "rows": "BIGINT", "page": "BIGINT"},
    "settings": {"key": "VARCHAR", "value": "VARCHAR"},
}
PAGED = tuple(name for name, columns in TABLES.items() if "page" in columns and name not in ("pages", "orphans"))


def make(con: duckdb.DuckDBPyConnection) -> None:
    """Make the tables in an empty database."""
    for name, columns in TABLES.items():
        con.execute(f"CREATE TABLE {name} ({', '.join(map(_column, columns.items()))})")
    con.execute("INSERT INTO version VALUES (?)", [VERSION])


def _column(told: tuple[str, str]) -> str:
    return f'"{told[0]}" {told[1]}'


def check(con: duckdb.DuckDBPyConnection, file: str) -> None:
    """``StoreDamaged`` when the database has other tables or columns."""
    found = con.execute(
        "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal AND table_name NOT IN "
        "(SELECT view_name FROM duckdb_views()) ORDER BY table_name, column_index"
    ).fetchall()
    expected = [(name, column, kind) for name in sorted(TABLES) for column, kind in TABLES[name].items()]
    if found != expected:
        odd = sorted({table for table, *_ in set(found) ^ set(expected)}) or ["?"]
        raise StoreDamaged(file, f"its tables are not those of version {VERSION}: {', '.join(odd)}", COPY)
