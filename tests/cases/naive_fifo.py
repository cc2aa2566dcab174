"""A deliberately plain first-in-first-out follower: one queue of lots for each account and asset, csv alone.

It shares nothing with the library, so that the two can be compared. A lot is ``(amount, origin)``, the oldest on the
left. An account that sends more than its queue holds gets the missing units on the right, immediately before the
transfer, with the origin ``unexplained``. A lot that goes into the queue of a stop stays there: stops send nothing.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping
from pathlib import Path

Row = dict[str, str]
Lot = tuple[int, str]
Pot = tuple[str, str]

UNEXPLAINED = "unexplained"


def read(path: Path) -> list[Row]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def take(queue: deque[Lot], amount: int) -> list[Lot]:
    """Remove ``amount`` units from the left of the queue, after adding on its right what it lacks."""
    missing = amount - sum(size for size, _ in queue)
    if missing > 0:
        queue.append((missing, UNEXPLAINED))
    taken = []
    while amount:
        size, origin = queue.popleft()
        moved = min(amount, size)
        if moved < size:
            queue.appendleft((size - moved, origin))
        taken.append((moved, origin))
        amount -= moved
    return taken


def follow(rows: Iterable[Row], seeds: Mapping[str, str], legs: Iterable[Row] = ()) -> dict[Pot, Counter[str]]:
    """Follow every unit of every row; return for each pot (account, asset) how much it holds of each origin.

    ``seeds`` maps transaction hashes to the origin that their units get. ``legs`` are the two ends of a link, as rows:
    with an empty sender they bring units of the origin in ``tx_hash``, with an empty receiver they take units away.
    At equal times a leg goes before the rows; otherwise rows keep the order in which they are given.
    """
    pots: dict[Pot, deque[Lot]] = defaultdict(deque)
    for row in sorted([*legs, *rows], key=lambda row: row["time"]):
        sender, receiver, asset, amount = row["sender"], row["receiver"], row["asset"], int(row["amount"])
        if sender == receiver:
            continue
        lots = take(pots[sender, asset], amount) if sender else [(amount, row["tx_hash"])]
        if row["tx_hash"] in seeds:
            lots = [(amount, seeds[row["tx_hash"]])]
        if receiver:
            pots[receiver, asset].extend(lots)
    held: dict[Pot, Counter[str]] = defaultdict(Counter)
    for pot, queue in pots.items():
        for size, origin in queue:
            held[pot][origin] += size
    return held
