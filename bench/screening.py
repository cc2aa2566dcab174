"""How fast addresses are screened against a case: the workload of ``workload.py``, exchanges and others labelled.

    python bench/screening.py [--rows 1000000] [--addresses 10000] [--labels 1000] [--least 1]

Prints a table: addresses, seconds to read the transfers, to prepare (labels onto the graph), to screen all, of that by
the processor, addresses a second, and the slowest single one. Both directions of every answer are checked to be about
the same units.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import workload

from chaintrace.case.batch import Asked
from chaintrace.case.screen import Screener
from chaintrace.case.screened import Screened
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.kernel import kernel
from chaintrace.labels.book import LabelBook
from chaintrace.labels.label import Label
from chaintrace.taint.exposure import DIRECTIONS
from chaintrace.taint.question import BELOW

COLUMNS = ("kernel", "rows", "addresses", "labels", "read", "prepare", "screen", "processor", "a second", "slowest")


def write(rows: int, path: Path) -> list[str]:
    """The workload as a Parquet file; the addresses of its accounts."""
    batches = list(workload.World(workload.plan(rows)).batches())
    sender, receiver = (np.concatenate([getattr(one, name) for one in batches]) for name in ("sender", "receiver"))
    amount = np.concatenate([one.amount for one in batches])
    names = [f"0x{row.tobytes().hex()}" for row in workload.addresses(np.arange(1 + max(sender.max(), receiver.max())))]
    told = np.array(names)
    table = pa.table(
        {
            "block": workload.blocks(0, len(sender)),
            "sender": told[sender],
            "receiver": told[receiver],
            "amount": [str(int(low) | int(high) << 64) for low, high in amount],
        }
    )
    pq.write_table(table, path)
    return names


def book(plan: workload.Plan, names: list[str], labels: int) -> LabelBook:
    """Every exchange, and some accounts of people, half of them sanctioned."""
    rng = np.random.default_rng(workload.SEED)
    exchanges = [Label(name, "exchange") for name in names[workload.HUBS : workload.HUBS + plan.hubs]]
    chosen = rng.choice(np.arange(plan.first_person, len(names)), labels, replace=False).tolist()
    others = [Label(names[one], "sanctioned" if number % 2 else "hack") for number, one in enumerate(chosen)]
    return LabelBook([*exchanges, *others])


def check(answers: Sequence[Screened], rows: int) -> None:
    """Both directions are about the same units, but for pieces that were too small to follow."""
    for one in answers:
        exposure = one.exposure
        if one.error or exposure is None:
            raise SystemExit(f"{one.address}: {one.error or 'no exposure'}")
        for asset, method in itertools.product(exposure.assets, exposure.methods):
            most = [exposure.funds(way, asset, method) for way in DIRECTIONS]
            small = [
                sum(line.amount for line in exposure.lines if line[:4] == (way, asset, method, BELOW))
                for way in DIRECTIONS
            ]
            least = [funds - below for funds, below in zip(most, small, strict=True)]
            if max(least) > min(most) + rows:
                raise SystemExit(f"{one.address}: {method}, funds of {most}, of which {small} were not followed")


def main(words: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--addresses", type=int, default=10_000)
    parser.add_argument("--labels", type=int, default=1_000)
    parser.add_argument("--least", type=int, default=1)
    chosen = parser.parse_args(words)
    plan = workload.plan(chosen.rows)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "transfers.parquet"
        names = write(chosen.rows, path)
        begin = time.perf_counter()
        graph = TransferGraph(path)
        read = time.perf_counter() - begin
        rng = np.random.default_rng(1)
        asked = [Asked(names[one]) for one in rng.choice(np.arange(plan.first_person, len(names)), chosen.addresses)]
        begin = time.perf_counter()
        screener = Screener(book(plan, names, chosen.labels), None, graph, least=chosen.least)
        screener.one(names[plan.first_person])
        prepared = time.perf_counter() - begin
        took: list[float] = [time.perf_counter()]
        busy = time.process_time()
        answers = list(screener.all(asked, None, lambda done, whole: took.append(time.perf_counter())))
        whole, busy = took[-1] - took[0], time.process_time() - busy
        check(answers, chosen.rows)
    slowest = max(later - sooner for sooner, later in itertools.pairwise(took))
    figures = [f"{chosen.rows:,}", f"{chosen.addresses:,}", f"{chosen.labels + plan.hubs:,}"]
    seconds = [f"{one:.2f} s" for one in (read, prepared, whole, busy)]
    line = [kernel(), *figures, *seconds, f"{chosen.addresses / whole:,.0f}", f"{slowest * 1000:.0f} ms"]
    print("\n".join(f"| {' | '.join(row)} |" for row in (COLUMNS, ["---:"] * len(COLUMNS), line)))


if __name__ == "__main__":
    main()
