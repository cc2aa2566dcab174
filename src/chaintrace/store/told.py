"""Told: what the tables say, read back as the words of the model."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, TypeVar

import pyarrow as pa

from chaintrace.model.page import Answer, Asked, Balance, Covered, Metadata, Missing, Question
from chaintrace.model.transfer import SCHEMA
from chaintrace.store import seal
from chaintrace.store.base import Con
from chaintrace.store.fresh import rejected_from
from chaintrace.store.kept import Kept

T = TypeVar("T")

CUT = """cut AS (
    SELECT p.page, p.provider, p.chain, min(o.block) AS until FROM pages p
    LEFT JOIN orphans o ON o.provider = p.provider AND o.page > p.page GROUP BY p.page, p.provider, p.chain)"""
"""The block up to which each page counts, where a reorg said so: those of its provider that were there by then."""

_COLUMNS = ", ".join(f'r."{name}"' for name in SCHEMA.names)
_ROWS = f"""WITH {CUT}, live AS (
    SELECT {_COLUMNS}, r.page, r.n, hash(r.chain, r.tx_hash, r.kind, r.seq) AS mark FROM rows r JOIN cut USING (page)
    WHERE cut.provider = $provider AND (until IS NULL OR block IS NULL OR block <= until)),
twice AS (SELECT mark FROM live GROUP BY mark HAVING count(*) > 1),
later AS (
    SELECT page, n FROM live WHERE mark IN (SELECT mark FROM twice)
    QUALIFY row_number() OVER (PARTITION BY chain, tx_hash, kind, seq ORDER BY page, n) > 1)
