"""Store: one folder a case, in which what was fetched is kept.

``store/case.duckdb`` holds rows, coverage and references, ``store/evidence`` the responses as they came, ``store/lock``
who writes, ``store/seal`` how far it had come. Responses are on the disk first; then one transaction holds the rest.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa

from chaintrace.errors import Contradiction, StoreDamaged, StoreError
from chaintrace.model.page import Asked, Balance, Covered, Metadata, Missing, Page, Question
from chaintrace.model.transfer import Rejected
from chaintrace.store import agree, birth, check, commit, migrate, reorg, schema, seal, told
from chaintrace.store.base import Base, Con
from chaintrace.store.evidence import Evidence
from chaintrace.store.fresh import Fresh, bodies_of, rejected_from
from chaintrace.store.kept import Kept, Orphan, again
from chaintrace.store.lasting import Lasting
from chaintrace.store.lock import Lock

T = TypeVar("T")


class Store:
    """What was fetched for one case. Many may read it at a time, in any process; one may write.

    Every question is answered from one snapshot of the database. ``StoreDamaged``, ``StoreBusy`` (another process has
    the database open for longer than a few seconds) and ``OutOfMemory`` from all of them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "store"
        self._base = Base(self._folder / "case.duckdb")
        self._evidence = Evidence(self._folder / "evidence")
        self._lock = Lock(self._folder / "lock")
        self._seal = seal.SealFile(self._folder / "seal")
        self._lasting = Lasting(self._base)
        self._turn = threading.Lock()
        self._writing = False

    @classmethod
    def create(cls, folder: Path) -> Store:
        """The store in a case's folder, made if there is none. Errors of ``open``; ``CannotWrite``."""
        if not cls.exists(folder):
            birth.make(folder / "store")
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Store:
        """The store in a case's folder, after everything in it was read and compared with its hashes.

        ``StoreError`` when there is none, ``StoreVersion`` when it is of another version and cannot be migrated,
        ``StoreDamaged`` with the file, and the page to fetch again, when it is not what was kept.
        """
        store = cls(folder)
        found = birth.version(store._base)
        if found < schema.VERSION:
            with birth.to_migrate(store._base.file, found, store._lock):
                store._change(migrate.migrate)
        check.check(store._base, store._evidence, store._seal.read())
        return store

    @staticmethod
    def exists(folder: Path) -> bool:
        """Whether there is a store in a case's folder, or what is left of one."""
        kept = folder / "store"
        return (kept / "case.duckdb").is_file() or any((kept / "evidence").glob("*/*"))

    # ---- writing

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one that writes. ``StoreBusy`` at once, naming process and host, when another is; ``CannotWrite``."""
        with self._lock.held():
            self._writing = True
            try:
                yield
            finally:
                self._writing = False

    def commit(self, pages: Sequence[Page]) -> None:
        """Keep pages, all or none; one that is kept already is left.

        ``Contradiction`` when they cannot all be true together with what is kept of their provider (see ``agree``).
        ``StoreError`` when a question is kept with another answer. ``CannotWrite`` with the bytes that are needed.
        """
        self._need_writing()
        with self._turn:
            fresh, found = self._base.read(lambda con: self._compared(con, pages))
            if found:
                raise found[0]
            if fresh.pages:
                bodies = bodies_of(fresh.pages)
                self._evidence.add({digest: body.data for digest, body in bodies.items()})
                self._change(fresh.insert, fresh.size)

    def conflicts(self, pages: Sequence[Page]) -> list[Contradiction]:
        """What ``commit`` would raise of contradictions, the first of each sort; nothing is written."""
        return self._base.read(lambda con: self._compared(con, pages))[1]

    def orphan(self, provider: str, block: int) -> int:
        """A reorg: what the provider said of blocks above ``block`` counts no more, and coverage ends there. Nothing is
        deleted. How many rows that takes away."""
        self._need_writing()
        with self._turn:
            rows, any_at_all = self._base.read(lambda con: reorg.above(con, provider, block))
            if any_at_all:
                self._change(lambda con: reorg.cut(con, provider, block, rows))
            return rows

    def set(self, key: str, value: str) -> None:
        """Keep a small fact under a name; the last one counts. ``StoreError`` for text that is no Unicode."""
        self._need_writing()
        if (key + value).encode(errors="replace").decode() != key + value:
            raise StoreError(str(self._folder), f"{key!a} holds text that is no Unicode")
        with self._turn:
            if self.get(key) != value:
                self._change(lambda con: _set(con, key, value), len(value))

    def _change(self, work: Callable[[Con], None], wanted: int | None = None) -> None:
        def sealed(con: Con) -> None:
            work(con)
            self._seal.prepare(*seal.next_state(con))

        self._base.change(sealed, wanted)
        self._seal.adopt()

    def _compared(self, con: Con, pages: Sequence[Page]) -> tuple[Fresh, list[Contradiction]]:
        fresh = commit.fresh(con, pages, str(self._base.file))
        return fresh, agree.conflicts(con, fresh) if fresh.pages else []

    def _need_writing(self) -> None:
        if not self._writing:
            raise StoreError(str(self._folder), "nobody is writing", "write inside of: with store.writing()")

    # ---- reading

    def reading(self) -> AbstractContextManager[None]:
        """Everything that is read within is of one snapshot, and quicker than one by one. Nothing may be written
        within."""
        return self._base.snapshot()

    def get(self, key: str) -> str | None:
        """A small fact, None when it was never set."""
        return self.settings().get(key)

    def settings(self) -> dict[str, str]:
        """All small facts, by name."""
        return dict(self._base.read(seal.settings))

    def find(self, provider: str, call: str) -> Asked | None:
        """Where the lasting answer of a provider to a call is."""
        return self._lasting.find(provider, call)

    def body(self, digest: str) -> bytes:
        """The response with this SHA-256. ``StoreDamaged`` with what to fetch again; ``StoreError`` if never kept."""
        try:
            return self._evidence.read(digest)
        except StoreDamaged as error:
            question = self._base.read(lambda con: told.question_of(con, digest))
            if question is None:
                raise StoreError(error.path, "no such response was kept") from error
            raise StoreDamaged(error.path, error.reason, again(question)) from error

    def asked_at(self, digest: str) -> int | None:
        """When a response came, in unix seconds."""
        found = self._base.read(
            lambda con: con.execute("SELECT asked_at FROM bodies WHERE sha256 = ?", [digest]).fetchall()
        )
        return int(found[0][0]) if found else None

    def orphans(self) -> list[Orphan]:
        """Every reorg that was found, in order."""
        return [Orphan(*line) for line in self._base.read(seal.orphans)]

    def pages(self) -> list[Kept]:
        """All pages, in order of commit."""
        return self._base.read(told.pages)

    def providers(self) -> list[str]:
        """Whose pages there are, in order of the first of each."""
        return self._base.read(told.providers)

    def asked(self) -> dict[str, Question]:
        """The first question to each provider, in order."""
        return self._base.read(told.asked)

    def rows(self, provider: str) -> pa.Table:
        """Rows of ``SCHEMA``, each identity once: opening rows first, then by block, tx_index, seq and kind, the rest
        by order of commit. What a reorg took away is not among them; absent numbers come first."""
        return self._base.read(lambda con: told.rows(con, provider))

    def covered(self, provider: str) -> list[Covered]:
        """For which accounts, kinds and blocks its rows are complete, cut by reorgs, in order of commit."""
        return self._base.read(lambda con: told.covered(con, provider))

    def missing(self, provider: str) -> list[Missing]:
        """What the provider cannot show, each once, in order of commit."""
        return self._lines(provider, "missing", "account, kind, reason", lambda line: Missing(*line))

    def balances(self, provider: str) -> list[Balance]:
        """What the chain says accounts held, each once, in order of commit; not above a reorg."""
        return self._lines(provider, "balances", "account, asset, block, amount, reason", told.as_balance, "block")

    def metadata(self, provider: str) -> list[Metadata]:
        """What contracts say of themselves, each once, in order of commit."""
        return self._lines(provider, "metadata", "asset, symbol, decimals", lambda line: Metadata(*line))

    def hashes(self, provider: str) -> dict[int, str]:
        """Block to block hash, by block; not above a reorg."""
        return dict(sorted(self._lines(provider, "hashes", "block, hash", lambda line: line, "block")))

    def notes(self, provider: str) -> tuple[str, ...]:
        """What the provider's answers say about themselves, each sentence once, in order of commit."""
        return tuple(self._base.read(lambda con: told.notes(con, provider)))

    def rejected(self, provider: str) -> Rejected:
        """What looked like a transfer and could not be read as one, over all pages."""
        texts = self._base.read(lambda con: told.rejected(con, provider))
        return reduce(add, map(rejected_from, texts), Rejected())

    def digest(self) -> str:
        """SHA-256 over everything that is kept; the same for the same answers in the same order, whoever wrote them
        down, when, and in how many runs."""
        return self._base.read(told.digest)

    def _lines(
        self, provider: str, table: str, columns: str, made: Callable[[tuple[Any, ...]], T], block: str = ""
    ) -> list[T]:
        found = self._base.read(lambda con: told.of_provider(con, table, columns, provider, block))
        return told.distinct(made(tuple(line)) for _, *line in found)


def _set(con: Con, key: str, value: str) -> None:
    con.execute("DELETE FROM settings WHERE key = ?", [key])
    con.execute("INSERT INTO settings VALUES (?, ?)", [key, value])
