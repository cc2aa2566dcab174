"""Chaintrace's pure-Python kernel beside networkx and a naive queue of lots, in one run, as ratios.

.venv/bin/python bench/run.py [rows] [repeats]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

import networkx as nx
import pandas as pd
from workload import THIEF, transfers

import chaintrace as ct


def main(rows: int = 100_000, repeats: int = 3) -> None:
    made = transfers(rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "transfers.parquet"
        pd.DataFrame(made).assign(amount=lambda frame: frame["amount"].astype(str)).to_parquet(path)
        graph = ct.TransferGraph(path)
        network = networkx_build(path)
        works: list[tuple[str, str, Callable[[], Any]]] = [
            ("file to graph, lines drawn", "chaintrace", lambda: ct.TransferGraph(path).lines()),
            ("file to graph, lines drawn", "networkx (no amounts checked, no lines)", lambda: networkx_build(path)),
            ("time-respecting reach", "chaintrace poison", lambda: ct.trace(graph, ct.address(THIEF), "poison")),
            ("time-respecting reach", "networkx edges, earliest arrival", lambda: reach(network, THIEF)),
            ("FIFO, exact", "chaintrace fifo", lambda: ct.trace(graph, ct.address(THIEF), "fifo")),
            ("FIFO, exact", "naive queue over every row", lambda: queue(made, THIEF)),
            ("haircut, exact", "chaintrace haircut", lambda: ct.trace(graph, ct.address(THIEF), "haircut")),
        ]
        print(f"{rows:,} transfers, median of {repeats}, kernel {ct.kernel()}")
        base: dict[str, float] = {}
        for work, who, run in works:
            taken = [timed(run) for _ in range(repeats)]
            median = statistics.median(taken)
            ratio = median / base.setdefault(work, median)
            print(f"{work:28s} {who:42s} {median * 1000:10.1f} ms  ±{max(taken) - min(taken):6.3f} s  {ratio:8.2f} x")
    same = queue(made, THIEF) == ct.trace(graph, ct.address(THIEF), "fifo").ledger["amount"].sum()
    print("the queue and chaintrace seed the same amount:", same)


def timed(run: Callable[[], Any]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def networkx_build(path: Path) -> nx.MultiDiGraph[str]:
    network: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    frame = pd.read_parquet(path)
    columns = (frame[name].tolist() for name in ("sender", "receiver", "amount"))
    network.add_edges_from((s, r, row, {"amount": int(a)}) for row, (s, r, a) in enumerate(zip(*columns, strict=True)))
    return network


def reach(network: nx.MultiDiGraph[str], thief: str) -> int:
    """Accounts that edges in increasing order lead to."""
    reached = {thief}
    for _, (sender, receiver) in sorted((key, (u, v)) for u, v, key in network.edges(keys=True)):
        if sender in reached:
            reached.add(receiver)
    return len(reached)


def queue(made: list[dict[str, Any]], thief: str) -> int:
    """Each account a queue of (amount, tainted) lots; what arrives at the thief is tainted. Returns what was seeded."""
    pots: dict[str, deque[tuple[int, bool]]] = {}
    seeded = 0
    for row in made:
        lots, moved, left = pots.setdefault(row["sender"], deque()), [], row["amount"]
        if row["sender"] == row["receiver"]:
            continue
        while left:
            amount, tainted = lots.popleft() if lots else (left, False)
            if amount > left:
                lots.appendleft((amount - left, tainted))
                amount = left
            moved.append((amount, tainted))
            left -= amount
        if row["receiver"] == thief:
            seeded += sum(amount for amount, tainted in moved if not tainted)
            moved = [(row["amount"], True)]
        pots.setdefault(row["receiver"], deque()).extend(moved)
    return seeded


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
