"""Exposing: the exposure of many accounts of one graph, which share its book, its lines and the labelled accounts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from chaintrace.errors import MethodError
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.link import Link
from chaintrace.graph.names import accounts_named
from chaintrace.graph.pots import PASSING
from chaintrace.labels.book import LabelBook
from chaintrace.labels.category import is_a
from chaintrace.labels.known import GRAVE, UNDATED, Known, Said
from chaintrace.labels.span import seconds
from chaintrace.model.asset import parse_asset
from chaintrace.model.chain import CHAINS
from chaintrace.model.moment import Moment
from chaintrace.taint.book import open_book
from chaintrace.taint.coverage import Coverage, unfetched
from chaintrace.taint.ends import CODES, Ends, ends_of
from chaintrace.taint.exposure import DUST, KEPT, METHODS, RECEIVED, SENT, Exposure, Line, Party
from chaintrace.taint.kernel import answer
from chaintrace.taint.question import (
    BELOW,
    BUCKETS,
    EXIT,
    HELD,
    LINKED_IN,
    NOT_FETCHED,
    UNEXPLAINED,
    Arrivals,
    Question,
    SeedSpan,
    SharedStops,
)
from chaintrace.taint.reference import METHODS as KNOWN_METHODS

DUSTS: Mapping[str, int] = {
    chain.native: 2730 if chain.family == "utxo" else 10**14 for chain in CHAINS if chain.family in ("utxo", "evm")
}
"""2,730 satoshi, the largest output that detectors of CoinJoins pass over as dust (BlockSci), and 0.0001 of an
Ethereum-like coin, below which a transfer funds nothing (BTFI's rule for gas). Other assets have none by default."""

LEAST = 1
POSSIBLE = tuple(name for name, method in KNOWN_METHODS.items() if method.backward and method.accounts)
NOTHING_SAID = Said()
Behind = str | tuple[str, str]
_NO_TIME = np.iinfo(np.int64).min


class _Asked(NamedTuple):
    """An account, ready to be asked about: its pots, and those of its party (its own among them)."""

    account: str
    pots: frozenset[int]
    party: frozenset[int]
    own: tuple[str, ...]


class Exposer:
    """Asks for the exposure of accounts of ``graph``, by what ``book`` says, as of ``at``.

    ``at``        a time or date; None: now, and all rows of the graph.
    ``links``, ``coverage``  as in ``trace``.
    ``dust``      per asset, base units: replaces the defaults.
    ``least``     pieces below so many millionths of the funds are not followed; 0 follows everything.
    MethodError for an option that is none; AssetError.
    """

    def __init__(
        self,
        graph: TransferGraph,
        book: LabelBook,
        *,
        at: Moment | None = None,
        links: Sequence[Link] = (),
        coverage: Coverage | None = None,
        methods: Sequence[str] = METHODS,
        dust: Mapping[str, int] | None = None,
        least: int = LEAST,
        now: int | None = None,
    ) -> None:
        from time import time

        _check(methods, dust or {}, least)
        self.graph, self.methods, self.least = graph, tuple(methods), least
        self.at = seconds(at) if at is not None else int(time()) if now is None else now
        self.dust = {**DUSTS, **{parse_asset(asset): units for asset, units in (dust or {}).items()}}
        self.known = Known(book, self.at)
        self.book = open_book(graph, links, "arrival", at)
        end = len(graph) if at is None or not len(graph) else graph.row_after(at)
        self.until = self.book.limit(end)
        self.unfetched = None if coverage is None else unfetched(self.book.pots, coverage)
        self.clock = _clock(graph, self.book.graph_row)
        self.stops: dict[int, str] = {}
        self._parties: dict[tuple[str, str], list[str]] = {}
        for account in book.addresses():
            pots = self._pots(account)
            if pots and (self.known.labels(account) or self.known.withdrawn(account)):
                self.stops |= dict.fromkeys(pots, account)
                for party in self.known.parties(account):
                    self._parties.setdefault(party, []).append(account)
        self.dated = np.zeros(len(self.book.pots), dtype=bool)
        self.dated[[pot for pot, account in self.stops.items() if self.known.eras(account)]] = True
        self._windows = SharedStops({pot: [(0, len(self.book), EXIT)] for pot in self.stops})

    def of(self, address: str, *, chain: str = "", parties: bool = False) -> Exposure:
        """The exposure of one address. ``chain`` (CAIP-2): of its funds on that chain alone, by default on all.
        ``parties``: with every labelled account at the other end. AddressError for what is an address on no chain of
        the graph, or not on ``chain``."""
        chains = [chain] if chain else self.graph.chains or [CHAINS[0].id]
        accounts = [one for one in accounts_named(address, chains) if self._pots(one, chain)]
        name = accounts[0] if accounts else address
        if not accounts:
            return Exposure(name, self.at, (), None, {}, self.least)
        asked = self._asked(accounts, chain)
        lines: list[Line] = []
        met: list[Party] = []
        linked: dict[tuple[str, str, str], int] = {}
        for method in self.methods:
            sent = _Side(self, asked, method, SENT)
            received = _Side(self, asked, method, RECEIVED, sent.reached)
            for side in (received, sent):
                lines += side.lines()
                met += side.parties() if parties else []
                linked |= {(side.direction, asset, method): units for asset, units in side.linked.items()}
        assets = sorted({line.asset for line in lines})
        dust = {asset: self.dust[asset] for asset in assets if asset in self.dust}
        whole = None if self.unfetched is None else not any(pot in self.unfetched for pot in asked.pots)
        ordered = tuple(sorted(lines, key=lambda line: (line[:3], -line.amount, line[3:])))
        return Exposure(name, self.at, ordered, whole, dust, self.least, asked.own, tuple(met), tuple(accounts), linked)

    def _asked(self, accounts: list[str], chain: str) -> _Asked:
        pots = frozenset(pot for account in accounts for pot in self._pots(account, chain))
        own = {
            other
            for account in accounts
            for party in (self.known.parties(account) if pots & self.stops.keys() else ())
            for other in self._parties.get(party, ())
            if self._is_pocket(other, account)
        }
        others = tuple(sorted(own - set(accounts)))
        party = frozenset(pot for account in (*accounts, *others) for pot in self._pots(account))
        return _Asked(accounts[0], pots, party, others)

    def _is_pocket(self, other: str, account: str) -> bool:
        """Whether an account of the same party is followed: not where it is, was or may be sanctioned or illicit (also
        where a layer took that back) in a way that ``account`` is not itself: that would hide where it came from."""
        told = (*self.known.labels(other), *self.known.withdrawn(other))
        grave = {one.category for one in told if any(is_a(one.category, what) for what in GRAVE)}
        return grave <= {one.category for one in self.known.answer(account).labels}

    def _pots(self, account: str, chain: str = "") -> list[int]:
        pots = self.book.pots.of(account)
        return [pot for pot in pots if self.book.pots.asset_of(pot).startswith(f"{chain}/")] if chain else pots

    def question(self, asked: _Asked, forward: bool) -> Question:
        """Where the account's funds went, or came from: its rows as seeds, labelled accounts as stops."""
        spans: list[SeedSpan | Arrivals] = []
        least: dict[str, int] = {}
        amount, sender = self.book.rows.amount, self.book.rows.sender
        for pot in sorted(asked.pots):
            asset = self.book.pots.asset_of(pot)
            received, sent = self.book.lines.totals(pot, self.until)
            least[asset] = least.get(asset, 0) + received
            if forward and sent:
                rows = [row for row in self.book.lines.rows_of(pot) if row < self.until and sender[row] == pot]
                spans += [SeedSpan(0, row, 0, amount[row]) for row in rows]
            elif not forward and self.book.lines.arrivals(pot, 0, self.until):
                spans.append(Arrivals(0, pot, 0, self.until))
        stops: Mapping[int, Sequence[tuple[int, int, str]]] = self._windows
        if asked.party & stops.keys():
            stops = {pot: windows for pot, windows in stops.items() if pot not in asked.party}
        limits = {asset: units * self.least // 10**6 for asset, units in least.items()}
        return Question(
            self.book, forward, spans, [], self.until, stops, self.unfetched, None,
            {asset: units for asset, units in limits.items() if units},
        )  # fmt: skip


class _Side:
    """One account, one method, one direction: the ends of the trace, put into lines."""

    def __init__(
        self, exposer: Exposer, asked: _Asked, method: str, direction: str, reached: Iterable[str] = ()
    ) -> None:
        self.e, self.asked, self.method, self.direction = exposer, asked, method, direction
        self.forward = direction == SENT
        self.answered = set(reached)
        question = exposer.question(asked, self.forward)
        self.sums: dict[tuple[str, str, Said], list[int]] = {}
        self.met: dict[tuple[str, str], list[int]] = {}
        self._pending: list[tuple[str, str, Said, bool, int]] = []
        self._own()
        self.linked: dict[str, int] = {}
        if question.spans:
            outcome = answer(method, question)
            self._ends(ends_of(outcome))
            if question.book.conversions:
                sums = outcome.sums(question.book)
                self.linked = {asset: units for (asset, bucket, _), units in sums.items() if bucket == LINKED_IN}

    @property
    def reached(self) -> set[str]:
        """Labelled accounts that the account paid itself."""
        return {account for (_, account), (direct, _) in self.met.items() if direct}

    def lines(self) -> list[Line]:
        return [
            Line(self.direction, asset, self.method, bucket, said, *amounts)
            for (asset, bucket, said), amounts in self.sums.items()
            if any(amounts)
        ]

    def parties(self) -> list[Party]:
        told = [
            Party(self.direction, asset, self.method, account, self.e.known.name(account), *amounts)
            for (asset, account), amounts in self.met.items()
        ]
        return sorted(told, key=lambda one: (one.asset, -one.direct - one.indirect, one.account))

    def _own(self) -> None:
        """What the account has, or sent without having been seen to receive it: no trace of its rows says that."""
        for pot in self.asked.pots:
            received, sent = self.e.book.lines.totals(pot, self.e.until)
            asset, fetched = self.e.book.pots.asset_of(pot), self.e.unfetched is None or pot not in self.e.unfetched
            if self.forward:
                self._add(asset, KEPT if fetched else NOT_FETCHED, NOTHING_SAID, True, received - sent)
            else:
                units = self.e.book.lines.unexplained(pot, self.e.until)
                self._add(asset, UNEXPLAINED if fetched else NOT_FETCHED, NOTHING_SAID, True, units)

    def _ends(self, ends: Ends) -> None:
        """Every end of the trace, summed by account and era where it is labelled, else by asset and bucket. What rests
        in the account itself is said by ``_own`` already; in another account of its party it is kept."""
        ends = self._small(ends)
        direct = self._direct(ends)
        exits = ends.bucket == CODES[EXIT]
        keys = ends.pot << 16 | self._eras(ends, exits) << 1 | direct
        party = _among(ends.pot, self.asked.party) & (ends.row < 0)
        asset = self.e.book.pots.asset_numbers[1][ends.pot].astype(np.int64)
        others = asset << 16 | ends.bucket.astype(np.int64) << 3 | party << 2 | (party & direct) << 1 | direct
        for key, units in ends.sums(np.where(exits, keys, ~others)):
            if key >= 0:
                self._meet(key >> 16, (key >> 1 & 0x7FFF) - 1, bool(key & 1), units)
            elif not ~key >> 1 & 1:
                self._rest(~key >> 16, BUCKETS[~key >> 3 & 0x1FFF], bool(~key >> 2 & 1), bool(~key & 1), units)
        self._settle()

    def _small(self, ends: Ends) -> Ends:
        """The ends without pieces that were too small, which may be nearly all of them. What was cut on a row of the
        account's own is not added: its units are funds already."""
        is_small = ends.bucket == CODES[BELOW]
        chosen = np.flatnonzero(is_small)
        if not len(chosen):
            return ends
        chosen = chosen[~_among(self._side(ends.row[chosen]), self.asked.pots)]
        names, numbers = self.e.book.pots.asset_numbers
        if len(names) == 1:
            self._add(names[0], BELOW, NOTHING_SAID, False, ends.total(chosen))
        else:
            assets = numbers[ends.pot[chosen]]
            for asset in np.flatnonzero(np.bincount(assets)).tolist():
                self._add(names[asset], BELOW, NOTHING_SAID, False, ends.total(chosen[assets == asset]))
        return ends.at(np.flatnonzero(~is_small))

    def _direct(self, ends: Ends) -> Any:
        """Whether each end is one transfer away: its row leaves or enters a pot of the account's; on UTXO chains, is of
        a transaction that spends or pays one of the account's coins. Where there is no row, whether it is in the
        account itself."""
        has_row = ends.row >= 0
        side = self._side(np.where(has_row, ends.row, 0))
        near = _among(side, self.asked.pots) | _among(side, self._passing())
        return np.where(has_row, near, _among(ends.pot, self.asked.pots))

    def _side(self, rows: Any) -> Any:
        """The pot at the end of rows that is nearer to the account."""
        return (self.e.book.rows.sender if self.forward else self.e.book.rows.receiver)[rows]

    def _passing(self) -> set[int]:
        """Transactions that the account's coins went into, or came out of."""
        nature = self.e.book.pots.nature
        if not len(nature):
            return set()
        rows = self.e.book.rows
        here = [row for pot in self.asked.pots for row in self.e.book.lines.rows_of(pot) if row < self.e.until]
        others = (int((rows.receiver if self.forward else rows.sender)[row]) for row in here)
        return {pot for pot in others if pot >= 0 and nature[pot] == PASSING}

    def _eras(self, ends: Ends, exits: Any) -> Any:
        """The era of each exit, and 1."""
        eras = np.ones(len(ends.pot), dtype=np.int64)
        dated = np.flatnonzero(exits & self.e.dated[ends.pot])
        for pot in np.unique(ends.pot[dated]).tolist():
            here = dated[ends.pot[dated] == pot]
            clock, moments = self.e.clock(ends.row[here]), self.e.known.eras(self.e.stops[pot])
            found = np.searchsorted(np.array(moments), clock, side="right")
            eras[here] = 1 + np.where(clock == _NO_TIME, UNDATED, found)
        return eras

    def _meet(self, pot: int, era: int, direct: bool, units: int) -> None:
        account, asset = self.e.stops[pot], self.e.book.pots.asset_of(pot)
        self.met.setdefault((asset, account), [0, 0])[0 if direct else 1] += units
        self._pending.append((asset, account, self.e.known.said(account, era), direct, units))

    def _settle(self) -> None:
        """Dust is told apart once it is known how much an account, and whoever is of one party with it, sent."""
        totals: dict[tuple[str, Behind], int] = {}
        for (asset, account), (direct, _) in self.met.items():
            for one in self._behind(account):
                totals[asset, one] = totals.get((asset, one), 0) + direct
        answered = {one for account in self.answered for one in self._behind(account)}
        for asset, account, said, is_direct, units in self._pending:
            behind = self._behind(account)
            nominal = asset in self.e.dust and all(totals[asset, one] <= self.e.dust[asset] for one in behind)
            is_dust = not self.forward and is_direct and nominal and answered.isdisjoint(behind)
            self._add(asset, DUST if is_dust else EXIT, said, is_direct, units)

    def _behind(self, account: str) -> set[Behind]:
        """The account, and the parties that it is of."""
        return {account, *self.e.known.parties(account)}

    def _rest(self, asset: int, bucket: str, party: bool, direct: bool, units: int) -> None:
        name = self.e.book.pots.asset_numbers[0][asset]
        self._add(name, KEPT if party and bucket == HELD else bucket, NOTHING_SAID, direct, units)

    def _add(self, asset: str, bucket: str, said: Said, direct: bool, units: int) -> None:
        if units:
            self.sums.setdefault((asset, bucket, said), [0, 0])[0 if direct else 1] += units


def _check(methods: Sequence[str], dust: Mapping[str, int], least: int) -> None:
    for method in methods:
        if method not in POSSIBLE:
            raise MethodError(f"method {method!r}", "says nothing of both directions", f"use: {', '.join(POSSIBLE)}")
    for name, units in (("least", least), *dust.items()):
        if type(units) is not int or units < 0:
            raise MethodError(f"{name}={units!r}", "is not a whole number, 0 or more", "dust is in base units")


def _among(pots: Any, chosen: Collection[int]) -> Any:
    if len(chosen) == 1:
        return pots == next(iter(chosen))
    return np.isin(pots, np.array(sorted(chosen), dtype=np.int64)) if chosen else np.zeros(len(pots), dtype=bool)


def _clock(graph: TransferGraph, graph_row: Any) -> Any:
    """The moment of rows of the book, in unix seconds; the least int64 where none is known."""
    clock = np.asarray(graph.clock) if len(graph) else np.zeros(0, np.int64)

    def of(rows: Any) -> Any:
        numbers = rows if isinstance(graph_row, range) else np.asarray(graph_row)[rows]
        known = numbers >= 0
        return np.where(known, clock[np.where(known, numbers, 0)], _NO_TIME)

    return of
