"""Fresh: pages that are about to be kept, as Arrow tables with the columns of the store's."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pyarrow as pa

from chaintrace.errors import StoreError
from chaintrace.model.page import Answer, Body, Page
from chaintrace.model.transfer import SCHEMA, Rejected, Rejection
from chaintrace.store import seal
from chaintrace.store.base import Con
from chaintrace.store.schema import TABLES

_TYPES = {
    "BIGINT": pa.int64(),
    "VARCHAR": pa.string(),
    "VARCHAR[]": pa.list_(pa.string()),
    "BOOLEAN": pa.bool_(),
    "BLOB": pa.binary(),
}


@dataclass(frozen=True)
class Fresh:
    """Pages numbered from ``first`` on; ``bodies`` the number of the page with which each new response comes."""

    pages: Sequence[Page]
    first: int
    bodies: Mapping[str, int]

    @property
    def numbered(self) -> Iterable[tuple[int, Page]]:
        return enumerate(self.pages, self.first)

    @property
    def size(self) -> int:
        """About how many bytes this is."""
        return sum(int(page.answer.rows.nbytes) + 200 * len(page.asked) for page in self.pages) + 100_000

    def table(self, name: str) -> pa.Table:
        """The new rows of one of the store's tables."""
        if name == "rows":
            return pa.concat_tables([_rows(number, page.answer.rows) for number, page in self.numbered])
        told = [(number, *line) for number, page in self.numbered for line in _LINES[name](page)]
        return _table(name, told)

    def insert(self, con: Con) -> None:
        """Put everything into the store's tables."""
        for name in ("asked", "rows", "covered", "missing", "balances", "metadata", "hashes"):
            _insert(con, name, self.table(name))
        _insert(con, "bodies", _table("bodies", self._bodies()))
        _insert(con, "pages", _table("pages", self._pages(seal.last(con))))

    def _bodies(self) -> list[tuple[Any, ...]]:
        bodies = {digest: body for page in self.pages for digest, body in page.bodies.items()}
        return [
            (digest, number, len(bodies[digest].data), bodies[digest].asked_at)
            for digest, number in self.bodies.items()
        ]

    def _pages(self, before: str) -> Iterable[tuple[Any, ...]]:
        brought = self._bodies()
        for number, page in self.numbered:
            question, answer = page.question, page.answer
            told = question.to_json()
            new = [(digest, size, came) for digest, first, size, came in brought if first == number]
            before = seal.of_page(before, told, answer.digest, page.asked, new)
            yield (
                number,
                question.id,
                question.provider,
                question.chain,
                question.last,
                told,
                answer.digest,
                rejected_text(answer.rejected),
                json.dumps(answer.notes),
                before,
            )


def checked(page: Page) -> Page:
    """The page, if it can be kept: rows of ``SCHEMA``, text that is Unicode, bodies under their own hashes.
    ``StoreError`` otherwise."""
    if not page.answer.rows.schema.equals(SCHEMA):
        raise StoreError(page.question.provider, "the rows of a page are not of the one schema")
    try:
        "".join([page.question.id, page.answer.digest, *(one.call for one in page.asked)]).encode()
    except UnicodeEncodeError as error:
        raise StoreError(page.question.provider, "a page holds text that is no Unicode") from error
    for digest, body in page.bodies.items():
        if body.sha256 != digest:
            raise StoreError(page.question.provider, f"a response stands under {digest!r}, which is not its SHA-256")
    return page


def bodies_of(pages: Iterable[Page]) -> dict[str, Body]:
    """All responses that came with these pages."""
    return {digest: body for page in pages for digest, body in page.bodies.items()}


def rejected_text(rejected: Rejected) -> str:
    """What was rejected, as JSON. ``rejected_from`` reads it."""
    return json.dumps(asdict(rejected) | {"accounts": sorted(rejected.accounts)})


def rejected_from(text: str) -> Rejected:
    """The inverse of ``rejected_text``."""
    told = json.loads(text)
    examples = tuple(Rejection(**one) for one in told["examples"])
    return Rejected(told["counts"], examples, frozenset(told["accounts"]))


def _rows(number: int, rows: pa.Table) -> pa.Table:
    count = rows.num_rows
    columns = [pa.array([number] * count, pa.int64()), pa.array(range(count), pa.int64())]
    kinds = [_TYPES[kind] for kind in list(TABLES["rows"].values())[2:]]
    columns += [column.cast(kind) for column, kind in zip(rows.columns, kinds, strict=True)]
    return pa.table(columns, names=list(TABLES["rows"]))


def _hashes(answer: Answer) -> Iterable[tuple[Any, ...]]:
    return sorted(answer.hashes.items())


_LINES: dict[str, Any] = {
    "asked": lambda page: ((n, one.call, one.body, one.place, one.lasting) for n, one in enumerate(page.asked)),
    "covered": lambda page: (
        (n, one.account, one.kinds, one.first, one.last) for n, one in enumerate(page.answer.covered)
    ),
    "missing": lambda page: ((n, one.account, one.kind, one.reason) for n, one in enumerate(page.answer.missing)),
    "balances": lambda page: (
        (n, one.account, one.asset, one.block, None if one.amount is None else str(one.amount), one.reason)
        for n, one in enumerate(page.answer.balances)
    ),
    "metadata": lambda page: ((n, one.asset, one.symbol, one.decimals) for n, one in enumerate(page.answer.metadata)),
    "hashes": lambda page: _hashes(page.answer),
}


def _table(name: str, told: Iterable[tuple[Any, ...]]) -> pa.Table:
    lines, kinds = list(told), TABLES[name]
    columns = list(zip(*lines, strict=True)) or [()] * len(kinds)
    arrays = [pa.array(column, _TYPES[kind]) for column, kind in zip(columns, kinds.values(), strict=True)]
    return pa.table(arrays, names=list(kinds))


def _insert(con: Con, name: str, table: pa.Table) -> None:
    if table.num_rows:
        con.register("fresh", table)
        con.execute(f"INSERT INTO {name} SELECT * FROM fresh")
        con.unregister("fresh")
