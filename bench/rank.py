"""Ranking around one account beside networkx's personalised PageRank, on the workload of the other benchmarks.

    python bench/rank.py [--rows 1000000] [--seeds 5] [--top 20] [--folder build/bench] [--alone]

Prints for each seed seconds of the processor of every method, the residue, and how many of networkx's first accounts
are among the first of appr, whose limit is the same there: one asset, and between two accounts any number of transfers
is one edge. ``--alone`` leaves networkx out, which needs scipy, minutes and memory.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from files import Files

import chaintrace as ct

WAYS: list[dict[str, Any]] = [{"method": "appr"}, *({"variant": name} for name in ("base", "weight", "time"))]


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of the processor, and what came of the work."""
    start = time.process_time()
    done = work()
    return time.process_time() - start, done


def drawn(graph: ct.TransferGraph, count: int) -> list[str]:
    """Receivers of rows of the middle half, the same every time."""
    rows = np.random.default_rng(7).integers(len(graph) // 4, 3 * len(graph) // 4, count).tolist()
    return graph.take(rows, ["receiver"])["receiver"].to_pylist()


def network(graph: ct.TransferGraph) -> Any:
    import networkx as nx

    pairs = graph.table.select(["sender", "receiver"]).drop_null().to_pandas()
    pairs = pairs[pairs["sender"] != pairs["receiver"]]
    return nx.from_pandas_edgelist(pairs, "sender", "receiver", create_using=nx.Graph)


def first(ranks: dict[str, float], top: int) -> set[str]:
    return set(sorted(ranks, key=ranks.__getitem__, reverse=True)[:top])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, default in (("rows", 1_000_000), ("seeds", 5), ("top", 20)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--folder", type=Path, default=Path("build/bench"))
    parser.add_argument("--alone", action="store_true")
    asked = parser.parse_args()
    files = Files(asked.rows, asked.folder)
    files.make(("hex",))
    graph = ct.TransferGraph(str(files.path("hex")))
    graph.lines()
    print(f"{len(graph):,} transfers, {len(graph.accounts):,} accounts, kernel {ct.kernel()}")
    whole = None if asked.alone else network(graph)
    for seed in drawn(graph, asked.seeds):
        print(seed)
        for way in WAYS:
            took, ranking = timed(lambda seed=seed, way=way: ct.rank(graph, seed, **way))
            name = way.get("variant", "appr")
            print(f"  {name:8}{took:8.2f} s, {len(ranking):,} accounts, residue {ranking.residue * 100 // 10**18} %")
            if name == "appr":
                ours = set(ranking.top(asked.top)["account"])
        if whole is not None:
            import networkx as nx

            took, ranks = timed(lambda seed=seed: nx.pagerank(whole, alpha=0.85, personalization={seed: 1}, tol=1e-10))
            print(f"  networkx{took:8.2f} s; {len(first(ranks, asked.top) & ours)} of its first {asked.top} are appr's")


if __name__ == "__main__":
    main()
