"""Rows: the desk on which one frame becomes transfers. Every row is emitted, rejected, or set aside with a note."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from chaintrace.fetch.columns import Bad, Parser
from chaintrace.fetch.frame import Frame, shown
from chaintrace.fetch.numbered import Numbered
from chaintrace.model.chain import Chain
from chaintrace.model.transfer import SCHEMA, Rejection

Cells = np.ndarray[tuple[int], np.dtype[np.object_]]
Mask = np.ndarray[tuple[int], np.dtype[np.bool_]]

FEE_SEQ = 2**62
END_SEQ = 2**39
"""A coin's burn and a token's are rows of one kind: what a contract's end burns is numbered beyond every log."""
_FINE = 0
HARMLESS = "reverted"


@dataclass(frozen=True)
class Options:
    """What the caller said about the source. ``wrappers``: contracts that wrap the chain's coin."""

    chain: Chain
    asset: str
    assets: dict[str, str] = field(default_factory=dict)
    decimals: dict[str, int] = field(default_factory=dict)
    accounts: Numbered | None = None
    wrappers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """Transfers before they are named and compared: one array for each column of SCHEMA, ``seq`` and ``tx_hash`` may be
    None. ``places`` tells each row's source and its number there.
    """

    format: str
    columns: dict[str, Cells]
    places: list[tuple[str, int]]
    rejections: tuple[Rejection, ...] = ()
    accounts: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()


class Rows:
    """The rows of one frame while a format's reader works on them."""

    def __init__(self, frame: Frame, format: str) -> None:
        self.frame = frame
        self.format = format
        self.count = len(frame)
        self._reasons: list[tuple[str, str]] = [("", "")]
        self._reason = np.zeros(self.count, dtype=np.int32)
        self._pays = np.zeros(self.count, dtype=bool)
        self._emitted: list[tuple[Any, dict[str, Cells]]] = []
        self._accounts: list[Cells] = []
        self._notes: list[str] = []

    def __contains__(self, name: object) -> bool:
        return name in self.frame

    @property
    def good(self) -> Mask:
        """Rows that nothing has been found against."""
        result: Mask = self._reason == _FINE
        return result

    @property
    def paying(self) -> Mask:
        """Good rows, and rejected ones whose fee was paid all the same."""
        return self.good | self._pays

    def take(self, name: str, parse: Parser, *, required: bool = True) -> Cells:
        """The column, each distinct value parsed once. Rows with a bad or a required but missing value are rejected."""
        column = self.frame.column(name)
        parsed = np.empty(len(column.values), dtype=object)
        faults = np.zeros(len(column.values), dtype=np.int32)
        for n, value in enumerate(column.values):
            try:
                if value is not None and value != "":
                    parsed[n] = parse(value)
                elif required:
                    raise Bad("missing field")
            except Bad as bad:
                faults[n] = self._number(bad.reason, name)
        if faults.any():
            fault = faults[column.codes]
            self._reason = np.where(self._reason == _FINE, fault, self._reason)
        return parsed[column.codes]

    def take_any(self, names: Sequence[str], parse: Parser) -> tuple[Cells, str]:
        """The first of several optional columns that is there, and its name; nothing but None without any."""
        for name in names:
            if name in self:
                return self.take(name, parse, required=False), name
        return np.full(self.count, None, dtype=object), ""

    def take_accounts(self, name: str, parse: Parser, *, required: bool = True) -> Cells:
        """A column of accounts. Those that rejected rows name are kept for ``Rejected.accounts``."""
        cells = self.take(name, parse, required=required)
        self.keep_accounts(cells)
        return cells

    def keep_accounts(self, cells: Cells) -> None:
        self._accounts.append(cells)

    def take_by(self, groups: Cells, name: str, parser: Callable[[Any], Parser], *, required: bool = True) -> Cells:
        """A column whose grammar depends on another: ``parser(group)`` is asked for each distinct group."""
        distinct = list(dict.fromkeys(groups.tolist()))
        if len(distinct) == 1:
            return self.take(name, parser(distinct[0]), required=required)
        result = np.full(self.count, None, dtype=object)
        column = self.frame.column(name)
        members: dict[Any, list[int]] = {}
        for row, group in enumerate(groups.tolist()):
            members.setdefault(group, []).append(row)
        for group, where in members.items():
            parse = parser(group)
            for row in where:
                value = column.values[column.codes[row]]
                try:
                    if value is not None and value != "":
                        result[row] = parse(value)
                    elif required:
                        raise Bad("missing field")
                except Bad as bad:
                    self.reject_row(row, bad.reason, name)
        return result

    def reject(self, where: Mask, reason: str, name: str, *, fee_stays: bool = False) -> None:
        """Rejects rows that are still good. ``fee_stays``: their fee was paid all the same."""
        new = where & self.good
        if new.any():
            self._reason[new] = self._number(reason, name)
            if fee_stays:
                self._pays |= new

    def reject_row(self, row: int, reason: str, name: str) -> None:
        if self._reason[row] == _FINE:
            self._reason[row] = self._number(reason, name)

    def note(self, sentence: str) -> None:
        self._notes.append(f"{self.format}: {sentence}")

    def emit(self, where: Mask, **columns: Any) -> None:
        """One transfer for each row of ``where``. A column is an array over all rows or one value for all."""
        indices = np.flatnonzero(where)
        self.emit_from(indices, **{name: _chosen(cells, indices) for name, cells in columns.items()})

    def emit_from(self, indices: Any, **columns: Any) -> None:
        """One transfer for each entry of ``indices``, the row that it comes from; a row may give several. A column is
        an array as long as ``indices``, or one value for all."""
        if len(indices):
            every = np.arange(len(indices))
            self._emitted.append((indices, {name: _chosen(cells, every) for name, cells in columns.items()}))

    def _number(self, reason: str, name: str) -> int:
        key = (reason, name)
        if key not in self._reasons:
            self._reasons.append(key)
        return self._reasons.index(key)

    def finish(self) -> Draft:
        """Everything emitted, in reading order, and everything rejected."""
        places = self.frame.places()
        indices = np.concatenate([n for n, _ in self._emitted]) if self._emitted else np.zeros(0, dtype=np.int64)
        assert self.paying[indices].all(), "a row was rejected after it had been emitted"
        by_row = np.argsort(indices, kind="stable")
        columns = {name: self._gathered(name, by_row) for name in SCHEMA.names}
        picked = [places[n] for n in indices[by_row].tolist()]
        columns["evidence"] = _with_evidence(columns["evidence"], picked)
        return Draft(self.format, columns, picked, self._rejections(places), self._named(), tuple(self._notes))

    def _gathered(self, name: str, by_row: Any) -> Cells:
        pieces = [cells[name] if name in cells else _nothing(len(n)) for n, cells in self._emitted]
        return np.concatenate(pieces)[by_row] if pieces else _nothing(0)

    def _rejections(self, places: list[tuple[str, int]]) -> tuple[Rejection, ...]:
        torn = [rejection for part in self.frame.parts for rejection in part.torn]
        bad = np.flatnonzero(~self.good).tolist()
        for row in bad:
            reason, name = self._reasons[self._reason[row]]
            column = self.frame.column(name)
            torn.append(Rejection(*places[row], reason, name, shown(column.values[column.codes[row]])))
        order = {part.source: n for n, part in enumerate(self.frame.parts)}
        return tuple(sorted(torn, key=lambda r: (order[r.source], r.row)))

    def _named(self) -> frozenset[str]:
        """Accounts of rows that may have moved value: a reverted transfer is known to have moved none."""
        bad = np.flatnonzero(
            [number != _FINE and self._reasons[number][0] != HARMLESS for number in self._reason.tolist()]
        )
        named = {account for cells in self._accounts for account in cells[bad].tolist() if account is not None}
        return frozenset(named | {text for row in bad.tolist() for text in self._misspelt(row)})

    def _misspelt(self, row: int) -> list[str]:
        """The account that a wrong checksum was probably meant to be, without its capitals."""
        reason, name = self._reasons[self._reason[row]]
        if reason != "bad checksum":
            return []
        column = self.frame.column(name)
        return [str(column.values[column.codes[row]]).lower()]


