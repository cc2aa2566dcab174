"""What a trace starts from: theft transactions, an address from a moment on, or chosen transfers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from chaintrace.errors import SeedError
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.link import RowRef
from chaintrace.graph.names import assets_named
from chaintrace.model.moment import Moment, is_later
from chaintrace.taint.book import Book
from chaintrace.taint.question import Arrivals, SeedPot, SeedSpan
from chaintrace.taint.select import select_rows, transaction


@dataclass(frozen=True, slots=True)
class Theft:
    """See ``theft``."""

    tx: str
    victim: str | None = None

    @property
    def name(self) -> str:
        return f"theft {self.tx}"


@dataclass(frozen=True, slots=True)
class AddressSince:
    """See ``address``."""

    address: str
    since: Moment | None = None
    asset: str | None = None

    @property
    def name(self) -> str:
        return f"address {self.address}" + (f" since {self.since}" if self.since is not None else "")


@dataclass(frozen=True, slots=True)
class Rows:
    """See ``rows``."""

    refs: tuple[RowRef, ...]

    @property
    def name(self) -> str:
        return "rows " + ", ".join(str(ref) for ref in self.refs[:3]) + (" …" if len(self.refs) > 3 else "")


Seed = Theft | AddressSince | Rows


def theft(tx: str, victim: str | None = None) -> Theft:
    """What was taken in transaction ``tx``: per asset, the rows into accounts that gain net in it, up to the gain.

    Fees do not count. ``victim`` narrows it to the assets that this account lost, along the rows that lead from it,
    up to its loss.
    """
    return Theft(tx, victim)


def address(address: str, since: Moment | None = None, asset: str | None = None) -> AddressSince:
    """What ``address`` held just before ``since`` and everything that arrives from then on.

    ``since`` is a block number, an aware datetime or ISO-8601 text with a zone; None means everything that ever
    arrives. ``asset`` (CAIP-19, contract or "native") narrows it to one asset.
    """
    return AddressSince(address, since, asset)


def rows(*refs: RowRef | Iterable[RowRef]) -> Rows:
    """Chosen transfers: row numbers of ``graph.to_pandas()``, transaction hashes, or (tx_hash, kind, seq)."""
    flat: list[RowRef] = []
    for ref in refs:
        one = not isinstance(ref, Iterable) or isinstance(ref, str | tuple)
        flat.extend([ref] if one else ref)  # type: ignore[list-item, arg-type]
    return Rows(tuple(flat))


class Gain(NamedTuple):
    """An account's net gain of one asset in one transaction: its rows there, in order, into and out of its pots."""

    pot: int
    amount: int
    ins: list[int]
    outs: list[int]


_NOTHING = {
    Theft: "no account gains by it: a failed, zero or self transfer steals nothing",
    AddressSince: "the account holds nothing then and receives nothing after",
    Rows: "moves no value: zero amounts and transfers to oneself seed nothing",
}


@dataclass(slots=True)
class Sown:
    """Seeds as a kernel reads them, the accounts that receive them, and the names of seeds that are yet to come."""

    spans: list[SeedSpan | Arrivals]
    pots: list[SeedPot]
    accounts: set[str]
    later: list[str]

    def assets(self, book: Book) -> set[str]:
        """Of the rows that are seeded."""
        pots = {span.pot if isinstance(span, Arrivals) else book.near(span.row, True) for span in self.spans}
        return {book.pots.asset_of(pot) for pot in pots}


def sow(graph: TransferGraph, book: Book, seeds: Sequence[Seed], until: Moment | None, method: str) -> Sown:
    """Seeds as spans of rows and moments of pots. What lies after ``until`` has not happened yet and seeds nothing.
    Raises SeedError for a seed that names nothing or moves nothing, and where every seed is yet to come."""
    sower = _Sower(graph, book, until, method)
    for number, seed in enumerate(seeds):
        sower.sow(number, seed)
    if len(sower.sown.later) == len(seeds):
        raise SeedError(seeds[0].name, "lies after the end of the trace", "choose a later until=")
    return sower.sown


