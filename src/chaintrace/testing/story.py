"""Story: what scenarios of every chain share: names, a clock, transactions, and what can be asked of them."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from chaintrace.errors import ChainError
from chaintrace.fetch.rows import FEE_SEQ
from chaintrace.graph.graph import TransferGraph
from chaintrace.labels.account import canonical
from chaintrace.labels.category import checked, is_a
from chaintrace.labels.label import Label
from chaintrace.model.amount import to_bytes
from chaintrace.model.chain import CHAINS, Chain, get_chain
from chaintrace.model.moment import parse_moment
from chaintrace.model.token import Token, show
from chaintrace.model.transfer import SCHEMA, Transfers
from chaintrace.report.escape import cell
from chaintrace.testing.amounts import Amount
from chaintrace.testing.impossible import ScenarioError
from chaintrace.testing.naming import address_of, hash_of

if TYPE_CHECKING:
    from chaintrace.heuristics.findings import Findings
    from chaintrace.taint.result import Trace

START = "2022-06-21T00:00:00Z"
STOPS = ("mixer", "exchange", "bridge")
Span = int | str | timedelta
"""Seconds, or ``"90s"``, ``"2h"``, ``"1d 12h"``."""

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"\s*(\d+)\s*([smhdw])")


class Moved(NamedTuple):
    """One row: accounts and the asset in full."""

    kind: str
    sender: str | None
    receiver: str | None
    asset: str
    amount: int
    outpoint: str | None = None


class Act(NamedTuple):
    """One transaction. ``payer``: the account that sent it; ``words``: what it does."""

    words: str
    tx_hash: str
    block: int
    tx_index: int
    rows: tuple[Moved, ...]
    payer: str
    name: str = ""


class Opening(NamedTuple):
    """What an account had before the first block."""

    account: str
    asset: str
    amount: int
    outpoint: str | None = None


class Story(ABC):
    """What ``Scenario`` and ``UtxoScenario`` share. Every word gives a new one and leaves the old as it was, so that
    what should be flagged and what should not can have the same beginning.

    ``chain``  a chain; ``start`` the time of its first block here.
    """

    families: ClassVar[tuple[str, ...]] = ()
    slot: ClassVar[int] = 0
    first: ClassVar[int] = 0

    def __init__(self, chain: str | Chain, start: str = START) -> None:
        self.chain = get_chain(chain)
        if self.chain.family not in self.families:
            raise ChainError(self.chain.name, tuple(one.name for one in CHAINS if one.family in self.families))
        self.start, is_block = parse_moment(start)
        if is_block:
            raise ScenarioError(f"start {start!r}", "is a block", f"give a time, such as {START}")
        self._clock = 0
        self._waiting: int | None = None
        self._acts: tuple[Act, ...] = ()
        self._names: Mapping[str, str] = {}
        self._labels: tuple[Label, ...] = ()
        self._tokens: Mapping[str, Token] = {self.chain.native: Token(self.chain.symbol, self.chain.decimals)}

    # ---- words

    def at(self, name: str, address: str) -> Self:
        """``name`` lives at a real address. AddressError if it is none; ScenarioError if the name lives elsewhere, or
        another lives there."""
        must_name(name)
        account = canonical(address, self.chain.id)
        if self._names.get(name, account) != account:
            raise ScenarioError(f"{name!r} at {address}", f"it lives at {self._names[name]}", "say it before it acts")
        if (there := self.names.get(account, name)) != name:
            raise ScenarioError(f"{name!r} at {address}", f"{there!r} lives there", "use one name for one account")
        return self._but(_names={**self._names, name: account})

    def labelled(self, name: str, category: str, /, **more: Any) -> Self:
        """Somebody says that ``name`` is of a category of docs/methods/categories.md; ``more`` as in ``Label``, such as
        ``since`` and ``until``. MethodError for a category that is none."""
        told = {"name": name, "source": "scenario"} | more
        label = Label(self.address(name), checked(category), **told)
        return self._knowing(name)._but(_labels=(*self._labels, label))

    def waits(self, span: Span) -> Self:
        """The next transaction is so much later."""
        return self._but(_waiting=(self._waiting or 0) + seconds(span))

    # ---- what it made

    def address(self, name: str) -> str:
        """The account that a name is. ScenarioError for what is no name."""
        must_name(name)
        return self._names.get(name) or address_of(name, self.chain)

    @property
    def names(self) -> dict[str, str]:
        """Names by account, of everybody who has acted or was named."""
        return {account: name for name, account in reversed(list(self._names.items()))}

    @property
    def hashes(self) -> tuple[str, ...]:
        """Of the transactions, in their order."""
        return tuple(act.tx_hash for act in self._acts)

    def tx(self, which: str | int) -> str:
        """The hash of a transaction: by the name that ``tx=`` gave it, or by its number, from 0; -1 is the last."""
        found = {act.name: act.tx_hash for act in self._acts if act.name}
        if isinstance(which, str) and which in found:
            return found[which]
        if isinstance(which, int) and -len(self._acts) <= which < len(self._acts):
            return self._acts[which].tx_hash
        known = ", ".join(found) or f"none has a name; there are {len(self._acts)}"
        raise ScenarioError(f"transaction {which!r}", "is none of this scenario", known)

    @property
    def labels(self) -> tuple[Label, ...]:
        return self._labels

    @cached_property
    def transfers(self) -> Transfers:
        """The one table: openings first, then every row in its place."""
        import pyarrow as pa

        rows = [*self._openings_told(), *(row for act in self._acts for row in self._told_rows(act))]
        columns = []
        for one in SCHEMA:
            cells = [row.get(one.name) for row in rows]
            columns.append(pa.array(cells, pa.int64() if one.name == "time" else one.type).cast(one.type))
        return Transfers(pa.table(columns, schema=SCHEMA), format="scenario")

    @cached_property
    def graph(self) -> TransferGraph:
        return TransferGraph(self.transfers)

    def trace(self, seeds: Any, **options: Any) -> Trace:
        """``ct.trace`` over this scenario. A name as a seed is everything that this account has and gets; whoever is
        labelled a mixer, an exchange or a bridge is a stop unless ``stop_at`` says otherwise."""
        from chaintrace.taint.seeds import address
        from chaintrace.taint.trace import trace

        many = seeds if isinstance(seeds, list | tuple) else [seeds]
        asked = [address(self.address(one)) if isinstance(one, str) else one for one in many]
        stops = [one for one in self.labels if any(is_a(one.category, stop) for stop in STOPS)]
        return trace(self.graph, asked, **({"stop_at": stops} | options))

    def findings(self, **options: Any) -> Findings:
        """``ct.findings`` over this scenario and its labels."""
        from chaintrace.heuristics.findings import findings

        return findings(self.transfers, **({"labels": self.labels} | options))

    @property
    def told(self) -> tuple[str, ...]:
        """The scenario in sentences. Names of strangers in them are harmless to a terminal."""
        names = self.names
        lines = [
            f"{names.get(one.account, one.account)} has {show(one.amount, one.asset, self._tokens)}"
            for one in self._openings()
        ]
        lines += [f"{one.name} is labelled {one.category}" for one in self._labels]
        for n, act in enumerate(self._acts):
            when = datetime.fromtimestamp(self._time(act.block), UTC)
            lines.append(f"{n}. {when:%Y-%m-%d %H:%M:%S} {act.words}" + (f" ({act.name})" if act.name else ""))
        return tuple(map(cell, lines))

    def __len__(self) -> int:
        """Transactions."""
        return len(self._acts)

    def __str__(self) -> str:
        return "\n".join(self.told)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {len(self)} transactions of {len(self._names)} accounts on {self.chain.name}>"

    # ---- how words are made

    @abstractmethod
    def _openings(self) -> Iterable[Opening]:
        """What everybody had before."""

    def _but(self, **changes: Any) -> Self:
        made = copy(self)
        made.__dict__.pop("transfers", None)
        made.__dict__.pop("graph", None)
        made.__dict__.update(changes)
        return made

    def _knowing(self, *names: str | None) -> Self:
        return self._but(_names={**self._names, **{name: self.address(name) for name in names if name is not None}})

    def _must_serve(self, name: str) -> None:
        account = self.address(name)
        if not any(one.address == account and is_a(one.category, "service") for one in self._labels):
            raise ScenarioError(f"{name!r}", "is no service here", f"say before: .labelled({name!r}, 'exchange')")

    def _shown(self, amount: int) -> str:
        return amount.written if isinstance(amount, Amount) else show(whole(amount), self.chain.native, self._tokens)

    def _acting(self, words: str, payer: str, rows: Iterable[Moved], after: Span | None, tx: str) -> Self:
        """With one more transaction: in the next block, or ``after`` the one before; after 0 seconds, in its block."""
        if tx and any(act.name == tx for act in self._acts):
            raise ScenarioError(f"transaction {tx!r}", "is there already", "name each once")
        clock = self._clock + (self._waiting or 0) + self._gap(after)
        block = self.first + clock // self.slot
        place = self._acts[-1].tx_index + 1 if self._acts and self._acts[-1].block == block else 0
        act = Act(words, self._next_hash, block, place, tuple(rows), payer, tx)
        return self._but(_acts=(*self._acts, act), _clock=clock, _waiting=None)

    def _gap(self, after: Span | None) -> int:
        if after is not None:
            return seconds(after)
        return self.slot if self._acts and self._waiting is None else 0

    @property
    def _next_hash(self) -> str:
        return hash_of(self.chain, "transaction", len(self._acts))

    def _time(self, block: int) -> int:
        return self.start + (block - self.first) * self.slot

    def _openings_told(self) -> Iterable[dict[str, Any]]:
        for one in self._openings():
            coin = one.outpoint or f"{one.account}:{one.asset}"
            yield {
                "chain": self.chain.id,
                "block": self.first - 1,
                "tx_hash": f"opening:{coin}",
                "seq": 0,
                "order": "known",
                "kind": "opening",
                "receiver": one.account,
                "asset": one.asset,
                "amount": to_bytes(one.amount),
                "outpoint": one.outpoint,
                "evidence": "scenario",
            }

    def _told_rows(self, act: Act) -> Iterable[dict[str, Any]]:
        for seq, moved in enumerate(act.rows):
            last = moved.kind == "fee" and self.chain.family != "utxo"
            told = moved._asdict() | {"amount": to_bytes(moved.amount), "seq": FEE_SEQ if last else seq}
            yield told | {
                "chain": self.chain.id,
                "block": act.block,
                "block_hash": hash_of(self.chain, "block", act.block),
                "time": self._time(act.block),
                "tx_hash": act.tx_hash,
                "tx_index": act.tx_index,
                "order": "known",
                "evidence": "scenario",
            }


def seconds(span: Span) -> int:
    """Whole seconds of a span. ScenarioError for what is none, or is negative."""
    if isinstance(span, timedelta) and span >= timedelta():
        return span // timedelta(seconds=1)
    if isinstance(span, int) and not isinstance(span, bool) and span >= 0:
        return span
    if isinstance(span, str) and span.strip() and not _SPAN.sub("", span).strip():
        return sum(int(number) * _UNITS[unit] for number, unit in _SPAN.findall(span))
    raise ScenarioError(f"a span of {span!r}", "is none", "write seconds, or '90s', '2h', '1d 12h'")


def must_name(name: object) -> None:
    """ScenarioError for what is no name."""
    if not isinstance(name, str) or not name:
        raise ScenarioError(f"the name {name!r}", "is none", "give a text with something in it")


def whole(amount: int) -> int:
    """A plain int of an amount. AmountError for what is none."""
    to_bytes(amount)
    return int(amount)
