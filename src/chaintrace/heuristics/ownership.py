"""Ownership: accounts that pay together are one owner's, unless the transaction is one that several owners may make."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from chaintrace.heuristics.consensus import looks_joint
from chaintrace.heuristics.findings import opened
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.transactions import Ints
from chaintrace.labels.label import Label

if TYPE_CHECKING:
    import pandas as pd


def clusters(x: Any, labels: Iterable[Label] = (), **reading: Any) -> pd.DataFrame:
    """Accounts that are claimed to be one owner's, because they paid together: cluster, account, transactions (of the
    cluster, in which several of its accounts pay). Clusters of two accounts or more, the largest first.

    ``x``, ``reading`` as in ``ct.findings``. The claim is broken by whoever pays together with others: CoinJoins by
    any rule and Stonewalls join nothing, but one that no rule tells joins strangers, and one such is enough.
    """
    import pandas as pd

    rows, _ = opened(x, reading)
    txs = rows.transactions
    number, joined = together(rows, Known(labels))
    sizes, many = np.bincount(number, minlength=len(number)), np.bincount(number[joined], minlength=len(number))
    kept = np.flatnonzero(sizes[number] > 1) if len(number) else np.zeros(0, np.int64)
    frame = pd.DataFrame({"root": number[kept], "account": [txs.account(n) for n in kept.tolist()]})
    first = frame.groupby("root")["account"].transform("min") if len(frame) else frame["account"]
    frame = frame.assign(size=sizes[frame["root"]], transactions=many[frame["root"]], first=first)
    frame = frame.sort_values(["size", "first", "account"], ascending=[False, True, True], ignore_index=True)
    order = {root: n for n, root in enumerate(dict.fromkeys(frame["root"].tolist()))}
    return frame.assign(cluster=[order[root] for root in frame["root"]])[["cluster", "account", "transactions"]]


def together(rows: Rows, labels: Known) -> tuple[Ints, Ints]:
    """Each account's cluster, by the least number of an account in it; and for each transaction that joins accounts,
    the number of one of them."""
    txs = rows.transactions
    allowed = ~looks_joint(rows, labels) & (txs.accounts_in > 1)
    ins = txs.ins.only(allowed[txs.ins.tx] & (txs.ins.account >= 0))
    first = np.full(len(txs), len(txs.accounts))
    np.minimum.at(first, ins.tx, ins.account)
    return _components(len(txs.accounts), first[ins.tx], ins.account), first[allowed]


def _components(count: int, one: Ints, other: Ints) -> Ints:
    """The least number that can be reached from each number over pairs."""
    root = np.arange(count)
    while True:
        least = np.minimum(root[one], root[other])
        before = root.copy()
        np.minimum.at(root, root[one], least)
        np.minimum.at(root, root[other], least)
        np.minimum.at(root, one, least)
        np.minimum.at(root, other, least)
        root = root[root]
        if np.array_equal(root, before):
            return root
