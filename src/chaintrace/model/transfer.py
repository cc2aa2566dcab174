"""The one table: every movement of value is a row of ``SCHEMA``, whoever brought it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from chaintrace.model.amount import from_bytes

if TYPE_CHECKING:
    import pandas as pd

KINDS = (
    "native",
    "internal",
    "token",
    "fee",
    "mint",
    "burn",
    "reward",
    "withdrawal",
    "opening",
    "input",
    "output",
)
NO_SENDER = frozenset({"mint", "reward", "withdrawal", "opening"})
NO_RECEIVER = frozenset({"burn", "fee"})

SCHEMA = pa.schema(
    [
        pa.field("chain", pa.string(), nullable=False),
        pa.field("block", pa.int64()),
        pa.field("block_hash", pa.string()),
        pa.field("time", pa.timestamp("s", tz="UTC")),
        pa.field("tx_hash", pa.string(), nullable=False),
        pa.field("tx_index", pa.int64()),
        pa.field("seq", pa.int64(), nullable=False),
        pa.field("order", pa.string(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("sender", pa.string()),
        pa.field("receiver", pa.string()),
        pa.field("asset", pa.string(), nullable=False),
        pa.field("amount", pa.binary(32), nullable=False),
        pa.field("outpoint", pa.string()),
        pa.field("evidence", pa.string()),
    ]
)

EXAMPLES_PER_REASON = 5


@dataclass(frozen=True, slots=True)
class Rejection:
    """One row that was left out: where it stood (rows count from 0), which field, its text, and why."""

    source: str
    row: int
    reason: str
    field: str
    value: str


@dataclass(frozen=True)
class Rejected:
    """Rows left out while reading: ``counts`` by reason, the first ``examples`` of each, ``accounts`` they named."""

    counts: Mapping[str, int] = field(default_factory=dict)
    examples: Sequence[Rejection] = ()
    accounts: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return sum(self.counts.values())

    @classmethod
    def of(cls, rejections: Iterable[Rejection], accounts: Iterable[str] = ()) -> Rejected:
        counts: Counter[str] = Counter()
        examples = []
        for rejection in rejections:
            counts[rejection.reason] += 1
            if counts[rejection.reason] <= EXAMPLES_PER_REASON:
                examples.append(rejection)
        return cls(dict(sorted(counts.items())), tuple(examples), frozenset(accounts))

    def __add__(self, other: Rejected) -> Rejected:
        counts = Counter(self.counts) + Counter(other.counts)
        kept: Counter[str] = Counter()
        examples = []
        for rejection in (*self.examples, *other.examples):
            kept[rejection.reason] += 1
            if kept[rejection.reason] <= EXAMPLES_PER_REASON:
                examples.append(rejection)
        return Rejected(dict(sorted(counts.items())), tuple(examples), self.accounts | other.accounts)


@dataclass(frozen=True, repr=False)
class Transfers:
    """Rows of ``SCHEMA`` in the order they were read, with what was left out and what the source cannot say.

    ``table``     a pyarrow Table of exactly ``SCHEMA``.
    ``rejected``  rows that could not be read, counted by reason.
    ``notes``     sentences about what the source does not contain (fees, status …).
    ``format``    the recognised format, such as ``"ethereum-etl transactions"``.

    A large source is read only when one of these, or the length, is asked for; a graph of it never builds the table.
    """

    table: pa.Table
    rejected: Rejected = field(default_factory=Rejected)
    notes: tuple[str, ...] = ()
    format: str = "chaintrace"

    def __len__(self) -> int:
        return int(self.table.num_rows)

    def __repr__(self) -> str:
        out = f"; {len(self.rejected):,} rejected" if len(self.rejected) else ""
        return f"<Transfers: {len(self):,} rows from {self.format}{out}>"

    def _repr_html_(self) -> str:
        frame = self.to_pandas().head(20)
        reasons = "".join(f"<li>{count:,} rejected: {reason}</li>" for reason, count in self.rejected.counts.items())
        return f"<p>{len(self):,} transfers</p><ul>{reasons}</ul>{frame.to_html()}"

    def to_pandas(self) -> pd.DataFrame:
        """The table as pandas; ``amount`` is a column of Python ints in base units, absent blocks are ``<NA>``."""
        import pandas as pd

        nullable = {pa.int64(): pd.Int64Dtype()}
        frame: pd.DataFrame = self.table.drop_columns(["amount"]).to_pandas(types_mapper=nullable.get)
        frame.insert(list(SCHEMA.names).index("amount"), "amount", amounts(self.table))
        return frame


class Later(Protocol):
    """Transfers that have not been read yet: ``rows`` of the source called ``name``, bad ones included."""

    @property
    def name(self) -> str: ...

    @property
    def rows(self) -> int: ...

    def load(self) -> Transfers: ...


class Unread(Transfers):
    """Transfers that are read when they are first looked at; whatever stands against them is raised then."""

    def __init__(self, later: Later) -> None:
        object.__setattr__(self, "later", later)

    later: Later

    @property
    def is_read(self) -> bool:
        return "_read" in self.__dict__

    @cached_property
    def _read(self) -> Transfers:
        return self.later.load()

    @property
    def table(self) -> pa.Table:
        return self._read.table

    @property
    def rejected(self) -> Rejected:
        return self._read.rejected

    @property
    def notes(self) -> tuple[str, ...]:
        return self._read.notes

    @property
    def format(self) -> str:
        return self._read.format

    def __repr__(self) -> str:
        if self.is_read:
            return repr(self._read)
        return f"<Transfers: {self.later.rows:,} rows of {self.later.name}, not yet read>"

    def _repr_html_(self) -> str:
        return super()._repr_html_() if self.is_read else f"<p>{escape(repr(self))}</p>"

    def __eq__(self, other: object) -> bool:
        return self._read == (other._read if isinstance(other, Unread) else other)

    __hash__ = Transfers.__hash__

    def __reduce__(self) -> tuple[Any, ...]:
        return Transfers, (self.table, self.rejected, self.notes, self.format)


def amounts(table: pa.Table) -> pd.Series:
    """The amount column as a pandas Series of Python ints (dtype object)."""
    import pandas as pd

    return pd.Series([from_bytes(raw) for raw in table.column("amount").to_pylist()], dtype=object, name="amount")
