"""Stops: accounts at which following ends, given as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.names import accounts_named
from chaintrace.graph.pots import Pots
from chaintrace.labels.account import OTHER
from chaintrace.labels.label import Label
from chaintrace.taint.book import Book

DEFAULT_CATEGORY = "stop"
NAMED = 3
Stops = Iterable[str | Label] | Mapping[str, str]


class Window(NamedTuple):
    """A stop's category holds for rows ``first`` to ``last`` (excluded)."""

    first: int
    last: int
    category: str


def stop_labels(stop_at: Stops | None) -> list[Label]:
    """Stops in whatever form they are given, as labels; a bare address is of the category ``stop``."""
    if stop_at is None:
        return []
    if isinstance(stop_at, str):
        stop_at = [stop_at]
    pairs = stop_at.items() if isinstance(stop_at, Mapping) else ((stop, DEFAULT_CATEGORY) for stop in stop_at)
    return [stop if isinstance(stop, Label) else Label(stop, category) for stop, category in pairs]


def place_stops(graph: TransferGraph, book: Book, stops: Iterable[Label], exempt: set[str]) -> dict[int, list[Window]]:
    """Windows of rows in which each pot's account is a stop. Addresses are taken on every chain of the graph on which
    they parse; a label counts from its ``since`` (included) to its ``until`` (excluded). ``exempt`` accounts are
    followed. A label of a chain that chaintrace does not follow (``other:LTC``) stops nothing. Raises AddressError for
    an address that parses on no chain of the graph."""
    windows: dict[int, list[Window]] = {}
    for label in stops:
        first = 0 if label.since is None else book.limit(graph.row_after(label.since, inclusive=False))
        last = len(book) if label.until is None else book.limit(graph.row_after(label.until, inclusive=False))
        for account in _accounts(graph, label):
            if account not in exempt:
                for pot in book.pots.of(account):
                    windows.setdefault(pot, []).append(Window(first, last, label.category))
    return windows


def about_stops(graph: TransferGraph, pots: Pots, stops: Iterable[Label], exempt: set[str]) -> list[str]:
    """Sentences about stops that stop nothing: their account is in no transfer, or it is a seed and is followed."""
    absent, followed = [], []
    for label in stops:
        accounts = _accounts(graph, label)
        if not any(pots.of(account) for account in accounts):
            absent.append(label.address)
        followed += [account for account in accounts if account in exempt]
    told = [f"stop {account} receives a seed and is followed" for account in dict.fromkeys(followed)]
    if absent:
        first = ", ".join(dict.fromkeys(absent[:NAMED])) + (" …" if len(absent) > NAMED else "")
        told.append(f"stops in no transfer: {len(absent):,} ({first})")
    return told


def _accounts(graph: TransferGraph, label: Label) -> list[str]:
    if label.chain.startswith(OTHER):
        return []
    return accounts_named(label.address, [label.chain] if label.chain else graph.chains)
