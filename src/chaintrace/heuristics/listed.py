"""Listed: who takes part in transactions of UTXO chains and is on a list of mixers."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import Mask, Side, Transactions
from chaintrace.labels.bundled import bundled_lists
from chaintrace.labels.category import SANCTIONED, is_a
from chaintrace.labels.label import Label

CUSTODIAL = "custodial-mixer"


class Dealing(NamedTuple):
    """A transaction with a mixer that lists call ``name``: its accounts in it with their labels, by account, and the
    satoshi that they got and gave."""

    tx: int
    name: str
    labels: dict[str, Label]
    got: int
    gave: int


@cache
def bundled() -> Known:
    """Custodial mixers, and who is sanctioned, by the lists that come with chaintrace."""
    wanted = (CUSTODIAL, SANCTIONED)
    every = (label for one in bundled_lists() for label in one.labels)
    return Known(label for label in every if any(is_a(label.category, category) for category in wanted))


def books(labels: Known, with_bundled: bool) -> tuple[Known, ...]:
    """Where to look: what the asker knows, then the bundled lists."""
    return (labels, bundled()) if with_bundled else (labels,)


def find_in(where: tuple[Known, ...], account: str, category: str, block: int | None, time: int | None) -> Label | None:
    """What the first of these says of an account at a moment."""
    found = (book.find(account, category, block=block, time=time) for book in where)
    return next((label for label in found if label is not None), None)


def dealings(rows: Rows, labels: Known, with_bundled: bool) -> list[Dealing]:
    """Every transaction with every listed custodial mixer, by transaction and name."""
    make = lambda: list(_dealings(rows.transactions, books(labels, with_bundled)))  # noqa: E731
    return rows.once(("dealings", labels, with_bundled), make)


def paid_by_listed(txs: Transactions, found: list[Dealing]) -> Mask:
    """Which transactions a listed mixer pays."""
    result = np.zeros(len(txs), bool)
    result[[one.tx for one in found if one.gave]] = True
    return result


def _dealings(txs: Transactions, where: tuple[Known, ...]) -> Iterator[Dealing]:
    if not len(txs):
        return
    names = sorted({account for book in where for account in book.accounts(CUSTODIAL)})
    is_named = pc.is_in(txs.accounts, value_set=pa.array(names, txs.accounts.type)).to_numpy(zero_copy_only=False)
    coins: dict[tuple[int, str], list[tuple[str, Label, int, int]]] = {}
    for side, gives in ((txs.ins, True), (txs.outs, False)):
        for tx, account, value in _coins(side, is_named):
            name = txs.account(account)
            label = find_in(where, name, CUSTODIAL, **txs.moment(tx))
            if label is not None:
                amounts = (0, value) if gives else (value, 0)
                coins.setdefault((tx, label.name), []).append((name, label, *amounts))
    for (tx, mixer), some in sorted(coins.items()):
        accounts = {name: label for name, label, _, _ in sorted(some, key=lambda coin: coin[0])}
        yield Dealing(tx, mixer, accounts, sum(coin[2] for coin in some), sum(coin[3] for coin in some))


def _coins(side: Side, is_named: Mask) -> Iterator[tuple[int, int, int]]:
    some = side.only((side.account >= 0) & is_named[side.account])
    yield from zip(some.tx.tolist(), some.account.tolist(), some.value.tolist(), strict=True)
