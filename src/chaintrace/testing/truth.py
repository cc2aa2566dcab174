"""Truth: what a planted scenario did, written down by who planted it, independently of any fetcher."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pyarrow as pa

from chaintrace.model.amount import from_bytes


class Row(NamedTuple):
    """One movement. ``kind``, ``sender``, ``receiver`` (None where there is none) and ``asset`` as in the table of
    transfers, ``amount`` in base units, ``outpoint`` the coin that a Bitcoin row spends or makes."""

    tx_hash: str
    block: int
    kind: str
    sender: str | None
    receiver: str | None
    asset: str
    amount: int
    outpoint: str | None = None


class Pot(NamedTuple):
    """One account's holding of one asset."""

    account: str
    asset: str


@dataclass(frozen=True)
class Planted:
    """A scenario that stands on a chain.

    ``rows``      every movement there is, in the order of the chain: by block and transaction; in a transaction the
                  top call, inner calls in their order, tokens in the order of the logs, the fee last.
    ``roles``     accounts by what they are in the story; an account may have several roles, most have one.
    ``thefts``    hashes of the transactions that stole.
    ``victims``   who was robbed.
    ``stops``     accounts at which following ends, and their category.
    ``first``     the block of the first theft. Nobody was given anything by hand from here on.
    ``last``      the last block.
    ``opening``   what everybody held at the end of block ``first - 1``, in base units; 0 where absent.
    ``balances``  what everybody holds at the end of block ``last``; 0 where absent.
    ``liars``     assets whose logs do not agree with their balances; they are in no balance here.
    """

    rows: tuple[Row, ...]
    roles: Mapping[str, tuple[str, ...]]
    thefts: tuple[str, ...]
    victims: tuple[str, ...]
    stops: Mapping[str, str]
    first: int
    last: int
    opening: Mapping[Pot, int] = field(repr=False)
    balances: Mapping[Pot, int] = field(repr=False)
    liars: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def accounts(self) -> tuple[str, ...]:
        """Everybody who is a party to a row, sorted."""
        return tuple(sorted({party for row in self.rows for party in (row.sender, row.receiver) if party}))

    @property
    def transactions(self) -> tuple[str, ...]:
        """The hashes of all transactions, in the order of the chain."""
        return tuple(dict.fromkeys(row.tx_hash for row in self.rows))

    def one(self, role: str) -> str:
        """The account that has a role alone."""
        (account,) = self.roles[role]
        return account

    def touching(self, accounts: Iterable[str], first: int = 0, last: int | None = None) -> tuple[Row, ...]:
        """The rows between two blocks, both included, to which one of these accounts is a party: what a complete
        fetcher brings."""
        wanted = set(accounts)
        end = self.last if last is None else last
        return tuple(
            row for row in self.rows if first <= row.block <= end and (row.sender in wanted or row.receiver in wanted)
        )

    def of(self, transactions: Collection[str]) -> tuple[Row, ...]:
        """All rows of these transactions."""
        return tuple(row for row in self.rows if row.tx_hash in transactions)


def rows_of(table: pa.Table) -> tuple[Row, ...]:
    """The rows of a table of transfers, in its order; those of kind ``opening`` are left out, they move nothing."""
    columns = {name: table.column(name).to_pylist() for name in Row._fields}
    columns["amount"] = [from_bytes(raw) for raw in columns["amount"]]
    rows = (Row(*cells) for cells in zip(*columns.values(), strict=True))
    return tuple(row for row in rows if row.kind != "opening")


def difference(truth: Iterable[Row], found: Iterable[Row]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """What is missing from ``found``, and what is there too much: equal rows count as often as they stand there."""
    true, seen = Counter(truth), Counter(found)
    return tuple((true - seen).elements()), tuple((seen - true).elements())


def settled(opening: Mapping[Pot, int], rows: Iterable[Row], liars: Collection[str] = ()) -> dict[Pot, int]:
    """What everybody holds after ``rows``: what they held before, and what came in, less what went out and fees."""
    held = Counter(opening)
    for row in rows:
        if row.asset in liars:
            continue
        if row.receiver is not None:
            held[Pot(row.receiver, row.asset)] += row.amount
        if row.sender is not None:
            held[Pot(row.sender, row.asset)] -= row.amount
    return dict(held)
