"""The Trace: what following the seeds gave, and every table that can be asked of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chaintrace.errors import ConservationError, MethodError
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.names import accounts_named
from chaintrace.graph.pots import Pot
from chaintrace.model.asset import chain_of
from chaintrace.model.token import NATIVES, Token, show
from chaintrace.taint.question import (
    EXIT,
    HELD,
    LINKED_IN,
    NOT_FETCHED,
    SEEDED,
    TOUCHED,
    Outcome,
    Question,
)
from chaintrace.taint.reference import METHODS

if TYPE_CHECKING:
    import networkx as nx
    import pandas as pd

SCHEMA_VERSION = 1
_NO_LINES = (SEEDED, LINKED_IN)


class Trace:
    """Where every seeded unit is. All amounts are Python ints in base units; tables are pandas, sorted as described.

    ``seeded``, ``linked_in``  {asset: amount}: what the ledger sums to.
    ``ledger``      asset, bucket, category, amount.
    ``notes``       sentences: what the source cannot say, seeds yet to come at ``until``, stops that stop nothing.
    ``tokens``      how assets are shown in reprs; says nothing about identity.
    ``method``, ``direction``, ``kernel``, ``seeds``, ``links``  how it was made.
    Construction checks that each asset's ledger sums to seeded + linked_in and raises ConservationError otherwise;
    poison is reach, not accounting, and claims no sum.
    """

    def __init__(
        self,
        graph: TransferGraph,
        question: Question,
        outcome: Outcome,
        method: str,
        direction: str,
        kernel: str,
        seeds: tuple[str, ...],
        notes: tuple[str, ...] = (),
    ) -> None:
        self.graph = graph
        self.question = question
        self.outcome = outcome
        self.method, self.direction, self.kernel, self.seeds = method, direction, kernel, seeds
        self.notes = (*graph.notes, *notes)
        self.tokens: Mapping[str, Token] = NATIVES
        self.links = tuple(conversion.link for conversion in question.book.conversions)
        self._sums = outcome.sums(question.book)
        self.seeded = self._by_asset(SEEDED)
        self.linked_in = self._by_asset(LINKED_IN)
        if METHODS[method].accounts:
            self._check()

    def _by_asset(self, bucket: str) -> dict[str, int]:
        return {asset: amount for (asset, found, _), amount in sorted(self._sums.items()) if found == bucket}

    def _check(self) -> None:
        expected = _sums((*self.seeded.items(), *self.linked_in.items()))
        found = _sums((asset, amount) for (asset, bucket, _), amount in self._sums.items() if bucket not in _NO_LINES)
        for asset in sorted({*expected, *found}):
            if expected.get(asset, 0) != found.get(asset, 0):
                raise ConservationError(asset, expected.get(asset, 0), found.get(asset, 0))

    @cached_property
    def ledger(self) -> pd.DataFrame:
        """asset, bucket, category, amount: one line a bucket and category, by asset, the largest first.

        Sums to ``seeded`` + ``linked_in``. For poison: the lines ``seeded`` and ``touched`` (the transfers that carry
        poison, whole), of which no sum is claimed.
        """
        if METHODS[self.method].accounts:
            sums = {key: amount for key, amount in self._sums.items() if key[1] not in _NO_LINES}
        else:
            sums = {(asset, SEEDED, ""): amount for asset, amount in self.seeded.items()}
            sums |= {(asset, TOUCHED, ""): amount for asset, amount in self.outcome.moved(self.question.book).items()}
        lines = [(*key, amount) for key, amount in sums.items()]
        lines.sort(key=lambda line: (line[0], line[1] != SEEDED, -line[3], line[1:3]))
        return _frame(lines, ["asset", "bucket", "category", "amount"])

    def flows(self, by_seed: bool = False) -> pd.DataFrame:
        """Every transfer that carries tainted units, in position order: ``row`` (its number in the graph, -1 for an
        asserted leg of a link), the table's columns, ``tainted`` (base units) and ``hops`` (the fewest).

        ``by_seed`` gives one line a transfer and seed, with ``seed`` (its number in ``seeds``).
        """
        from chaintrace.taint.tables import flows

        return flows(self, self._shared(by_seed))

    def ends(self, by_seed: bool = False) -> pd.DataFrame:
        """Where the money is, by account: bucket, category, address, asset, outpoint, amount, transfers (that brought
        it to a stop, or on which a limit cut it), the largest first within each asset."""
        seeds = self._shared(by_seed)
        sums: dict[tuple[Any, ...], list[int]] = {}
        for rest in self.outcome.rests:
            sums.setdefault(self._end_key(rest, seeds), [0, 0])[0] += rest.amount
        rows = {(self._end_key(rest, seeds), rest.row) for rest in self.outcome.rests if rest.row >= 0}
        for key, _ in rows:
            sums[key][1] += 1
        columns = [
            *(["seed"] if seeds else []),
            "bucket",
            "category",
            "address",
            "asset",
            "outpoint",
            "amount",
            "transfers",
        ]
        lines = [(*key, *entry) for key, entry in sums.items()]
        lines.sort(key=lambda line: (line[-4], -line[-2], *(str(field) for field in line[:-4])))
        return _frame(lines, columns)

    def holdings(self, by_seed: bool = False) -> pd.DataFrame:
        """What accounts still have: address, asset, bucket (``held``; ``not_fetched`` where the account's history is
        not in the graph, so that it may have moved on), outpoint (UTXO chains), amount. For poison the balances of
        the accounts reached, bucket ``touched``."""
        ends = self.ends(by_seed)
        kept = ends[ends["bucket"].isin([HELD, NOT_FETCHED, TOUCHED]) & (ends["transfers"] == 0)]
        return kept[[*_seed_column(kept), "address", "asset", "bucket", "outpoint", "amount"]].reset_index(drop=True)

    def exits(self, by_seed: bool = False) -> pd.DataFrame:
        """What reached stops (backwards: came from them): category, address, asset, amount, transfers."""
        ends = self.ends(by_seed)
        kept = ends[ends["bucket"] == EXIT]
        return kept[[*_seed_column(kept), "category", "address", "asset", "amount", "transfers"]].reset_index(drop=True)

    def paths(self, to: str | None = None) -> pd.DataFrame:
        """The very transactions that each part travelled, as lots: one line a lot and hop, oldest first.

        Columns: ``lot``, ``seed``, ``hop``, ``row``, ``tainted`` (the lot's units on that row), then the table's.
        ``to`` keeps the lots that reach one account (backwards: come from it), up to there. FIFO and LIFO only: the
        other methods mix units, so that no unit has a road of its own (MethodError).
        """
        if not METHODS[self.method].lots:
            raise MethodError(
                "paths()", f"{self.method} mixes units, so no unit has a road of its own", "trace with method='fifo'"
            )
        from chaintrace.taint.paths import paths

        return paths(self, None if to is None else self._account(to))

    def assumptions(self) -> pd.DataFrame:
        """What the answer leans on: assumption, asset, count, amount, leaning, exact, note.

        ``leaning`` is how much of the answer (base units) passed through what is assumed; where the method mixes
        units it is an upper bound and ``exact`` is False.
        """
        from chaintrace.taint.assumptions import assumptions

        return assumptions(self)

    def to_pandas(self) -> pd.DataFrame:
        """The same as ``flows()``."""
        return self.flows()

    def to_networkx(self) -> nx.MultiDiGraph[str]:
        """The flows as a MultiDiGraph: accounts as nodes, transfers as edges with ``amount`` and ``tainted``."""
        from chaintrace.graph.network import edges_to_networkx

        return edges_to_networkx(self.flows())

    def to_dict(self, case: str = "") -> dict[str, Any]:
        """Plain values; amounts are decimal texts, so that no reader rounds them."""
        from chaintrace.taint.tables import records

        rejected = self.graph.rejected
        return {
            "schema_version": SCHEMA_VERSION,
            "case": case,
            "method": self.method,
            "direction": self.direction,
            "kernel": self.kernel,
            "seeds": list(self.seeds),
            "links": [link.id for link in self.links],
            "seeded": {asset: str(amount) for asset, amount in self.seeded.items()},
            "linked_in": {asset: str(amount) for asset, amount in self.linked_in.items()},
            "ledger": records(self.ledger),
            "ends": records(self.ends()),
            "assumptions": records(self.assumptions()),
            "rejected": {
                "rows": len(rejected),
                "by_reason": dict(rejected.counts),
                "examples": [asdict(example) for example in rejected.examples],
            },
            "notes": list(self.notes),
        }

    def to_json(self, case: str = "") -> str:
        """``to_dict`` as JSON text."""
        return json.dumps(self.to_dict(case), indent=2, ensure_ascii=False)

    def __repr__(self) -> str:
        seeded = " and ".join(show(amount, asset, self.tokens) for asset, amount in self.seeded.items()) or "nothing"
        return f"<Trace: {self.method} {self.direction}, seeded {seeded}; {len(self.outcome.moves):,} moves>"

    def _repr_html_(self) -> str:
        from html import escape

        lines = self.ledger
        amounts = zip(lines["amount"], lines["asset"], strict=True)
        shown = lines.assign(amount=[show(amount, asset, self.tokens) for amount, asset in amounts])
        return f"<p>{escape(repr(self))}</p>{shown.to_html(index=False)}"

    def _account(self, text: str) -> str:
        """The account that ``text`` names, one that only a leg of a link names included."""
        pots = self.question.book.pots
        chains = sorted({chain_of(asset) for asset in pots.asset_numbers[0]})
        found = [name for name in accounts_named(text, chains) if pots.of(name)]
        return found[0] if found else self.graph.account(text)

    def _pot(self, number: int) -> Pot:
        return self.question.book.pots[number]

    def _end_key(self, rest: Any, seeds: bool) -> tuple[Any, ...]:
        pot = self._pot(rest.pot)
        return (*((rest.seed,) if seeds else ()), rest.bucket, rest.category, pot.address, pot.asset, pot.outpoint)

    def _shared(self, by_seed: bool) -> bool:
        if by_seed and not METHODS[self.method].accounts:
            raise MethodError("by_seed=True", f"{self.method} is a set and has no shares", "trace each seed on its own")
        return by_seed


def _sums(pairs: Iterable[tuple[Any, int]]) -> dict[Any, int]:
    sums: dict[Any, int] = {}
    for key, amount in pairs:
        sums[key] = sums.get(key, 0) + amount
    return dict(sorted(sums.items()))


def _frame(lines: list[tuple[Any, ...]], columns: list[str]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(lines, columns=columns, dtype=object)


def _seed_column(frame: pd.DataFrame) -> list[str]:
    return ["seed"] if "seed" in frame.columns else []
