"""Logs and calls: what contracts of EVM chains wrote down, and what transactions asked of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from chaintrace.model.transfer import Rejected, Rejection


@dataclass(frozen=True, slots=True)
class Log:
    """One entry of a receipt. It is what the contract ``address`` says: any contract may write any log.

    ``time``    unix seconds, None where the source does not say. ``topics``: texts of 0x and 64 small digits each.
    """

    chain: str
    block: int
    time: int | None
    tx_hash: str
    log_index: int
    address: str
    topics: tuple[str, ...]
    data: bytes

    @property
    def identity(self) -> tuple[str, str, int]:
        return self.chain, self.tx_hash, self.log_index

    @property
    def place(self) -> tuple[str, int, str, int]:
        return self.chain, self.block, "", self.log_index


@dataclass(frozen=True, slots=True)
class Call:
    """A transaction's own call, not those inside it. Whether it succeeded is not said.

    ``receiver``   None where it creates a contract. ``input``: the selector and arguments. ``gas_price``: wei a unit of
                   gas, as offered, None where the source does not say. ``time`` as in ``Log``.
    """

    chain: str
    block: int
    time: int | None
    tx_hash: str
    sender: str
    receiver: str | None
    input: bytes
    gas_price: int | None = None

    @property
    def identity(self) -> tuple[str, str, int]:
        return self.chain, self.tx_hash, -1

    @property
    def place(self) -> tuple[str, int, str, int]:
        return self.chain, self.block, self.tx_hash, -1


Entry = TypeVar("Entry", Log, Call)


@dataclass(frozen=True, repr=False)
class Logs:
    """``logs`` by chain, block and index, ``calls`` by chain, block and hash, each once.

    ``rejected``  what could not be read, counted by reason. ``notes``: sentences about what the source does not say.
    """

    logs: tuple[Log, ...] = ()
    calls: tuple[Call, ...] = ()
    rejected: Rejected = field(default_factory=Rejected)
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.logs)

    def __repr__(self) -> str:
        out = f"; {len(self.rejected):,} rejected" if len(self.rejected) else ""
        return f"<Logs: {len(self.logs):,} logs, {len(self.calls):,} calls{out}>"

    @classmethod
    def of(
        cls, logs: Iterable[Log], calls: Iterable[Call], rejected: Rejected | None = None, notes: Iterable[str] = ()
    ) -> Logs:
        """What is told twice stands once. Where two entries of one identity differ, the first stands and a
        ``conflict`` is counted. The time of a block is taken from any entry that tells it."""
        conflicts: list[Rejection] = []
        one, other = _once(logs, conflicts), _once(calls, conflicts)
        entries: list[Log | Call] = [*one, *other]
        times = {(each.chain, each.block): each.time for each in entries if each.time is not None}
        return cls(
            tuple(_timed(one, times)),
            tuple(_timed(other, times)),
            (rejected or Rejected()) + Rejected.of(conflicts),
            tuple(dict.fromkeys(notes)),
        )


def joined(parts: Iterable[Logs]) -> Logs:
    """Several as one."""
    parts = list(parts)
    rejected = sum((part.rejected for part in parts), Rejected())
    logs, calls = (log for part in parts for log in part.logs), (call for part in parts for call in part.calls)
    return Logs.of(logs, calls, rejected, (note for part in parts for note in part.notes))


def _once(entries: Iterable[Entry], conflicts: list[Rejection]) -> list[Entry]:
    kept: dict[tuple[str, str, int], Entry] = {}
    for entry in entries:
        before = kept.setdefault(entry.identity, entry)
        if before is not entry and not _agree(before, entry):
            conflicts.append(Rejection(entry.chain, entry.block, "conflict", "tx_hash", entry.tx_hash))
        elif before.time is None and entry.time is not None:
            kept[entry.identity] = replace(before, time=entry.time)
    return sorted(kept.values(), key=lambda entry: entry.place)


def _agree(one: Entry, other: Entry) -> bool:
    """Whether both say the same, as far as both say it."""
    silent = {}
    for name in ("time", "gas_price"):
        if None in (mine := getattr(one, name, None), getattr(other, name, None)) and hasattr(one, name):
            silent[name] = mine
    return one == replace(other, **silent)  # type: ignore[arg-type]


def _timed(entries: list[Entry], times: dict[tuple[str, int], int]) -> Iterable[Entry]:
    for entry in entries:
        known = times.get((entry.chain, entry.block))
        yield entry if entry.time is not None or known is None else replace(entry, time=known)
