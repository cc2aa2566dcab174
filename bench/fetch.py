"""How fast a node's history becomes rows: one account's transfers of a token, from a local anvil, and where time goes.

    python bench/fetch.py [--transfers 100000] [--way trace_filter] [--repeats 3]

Prints a table: rows, seconds in the node (anvil and HTTP), in parsing JSON, in reading and checking it, in writing
rows, altogether, and rows a second. Of several repeats the fastest is shown.
"""

from __future__ import annotations

import argparse
import resource
import time
from collections.abc import Callable, Sequence
from typing import Any

from chaintrace.fetch.rpc.decode import decode_replies, tell
from chaintrace.fetch.rpc.facts import gather
from chaintrace.fetch.rpc.fetcher import Rpc
from chaintrace.fetch.rpc.proof import prove
from chaintrace.fetch.rpc.reply import Reply
from chaintrace.fetch.rpc.ways import WAYS
from chaintrace.fetch.transport import Limits
from chaintrace.model.page import Nothing, Question
from chaintrace.testing import Anvil
from chaintrace.testing.crowd import crowd

COLUMNS = ("rows", "MB", "calls", "node", "JSON", "read", "prove", "write", "whole", "rows/s")


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    done = work()
    return time.perf_counter() - start, done


def peak() -> float:
    """The most memory that this process has had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def question(fetcher: Rpc, account: str, first: int, last: int, way: str) -> Question:
    digest = fetcher.hashes([last])[last]
    return Question("rpc", fetcher.name, fetcher.chain, (account,), (), 0, last, digest, last, first, way)


def measure(fetcher: Rpc, asked: Question) -> dict[str, float]:
    """Seconds by what they went into. The node's are those of the same request bodies, sent without reading them."""
    before = fetcher.calls
    whole, page = timed(lambda: fetcher.ask(asked, Nothing()))
    calls = fetcher.calls - before
    parse, replies = timed(lambda: {digest: Reply(asked.provider, body.data) for digest, body in page.bodies.items()})
    read, facts = timed(lambda: gather(asked.provider, page.asked, replies.__getitem__))
    proof, _ = timed(lambda: prove(asked, facts))
    write, answer = timed(lambda: tell(asked, facts))
    if decode_replies(asked, page.asked, replies.__getitem__).digest != page.answer.digest:
        raise SystemExit("the evidence does not say what the page says")
    seconds = {"JSON": parse, "read": read, "prove": proof, "write": write - proof}
    size = sum(len(body.data) for body in page.bodies.values()) / 1e6
    rows = answer.rows.num_rows
    return {
        "rows": rows, "MB": size, "calls": calls, "node": whole - sum(seconds.values()), **seconds,
        "whole": whole, "rows/s": rows / whole,
    }  # fmt: skip


def table(found: dict[str, float]) -> str:
    cells = [
        f"{found[name]:,.0f}" if name in ("rows", "MB", "calls", "rows/s") else f"{found[name]:.2f} s"
        for name in COLUMNS
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in (COLUMNS, ["---:"] * len(COLUMNS), cells))


def main(words: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--transfers", type=int, default=100_000)
    options.add_argument("--way", choices=WAYS, default=WAYS[0])
    options.add_argument("--repeats", type=int, default=3)
    asked = options.parse_args(words)
    with Anvil(block_gas_limit=100_000_000) as node:
        planted = crowd(node, asked.transfers)
        fetcher = Rpc(node.url, way=asked.way, limits=Limits(), most=10 * asked.transfers)
        about = question(fetcher, planted.one("center"), planted.first, planted.last, asked.way)
        before = peak()
        fetcher.ask(about, Nothing())
        memory = peak() - before
        found = [measure(fetcher, about) for _ in range(asked.repeats)]
        fetcher.close()
    if any(one["rows"] < len(planted.rows) for one in found):
        raise SystemExit("not all rows came")
    print(table(min(found, key=lambda one: one["whole"])))
    print(f"\none answer took {memory:,.0f} MiB at its peak, beside {before:,.0f} MiB of the scenario")


if __name__ == "__main__":
    main()
