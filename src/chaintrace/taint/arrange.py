"""Arrange: rows of one transaction in an order that links allow."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Sequence
from heapq import heapify, heappop, heappush


def arrange(rows: Sequence[int], lines: Sequence[Hashable], before: Iterable[tuple[int, int]]) -> list[int] | None:
    """``rows`` in an order in which those of one line (an asset) stand as they stood among themselves, and the first of
    each pair of ``before`` stands before the second; otherwise the lowest comes first. None where there is no order.

    Sources prove the order of calls and the order of logs, and seldom how one lies to the other.
    """
    followers: dict[int, list[int]] = defaultdict(list)
    waiting = dict.fromkeys(rows, 0)
    last: dict[Hashable, int] = {}
    pairs = list(before)
    for row, line in zip(rows, lines, strict=True):
        if line in last:
            pairs.append((last[line], row))
        last[line] = row
    for first, second in pairs:
        followers[first].append(second)
        waiting[second] += 1
    free = [row for row in rows if not waiting[row]]
    heapify(free)
    order: list[int] = []
    while free:
        row = heappop(free)
        order.append(row)
        for follower in followers[row]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heappush(free, follower)
    return order if len(order) == len(rows) else None
