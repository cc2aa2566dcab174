"""Too little memory is an error that says what it was for; the process and its graphs live on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kernels import KERNELS

CODE = """
import resource
import chaintrace as ct
from tests.parity.circles import circles
graph = circles(40_000)
small = circles(300)
graph.lines().totals(0, 1), small.lines()
with open("/proc/self/statm") as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + 96 * 2**20, resource.RLIM_INFINITY))
try:
    ct.trace(graph, ct.rows(1), method="{method}")
    print("there was enough")
except ct.errors.OutOfMemory as error:
    print(error)
print(len(ct.trace(small, ct.rows(299)).outcome.moves))
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is limited the Linux way")
@pytest.mark.skipif("native" not in KERNELS, reason="Python's own kernel fails where Python does, and how is Python's")
@pytest.mark.parametrize("method", ["fifo", "lifo"])
def test_a_trace_that_does_not_fit(method: str) -> None:
    env = {**os.environ, "CHAINTRACE_KERNEL": "native"}
    run = [sys.executable, "-c", CODE.format(method=method)]
    done = subprocess.run(run, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0].startswith("out of memory while following the seeds")
    assert said[1].startswith("Hint: follow fewer transfers")
    assert said[2] == "1"
