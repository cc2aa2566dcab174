"""Exchanges: what an account gives up and what it gets for it within one transaction, whoever stands between."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from chaintrace.heuristics.moves import Lists, Moves
from chaintrace.heuristics.rows import Rows
from chaintrace.heuristics.transactions import NOBODY, Ints
from chaintrace.model.asset import chain_of, contract_of

_VALUE = ("native", "internal", "token", "mint", "burn")
Net = dict[tuple[int, int], int]
"""What each account has more of each asset at the end than at the beginning, where that is not nothing."""


class Row(NamedTuple):
    """A row of a transaction. What is minted comes from the token's contract, what is burnt goes to it."""

    n: int
    sender: int
    receiver: int
    asset: int
    amount: int


@dataclass(frozen=True)
class Exchange:
    """``account`` gives ``given`` of ``gives`` and gets ``got`` of ``gets``. ``sources`` and ``targets`` are rows that
    bring exactly these amounts; None where there are none. ``hops``: exchanges between the two assets."""

    tx: int
    account: int
    gives: int
    gets: int
    given: int
    got: int
    hops: int
    sources: tuple[int, ...] | None
    targets: tuple[int, ...] | None


def exchanges(rows: Rows, most_rows: int) -> list[Exchange]:
    """Of each transaction of account chains what its sender exchanged, where that is one asset for another. Looked at
    once; transactions of more than ``most_rows`` rows are passed over."""
    return rows.once(("exchanges", most_rows), lambda: list(_exchanges(rows, most_rows)))


def _exchanges(rows: Rows, most_rows: int) -> Iterator[Exchange]:
    moves = rows.moves
    signer, issuer = signers(rows), _issuers(moves)
    value = moves.of_kind(*_VALUE) & (moves.amount > 0).astype(bool) & (moves.sender != moves.receiver)
    told = signer[moves.tx]
    pays, paid = np.zeros(len(signer), bool), np.zeros(len(signer), bool)
    pays[moves.tx[value & (moves.sender == told) & (told != NOBODY)]] = True
    paid[moves.tx[value & (moves.receiver == told) & (told != NOBODY)]] = True
    here = np.flatnonzero(value & (pays & paid)[moves.tx])
    lists = Lists.by(moves.tx[here], len(signer))
    for tx in np.unique(moves.tx[here]).tolist():
        listed = here[lists.of(tx)]
        if len(listed) <= most_rows:
            told_of = [row for n in listed.tolist() if (row := _row(moves, issuer, n)).sender != row.receiver]
            found = _exchange(moves, tx, int(signer[tx]), told_of)
            if found is not None:
                yield found


def signers(rows: Rows) -> Ints:
    """Who sent each transaction: who paid its fee or its top call, or as its own call says. ``NOBODY`` where nothing
    tells, or where two are told."""
    return rows.once("signers", lambda: _signers(rows))