class _Sower:
    def __init__(self, graph: TransferGraph, book: Book, until: Moment | None, method: str) -> None:
        self.graph, self.book, self.moment, self.method = graph, book, until, method
        self.until = len(graph) if until is None else graph.row_after(until)
        self.sown = Sown([], [], set(), [])

    def sow(self, number: int, seed: Seed) -> None:
        before = len(self.sown.spans) + len(self.sown.pots)
        if isinstance(seed, Theft):
            happened = self._theft(number, seed)
        elif isinstance(seed, AddressSince):
            happened = self._address(number, seed)
        else:
            happened = self._rows(number, seed)
        if not happened:
            self.sown.later.append(seed.name)
        elif len(self.sown.spans) + len(self.sown.pots) == before:
            raise SeedError(seed.name, _NOTHING[type(seed)], "choose another transaction, transfer or moment")

    def _rows(self, number: int, seed: Rows) -> bool:
        chosen = dict.fromkeys(row for ref in seed.refs for row in select_rows(self.graph, ref))
        happened = [row for row in chosen if row < self.until]
        for row in happened:
            if self.graph.rows.moves(row):
                self._span(number, row, 0, self.graph.amount[row])
        return bool(happened) or not chosen

    def _address(self, number: int, seed: AddressSince) -> bool:
        account = self.graph.account(seed.address)
        first = 0 if seed.since is None else self.graph.row_after(seed.since, inclusive=False)
        if self._is_later(seed.since, first):
            return False
        assets = None if seed.asset is None else assets_named(seed.asset, self.graph.chains)
        lines, begin, end = self.book.lines, self.book.limit(first), self.book.limit(self.until)
        for pot in self.book.pots.of(account):
            if assets is not None and self.book.pots.asset_of(pot) not in assets:
                continue
            received, sent = lines.totals(pot, begin)
            if received > sent:
                self.sown.pots.append(SeedPot(number, pot, begin))
            if lines.arrivals(pot, begin, end):
                self.sown.spans.append(Arrivals(number, pot, begin, end))
        self.sown.accounts.add(account)
        return True

    def _is_later(self, since: Moment | None, first: int) -> bool:
        """Whether a holding is asked about after the end; a block and a time are compared by the rows between them."""
        later = is_later(since, self.moment) if since is not None and self.moment is not None else None
        return first > self.until if later is None else later

    def _theft(self, number: int, seed: Theft) -> bool:
        tx_rows = [row for row in transaction(self.graph, seed.tx) if self.graph.rows.kind(row) != "fee"]
        if tx_rows and tx_rows[0] >= self.until:
            return False
        gains = _gains(self.graph, tx_rows)
        if seed.victim is not None:
            gains = _from_victim(self.graph, tx_rows, gains, self.graph.account(seed.victim), seed)
        for gain in gains:
            self._gain(number, gain)
        return True

    def _gain(self, number: int, gain: Gain) -> None:
        newest = _newest(self.graph, gain, lifo=self.method == "lifo")
        passes_on = bool(gain.outs) and gain.outs[-1] > gain.ins[0]
        if passes_on and self.method not in ("fifo", "lifo") and self.book.kind(self.book.row(gain.ins[0])) != "output":
            after = self.book.row(max(gain.outs[-1], gain.ins[-1])) + 1
            shown = tuple((self.book.row(row), stop - start) for row, start, stop in newest)
            self.sown.pots.append(SeedPot(number, gain.pot, after, gain.amount, shown))
            self.sown.accounts.add(self.graph.pots[gain.pot].address)
            return
        for row, start, stop in newest:
            self._span(number, row, start, stop)

    def _span(self, number: int, row: int, start: int, stop: int) -> None:
        self.sown.spans.append(SeedSpan(number, self.book.row(row), start, stop))
        _, receiver = self.graph.rows.parties(row)
        if receiver >= 0:
            self.sown.accounts.add(self.graph.pots[receiver].address)


def _gains(graph: TransferGraph, tx_rows: list[int]) -> list[Gain]:
    """Net gains by account and asset, in order of the first row that enters the account."""
    sums: dict[tuple[str, str], Gain] = {}
    for row in tx_rows:
        if not graph.rows.moves(row):
            continue
        for pot, sign in zip(graph.rows.parties(row), (-1, 1), strict=True):
            if pot < 0 or graph.pots[pot].address.startswith("tx:"):
                continue
            key = (graph.pots[pot].address, graph.pots[pot].asset)
            gain = sums.get(key) or Gain(pot, 0, [], [])
            (gain.ins if sign > 0 else gain.outs).append(row)
            sums[key] = gain._replace(amount=gain.amount + sign * graph.amount[row], pot=pot if sign > 0 else gain.pot)
    return sorted((gain for gain in sums.values() if gain.amount > 0), key=lambda gain: gain.ins[0])


def _from_victim(graph: TransferGraph, tx_rows: list[int], gains: list[Gain], victim: str, seed: Theft) -> list[Gain]:
    """The gains that rows lead to from ``victim``, together no more than it lost of each asset."""
    loss: dict[str, int] = {}
    reached: set[tuple[str, str]] = set()
    for row in tx_rows:
        sender, receiver = graph.rows.parties(row)
        source = graph.pots[sender] if sender >= 0 else None
        target = graph.pots[receiver] if receiver >= 0 else None
        for pot, sign in ((source, 1), (target, -1)):
            if pot is not None and pot.address == victim:
                loss[pot.asset] = loss.get(pot.asset, 0) + sign * graph.amount[row]
        if source and target and (source.address == victim or (source.address, source.asset) in reached):
            reached.add((target.address, target.asset))
    kept = []
    for gain in gains:
        pot = graph.pots[gain.pot]
        amount = min(gain.amount, loss.get(pot.asset, 0))
        if amount > 0 and (pot.address, pot.asset) in reached:
            loss[pot.asset] -= amount
            kept.append(gain._replace(amount=amount))
    if not kept:
        raise SeedError(seed.name, f"{victim} lost nothing in it", "leave victim= out to seed every net gain")
    return kept


def _newest(graph: TransferGraph, gain: Gain, lifo: bool) -> list[tuple[int, int, int]]:
    """The last units of the gain to arrive, as stretches of rows: under FIFO those that leave last; under LIFO, where
    the transaction's own outflow takes from the end, the last that are still there."""
    stays = {row: graph.amount[row] for row in gain.ins}
    if lifo:
        stack: list[int] = []
        for row in sorted([*gain.ins, *gain.outs]):
            if row in stays and row not in gain.outs:
                stack.append(row)
                continue
            left = graph.amount[row]
            while left and stack:
                part = min(left, stays[stack[-1]])
                stays[stack[-1]] -= part
                left -= part
                if not stays[stack[-1]]:
                    stack.pop()
    chosen, wanted = [], gain.amount
    for row in reversed(gain.ins):
        part = min(stays[row], wanted)
        if part:
            chosen.append((row, stays[row] - part, stays[row]))
        wanted -= part
    return chosen[::-1]
