"""Linking: what a campaign paid in, and what its candidates were paid, as links for a trace."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.link import Leg, Link
from chaintrace.heuristics.demix.batch import when
from chaintrace.heuristics.demix.candidate import Lot
from chaintrace.heuristics.finding import RowId
from chaintrace.heuristics.rows import Rows
from chaintrace.heuristics.transactions import NOBODY
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool
from chaintrace.model.transfer import Transfers


def links_of(lots: Sequence[Lot], above: int, transfers: Transfers | TransferGraph) -> list[Link]:
    """See ``Demixed.links``."""
    rows = _Shown(lots, transfers)
    return [link for lot in lots for link in _links(lot, above, rows)]


def _links(lot: Lot, above: int, rows: _Shown) -> Iterator[Link]:
    taken = [(note, one) for one in lot.candidates if one.score > above for note in one.events]
    taken.sort(key=lambda pair: (when(pair[0]), pair[1].address))
    told = "exactly all of the batch" if lot.whole else f"{len(taken)} of {len(lot.deposits)} notes"
    for number, (paid, (note, one)) in enumerate(zip(lot.deposits, taken, strict=False)):
        source, target = rows.next(paid), rows.next(note)
        received = note.pool.denomination - note.fee
        if source and paid.time < note.time and (target or received):
            yield Link(
                source=list(source),
                target=list(target) or [Leg(one.address, note.pool.asset, received, _moment(note.time))],
                id=f"demix {paid.tx_hash} {number}: {one.address}",
                kind="mixer",
                by="chaintrace demix",
                confidence=str(one.score),
                evidence=f"settled with the batch of {', '.join(lot.accounts)}: {told}",
            )


class _Shown:
    """The rows that moved notes, as far as transfers show them, each given once and in their order. Sums tell them: a
    note's worth goes into the pool; out of it come a note less the fee for its account, and the fee for another."""

    def __init__(self, lots: Sequence[Lot], transfers: Transfers | TransferGraph) -> None:
        self._moves = Rows(transfers.table).moves
        self._used: set[int] = set()
        self._rows: dict[tuple[str, str, str, bool], list[int]] = {}
        for pool in dict.fromkeys(lot.deposits[0].pool for lot in lots):
            (number,) = self._moves.numbers([pool.address]).tolist() if len(self._moves) else (NOBODY,)
            for leaves in (False, True) if number != NOBODY else ():
                for row in (self._moves.out_of(number) if leaves else self._moves.into(number)).tolist():
                    self._keep(pool, row, leaves)

    def _keep(self, pool: Pool, row: int, leaves: bool) -> None:
        moves = self._moves
        asset = moves.asset_id(int(moves.asset[row]))
        if moves.pays[row] and asset == pool.asset:
            self._rows.setdefault((asset, pool.address, moves.name(int(moves.tx[row])), leaves), []).append(row)

    def next(self, note: Note) -> tuple[RowId, ...]:
        """The rows of a note; nothing where none shows it."""
        rows = self._rows.get((note.pool.asset, note.pool.address, note.tx_hash, note.kind == "withdrawal"), [])
        if note.kind == "deposit":
            return self._take(rows, note.pool.denomination)
        paid = self._take(rows, note.pool.denomination - note.fee, note.account)
        return (*paid, *self._take(rows, note.fee, note.relayer or "", note.account)) if paid and note.fee else paid

    def _take(self, rows: Sequence[int], amount: int, account: str = "", other: str = "") -> tuple[RowId, ...]:
        """The first row of this amount that is left, to ``account`` if one is told and never to ``other``."""
        for row in rows:
            to = self._moves.account(int(self._moves.receiver[row]))
            if row not in self._used and self._moves.amount[row] == amount and account in ("", to) and to != other:
                self._used.add(row)
                return (self._moves.row(row),)
        return ()


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat()
