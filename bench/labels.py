"""How fast a LabelBook is built and asked, beside a plain dict of tuples that knows neither forms, dates nor layers.

    python bench/labels.py [--labels 1000000] [--lookups 100000] [--repeats 3]

Prints seconds of the processor and ratios, of several repeats the fastest, and what each takes in memory.
"""

from __future__ import annotations

import argparse
import random
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

from chaintrace.labels.book import LabelBook
from chaintrace.labels.label import Label

AT = "2023-01-01"


def addresses(count: int, seed: int = 7) -> list[str]:
    numbers = random.Random(seed)
    return [f"0x{numbers.getrandbits(160):040x}" for _ in range(count)]


def plain(known: list[str]) -> dict[str, tuple[Any, ...]]:
    return {one: (one, "mixer", "some name", "", "", "a list", "2022-08-08", None) for one in known}


def book(known: list[str]) -> LabelBook:
    return LabelBook(Label(one, "mixer", "some name", "", "", "a list", "2022-08-08") for one in known)


def fastest(work: Callable[[], object], repeats: int) -> float:
    times = []
    for _ in range(repeats):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def memory(work: Callable[[], object]) -> int:
    tracemalloc.start()
    kept = work()
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del kept
    return size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    for name, default in (("labels", 1_000_000), ("lookups", 100_000), ("repeats", 3)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    known = addresses(asked.labels)
    numbers = random.Random(8)
    wanted = [numbers.choice(known) for _ in range(asked.lookups // 2)] + addresses(
        asked.lookups - asked.lookups // 2, 9
    )
    mine, theirs = book(known), plain(known)
    rows = [
        ("build", fastest(lambda: book(known), asked.repeats), fastest(lambda: plain(known), asked.repeats)),
        (
            "look up",
            fastest(lambda: [mine.look(one, AT) for one in wanted], asked.repeats),
            fastest(lambda: [theirs.get(one) for one in wanted], asked.repeats),
        ),
    ]
    found = sum(bool(mine.look(one, AT).labels) for one in wanted)
    assert found == sum(one in theirs for one in wanted)
    print(f"{asked.labels:,} labels, {asked.lookups:,} lookups, {found:,} found")
    for what, ours, bare in rows:
        print(f"{what:8} book {ours:7.3f} s, dict of tuples {bare:7.3f} s, ratio {ours / bare:6.1f}")
    ours, bare = memory(lambda: book(known)), memory(lambda: plain(known))
    print(f"memory   book {ours >> 20:,} MiB, dict of tuples {bare >> 20:,} MiB, ratio {ours / bare:6.1f}")


if __name__ == "__main__":
    main()
