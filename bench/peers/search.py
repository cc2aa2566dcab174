"""Earliest arrival by a heap of rows, for graph libraries that give the edges of a node but know no time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from heapq import heappop, heappush
from typing import TypeVar

Account = TypeVar("Account", int, str)


def earliest(start: Account, row: int, leaving: Callable[[Account], Iterable[tuple[int, Account]]]) -> set[Account]:
    """Accounts that rows in increasing order lead to from ``start``, reached on ``row``. ``leaving`` gives the (row,
    receiver) pairs that leave an account."""
    reached: set[Account] = set()
    heap = [(row, start)]
    while heap:
        at, account = heappop(heap)
        if account in reached:
            continue
        reached.add(account)
        for later, receiver in leaving(account):
            if later > at and receiver not in reached:
                heappush(heap, (later, receiver))
    return reached
