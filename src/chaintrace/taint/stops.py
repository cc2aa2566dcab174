"""Stops: accounts at which following ends, given as data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.names import accounts_named
from chaintrace.graph.pots import Pots
from chaintrace.labels.label import Label

DEFAULT_CATEGORY = "stop"
NAMED = 3
Stops = Iterable[str | Label] | Mapping[str, str]


class Window(NamedTuple):
    """A stop's category holds for rows ``first`` to ``last`` (excluded)."""

    first: int
    last: int
    category: str


def place_stops(
    graph: TransferGraph, pots: Pots, stop_at: Stops | None, exempt: set[str], row_of: Sequence[int]
) -> dict[int, list[Window]]:
    """Windows of rows in which each pot's account is a stop. Addresses are taken on every chain of the graph on which
    they parse; a label counts from its ``since`` (included) to its ``until`` (excluded). ``exempt`` accounts are
    followed. Raises AddressError for an address that parses on no chain of the graph."""
    windows: dict[int, list[Window]] = {}
    for label in _labels(stop_at):
        first = 0 if label.since is None else _place(graph, row_of, label.since)
        last = len(row_of) if label.until is None else _place(graph, row_of, label.until)
        for account in accounts_named(label.address, [label.chain] if label.chain else graph.chains):
            if account not in exempt:
                for pot in pots.of(account):
                    windows.setdefault(pot, []).append(Window(first, last, label.category))
    return windows


def about_stops(graph: TransferGraph, pots: Pots, stop_at: Stops | None, exempt: set[str]) -> list[str]:
    """Sentences about stops that stop nothing: their account is in no transfer, or it is a seed and is followed."""
    absent, followed = [], []
    for label in _labels(stop_at):
        accounts = accounts_named(label.address, [label.chain] if label.chain else graph.chains)
        if not any(pots.of(account) for account in accounts):
            absent.append(label.address)
        followed += [account for account in accounts if account in exempt]
    told = [f"stop {account} receives a seed and is followed" for account in dict.fromkeys(followed)]
    if absent:
        first = ", ".join(dict.fromkeys(absent[:NAMED])) + (" …" if len(absent) > NAMED else "")
        told.append(f"stops in no transfer: {len(absent):,} ({first})")
    return told


def _labels(stop_at: Stops | None) -> Iterable[Label]:
    if stop_at is None:
        return
    if isinstance(stop_at, str):
        stop_at = [stop_at]
    pairs = stop_at.items() if isinstance(stop_at, Mapping) else ((stop, DEFAULT_CATEGORY) for stop in stop_at)
    for stop, category in pairs:
        yield stop if isinstance(stop, Label) else Label(stop, category)


def _place(graph: TransferGraph, row_of: Sequence[int], moment: str) -> int:
    row = graph.row_after(moment, inclusive=False)
    if isinstance(row_of, range):
        return row
    return next((i for i, graph_row in enumerate(row_of) if graph_row >= row), len(row_of))
