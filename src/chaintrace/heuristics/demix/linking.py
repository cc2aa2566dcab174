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
from chaintrace.heuristics.tornado.payments import payments
from chaintrace.model.note import Note
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
    """The rows that moved notes, as far as transfers show them, each given once and in their order."""

    def __init__(self, lots: Sequence[Lot], transfers: Transfers | TransferGraph) -> None:
        moves = Rows(transfers.table).moves
        self._waiting: dict[tuple[str, ...], list[tuple[RowId, ...]]] = {}
        pools = list(dict.fromkeys(lot.deposits[0].pool for lot in lots))
        for one in reversed(payments(moves, pools).placed if len(moves) else ()):
            self._waiting.setdefault(_place(one.note), []).append(tuple(moves.row(row) for row in one.rows))

    def next(self, note: Note) -> tuple[RowId, ...]:
        """The rows of a note; nothing where none shows it."""
        waiting = self._waiting.get(_place(note))
        return waiting.pop() if waiting else ()


def _place(note: Note) -> tuple[str, ...]:
    return note.pool.chain, note.pool.address, note.tx_hash, note.kind, "" if note.kind == "deposit" else note.account


def _moment(time: int) -> str:
    return datetime.fromtimestamp(time, UTC).isoformat()
