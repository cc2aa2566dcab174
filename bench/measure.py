"""One peer in a process of its own: loads a file, answers questions, says how long each took. Started by run.py.

It first loads a file of 1,000 rows and asks it everything, so that imports are not measured. It writes one JSON object
a line: ``begin`` before each measurement, ``took`` and ``worked`` (seconds by the clock and of all processors, of each
repeat) after it, ``loaded`` and ``peak`` (bytes), ``answer`` to compare answers by.
"""

from __future__ import annotations

import ctypes
import gc
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import pyarrow as pa
import workload
from peers import open_peer

REPEATS = 5
ENOUGH = 1.0  # seconds after which a question is not asked again in the same process


def main(spec: dict[str, Any]) -> None:
    peer = open_peer(spec["peer"])
    path, shape = Path(spec["path"]), spec["shape"]
    rehearse(peer, spec)
    if spec["once"] is not None:
        answer = timed("once", lambda: peer.once(path, spec["once"]), 1)
        say(answer=digest(peer.names(None, answer)), of="temporal narrow")
        return
    settle()
    before, clean = memory("VmRSS"), forget_peak()
    graph = timed(f"load {shape}", lambda: peer.load(path, shape), 1)
    for part, seconds in getattr(peer, "PARTS", {}).items():
        say(took=[seconds], of=f"{part} {shape}")
    peak = memory("VmHWM")
    settle()
    say(loaded=memory("VmRSS") - before, peak=peak)
    for work, seed, row in spec["asks"]:
        name = f"{work} {seed}"
        answer = timed(name, lambda work=work, row=row: getattr(peer, work)(graph, row), REPEATS)
        say(**({"peak": memory("VmHWM")} if clean else {}), of=name, **_pieces(peer, answer))
        if seed in spec["compared"]:
            say(answer=digest(peer.names(graph, answer)), of=name)
        del answer
        settle()
        clean = forget_peak()  # or what comparing took would count


def rehearse(peer: Any, spec: dict[str, Any]) -> None:
    path, row = Path(spec["tiny"]), spec["tiny_row"]
    if spec["once"] is not None:
        peer.once(path, row)
        return
    graph = peer.load(path, spec["shape"])
    for work, _, _ in spec["asks"]:
        getattr(peer, work)(graph, row)


def _pieces(peer: Any, answer: Any) -> dict[str, int]:
    return {"pieces": peer.pieces(answer)} if hasattr(peer, "pieces") else {}


def timed(name: str, run: Callable[[], Any], most: int) -> Any:
    say(begin=name)
    took: list[float] = []
    worked: list[float] = []
    answer = None
    while len(took) < most and sum(took) < ENOUGH:
        answer = None
        begin, busy = perf_counter(), process_time()
        answer = run()
        took.append(perf_counter() - begin)
        worked.append(process_time() - busy)
    say(took=took, worked=worked, of=name)
    return answer


def digest(names: Iterable[tuple[Any, int]]) -> list[str]:
    """How many accounts, and a sum over accounts and amounts that is the same in whatever order they come."""
    accounts, amounts = zip(*names, strict=True)
    sums = [(1 + int(amount)) * value for amount, value in zip(amounts, _values(accounts), strict=True)]
    return [str(len(sums)), str(sum(sums) % 2**128)]


def _values(accounts: tuple[Any, ...]) -> list[int]:
    if isinstance(accounts[0], str) and accounts[0].startswith("0x"):
        return [int(name[2:18], 16) for name in accounts]
    if isinstance(accounts[0], bytes):
        return [int.from_bytes(name[:8], "big") for name in accounts]
    known = workload.addresses(np.array([int(number) for number in accounts]))
    return [int.from_bytes(row[:8].tobytes(), "big") for row in known]


def memory(field: str) -> int:
    """Bytes, from /proc; 0 where there is none."""
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith(field)), 0)


def forget_peak() -> bool:
    """Makes VmHWM count from now on; whether the system could."""
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return False
    return True


def settle() -> None:
    """Gives freed memory back, so that what is left is what the graph needs."""
    gc.collect()
    pa.default_memory_pool().release_unused()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


def say(**words: Any) -> None:
    print(json.dumps(words), flush=True)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
