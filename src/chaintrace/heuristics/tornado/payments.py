"""Notes in transfers alone: what goes into a pool, and out of it, in rows of exactly a note's worth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from chaintrace.fetch.buffers import ABSENT
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.heuristics.transactions import NOBODY, Ints
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool
from chaintrace.model.transfer import Rejected, Rejection


@dataclass(frozen=True)
class Placed:
    """A note with the rows that moved it: of a deposit one, of a withdrawal the recipient's and then the relayer's."""

    note: Note
    rows: tuple[int, ...]


@dataclass
class Payments:
    """``placed``: the notes that rows show. ``bad``: what looked like one and is none. ``at_router``: how many deposits
    are seen as they reach the router alone. ``unordered``: how many withdrawals have two payouts of which nothing says
    which was first."""

    placed: list[Placed] = field(default_factory=list)
    bad: list[Rejection] = field(default_factory=list)
    at_router: int = 0
    unordered: int = 0

    @property
    def notes(self) -> Notes:
        told = [f"{self.at_router:,} deposits are seen as they reach the router, not the pool"] * bool(self.at_router)
        if self.unordered:
            told.append(
                f"of {self.unordered:,} withdrawals the order of the two payouts is not told: the larger was taken for "
                "the recipient's"
            )
        return Notes.of((one.note for one in self.placed), Rejected.of(self.bad), told)


def payments(moves: Moves, pools: Sequence[Pool]) -> Payments:
    """The notes of these pools that rows show, in the order of their rows. Leaves and marks are not told, and what is
    not among the rows is not known."""
    found = Payments()
    reader = _Reader(moves, found)
    known = [pool for pool in pools if pool.asset in reader.assets]
    for pool in known:
        reader.deposits(pool)
        reader.withdrawals(pool)
    for pool in known:
        reader.at_router(pool)
    found.unordered = sum(len(set(moves.place[list(one.rows)])) < len(one.rows) for one in found.placed)
    found.placed.sort(key=lambda one: one.rows)
    return found


class _Reader:
    def __init__(self, moves: Moves, found: Payments) -> None:
        self.moves, self.found = moves, found
        self.assets = {str(name): n for n, name in enumerate(moves.assets.to_pylist())}
        self.pays = np.asarray((moves.amount > 0).astype(bool) & moves.of_kind("native", "internal", "token"))
        self.sent = np.full(len(moves.names), NOBODY, np.int64)
        for kind in ("native", "fee"):  # the fee's word counts where both are here
            of_kind = moves.of_kind(kind)
            self.sent[moves.tx[of_kind]] = moves.sender[of_kind]

    def deposits(self, pool: Pool) -> None:
        """Rows into the pool."""
        for row in self._rows(pool, pool.address, self.moves.into):
            if self.moves.amount[row] == pool.denomination:
                self._deposit(pool, row)
            else:
                self._reject(row, "not a note's worth goes into a pool")

    def at_router(self, pool: Pool) -> None:
        """Rows of a note's worth into the router, where no row of their transaction goes on from there."""
        gone_on = set(self.moves.tx[self._rows(pool, pool.router, self.moves.out_of)].tolist())
        for row in self._rows(pool, pool.router, self.moves.into):
            if self.moves.amount[row] == pool.denomination and int(self.moves.tx[row]) not in gone_on:
                self.found.at_router += 1
                self._deposit(pool, row)

    def withdrawals(self, pool: Pool) -> None:
        """Rows out of the pool that together are a note's worth, and one alone that is more than half of it, where the
        relayer's row is not here."""
        by_tx: dict[int, list[int]] = {}
        for row in self._rows(pool, pool.address, self.moves.out_of):
            by_tx.setdefault(int(self.moves.tx[row]), []).append(row)
        for waiting in by_tx.values():
            while waiting:
                self._withdrawal(pool, waiting.pop(0), waiting)

    def _deposit(self, pool: Pool, row: int) -> None:
        who = int(self.sent[self.moves.tx[row]])
        payer = int(self.moves.sender[row])
        if who == NOBODY and self.moves.account(payer) == pool.router:
            payer = self._behind(pool, row)
        if who == payer == NOBODY:
            self._reject(row, "who paid is not told")
        else:
            self._note(pool, "deposit", (row,), payer if who == NOBODY else who)

    def _behind(self, pool: Pool, row: int) -> int:
        """Who paid the router in the same transaction."""
        moves = self.moves
        before = [
            int(moves.sender[n]) for n in self._rows(pool, pool.router, moves.into)
            if moves.tx[n] == moves.tx[row] and moves.amount[n] == moves.amount[row]
        ]  # fmt: skip
        return before[0] if before else NOBODY

    def _withdrawal(self, pool: Pool, row: int, waiting: list[int]) -> None:
        """The note that a row pays, with its other row taken out of those that wait."""
        amount = self.moves.amount
        rest = pool.denomination - amount[row]
        other = next((n for n in waiting if rest > 0 and amount[n] == rest), None)
        if other is not None:
            waiting.remove(other)
            # The contract pays the recipient first (Tornado.sol, _processWithdraw).
            if self.moves.place[row] == self.moves.place[other] and amount[other] > amount[row]:
                row, other = other, row
        elif not 0 <= rest < amount[row]:
            self._reject(row, "more than a note" if rest < 0 else "a fee without the note it is of")
            return
        relayer = None if other is None else self.moves.account(int(self.moves.receiver[other]))
        rows = (row,) if other is None else (row, other)
        fee = int(pool.denomination - amount[row])
        self._note(pool, "withdrawal", rows, int(self.moves.receiver[row]), fee, relayer)

    def _note(
        self,
        pool: Pool,
        kind: Literal["deposit", "withdrawal"],
        rows: tuple[int, ...],
        who: int,
        fee: int = 0,
        relayer: str | None = None,
    ) -> None:
        moves, row = self.moves, rows[0]
        time, sent = moves.table["time"][row], int(self.sent[moves.tx[row]])
        if not time.is_valid:
            self._reject(row, "missing value")
            return
        block = None if moves.block[row] == ABSENT else int(moves.block[row])
        sender = None if kind == "deposit" or sent == NOBODY else moves.account(sent)
        note = Note(
            pool, kind, moves.account(who), int(time.value), block, moves.name(int(moves.tx[row])), None, fee, relayer,
            sender,
        )  # fmt: skip
        self.found.placed.append(Placed(note, rows))

    def _rows(self, pool: Pool, contract: str, way: Callable[[int], Ints]) -> list[int]:
        """Rows into, or out of, a contract that pay the pool's asset."""
        (number,) = self.moves.numbers([contract]).tolist()
        if number == NOBODY:
            return []
        rows = way(number)
        found: list[int] = rows[self.pays[rows] & (self.moves.asset[rows] == self.assets[pool.asset])].tolist()
        return found

    def _reject(self, row: int, reason: str) -> None:
        moves = self.moves
        where, name = moves.account(int(moves.receiver[row])), moves.name(int(moves.tx[row]))
        self.found.bad.append(Rejection(where, row, reason, "amount", name))
