"""Frames: tables in memory or in an engine of their own, filtered through narwhals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chaintrace.errors import InputError
from chaintrace.fetch.frames import open_frame
from chaintrace.fetch.tables.query import BYTES, NUMBER, OTHER, TEXT, TIME, TOPIC, Extent, Found, Key, Query

if TYPE_CHECKING:
    import narwhals as nw


class FrameTable:
    """A lazy frame of any engine that narwhals knows. Lists are not compared: not every engine can."""

    def __init__(self, frame: nw.LazyFrame[Any], name: str) -> None:
        self.name, self.frame = name, frame
        with self._asking():
            self.schema = frame.collect_schema()

    @cached_property
    def kinds(self) -> Mapping[str, str]:
        return {name: self._kind(told) for name, told in self.schema.items()}

    @staticmethod
    def _kind(told: Any) -> str:
        import narwhals as nw

        if told in (nw.String, nw.Categorical, nw.Enum):
            return TEXT
        if told == nw.Binary:
            return BYTES
        if told.is_numeric():
            return NUMBER
        if isinstance(told, nw.Datetime) and told.time_zone is not None:
            return TIME
        return OTHER

    def stamp(self) -> object:
        import narwhals as nw

        return self._collected(self.frame.select(rows=nw.len()))["rows"].to_list()

    def extent(self, block: str) -> Extent:
        import narwhals as nw

        number = self._number(block)
        told = self._collected(
            self.frame.select(rows=nw.len(), absent=number.is_null().sum(), first=number.min(), last=number.max())
        )
        values = [told[name].to_list()[0] for name in ("rows", "absent", "first", "last")]
        return Extent(*(None if one is None or one != one else int(one) for one in values))  # type: ignore[arg-type]

    def mixed(self, columns: Sequence[str]) -> frozenset[str]:
        import narwhals as nw

        if not columns:
            return frozenset()
        tests = {
            name: (nw.col(name).cast(nw.String) != nw.col(name).cast(nw.String).str.to_lowercase()).any()
            for name in columns
        }
        told = self._collected(self.frame.select(**tests))
        return frozenset(name for name in columns if told[name].to_list()[0])

    def earliest(self, block: str, time: str, moment: int) -> int | None:
        from datetime import UTC, datetime

        import narwhals as nw

        at = nw.lit(datetime.fromtimestamp(moment, UTC)) if self.kinds[time] == TIME else moment
        when = nw.col(time) if self.kinds[time] == TIME else self._number(time)
        found = self._collected(self.frame.filter(when >= at).select(first=self._number(block).min()))[
            "first"
        ].to_list()
        return None if not found or found[0] is None or found[0] != found[0] else int(found[0])

    def find(self, query: Query, mixed: frozenset[str]) -> Found:
        import narwhals as nw

        where = self._where(query, mixed)
        if query.whole is not None:
            key, number = nw.col(query.whole), self._number(query.block)
            key = key.str.to_lowercase() if query.whole in mixed else key
            touched = self._collected(self.frame.filter(where).select(k=key, b=number).unique())
            names = [one for one in touched["k"].to_list() if one is not None]
            blocks = [one for one in touched["b"].to_list() if one is not None]
            if query.most is not None and len(names) > query.most:
                return self._native(
                    self.frame.filter(where).select(*map(self._taken, query.columns)).head(query.most + 1)
                )
            if names:
                same = key.is_in(names) & (number >= min(blocks)) & (number <= max(blocks))
                where = (where & key.is_null()) | same
        found = self.frame.filter(where).select(*map(self._taken, query.columns))
        return self._native(found if query.most is None else found.head(query.most + 1))

    def _taken(self, name: str) -> Any:
        """A column as it is; whole numbers of 128 bits, which Arrow does not hold, as text."""
        import narwhals as nw

        wide = self.schema[name] in (nw.Int128, nw.UInt128, nw.Unknown)
        return nw.col(name).cast(nw.String) if wide else nw.col(name)

    def _native(self, found: Any) -> Found:
        source = open_frame(self._collected(found).to_native())
        return source.load(source.names).columns

    def _collected(self, frame: Any) -> Any:
        with self._asking():
            return frame.collect()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Every engine has errors of its own, and they may name what is secret: only the sort of them is told."""
        try:
            yield
        except Exception as error:
            reason = f"its engine cannot filter it ({type(error).__name__})"
            raise InputError(self.name, reason, "filter it with the engine itself to see") from None

    def _where(self, query: Query, mixed: frozenset[str]) -> Any:
        import narwhals as nw

        either = []
        if query.touching:
            number = self._number(query.block)
            any_of = nw.any_horizontal(*(self._test(key, mixed) for key in query.touching), ignore_nulls=True)
            either.append(any_of & (number >= query.first) & (number <= query.last))
        either += [self._test(key, mixed) for key in query.named]
        where = nw.any_horizontal(*either, ignore_nulls=True) if either else nw.lit(False)
        for key in query.also:
            where = where & self._test(key, mixed)
        return where

    def _test(self, key: Key, mixed: frozenset[str]) -> Any:
        import narwhals as nw

        value, kind = nw.col(key.column), self.kinds[key.column]
        if key.values and isinstance(key.values[0], int):
            return self._number(key.column).is_in(list(key.values))
        if key.place is not None:
            value = value.str.slice(key.place * TOPIC, TOPIC - 1)
        if kind == BYTES:
            return value.is_in([bytes.fromhex(one[2:]) for one in key.values])
        return (value.str.to_lowercase() if key.column in mixed else value).is_in(list(key.values))

    def _number(self, name: str) -> Any:
        import narwhals as nw

        return nw.col(name).cast(nw.Int64) if self.kinds[name] == TEXT else nw.col(name)