def absent(cells: Cells) -> Mask:
    """Where an array of objects holds None."""
    result: Mask = np.asarray(cells == None, dtype=bool)  # noqa: E711  (element by element)
    return result


def where(condition: Mask, yes: Any, no: Any) -> Cells:
    """``numpy.where`` for objects, None among them."""
    result: Cells = np.where(condition, yes, no).astype(object)
    return result


def mapped(cells: Cells, change: Callable[[Any], Any]) -> Cells:
    """``change`` of every value that is not None, each distinct value once."""
    values = cells.tolist()
    known = {value: None if value is None else change(value) for value in set(values)}
    return filled(map(known.__getitem__, values), len(cells))


def filled(values: Any, length: int) -> Cells:
    result = np.empty(length, dtype=object)
    result[:] = list(values)
    return result


def _nothing(length: int) -> Cells:
    return np.full(length, None, dtype=object)


def _chosen(cells: Any, indices: Any) -> Cells:
    if isinstance(cells, np.ndarray):
        chosen: Cells = np.asarray(cells, dtype=object)[indices]
        return chosen
    return np.full(len(indices), cells, dtype=object)


def _with_evidence(given: Cells, places: list[tuple[str, int]]) -> Cells:
    missing = absent(given)
    if not missing.any():
        return given
    names = {source: source.replace("\\", "/").rsplit("/", 1)[-1] for source in {source for source, _ in places}}
    found = (
        f"{names[source]}, row {row}" if none else cell
        for cell, none, (source, row) in zip(given.tolist(), missing.tolist(), places, strict=True)
    )
    return filled(found, len(given))
