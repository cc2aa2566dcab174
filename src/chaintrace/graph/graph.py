"""The transfer graph: rows in position order, and the pots between which they move."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from functools import cached_property
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from chaintrace.errors import MethodError, SeedError
from chaintrace.fetch.files import read_transfers
from chaintrace.graph.lines import Lines, draw, draw_from_opening
from chaintrace.graph.names import accounts_named, assets_named
from chaintrace.graph.order import ABSENT, positions
from chaintrace.graph.pots import Pots, number_pots
from chaintrace.model.amount import from_bytes
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
        order, clock = positions(read.table)
        self.table: pa.Table = read.table.take(order)
        self.clock: list[int] = clock.tolist()
        self.rejected: Rejected = read.rejected
        self.notes: tuple[str, ...] = read.notes
        self.format: str = read.format
        self.pots: Pots
        self.pots, self.sender, self.receiver = number_pots(self.table)
        self.amount: list[int] = [from_bytes(raw) for raw in self.table["amount"].to_pylist()]
        self.kind: list[str] = self.table["kind"].to_pylist()
        self._lines: dict[bool, Lines] = {}

    def __len__(self) -> int:
        return len(self.amount)

    def __repr__(self) -> str:
        spans = ", ".join(f"{chain} {span}" for chain, span in self._spans())
        counts = f"{len(self):,} transfers, {len(self.accounts):,} accounts, {len(self.assets)} assets"
        return f"<TransferGraph: {counts}{spans and f'; {spans}'}>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.to_pandas().head(10).to_html()}"

    @cached_property
    def accounts(self) -> list[str]:
        """Every account that sends or receives, sorted."""
        return sorted({pot.address for pot in self.pots.all})

    @cached_property
    def assets(self) -> list[str]:
        """CAIP-19 ids, sorted."""
        return sorted(set(self.table["asset"].to_pylist()))

    @cached_property
    def chains(self) -> list[str]:
        """CAIP-2 ids, sorted."""
        return sorted(set(self.table["chain"].to_pylist()))

    @cached_property
    def rows_by_tx(self) -> dict[str, list[int]]:
        """Row numbers of each transaction hash."""
        index: dict[str, list[int]] = {}
        for row, tx_hash in enumerate(self.table["tx_hash"].to_pylist()):
            index.setdefault(tx_hash, []).append(row)
        return index

    def lines(self, unexplained: str = "arrival") -> Lines:
        """In-lines and out-lines. Missing units enter just in time (``"arrival"``) or at the head (``"opening"``)."""
        if unexplained not in ("arrival", "opening"):
            raise MethodError(f"unexplained={unexplained!r}", "is not known", "use 'arrival' or 'opening'")
        late = unexplained == "arrival"
        if late not in self._lines:
            drawn = draw if late else draw_from_opening
            self._lines[late] = drawn(self.sender, self.receiver, self.amount, len(self.pots))
        return self._lines[late]

    def moves(self, row: int) -> bool:
        """Whether the row moves anything: zero amounts and transfers from a pot to itself do not."""
        return self.amount[row] > 0 and self.sender[row] != self.receiver[row]

    def account(self, text: str) -> str:
        """The account of this graph that ``text`` names on one of its chains. SeedError if it is not here."""
        for account in accounts_named(text, self.chains):
            if self.pots.of(account):
                return account
        raise SeedError(text, f"no transfer among {len(self):,} sends to it or comes from it")

    def row_after(self, moment: Moment, inclusive: bool = True) -> int:
        """The first row after ``moment`` (``inclusive``: rows of that very block or second count as before)."""
        value, is_block = parse_moment(moment)
        if is_block:
            return self._row_after_block(value, inclusive)
        if self.clock and self.clock[-1] == ABSENT:
            raise MethodError(f"moment {moment!r}", "names no row, for none has a time", "give a block number")
        return (bisect_right if inclusive else bisect_left)(self.clock, value)

    def _row_after_block(self, block: int, inclusive: bool) -> int:
        if len(self.chains) > 1:
            raise MethodError(f"block {block}", "names no moment on several chains", "give a time instead of a block")
        blocks: list[int | None] = self.table["block"].to_pylist()
        without = sum(one is None and kind != "opening" for one, kind in zip(blocks, self.kind, strict=True))
        if without:
            raise MethodError(
                f"block {block}", f"names no moment: {without:,} rows have no block", "give a time instead"
            )
        limit = block if inclusive else block - 1
        real = [None if kind == "opening" else one for one, kind in zip(blocks, self.kind, strict=True)]
        return next((row for row, one in enumerate(real) if one is not None and one > limit), len(self))

    def between(self, since: Moment | None = None, until: Moment | None = None) -> TransferGraph:
        """The rows from ``since`` to ``until``, both included, as a graph of their own."""
        first = 0 if since is None else self.row_after(since, inclusive=False)
        last = len(self) if until is None else self.row_after(until)
        rows = self.table.slice(first, max(last - first, 0))
        return TransferGraph(Transfers(rows, self.rejected, self.notes, self.format))

    def neighbours(self, address: str) -> pd.DataFrame:
        """Whom an account paid and was paid by: counterparty, asset, received, sent (base units), transfers."""
        import pandas as pd

        account = self.account(address)
        sums: dict[tuple[str, str], list[int]] = {}
        mine = set(self.pots.of(account))
        for row, (sender, receiver) in enumerate(zip(self.sender, self.receiver, strict=True)):
            if (sender in mine) == (receiver in mine):
                continue
            other = receiver if sender in mine else sender
            name, asset = (self.pots[other].address if other >= 0 else ""), self.table["asset"][row].as_py()
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
            held = self.pots[pot].asset
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
        import pyarrow.compute as pc

        for chain in self.chains:
            rows = self.table.filter(pc.equal(self.table["chain"], chain))
            block, time = pc.min_max(rows["block"]).as_py(), pc.min_max(rows["time"]).as_py()
            if time["min"] is not None:
                yield chain, f"{time['min']:%Y-%m-%d} to {time['max']:%Y-%m-%d}"
            else:
                yield chain, f"blocks {block['min']} to {block['max']}"