SELECT {_COLUMNS} FROM live r ANTI JOIN later USING (page, n)
ORDER BY r.kind <> 'opening', r.block NULLS FIRST, r.tx_index NULLS FIRST, r.seq, r.kind, r.page, r.n"""


def rows(con: Con, provider: str) -> pa.Table:
    """Every row identity of a provider once, in order, as ``SCHEMA``."""
    return as_schema(con.sql(_ROWS, params={"provider": provider}).to_arrow_table())


def as_schema(found: pa.Table) -> pa.Table:
    """Columns as DuckDB gives them, as exactly ``SCHEMA``."""
    columns = [found.column(field.name).cast(field.type) for field in SCHEMA]
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def pages(con: Con) -> list[Kept]:
    """All pages in order of commit."""
    asked = by_page(con, "asked", "n, call, body, place, lasting", as_asked)
    found = con.execute(
        f"WITH {CUT} SELECT page, question, digest, until FROM pages JOIN cut USING (page) ORDER BY page"
    ).fetchall()
    kept = []
    for page, text, digest, until in found:
        question = Question.from_json(text)
        last = question.last if until is None else min(until, question.last)
        kept.append(Kept(question, asked[page], digest, last))
    return kept


def of_provider(con: Con, table: str, columns: str, provider: str, block: str = "") -> list[tuple[Any, ...]]:
    """Lines of a provider's pages in order of commit and place, each with the block up to which its page counts;
    ``block`` names the column by which a reorg takes lines away."""
    where = f"AND (until IS NULL OR t.{block} <= until)" if block else ""
    order = "t.block" if table == "hashes" else "t.n"
    return con.execute(
        f"WITH {CUT} SELECT until, {columns} FROM {table} t JOIN cut USING (page) "
        f"WHERE cut.provider = $provider {where} ORDER BY page, {order}",
        {"provider": provider},
    ).fetchall()


def covered(con: Con, provider: str) -> list[Covered]:
    """Coverage of a provider, cut where a reorg took blocks away."""
    found = of_provider(con, "covered", "account, kinds, first, t.last", provider)
    cut = [(*line, last if until is None else min(until, last)) for until, *line, last in found]
    return [as_covered(line) for line in cut if line[2] <= line[3]]


def as_asked(line: tuple[Any, ...]) -> Asked:
    return Asked(*line)


def as_covered(line: tuple[Any, ...]) -> Covered:
    account, kinds, first, last = line
    return Covered(account, tuple(kinds), first, last)


def as_balance(line: tuple[Any, ...]) -> Balance:
    account, asset, block, amount, reason = line
    return Balance(account, asset, block, None if amount is None else int(amount), reason)


def by_page(
    con: Con, table: str, columns: str, made: Callable[[tuple[Any, ...]], T], pages: tuple[int, int] | None = None
) -> defaultdict[int, tuple[T, ...]]:
    """What stands in a table for each page, in order; ``columns`` begins with the one that orders a page's lines.
    ``pages``: the first and last of those that are wanted."""
    order, wanted = columns.split(",")[0], pages or (0, 1 << 62)
    found = con.execute(
        f"SELECT page, {columns} FROM {table} WHERE page BETWEEN ? AND ? ORDER BY page, {order}", list(wanted)
    ).fetchall()
    lists: dict[int, list[T]] = defaultdict(list)
    for page, _, *line in found:
        lists[page].append(made(tuple(line)))
    return defaultdict(tuple, {page: tuple(made) for page, made in lists.items()})


def answers(con: Con, first: int, last: int) -> dict[int, Answer]:
    """The answers of pages ``first`` to ``last``, put together again from the tables, by number of the page."""
    span = (first, last)
    whole = con.sql(
        f"SELECT page, {_COLUMNS} FROM rows r WHERE page BETWEEN $first AND $last ORDER BY page, n",
        params={"first": first, "last": last},
    ).to_arrow_table()
    numbers = whole.column("page").to_numpy()
    table = as_schema(whole)
    covered = by_page(con, "covered", "n, account, kinds, first, last", as_covered, span)
    missing = by_page(con, "missing", "n, account, kind, reason", lambda line: Missing(*line), span)
    balances = by_page(con, "balances", "n, account, asset, block, amount, reason", as_balance, span)
    metadata = by_page(con, "metadata", "n, asset, symbol, decimals", lambda line: Metadata(*line), span)
    hashes = by_page(con, "hashes", "block, block, hash", lambda line: line, span)
    rest = con.execute(
        "SELECT page, rejected, notes FROM pages WHERE page BETWEEN ? AND ? ORDER BY page", [first, last]
    ).fetchall()
    found = {}
    for page, rejected, notes in rest:
        start, end = numbers.searchsorted([page, page + 1])
        found[page] = Answer(
            table.slice(start, end - start),
            covered[page],
            missing[page],
            balances[page],
            metadata[page],
            dict(hashes[page]),
            rejected_from(rejected),
            tuple(json.loads(notes)),
        )
    return found


def distinct(found: Iterable[T]) -> list[T]:
    """Each once, where it stands first."""
    return list(dict.fromkeys(found))


def providers(con: Con) -> list[str]:
    """Providers in order of their first page."""
    found = con.execute("SELECT provider FROM pages GROUP BY provider ORDER BY min(page)").fetchall()
    return [provider for (provider,) in found]


def asked(con: Con) -> dict[str, Question]:
    """The first question to each provider, in order."""
    found = con.execute("SELECT provider, arg_min(question, page) FROM pages GROUP BY provider ORDER BY min(page)")
    return {provider: Question.from_json(text) for provider, text in found.fetchall()}


def notes(con: Con, provider: str) -> list[str]:
    """Notes of a provider's pages, each once, in order of commit."""
    return distinct(note for text in _texts(con, "notes", provider) for note in json.loads(text))


def rejected(con: Con, provider: str) -> list[str]:
    """What each page of a provider rejected, as text, in order of commit."""
    return _texts(con, "rejected", provider)


def question_of(con: Con, body: str) -> Question | None:
    """The question that brought a response."""
    found = con.execute("SELECT question FROM pages JOIN bodies USING (page) WHERE sha256 = ?", [body]).fetchall()
    return Question.from_json(found[0][0]) if found else None


def digest(con: Con) -> str:
    """SHA-256 over all pages in order, reorgs, settings and the names of all responses."""
    asked = by_page(con, "asked", "n, call, body, place, lasting", list)
    state = sha256()
    for page, *said in con.execute("SELECT page, question, digest FROM pages ORDER BY page").fetchall():
        state.update(seal.hashed([said, asked[page]]).encode())
    bodies = con.execute("SELECT sha256 FROM bodies ORDER BY sha256").fetchall()
    state.update(seal.hashed([bodies, seal.orphans(con), seal.settings(con)]).encode())
    return state.hexdigest()


def _texts(con: Con, column: str, provider: str) -> list[str]:
    found = con.execute(f"SELECT {column} FROM pages WHERE provider = ? ORDER BY page", [provider]).fetchall()
    return [text for (text,) in found]
