"""Moves: rows of account chains (EVM, Tron) in the order in which they happened, as columns."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.fetch.buffers import ABSENT, fixed, integers
from chaintrace.graph.order import positions
from chaintrace.heuristics.transactions import NOBODY, Ints, Mask, coded, of_families, whole
from chaintrace.model.amount import WIDTH
from chaintrace.model.transfer import KINDS

FAMILIES = ("evm", "tron")
_PAYMENTS = ("native", "internal", "token")
Amounts = np.ndarray[tuple[int], np.dtype[np.object_]]
"""Python ints: exact whatever their size, and NumPy compares and adds them."""


@dataclass(frozen=True, eq=False)
class Moves:
    """Rows of account chains in position order, one entry a row in every column.

    ``table``     these rows, in this order; ``names``, ``accounts``, ``assets`` are what the numbers in ``tx``,
                  ``sender``, ``receiver`` and ``asset`` stand for. ``NOBODY`` where a row has no such party. An account
                  is an address; where rows are of several chains, its rows on all of them are the same account's.
    ``kind``      a number, see ``of_kind``.
    ``amount``    base units, exact. ``rank`` orders and groups as amounts do, in integers.
    ``time``      unix seconds, of another row of the block where a row has none, and ``block``; ``ABSENT`` where the
                  rows do not say.
    ``place``     rises with position, and is equal where nothing says which of two rows was first.
    """

    table: pa.Table
    names: pa.Array
    accounts: pa.Array
    assets: pa.Array
    tx: Ints
    sender: Ints
    receiver: Ints
    asset: Ints
    kind: Ints
    amount: Amounts
    rank: Ints
    time: Ints
    block: Ints
    place: Ints

    def __len__(self) -> int:
        return len(self.tx)

    def of_kind(self, *kinds: str) -> Mask:
        """Which rows are of one of these kinds."""
        return np.isin(self.kind, [KINDS.index(kind) for kind in kinds])

    @cached_property
    def pays(self) -> Mask:
        """Rows in which somebody pays somebody else something: native, internal or token, of more than nothing."""
        both = (self.sender != NOBODY) & (self.receiver != NOBODY) & (self.sender != self.receiver)
        return np.asarray(both & (self.amount > 0).astype(bool) & self.of_kind(*_PAYMENTS))

    def out_of(self, account: int) -> Ints:
        """The rows that an account sends, in position order."""
        return self._sent.of(account)

    def into(self, account: int) -> Ints:
        """The rows that an account receives, in position order."""
        return self._got.of(account)

    @cached_property
    def _sent(self) -> Lists:
        return Lists.by(self.sender, len(self.accounts))

    @cached_property
    def _got(self) -> Lists:
        return Lists.by(self.receiver, len(self.accounts))

    @cached_property
    def payees(self) -> Ints:
        """How many different accounts each account pays."""
        return self._distinct(self.sender[self.pays], self.receiver[self.pays])

    @cached_property
    def payers(self) -> Ints:
        """How many different accounts pay each account."""
        return self._distinct(self.receiver[self.pays], self.sender[self.pays])

    @cached_property
    def degree(self) -> Ints:
        """How many different accounts each account pays or is paid by."""
        one, other = self.sender[self.pays], self.receiver[self.pays]
        return self._distinct(np.concatenate([one, other]), np.concatenate([other, one]))

    def _distinct(self, mine: Ints, theirs: Ints) -> Ints:
        count = len(self.accounts)
        return np.bincount(np.unique(mine * count + theirs) // max(count, 1), minlength=count)

    def numbers(self, accounts: list[str]) -> Ints:
        """The number of each of these accounts, ``NOBODY`` for one that no row names."""
        found = pc.index_in(pa.array(accounts, self.accounts.type), value_set=self.accounts)
        return np.asarray(found.fill_null(NOBODY).to_numpy(zero_copy_only=False), dtype=np.int64)

    def row(self, n: int) -> tuple[str, str, int]:
        """What identifies a row: (tx_hash, kind, seq)."""
        return self.name(int(self.tx[n])), KINDS[self.kind[n]], int(self.seq[n])

    @cached_property
    def seq(self) -> Ints:
        return integers(self.table["seq"])

    def name(self, tx: int) -> str:
        return str(self.names[tx].as_py())

    def account(self, number: int) -> str:
        return str(self.accounts[number].as_py())

    def asset_id(self, number: int) -> str:
        return str(self.assets[number].as_py())

    def moment(self, n: int) -> dict[str, int | None]:
        """When a row happened, as ``Known.find`` asks for it."""
        return {
            name: None if column[n] == ABSENT else int(column[n])
            for name, column in (("block", self.block), ("time", self.time))
        }


@dataclass(frozen=True, eq=False)
class Lists:
    """Of every number the entries that have it, in their order."""

    order: Ints
    starts: Ints

    @classmethod
    def by(cls, number: Ints, count: int) -> Lists:
        order = np.argsort(number, kind="stable")
        return cls(order, np.searchsorted(number[order], np.arange(count + 1)))

    def of(self, number: int) -> Ints:
        return self.order[self.starts[number] : self.starts[number + 1]]


def moved(table: pa.Table) -> Moves:
    """The moves among rows of the one table; rows of other chains are passed over. OrderError where a chain mixes rows
    that have only a block with rows that have only a time."""
    table = of_families(table, FAMILIES)
    order, clock = positions(table)
    table = table if order is None else table.take(pa.array(order))
    tx, names = coded(table["tx_hash"])
    asset, assets = coded(table["asset"])
    parties, accounts = coded(pa.chunked_array([*table["sender"].chunks, *table["receiver"].chunks], pa.string()))
    sender, receiver = parties[: len(table)], parties[len(table) :]
    kind = np.asarray(pc.index_in(table["kind"], pa.array(KINDS)).to_numpy(), dtype=np.int64)
    amount, rank = _amounts(table["amount"])
    block = integers(table["block"])
    time = _times(coded(table["chain"])[0], block, integers(table["time"].cast(pa.int64())))
    place = _places(table, clock)
    return Moves(table, names, accounts, assets, tx, sender, receiver, asset, kind, amount, rank, time, block, place)


def _amounts(column: pa.ChunkedArray) -> tuple[Amounts, Ints]:
    """Each amount as an int, and its rank among the different ones."""
    encoded = whole(column).dictionary_encode()
    code = np.asarray(encoded.indices.to_numpy(zero_copy_only=False), dtype=np.int64)
    limbs = fixed(encoded.dictionary, WIDTH).reshape(-1, WIDTH).copy().view(">u8").astype(np.uint64)
    rank = np.empty(len(limbs), np.int64)
    rank[np.lexsort(limbs.T[::-1])] = np.arange(len(limbs))
    values = np.empty(len(limbs), object)
    values[:] = [int.from_bytes(raw, "big") for raw in encoded.dictionary.to_pylist()]
    return values[code], rank[code]


def _times(chain: Ints, block: Ints, time: Ints) -> Ints:
    """Each row's time, or that of another row of its block."""
    lost = np.flatnonzero((time == ABSENT) & (block != ABSENT))
    if not len(lost):
        return time
    told = np.flatnonzero((time != ABSENT) & np.isin(block, block[lost]))
    known = dict(zip(zip(chain[told].tolist(), block[told].tolist(), strict=True), time[told].tolist(), strict=True))
    found = time.copy()
    wanted = zip(chain[lost].tolist(), block[lost].tolist(), strict=True)
    found[lost] = [known.get(one, ABSENT) for one in wanted]
    return found


def _places(table: pa.Table, clock: Ints) -> Ints:
    """The same number for rows of one block (or second) of which some row's order is not known."""
    opening = np.asarray(pc.equal(table["kind"], "opening").to_numpy(), dtype=np.int64)
    begins = _changes(opening, clock, coded(table["chain"])[0], integers(table["block"]))
    group = np.cumsum(begins) - 1
    unknown = np.asarray(pc.not_equal(table["order"], "known").to_numpy(), dtype=bool)
    told = np.bincount(group, unknown) == 0
    after = _changes(integers(table["tx_index"]), integers(table["seq"]))
    return np.cumsum(begins | (after & told[group]), dtype=np.int64)


def _changes(*columns: Ints) -> Mask:
    """Where a row differs from the one before it."""
    found = np.ones(len(columns[0]), bool)
    found[1:] = np.logical_or.reduce([column[1:] != column[:-1] for column in columns])
    return found
