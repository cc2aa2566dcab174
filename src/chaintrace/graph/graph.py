"""The transfer graph: rows in position order, and the pots between which they move."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from chaintrace.errors import MethodError, SeedError
from chaintrace.fetch.buffers import Ints
from chaintrace.fetch.files import read_transfers
from chaintrace.graph.ingest import Held, hold
from chaintrace.graph.kernel import kernel
from chaintrace.graph.lines import Lines, draw_lines
from chaintrace.graph.names import accounts_named, assets_named
from chaintrace.graph.origin import EVERY
from chaintrace.model.moment import Moment, parse_moment
from chaintrace.model.transfer import Rejected, Transfers

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd


class TransferGraph:
    """Transfers in position order, ready to be traced.

    ``TransferGraph(x)`` takes what ``read_transfers`` returns, or anything that it reads. Row numbers everywhere are
    positions in ``graph.to_pandas()``. ``rejected``, ``notes`` and ``format`` are those of the transfers read.
    """

    def __init__(self, transfers: Any) -> None:
        read: Transfers = transfers if isinstance(transfers, Transfers) else read_transfers(transfers)
        self._keep(hold(read))

    def _keep(self, held: Held) -> None:
        self.rows, self.pots = held.rows, held.pots
        self.rejected: Rejected = held.rejected
        self.notes: tuple[str, ...] = held.notes
        self.format: str = held.format
        self._held = held
        self._lines: dict[tuple[str, bool], Lines] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def __repr__(self) -> str:
        spans = ", ".join(f"{chain} {span}" for chain, span in self._spans())
        counts = f"{len(self):,} transfers, {len(self.pots.accounts):,} accounts, {len(self.assets)} assets"
        return f"<TransferGraph: {counts}{spans and f'; {spans}'}>"

    def _repr_html_(self) -> str:
        from html import escape

        head = Transfers(self.take(range(min(len(self), 10)))).to_pandas()
        return f"<p>{escape(repr(self))}</p>{head.to_html()}"

    @cached_property
    def accounts(self) -> list[str]:
        """Every account that sends or receives, sorted."""
        return sorted(self.pots.accounts[number] for number in range(len(self.pots.accounts)))

    @cached_property
    def assets(self) -> list[str]:
        """CAIP-19 ids, sorted."""
        return sorted(self.pots.assets)

    @cached_property
    def chains(self) -> list[str]:
        """CAIP-2 ids, sorted."""
        return self._held.origin.chains()

    @cached_property
    def has_unknown_order(self) -> bool:
        """Whether there is a row whose place among the rows of its moment the source does not prove."""
        return self._held.origin.has_unknown_order()

    @property
    def table(self) -> pa.Table:
        """All rows as a pyarrow Table. Of a large source it is read again, and then kept: some hundred bytes a row."""
        return self._held.origin.table()

    @property
    def clock(self) -> Ints:
        """Each row's moment in unix seconds; the least int64 where none is known."""
        moments = self._held.moments
        return moments.every(moments.clock)

    def find_tx(self, *names: str) -> list[int]:
        """Row numbers of the first of these transaction hashes, as the table spells them, that any row has."""
        return self._held.origin.find_tx(names)

    def lines(self, unexplained: str = "arrival") -> Lines:
        """In-lines and out-lines, drawn once by the kernel that is chosen. Missing units enter just in time
        (``"arrival"``) or at the head (``"opening"``)."""
        if unexplained not in ("arrival", "opening"):
            raise MethodError(f"unexplained={unexplained!r}", "is not known", "use 'arrival' or 'opening'")
        key = (kernel(), unexplained == "opening")
        if key not in self._lines:
            self._lines[key] = draw_lines(self.rows, self.pots, unexplained == "opening")
        return self._lines[key]

    @property
    def amount(self) -> Sequence[int]:
        """Each row's amount, in base units."""
        return self.rows.amount

    def account(self, text: str) -> str:
        """The account of this graph that ``text`` names on one of its chains. SeedError if it is not here."""
        for account in accounts_named(text, self.chains):
            if self.pots.of(account):
                return account
        raise SeedError(text, f"no transfer among {len(self):,} sends to it or comes from it")

    def take(self, rows: Sequence[int], columns: Sequence[str] = EVERY) -> pa.Table:
        """Some rows of the table, in the order asked for, and some of its columns. Of a large source only what is asked
        for is read again; InputError if it has changed."""
        return self._held.origin.take(rows, columns)

    def row_after(self, moment: Moment, inclusive: bool = True) -> int:
        """The first row after ``moment`` (``inclusive``: rows of that very block or second count as before)."""
        value, is_block = parse_moment(moment)
        if is_block:
            return self._row_after_block(value, inclusive)
        if not self._held.moments.has_times:
            raise MethodError(f"moment {moment!r}", "names no row, for none has a time", "give a block number")
        return self._held.moments.after_time(value, inclusive)

    def _row_after_block(self, block: int, inclusive: bool) -> int:
        if len(self.chains) > 1:
            raise MethodError(f"block {block}", "names no moment on several chains", "give a time instead of a block")
        if without := self._held.moments.without_block():
            raise MethodError(
                f"block {block}", f"names no moment: {without:,} rows have no block", "give a time instead"
            )
        return self._held.moments.after_block(block if inclusive else block - 1)

    def between(self, since: Moment | None = None, until: Moment | None = None) -> TransferGraph:
        """The rows from ``since`` to ``until``, both included, as a graph of their own."""
        first = 0 if since is None else self.row_after(since, inclusive=False)
        last = len(self) if until is None else self.row_after(until)
        part = object.__new__(TransferGraph)
        part._keep(self._held.slice(first, max(last, first)))
        return part

    def neighbours(self, address: str) -> pd.DataFrame:
        """Whom an account paid and was paid by: counterparty, asset, received, sent (base units), transfers."""
        import pandas as pd

        account = self.account(address)
        sums: dict[tuple[str, str], list[int]] = {}
        mine = set(self.pots.of(account))
        for row in sorted({row for pot in mine for row in self.rows.of_pot(pot).tolist()}):
            sender, receiver = self.rows.parties(row)
            if (sender in mine) == (receiver in mine):
                continue
            here, other = (sender, receiver) if sender in mine else (receiver, sender)
            name, asset = (self.pots[other].address if other >= 0 else ""), self.pots.asset_of(here)
            entry = sums.setdefault((name, asset), [0, 0, 0])
            entry[1 if sender in mine else 0] += self.amount[row]
            entry[2] += 1
        rows = [(name, asset, *entry) for (name, asset), entry in sorted(sums.items())]
        columns = ["address", "asset", "received", "sent", "transfers"]
        return pd.DataFrame(rows, columns=columns).astype({"received": object, "sent": object})

    def balance(self, address: str, asset: str | None = None) -> dict[str, int]:
        """What an account holds at the end of the rows, by asset: received less sent, what is missing counted as 0.

        ``asset`` (CAIP-19, "native" or a contract) narrows it.
        """
        wanted = None if asset is None else assets_named(asset, self.chains)
        lines = self.lines()
        totals: dict[str, int] = {}
        for pot in self.pots.of(self.account(address)):
            received, sent = lines.totals(pot, len(self))
            held = self.pots.asset_of(pot)
            if wanted is None or held in wanted:
                totals[held] = totals.get(held, 0) + received - sent
        return totals

    def to_pandas(self) -> pd.DataFrame:
        """All rows in position order; the index is the row number, ``amount`` a column of Python ints."""
        return Transfers(self.table).to_pandas()

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """Accounts as nodes, transfers as edges keyed by row number with all columns; amounts are exact ints."""
        from chaintrace.graph.network import to_networkx

        return to_networkx(self)

    @classmethod
    def from_networkx(cls, network: nx.MultiDiGraph[str]) -> TransferGraph:
        """A graph from edges that carry ``amount`` and ``block`` or ``time`` (and any other column)."""
        from chaintrace.graph.network import from_networkx

        return from_networkx(network)

    def _spans(self) -> Iterable[tuple[str, str]]:
        for chain in self.chains:
            blocks, times = self._held.span(chain)
            if times:
                first, last = (datetime.fromtimestamp(second, UTC) for second in times)
                yield chain, f"{first:%Y-%m-%d} to {last:%Y-%m-%d}"
            else:
                first_block, last_block = blocks or (None, None)
                yield chain, f"blocks {first_block} to {last_block}"
