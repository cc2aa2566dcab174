"""Plain Python: one pass over lists, dictionaries for accounts, queues of lots for FIFO. Exact."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

NAME = "plain Python loop"
SHAPES = ("hex",)
CANNOT = {"reach": "a pass in order of time sees nothing else"}


class Rows(NamedTuple):
    sender: list[str]
    receiver: list[str]
    amount: list[int]


def load(path: Path, shape: str) -> Rows:
    table = pq.read_table(path, columns=["sender", "receiver", "amount"])
    amounts = [int(text) for text in table["amount"].to_pylist()]
    return Rows(table["sender"].to_pylist(), table["receiver"].to_pylist(), amounts)


def temporal(rows: Rows, row: int) -> set[str]:
    reached = {rows.receiver[row]}
    for sender, receiver in zip(rows.sender[row + 1 :], rows.receiver[row + 1 :], strict=True):
        if sender in reached:
            reached.add(receiver)
    return reached


def fifo(rows: Rows, seed: int) -> dict[str, int]:
    """Every account a queue of lots, (amount, tainted)."""
    pots: defaultdict[str, deque[tuple[int, bool]]] = defaultdict(deque)
    for row, (sender, receiver, left) in enumerate(zip(*rows, strict=True)):
        if sender == receiver:
            continue
        lots, pot, stolen = pots[receiver], pots[sender], row == seed
        while left:
            amount, tainted = pot.popleft() if pot else (left, False)
            if amount > left:
                pot.appendleft((amount - left, tainted))
                amount = left
            lots.append((amount, tainted or stolen))
            left -= amount
    held = {name: sum(amount for amount, tainted in lots if tainted) for name, lots in pots.items()}
    return {name: amount for name, amount in held.items() if amount}


def haircut(rows: Rows, seed: int) -> dict[str, int]:
    """Of a payment the share that is tainted, rounded down; the payer keeps the rest."""
    balance: defaultdict[str, int] = defaultdict(int)
    taint: dict[str, int] = {}
    for row, (sender, receiver, amount) in enumerate(zip(*rows, strict=True)):
        if sender == receiver:
            continue
        has = max(balance[sender], amount)
        moved = taint[sender] * amount // has if sender in taint else 0
        balance[sender] = has - amount
        balance[receiver] += amount
        if moved:
            taint[sender] -= moved
        moved = amount if row == seed else moved
        if moved:
            taint[receiver] = taint.get(receiver, 0) + moved
    return {name: amount for name, amount in taint.items() if amount}


def once(path: Path, row: int) -> set[str]:
    table = pq.read_table(path, columns=["sender", "receiver"])
    return temporal(Rows(table["sender"].to_pylist(), table["receiver"].to_pylist(), []), row)


def names(rows: Rows, answer: Any) -> Iterable[tuple[str, int]]:
    return answer.items() if isinstance(answer, dict) else ((name, 0) for name in answer)