def senderless(rows: Rows) -> int:
    """How many transactions move several assets, and nothing says who sent them."""
    moves = rows.moves
    unknown = moves.of_kind(*_VALUE) & (signers(rows)[moves.tx] == NOBODY)
    pairs = np.unique(moves.tx[unknown] * max(len(moves.assets), 1) + moves.asset[unknown])
    return int((np.bincount(pairs // max(len(moves.assets), 1)) > 1).sum()) if len(pairs) else 0


def _signers(rows: Rows) -> Ints:
    moves = rows.moves
    count = len(moves.names)
    low, high = np.full(count, np.iinfo(np.int64).max), np.full(count, NOBODY)
    kind_native = moves.of_kind("native")
    first = moves.of_kind("fee") | (kind_native & (moves.seq == 0))
    later = kind_native & (moves.seq != 0)  # a table of somebody's own that calls every payment native
    mixed = np.zeros(count, bool)
    mixed[moves.tx[later]] = True
    told = first & (moves.sender != NOBODY) & ~(kind_native & mixed[moves.tx])
    np.minimum.at(low, moves.tx[told], moves.sender[told])
    np.maximum.at(high, moves.tx[told], moves.sender[told])
    if rows.calls:
        numbers = {str(name): n for n, name in enumerate(moves.names.to_pylist())}
        senders = moves.numbers([call.sender for call in rows.calls])
        for call, sender in zip(rows.calls, senders.tolist(), strict=True):
            tx = numbers.get(call.tx_hash)
            if tx is not None and sender != NOBODY:
                low[tx], high[tx] = min(low[tx], sender), max(high[tx], sender)
    return np.where(low == high, high, NOBODY)


def _issuers(moves: Moves) -> Ints:
    """Of each asset the number of its contract; numbers below ``NOBODY`` for contracts that no row names."""
    contracts = [contract_of(moves.asset_id(n)) or "" for n in range(len(moves.assets))]
    found = moves.numbers(contracts)
    return np.where(found == NOBODY, -2 - np.arange(len(found)), found)


def _row(moves: Moves, issuer: Ints, n: int) -> Row:
    asset = int(moves.asset[n])
    sender, receiver = (
        int(side[n]) if side[n] != NOBODY else int(issuer[asset]) for side in (moves.sender, moves.receiver)
    )
    return Row(n, sender, receiver, asset, int(moves.amount[n]))


def _exchange(moves: Moves, tx: int, account: int, rows: list[Row]) -> Exchange | None:
    net = _net(rows)
    mine = {asset: amount for (who, asset), amount in net.items() if who == account}
    if len(mine) != 2 or len({chain_of(moves.asset_id(row.asset)) for row in rows}) != 1:
        return None
    (gives, given), (gets, got) = sorted(mine.items(), key=lambda one: one[1])
    hops = _hops(net, account, gives, gets) if given < 0 < got else None
    if hops is None:
        return None
    away = {row.n: (row.sender, row.receiver, row.amount) for row in rows if row.asset == gives}
    back = {row.n: (row.receiver, row.sender, row.amount) for row in rows if row.asset == gets}
    return Exchange(tx, account, gives, gets, -given, got, hops, _leg(account, away, -given), _leg(account, back, got))


def _net(rows: list[Row]) -> Net:
    found: Net = {}
    for row in rows:
        for who, amount in ((row.sender, -row.amount), (row.receiver, row.amount)):
            found[who, row.asset] = found.get((who, row.asset), 0) + amount
    return {key: amount for key, amount in found.items() if amount}


def _hops(net: Net, account: int, gives: int, gets: int) -> int | None:
    """How many others turn one asset into the next, from what is given to what is got; None where they do not: then
    the one was paid away and the other came from somewhere else."""
    by_account: dict[int, list[tuple[int, bool]]] = {}
    for (who, asset), amount in net.items():
        if who != account:
            by_account.setdefault(who, []).append((asset, amount > 0))
    steps = {
        (taken, handed)
        for held in by_account.values()
        for taken, more in held
        for handed, also in held
        if more and not also
    }
    reached, hops = {gives}, 0
    while gets not in reached:
        further = {handed for taken, handed in steps if taken in reached} - reached
        if not further:
            return None
        reached, hops = reached | further, hops + 1
    return hops


def _leg(account: int, rows: Mapping[int, tuple[int, int, int]], wanted: int) -> tuple[int, ...] | None:
    """Rows (near end, far end, amount) that bring exactly the net amount: the account's own, or, where some came back,
    those at the far end, of accounts that only take."""
    if not any(far == account for _, far, _ in rows.values()):
        own = tuple(n for n, (near, _, _) in rows.items() if near == account)
        return own if sum(rows[n][2] for n in own) == wanted else None
    takers = {far for _, far, _ in rows.values()} - {near for near, _, _ in rows.values()}
    last = tuple(n for n, (_, far, _) in rows.items() if far in takers)
    return last if sum(rows[n][2] for n in last) == wanted else None


def by_wrapping(rows: Rows, one: Exchange) -> bool:
    """Whether a coin was only turned into its token, or back."""
    ends = rows.once("ends of wraps", lambda: frozenset(n for pair in wraps(rows) for n in pair))
    return bool(one.sources and one.targets) and ends.issuperset((*(one.sources or ()), *(one.targets or ())))


def ids(moves: Moves, rows: tuple[int, ...]) -> tuple[tuple[str, str, int], ...]:
    """Rows as findings and links name them."""
    return tuple(moves.row(n) for n in rows)


Wrap = tuple[int, int]
"""A row that goes in, and the row of as much that comes out."""


def wraps(rows: Rows) -> list[Wrap]:
    """A coin paid to a contract that issues as much of its token to the payer in the same transaction, or a token burnt
    for as much of the coin. Rows that fit several are taken in their order."""
    return rows.once("wraps", lambda: list(_wraps(rows.moves)))


def _wraps(moves: Moves) -> Iterator[Wrap]:
    issuer = _issuers(moves)
    coin = moves.of_kind("native", "internal") & (moves.sender != NOBODY) & (moves.receiver != NOBODY)
    coin &= moves.sender != moves.receiver
    for kind, party, other in (
        ("mint", moves.receiver, (moves.sender, moves.receiver)),
        ("burn", moves.sender, (moves.receiver, moves.sender)),
    ):
        token = np.flatnonzero(moves.of_kind(kind) & (issuer[moves.asset] >= 0) & (moves.amount > 0).astype(bool))
        contracts, txs = np.unique(issuer[moves.asset[token]]), np.unique(moves.tx[token])
        owner, contract = other
        likely = np.flatnonzero(coin & np.isin(contract, contracts) & np.isin(moves.tx, txs))
        waiting: dict[tuple[int, int, int, int], list[int]] = {}
        for n in likely.tolist():
            key = int(moves.tx[n]), int(owner[n]), int(contract[n]), int(moves.amount[n])
            waiting.setdefault(key, []).append(n)
        for n in token.tolist():
            key = int(moves.tx[n]), int(party[n]), int(issuer[moves.asset[n]]), int(moves.amount[n])
            if waiting.get(key):
                pair = waiting[key].pop(0), n
                yield pair if kind == "mint" else pair[::-1]
