"""Duck: tables that DuckDB reads — Parquet files, databases, Arrow in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

import pyarrow as pa

from chaintrace.errors import InputError
from chaintrace.fetch.tables.query import BYTES, LIST, NUMBER, OTHER, TEXT, TIME, TOPIC, Extent, Found, Key, Query

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_KINDS = {
    TEXT: ("VARCHAR", "JSON", "ENUM", '"NULL"'),
    BYTES: ("BLOB",),
    TIME: ("TIMESTAMP WITH TIME ZONE",),
    NUMBER: ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
             "UHUGEINT", "DECIMAL", "FLOAT", "DOUBLE", "BIGNUM"),
}  # fmt: skip
_WIDE = ("HUGEINT", "UHUGEINT", "BIGNUM", "JSON", "ENUM", '"NULL"')
"""Types that Arrow does not hold, or not exactly: they come as text. A column of nothing may be of any type."""


class DuckTable:
    """``relation``: what follows FROM, quoted as SQL wants it. ``stamp``: see ``Table``."""

    def __init__(self, con: DuckDBPyConnection, relation: str, name: str, stamp: Callable[[], object]) -> None:
        self.con, self.relation, self.name, self._stamp = con, relation, name, stamp
        with self._asking():
            told = self.con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
        self.types = {str(line[0]): str(line[1]) for line in told}

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        return {name: _kind(told) for name, told in self.types.items()}

    def stamp(self) -> object:
        return self._stamp()

    def extent(self, block: str) -> Extent:
        number = self._number(block)
        with self._asking():
            (line,) = self.con.execute(
                f"SELECT count(*), count(*) - count({number}), min({number}), max({number}) FROM {self.relation}"
            ).fetchall()
        return Extent(*(None if one is None else int(one) for one in line))  # type: ignore[arg-type]

    def mixed(self, columns: Sequence[str]) -> frozenset[str]:
        tests = [f"coalesce(bool_or({quoted(name)} <> lower({quoted(name)})), false)" for name in columns]
        if not tests:
            return frozenset()
        with self._asking():
            (line,) = self.con.execute(f"SELECT {', '.join(tests)} FROM {self.relation}").fetchall()
        return frozenset(name for name, told in zip(columns, line, strict=True) if told)

    def earliest(self, block: str, time: str, moment: int) -> int | None:
        at = "to_timestamp(?)" if self.kinds[time] == TIME else "?"
        when = f"TRY_CAST({quoted(time)} AS BIGINT)" if self.kinds[time] == TEXT else quoted(time)
        with self._asking():
            ((found,),) = self.con.execute(
                f"SELECT min({self._number(block)}) FROM {self.relation} WHERE {when} >= {at}", [moment]
            ).fetchall()
        return None if found is None else int(found)

    def find(self, query: Query, mixed: frozenset[str]) -> Found:
        """Rows that stand in a whole are found in two steps: which there are, and then all of these."""
        columns = ", ".join(self._taken(name) for name in query.columns)
        with self._asking(), self._keys(query, mixed) as where:
            limit = "" if query.most is None else f" LIMIT {query.most + 1}"
            if query.whole is None:
                return self._table(f"SELECT {columns} FROM {self.relation} WHERE {where}{limit}")
            key, block = quoted(query.whole), self._number(query.block)
            key = f"lower({key})" if query.whole in mixed else key
            self.con.execute(
                f"CREATE OR REPLACE TEMP TABLE wholes AS SELECT DISTINCT {key} AS k, {block} AS b "
                f"FROM {self.relation} WHERE {where} AND {key} IS NOT NULL{limit}"
            )
            return self._table(
                f"SELECT {columns} FROM {self.relation} WHERE {key} IN (SELECT k FROM wholes) AND {block} BETWEEN "
                f"(SELECT min(b) FROM wholes) AND (SELECT max(b) FROM wholes) UNION ALL "
                f"SELECT {columns} FROM {self.relation} WHERE {where} AND {key} IS NULL{limit}"
            )

    def _table(self, sql: str) -> Found:
        found = self.con.sql(sql).to_arrow_table()
        return dict(zip(found.schema.names, found.columns, strict=True))

    @contextmanager
    def _keys(self, query: Query, mixed: frozenset[str]) -> Iterator[str]:
        """The condition of a query; its values stand in views for as long as it is asked."""
        made: list[str] = []

        def test(key: Key) -> str:
            view = f"chaintrace_key_{len(made)}"
            made.append(view)
            value, values = self._key(key, mixed)
            self.con.register(view, pa.table({"k": values}))
            return f"{value} IN (SELECT k FROM {view})"

        try:
            either = []
            if query.touching:
                keys = " OR ".join(map(test, query.touching))
                either.append(f"(({keys}) AND {self._number(query.block)} BETWEEN {query.first} AND {query.last})")
            either += map(test, query.named)
            yield " AND ".join([f"({' OR '.join(either) or 'false'})", *map(test, query.also)])
        finally:
            for view in made:
                self.con.unregister(view)

    def _key(self, key: Key, mixed: frozenset[str]) -> tuple[str, pa.Array]:
        """How a key's column is compared, and the values with which."""
        value, kind, told = quoted(key.column), self.kinds[key.column], self.types[key.column]
        if key.place is not None:
            is_list = kind == LIST
            kind = _kind(told.removesuffix("[]")) if is_list else kind
            value = f"{value}[{key.place + 1}]" if is_list else f"substr({value}, {key.place * TOPIC + 1}, {TOPIC - 1})"
        if kind == NUMBER or (key.values and isinstance(key.values[0], int)):
            return self._number(key.column), pa.array(key.values, pa.int64())
        if kind == BYTES:
            return value, pa.array([bytes.fromhex(one[2:]) for one in key.values], pa.binary())
        return f"lower({value})" if key.column in mixed else value, pa.array(key.values, pa.string())

    def _number(self, name: str) -> str:
        return f"TRY_CAST({quoted(name)} AS BIGINT)" if self.kinds[name] == TEXT else quoted(name)

    def _taken(self, name: str) -> str:
        wide = self.types[name].startswith(_WIDE)
        return f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" if wide else quoted(name)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """What DuckDB says may name a secret that somebody gave it: only the sort of the error is told."""
        import duckdb

        try:
            yield
        except duckdb.InterruptException:
            raise KeyboardInterrupt from None
        except duckdb.Error as error:
            kind = type(error).__name__.removesuffix("Exception")
            reason = "there is no such table" if kind == "Catalog" else f"DuckDB cannot read it ({kind})"
            raise InputError(self.name, reason, "read it with DuckDB itself to see") from None


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _kind(told: str) -> str:
    if told.endswith("]"):
        return LIST
    base = told.partition("(")[0]
    return next((kind for kind, names in _KINDS.items() if base in names), OTHER)
