"""Notes: events of Tornado Cash in the order in which they happened, and the same as columns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from chaintrace.heuristics.transactions import Ints, Mask
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool
from chaintrace.model.transfer import Rejected, Rejection

if TYPE_CHECKING:
    import pandas as pd

CONFLICT = "conflict"


@dataclass(frozen=True, repr=False)
class Notes(Sequence[Note]):
    """Notes by time, block and place in the block, each once.

    ``rejected``  what could not be read as one, counted by reason. ``told``: sentences about what the source does not
                  say.
    """

    found: tuple[Note, ...] = ()
    rejected: Rejected = field(default_factory=Rejected)
    told: tuple[str, ...] = ()

    @classmethod
    def of(cls, notes: Iterable[Note], rejected: Rejected | None = None, told: Iterable[str] = ()) -> Notes:
        """Notes of one source. What is told twice stands once. A second note of one place, leaf or mark that says
        something else is left out, and a ``conflict`` counted. Notes that have none of these are told apart by nothing,
        and each is one: a transaction may take several notes to one account."""
        return cls.joined([notes], rejected, told)

    @classmethod
    def joined(
        cls, sources: Iterable[Iterable[Note]], rejected: Rejected | None = None, told: Iterable[str] = ()
    ) -> Notes:
        """As ``of``, of several sources that may tell the same. Of notes that nothing tells apart there are as many as
        the source has that has most of them; how many more were told is said in ``told``."""
        conflicts: list[Rejection] = []
        parts = [_split(source) for source in sources]
        kept = list(_once(sorted((one for named, _ in parts for one in named), key=order_of), conflicts))
        alike, repeats = _most(parts, kept)
        said = "notes without a place, leaf or mark are told by several sources, and were counted once"
        told = dict.fromkeys([*told, *([f"{repeats:,} {said}"] if repeats else [])])
        found = tuple(sorted([*kept, *alike], key=order_of))
        return cls(found, (rejected or Rejected()) + Rejected.of(conflicts), tuple(told))

    def __len__(self) -> int:
        return len(self.found)

    def __getitem__(self, index: Any) -> Any:
        return self.found[index]

    def __repr__(self) -> str:
        paid = sum(one.kind == "deposit" for one in self.found)
        out = f"; {len(self.rejected):,} rejected" if len(self.rejected) else ""
        pools = len({(one.pool.chain, one.pool.address) for one in self.found})
        return f"<Notes: {paid:,} deposits, {len(self) - paid:,} withdrawals of {pools:,} pools{out}>"

    def to_pandas(self) -> pd.DataFrame:
        """chain, pool, kind, account, time and the other fields of ``Note``; fees are Python ints in base units."""
        import pandas as pd

        names = [name for name in Note.__slots__ if name != "pool"]
        rows = [[one.pool.chain, one.pool.name, *(getattr(one, name) for name in names)] for one in self.found]
        return pd.DataFrame(rows, columns=["chain", "pool", *names], dtype=object)

    @cached_property
    def columns(self) -> Columns:
        return _columns(self.found)


class Plain(NamedTuple):
    """Columns as lists, which loops over few notes read faster."""

    pool: list[int]
    account: list[int]
    time: list[int]
    place: list[int]


@dataclass(frozen=True, eq=False)
class Columns:
    """Notes as columns, one entry a note in each.

    ``pools``, ``accounts``  what the numbers in ``pool`` and ``account`` stand for; an account is an address, the
                             same on every chain. ``time``: unix seconds.
    ``place``     rises with position, and is equal where nothing says which of two notes was first.
    """

    notes: tuple[Note, ...]
    pools: tuple[Pool, ...]
    accounts: tuple[str, ...]
    pool: Ints
    account: Ints
    deposit: Mask
    time: Ints
    place: Ints

    def __len__(self) -> int:
        return len(self.notes)

    def of(self, pool: int, *, deposit: bool) -> Ints:
        """The deposits, or the withdrawals, of a pool, in order."""
        return self._of[pool][0 if deposit else 1]

    @cached_property
    def _of(self) -> list[tuple[Ints, Ints]]:
        return [
            tuple(np.flatnonzero((self.pool == n) & (self.deposit == way)) for way in (True, False))  # type: ignore[misc]
            for n in range(len(self.pools))
        ]

    @cached_property
    def plain(self) -> Plain:
        return Plain(*(one.tolist() for one in (self.pool, self.account, self.time, self.place)))

    @cached_property
    def whole(self) -> tuple[bool, ...]:
        """Of each pool whether its deposits are numbered from 0 without a gap, withdrawals are there, and none comes
        before there is something to take."""
        return tuple(self._whole(n) for n in range(len(self.pools)))

    def _whole(self, pool: int) -> bool:
        leaves = [self.notes[n].leaf for n in self.of(pool, deposit=True).tolist()]
        out = self.unspent[self.of(pool, deposit=False)]
        gapless = None not in leaves and sorted(leaves) == list(range(len(leaves)))  # type: ignore[type-var]
        return gapless and bool(len(out)) and int(out.min()) > 0

    @cached_property
    def unspent(self) -> Ints:
        """Of each note how many notes its pool held just before it: of a withdrawal, how many deposits it could be."""
        found = np.zeros(len(self), np.int64)
        for pool in range(len(self.pools)):
            inside, outside = (self.of(pool, deposit=way) for way in (True, False))
            for some in (inside, outside):
                held = [np.searchsorted(self.place[one], self.place[some], "left") for one in (inside, outside)]
                found[some] = held[0] - held[1]
        return found

    @cached_property
    def later(self) -> Ints:
        """Of each note how many withdrawals of its pool come after it: of a deposit, how many could be it."""
        found = np.zeros(len(self), np.int64)
        for pool in range(len(self.pools)):
            outside = self.of(pool, deposit=False)
            for some in (self.of(pool, deposit=True), outside):
                found[some] = len(outside) - np.searchsorted(self.place[outside], self.place[some], "right")
        return found


def order_of(note: Note) -> tuple[int, int, int]:
    """By time, block and place in the block; what is not told stands first."""
    return note.time, -1 if note.block is None else note.block, -1 if note.log_index is None else note.log_index


def _names(note: Note) -> list[tuple[Any, ...]]:
    """What tells a note from every other."""
    where = note.pool.chain, note.pool.address, note.kind
    told = (
        ("place", (note.tx_hash, note.log_index), note.log_index is not None),
        ("leaf", note.leaf, note.leaf is not None),
        ("mark", note.mark, bool(note.mark)),
    )
    return [(*where, what, name) for what, name, known in told if known]


def _alike(note: Note) -> tuple[Any, ...]:
    """What notes say that nothing tells apart."""
    return note.pool.chain, note.pool.address, note.kind, note.account, note.tx_hash, note.time, note.fee


def _split(source: Iterable[Note]) -> tuple[list[Note], dict[tuple[Any, ...], list[Note]]]:
    """Notes that have a name, and the others, alike with alike."""
    named: list[Note] = []
    others: dict[tuple[Any, ...], list[Note]] = {}
    for note in source:
        if _names(note):
            named.append(note)
        else:
            others.setdefault(_alike(note), []).append(note)
    return named, others


def _most(
    parts: Sequence[tuple[Sequence[Note], Mapping[tuple[Any, ...], list[Note]]]], kept: Sequence[Note]
) -> tuple[list[Note], int]:
    """Of notes without a name those that the source tells that tells most of them, less those that are ``kept`` by
    name; and how many are left out."""
    known = Counter(map(_alike, kept)) if any(others for _, others in parts) else Counter()
    most: dict[tuple[Any, ...], list[Note]] = {}
    for named, others in parts:
        beside = Counter(map(_alike, set(named))) if others else Counter()
        for what, notes in others.items():
            more = max(len(notes) + beside[what] - known[what], 0)
            if more > len(most.get(what, ())):
                most[what] = notes[:more]
    found = list(chain.from_iterable(most.values()))
    return found, sum(len(notes) for _, others in parts for notes in others.values()) - len(found)


def _once(notes: Sequence[Note], conflicts: list[Rejection]) -> Iterable[Note]:
    seen: dict[tuple[Any, ...], Note] = {}
    for note in notes:
        names = _names(note)
        before = next((seen[name] for name in names if name in seen), None)
        if before is None:
            seen.update(dict.fromkeys(names, note))
            yield note
        elif before != note:
            conflicts.append(Rejection(note.pool.name, note.leaf or 0, CONFLICT, "tx_hash", note.tx_hash))


def _columns(notes: tuple[Note, ...]) -> Columns:
    pools = {(one.pool.chain, one.pool.address): one.pool for one in notes}
    number = {name: n for n, name in enumerate(pools)}
    accounts = {name: n for n, name in enumerate(sorted({one.account for one in notes}))}
    order = [order_of(one) for one in notes]
    rises = [n > 0 and order[n] != order[n - 1] for n in range(len(order))]

    def ints(values: Iterable[int]) -> Ints:
        return np.fromiter(values, np.int64, len(notes))

    return Columns(
        notes,
        tuple(pools.values()),
        tuple(accounts),
        ints(number[one.pool.chain, one.pool.address] for one in notes),
        ints(accounts[one.account] for one in notes),
        np.fromiter((one.kind == "deposit" for one in notes), bool, len(notes)),
        ints(one.time for one in notes),
        np.cumsum(ints(map(int, rises))),
    )
