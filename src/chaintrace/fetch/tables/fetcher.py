"""Tables as a fetcher: questions that a node would be asked, put to a lake or a warehouse."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from chaintrace.errors import ColumnError, Contradiction, InputError, MethodError, SeedError, TooLong
from chaintrace.fetch.fetcher import Head
from chaintrace.fetch.frame import shown
from chaintrace.fetch.tables import body as bodies
from chaintrace.fetch.tables.body import Told
from chaintrace.fetch.tables.decode import tell
from chaintrace.fetch.tables.lake import CALLER, TABLES, Holding, Lake
from chaintrace.fetch.tables.prove import NO_HASH
from chaintrace.fetch.tables.query import BYTES, LIST, NUMBER, OTHER, TEXT, Extent, Key, Query, Table
from chaintrace.fetch.tables.shape import ROLES, TRACES, TRANSFERS, Shape, first, read_columns, shape_of
from chaintrace.fetch.tables.step import LAKE, block, numbers_of, query, steps
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.page import Archive, Asked, Body, Page, Question

MOST = 1_000_000
WAY = "tables"
CAST = "cast it to text or to a number; topics of a lazy frame to one text, or to columns topic0 to topic3"


class Tables:
    """Tables in whatever engines, by name. ``Files`` and ``Warehouse`` say where they come from.

    ``first, last``  between which blocks the tables are whole; what is not said is their own first or last row.
    ``most``         rows of one table that one question takes; histories that are longer are TooLong.

    InputError where tables cannot answer: no column of blocks, a type that cannot be compared, rows without a block.
    """

    door: str = ""

    def __init__(
        self,
        tables: Mapping[str, Table],
        *,
        name: str,
        chain: str | Chain = "ethereum",
        first: int | None = None,
        last: int | None = None,
        most: int = MOST,
    ) -> None:
        for word, value in (("first", first), ("last", last)):
            if value is not None and (type(value) is not int or value < 0):
                raise MethodError(f"{word}={value!r}", "is no block", "use a whole number, or leave it out")
        self._where = get_chain(chain)
        self._name, self._tables = f"{self.door} {shown(name)}", dict(tables)
        self._first, self._last, self.most = first, last, most
        self._asked = 0
        if self._where.family != "evm":
            reason = f"tables of {self._where.name} are not known"
            raise InputError(self.name, reason, "say which chain of Ethereum's kind it is: chain=…")
        if not self._tables:
            raise InputError(self.name, "there is no table in it", "name at least one")
        self._shapes = {one: self._checked(one, table) for one, table in self._tables.items()}
        self._one_sort()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name}: {', '.join(self._tables)}>"

    @property
    def name(self) -> str:
        return self._name

    @property
    def chain(self) -> str:
        return self._where.id

    @property
    def calls(self) -> int:
        """Queries so far."""
        return self._asked

    @property
    def window(self) -> int | None:
        return None

    def way(self, tx_hash: str | None = None) -> str:
        return WAY

    # ---- what tables there are

    def _checked(self, name: str, table: Table) -> tuple[str, Shape]:
        """The format of a table, each of whose columns can be read. InputError otherwise."""
        names, kinds = list(table.kinds), table.kinds
        format, shape = shape_of(name, names)
        columns = read_columns(format, names)
        if shape.role == TRACES and shape.hash not in columns:
            raise ColumnError(name, "it has no column of transactions", "add one", ["transaction_hash"], names)
        number = first(shape.block, names)
        keys = [one for one in (*shape.parties, shape.hash) if one in columns]
        for wanted, allowed in (((number,), (NUMBER, TEXT)), (keys, (TEXT, BYTES, LIST))):
            for one in wanted:
                if one is not None and kinds[one] not in allowed:
                    raise InputError(name, f"its column {one!r} cannot be compared", CAST)
        when = first(shape.time, columns)
        if when is not None and kinds[when] in (OTHER, LIST, BYTES):
            advice = "cast it to a timestamp with a zone, or to unix seconds"
            raise InputError(name, f"its column {when!r} names no zone, or is no time", advice)
        return format, shape

    def _one_sort(self) -> None:
        roles = {shape.role for _, shape in self._shapes.values()}
        if TRANSFERS in roles and roles - {TRANSFERS, ROLES[-1]}:
            reason = "it holds transfers in our own columns beside tables of a chain's own"
            raise InputError(self.name, reason, "give one or the other: both tell the same rows")

    @cached_property
    def _opened(self) -> tuple[Lake, dict[str, frozenset[str]], dict[str, object]]:
        """The lake, which columns have capitals in them, the stamps of the tables: what takes a look at all rows."""
        stamps = self._stamps()
        extents: dict[str, Extent] = {}
        mixed, holdings = {}, []
        for name, table in self._tables.items():
            format, shape = self._shapes[name]
            columns = read_columns(format, list(table.kinds))
            extent = extents[name] = self._extent(name, table, block_of(shape, columns))
            keys = [one for one in (*shape.parties, shape.hash) if one in columns and table.kinds[one] == TEXT]
            mixed[name] = table.mixed(keys)
            self._asked += 2
            holdings.append(Holding(name, format, columns, extent.rows, self._is_whole(table, shape, columns)))
        starts = [one.first for one in extents.values() if one.first is not None]
        ends = [one.last for one in extents.values() if one.last is not None]
        if not starts:
            raise InputError(self.name, "its tables hold no rows", "give tables with rows")
        told = CALLER if self._first is not None and self._last is not None else TABLES
        begin = min(starts) if self._first is None else self._first
        end = max(ends) if self._last is None else self._last
        if begin > end:
            raise InputError(self.name, f"it begins in block {begin} and ends in {end}", "mend first= and last=")
        return Lake(begin, end, told, tuple(holdings)), mixed, stamps

    def _extent(self, name: str, table: Table, number: str) -> Extent:
        extent = table.extent(number)
        if extent.absent:
            reason = f"{extent.absent:,} of its {extent.rows:,} rows have no block that is a number"
            raise InputError(name, reason, "leave these rows out, or give them their block")
        return extent

    def _is_whole(self, table: Table, shape: Shape, columns: Sequence[str]) -> bool:
        """Whether rows have no number inside their transaction, so that it has to be counted."""
        if shape.role != TRANSFERS or shape.hash not in columns:
            return False
        return "seq" not in columns or table.extent("seq").absent > 0

    def _stamps(self) -> dict[str, object]:
        return {name: table.stamp() for name, table in self._tables.items()}

    @property
    def _lake(self) -> Lake:
        return self._opened[0]

    def _unchanged(self) -> None:
        changed = [name for name, stamp in self._stamps().items() if stamp != self._opened[2][name]]
        if changed:
            reason = f"{changed[0]} is not what it was when it was opened"
            raise Contradiction(self.name, reason, "fetch again when nobody writes to the tables")

    # ---- small questions

    def head(self, young: bool = False) -> Head:
        """The last block; a table's blocks are final on its giver's word."""
        self._unchanged()
        last = self._lake.last
        return Head(last, self.hashes([last])[last], last)

    def hashes(self, blocks: Sequence[int]) -> dict[int, str]:
        """Those that a table tells; for others within the tables, words that say so."""
        inside = [number for number in blocks if number <= self._lake.last]
        told: dict[int, set[str]] = {number: set() for number in inside}
        for holding, hashed in self._with(lambda shape: shape.block_hash):
            placed = block(holding)
            columns = tuple(dict.fromkeys((placed, hashed)))
            wanted = Query(columns, placed, 0, 0, named=(Key(placed, inside),))
            found = self._found(holding, wanted)
            for place, digest in zip(found.columns[placed], found.columns[hashed], strict=True):
                if isinstance(place, str) and isinstance(digest, str):
                    told[int(place)].add(digest.lower())
        for number, several in told.items():
            if len(several) > 1:
                raise Contradiction(self.name, f"block {number} has two hashes: {shown(' and '.join(sorted(several)))}")
        return {number: next(iter(one), NO_HASH.format(number)) for number, one in told.items()}

    def block_of(self, tx_hash: str) -> int:
        for holding in self._in_order():
            if holding.shape.hash in holding.columns:
                number = block(holding)
                wanted = Query((number,), number, 0, 0, named=(Key(str(holding.shape.hash), [tx_hash]),), most=1)
                found = numbers_of(self._found(holding, wanted), number)
                if found:
                    return min(found)
        raise SeedError(f"theft {tx_hash}", f"{self.name} knows no such transaction", "check the hash and the chain")

    def block_at(self, time: int) -> int:
        found, asked = [], False
        for holding, when in self._with(lambda shape: shape.time):
            self._asked += 1
            asked = True
            found.append(self._tables[holding.name].earliest(block(holding), when, time))
        if not asked:
            moment = datetime.fromtimestamp(time, UTC).isoformat()
            raise InputError(self.name, f"no table tells times, so {moment} is in no block", "name a block instead")
        return min((one for one in found if one is not None), default=self._lake.last + 1)

    def _in_order(self) -> list[Holding]:
        """Those that most likely know a transaction come first."""
        return sorted(self._lake.tables, key=lambda one: (-ROLES.index(one.shape.role), one.name))

    def _with(self, names: Any) -> Iterator[tuple[Holding, str]]:
        for holding in self._in_order():
            found = first(names(holding.shape), holding.columns)
            if found is not None:
                yield holding, found

    # ---- the question

    def ask(self, question: Question, archive: Archive) -> Page:
        self._unchanged()
        lake = self._lake
        if not lake.first <= question.first <= question.last <= lake.last:
            reason = f"it holds blocks {lake.first} to {lake.last}; asked for were {question.first} to {question.last}"
            advice = (
                "say first= and last= if the tables are whole beyond their rows, or fetch until=… a block they hold"
            )
            raise InputError(self.name, reason, advice)
        asked, new = [], {}

        def keep(call: str, data: bytes) -> str:
            one = Body(data, int(time.time()))
            asked.append(Asked(call, one.sha256))
            new[one.sha256] = one
            return f"{one.sha256}#0"

        keep(LAKE.text, lake.write())
        found: list[tuple[Holding, Told]] = []
        for step in steps(question, lake):
            holding = step.table
            rows = self._tables[holding.name].find(
                query(question, step, found, self.most), self._opened[1][holding.name]
            )
            self._asked += 1
            data = bodies.write(holding.columns, rows)
            self._count(question, holding, data)
            found.append((holding, bodies.read(data, holding.columns, keep(step.call.text, data))))
        self._unchanged()
        return Page(question, tuple(asked), new, tell(question, lake, found))

    def _count(self, question: Question, holding: Holding, data: bytes) -> None:
        rows = data.count(b"\n") - 1
        if holding.shape.role != ROLES[-1] and rows > self.most:
            reason = f"more than the {self.most:,} rows of {holding.name} that are taken"
            advice = "a service with many customers: name it as a stop, or allow more with most="
            raise TooLong(self.name, reason, advice, tuple(question.accounts), rows)

    def _found(self, holding: Holding, wanted: Query) -> Told:
        self._asked += 1
        rows = self._tables[holding.name].find(wanted, self._opened[1][holding.name])
        return bodies.read(bodies.write(wanted.columns, rows), wanted.columns, "")


def block_of(shape: Shape, columns: Sequence[str]) -> str:
    return first(shape.block, columns) or shape.block[0]
