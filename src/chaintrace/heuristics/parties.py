"""Parties: which moves a labelled account makes, moves gathered by who makes them, and what a finding rests on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from chaintrace.fetch.buffers import ABSENT
from chaintrace.heuristics.moves import Moves
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import NOBODY, Ints, Mask
from chaintrace.labels.pools import tornado_pools
from chaintrace.model.asset import contract_of
from chaintrace.model.transfer import KINDS
from chaintrace.model.wrapped import WRAPPED, wrapper

EXCHANGE = "exchange"
QUIET = ("service", "infrastructure", "white-hat", "victim")
"""Whose habits are no pattern: many people's, the chain's own, or theirs who give back or were stolen from."""


SPOOFED = "It rests on transfers of tokens, whose contracts can name anybody as the sender."
OPENING = KINDS.index("opening")
MIXER = "mixer"
"""Many take one denomination alone: what is paid into them was chosen by nobody."""


def named(rows: Rows, labels: Known, *categories: str) -> tuple[Mask, Mask]:
    """Of each move whether its sender, and whether its receiver, has one of these labels at that moment."""
    return rows.once(("named", labels, categories), lambda: _named(rows.moves, labels, categories))


def _named(moves: Moves, labels: Known, categories: tuple[str, ...]) -> tuple[Mask, Mask]:
    sides = np.zeros(len(moves), bool), np.zeros(len(moves), bool)
    for category in categories:
        accounts = labels.accounts(category)
        for number in np.unique(moves.numbers(accounts)).tolist():
            if number == NOBODY:
                continue
            name = moves.account(number)
            for mask, found in zip(sides, (moves.out_of(number), moves.into(number)), strict=True):
                mask[found] |= _at(moves, found, labels, name, category)
    return sides


def _at(moves: Moves, found: Ints, labels: Known, name: str, category: str) -> Any:
    if labels.always(name, category):
        return True
    said = [labels.find(name, category, **moves.moment(n)) is not None for n in found.tolist()]
    return np.array(said, dtype=bool)


def services(rows: Rows, labels: Known) -> tuple[Mask, Mask]:
    """Of each move whether its sender, and whether its receiver, is a service: labelled as one of ``QUIET`` at that
    moment, or one of ``contracts``."""
    return rows.once(("services", labels), lambda: _either(named(rows, labels, *QUIET), contracts(rows)))


def contracts(rows: Rows) -> tuple[Mask, Mask]:
    """Of each move whether its sender, and whether its receiver, is a contract that is known to serve many, whoever
    labels it or not: the pools and routers of Tornado Cash, and the wrapped coins of the chains."""
    return rows.once(("contracts",), lambda: _contracts(rows.moves))


def _contracts(moves: Moves) -> tuple[Mask, Mask]:
    known = {address for pool in tornado_pools() for address in (pool.address, pool.router)}
    known.update(address for chain in WRAPPED for address in wrapper(chain))
    numbers = moves.numbers(sorted(known))
    numbers = numbers[numbers != NOBODY]
    return np.isin(moves.sender, numbers), np.isin(moves.receiver, numbers)


def _either(one: tuple[Mask, Mask], other: tuple[Mask, Mask]) -> tuple[Mask, Mask]:
    return one[0] | other[0], one[1] | other[1]


def gathered(moves: Moves, mask: Mask, *keys: Ints) -> Iterator[Ints]:
    """Rows that have the same keys, in position order, one array for each; ascending by the keys."""
    rows, starts = sorted_by(mask, *keys)
    yield from np.split(rows, starts[1:]) if len(rows) else ()


def sorted_by(mask: Mask, *keys: Ints) -> tuple[Ints, Ints]:
    """Rows sorted by their keys and then by position, and where each new combination of keys begins."""
    rows = np.flatnonzero(mask)
    columns = [key[rows] for key in keys]
    order = np.lexsort(columns[::-1])
    new = np.zeros(len(rows), bool)
    new[:1] = True
    for column in columns:
        there = column[order]
        new[1:] |= there[1:] != there[:-1]
    return rows[order], np.flatnonzero(new)


def large_groups(mask: Mask, least: int, *keys: Ints) -> Iterator[Ints]:
    """As ``gathered``, of ``least`` rows or more."""
    rows, starts = sorted_by(mask, *keys)
    ends = np.append(starts[1:], len(rows))
    for group in np.flatnonzero(ends - starts >= least).tolist():
        yield rows[starts[group] : ends[group]]


def timed(moves: Moves) -> Mask:
    """Rows whose time is known: rules about durations look at no other."""
    result: Mask = moves.time != ABSENT
    return result


def proof(moves: Moves, found: Any) -> dict[str, Any]:
    """The transactions and rows that a finding rests on, in position order; by name where there is none; and a doubt
    where a token's word is among them. Rule: any contract can emit ERC-20's Transfer with any sender."""
    numbers = np.unique(np.asarray(found, dtype=np.int64)).tolist()
    rows = [(int(moves.place[n]), *moves.row(n)) for n in numbers]
    ids = [row[1:] for row in sorted(rows)]
    assets = {moves.asset_id(one) for one in np.unique(moves.asset[numbers]).tolist()}
    doubt = SPOOFED if any(contract_of(asset) is not None for asset in assets) else ""
    return {"tx_hashes": tuple(dict.fromkeys(row[0] for row in ids)), "rows": tuple(ids), "doubt": doubt}


def received_by(moves: Moves, account: int) -> Ints:
    """All rows by which an account gets something that it did not have, in position order: paid, or new."""
    got = moves.into(account)
    told = (moves.sender[got] != account) & (moves.kind[got] != OPENING) & (moves.amount[got] > 0).astype(bool)
    found: Ints = got[told]
    return found


def by_asset(moves: Moves, found: Any) -> dict[str, int]:
    """What some rows move together, in base units of each asset."""
    total: dict[str, int] = {}
    for n in np.asarray(found, dtype=np.int64).tolist():
        asset = moves.asset_id(int(moves.asset[n]))
        total[asset] = total.get(asset, 0) + moves.amount[n]
    return dict(sorted(total.items()))
