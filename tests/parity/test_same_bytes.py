"""The same bytes whatever the hash seed: no order of a hash map reaches a result."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.kernels import KERNELS

CODE = """
from hashlib import sha256
import chaintrace as ct
from tests.parity.circles import circles
graph = circles(300, accounts=40)
for direction, methods in {"forward": ("fifo", "lifo", "haircut", "dirty-first", "poison"),
                           "backward": ("fifo", "lifo", "haircut", "poison")}.items():
    for method in methods:
        trace = ct.trace(graph, [ct.rows(150), ct.rows(7, 160), ct.address(graph.accounts[3])], method, direction,
                         stop_at={graph.accounts[9]: "mixer"})
        said = trace.to_json() + repr(trace.outcome.moves) + repr(trace.outcome.rests) + trace.flows().to_csv()
        print(method, direction, sha256(said.encode()).hexdigest())
"""


@pytest.mark.parametrize("kernel", KERNELS)
def test_ten_runs_with_random_hash_seeds(kernel: str) -> None:
    env = {**os.environ, "CHAINTRACE_KERNEL": kernel, "PYTHONHASHSEED": "random"}
    run = [sys.executable, "-W", "error", "-c", CODE]
    said = {subprocess.run(run, env=env, capture_output=True, text=True, check=True).stdout for _ in range(10)}
    assert len(said) == 1
    assert len(said.pop().splitlines()) == 9
