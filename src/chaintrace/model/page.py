"""Page: one question to a provider, what it answered byte for byte, and what that says.

A fetcher makes pages, a store keeps them, and whoever has a page can decode its evidence again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any, Protocol

import pyarrow as pa

from chaintrace.model.amount import from_bytes
from chaintrace.model.transfer import SCHEMA, Rejected


@dataclass(frozen=True, slots=True)
class Question:
    """*All transfers that touch these accounts between these blocks*, put to one provider.

    ``door``          the kind of fetcher that asks and whose decoder reads the answer: ``rpc``, ``etherscan`` …
    ``provider``      its name, without secrets: ``rpc 127.0.0.1:8545``.
    ``chain``         CAIP-2.
    ``accounts``      canonical addresses, in the order in which they are wanted.
    ``transactions``  hashes of transactions that are wanted whole, whomever they touch.
    ``first, last``   blocks, both included; ``last_hash`` is the hash that block ``last`` has to have.
    ``final``         the last block that cannot change any more; what is later is young, and asked for by hash.
    ``since``         the block before which balances stand as ``opening`` rows.
    ``way``           how transfers inside transactions are found (a word of the door's).
    ``wrappers``      contracts whose deposits and withdrawals are mints and burns of a wrapped coin.
    ``tokens``        contracts of which earlier pages brought transfers, so that balances are asked for again.
    """

    door: str
    provider: str
    chain: str
    accounts: tuple[str, ...]
    transactions: tuple[str, ...]
    first: int
    last: int
    last_hash: str
    final: int
    since: int
    way: str
    wrappers: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """SHA-256 of the question, in hexadecimal: equal questions are one page."""
        return _digest(self.to_json())

    def to_json(self) -> str:
        return _canonical(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Question:
        fields: Any = {k: tuple(v) if isinstance(v, list) else v for k, v in json.loads(text).items()}
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Asked:
    """One call and where its answer is kept: ``call`` in canonical words without secrets, ``body`` the SHA-256 of the
    response that holds the answer, ``place`` which answer in it (0 where there is one). ``lasting``: the answer can
    never change, so that nobody need ask again."""

    call: str
    body: str
    place: int = 0
    lasting: bool = False


@dataclass(frozen=True, slots=True)
class Body:
    """A response as it came. ``asked_at``: when, in unix seconds; no figure depends on it."""

    data: bytes
    asked_at: int

    @property
    def sha256(self) -> str:
        return sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True, order=True)
class Covered:
    """The transfers of these ``kinds`` that touch ``account`` in blocks ``first`` to ``last`` are all there."""

    account: str
    kinds: tuple[str, ...]
    first: int
    last: int


@dataclass(frozen=True, slots=True, order=True)
class Missing:
    """Transfers of ``kind`` that the provider cannot show for ``account``, and why."""

    account: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True, order=True)
class Balance:
    """What the chain itself says that ``account`` held at the end of ``block``, in base units; None with a ``reason``
    where it gave no number."""

    account: str
    asset: str
    block: int
    amount: int | None
    reason: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Metadata:
    """What a contract says of itself: untrusted text, no part of any identity. ``decimals`` None: it says none."""

    asset: str
    symbol: str
    decimals: int | None


@dataclass(frozen=True)
class Answer:
    """What a page's evidence says.

    ``rows``      a pyarrow Table of exactly ``SCHEMA``, in position order; each row's ``evidence`` is
                  ``<body>#<place>`` and may go on.
    ``covered``   for which accounts, kinds and blocks that is complete; ``missing`` what the provider cannot show.
    ``balances``  what the chain says, to compare with.
    ``hashes``    block number to block hash, of every block that a row stands in, and of the last.
    ``rejected``  what looked like a transfer and could not be read as one.
    """

    rows: pa.Table
    covered: tuple[Covered, ...] = ()
    missing: tuple[Missing, ...] = ()
    balances: tuple[Balance, ...] = ()
    metadata: tuple[Metadata, ...] = ()
    hashes: Mapping[int, str] = field(default_factory=dict)
    rejected: Rejected = field(default_factory=Rejected)
    notes: tuple[str, ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 over everything the answer says, whatever wrote it down."""
        rest = [
            [asdict(one) for one in self.covered],
            [asdict(one) for one in self.missing],
            [asdict(one) for one in self.balances],
            [asdict(one) for one in self.metadata],
            sorted(self.hashes.items()),
            asdict(self.rejected) | {"accounts": sorted(self.rejected.accounts)},
            self.notes,
        ]
        state = sha256(_canonical(rest).encode())
        for line in row_lines(self.rows):
            state.update(line.encode() + b"\n")
        return state.hexdigest()


@dataclass(frozen=True)
class Page:
    """A question, the calls that answered it in order, the bodies among them that are new, and the answer."""

    question: Question
    asked: tuple[Asked, ...]
    bodies: Mapping[str, Body]
    answer: Answer


class Archive(Protocol):
    """Answers that were kept."""

    def find(self, provider: str, call: str) -> Asked | None:
        """Where the lasting answer of a provider to a call is."""

    def body(self, digest: str) -> bytes:
        """The response with this SHA-256."""


class Nothing:
    """An archive that keeps nothing."""

    def find(self, provider: str, call: str) -> Asked | None:
        return None

    def body(self, digest: str) -> bytes:
        raise KeyError(digest)


def row_lines(table: pa.Table) -> Iterable[str]:
    """Each row as one line of JSON, columns in the order of ``SCHEMA``, amounts as decimal text, times in unix
    seconds."""
    columns = [_cells(table, name) for name in SCHEMA.names]
    return (_canonical(cells) for cells in zip(*columns, strict=True))


def _cells(table: pa.Table, name: str) -> Sequence[Any]:
    column = table.column(name)
    if name == "amount":
        return [str(from_bytes(raw)) for raw in column.to_pylist()]
    if name == "time":
        return list(column.cast(pa.int64()).to_pylist())
    return list(column.to_pylist())


def _canonical(told: Any) -> str:
    return json.dumps(told, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
