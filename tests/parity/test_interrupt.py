"""Ctrl-C in the midst of a long trace stops it soon, and what there was before still works."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from tests.kernels import KERNELS

CODE = """
import chaintrace as ct
from tests.parity.circles import circles
graph = circles(40_000)
graph.lines()
print("go", flush=True)
try:
    ct.trace(graph, ct.rows(1), method="{method}")
    print("it was over before")
except KeyboardInterrupt:
    print("stopped")
print(ct.trace(graph, ct.rows(len(graph) - 1)).seeded)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="signals are sent the POSIX way")
@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize("method", ["fifo", "lifo"])
def test_an_interrupted_trace(kernel: str, method: str) -> None:
    env = {**os.environ, "CHAINTRACE_KERNEL": kernel}
    run = [sys.executable, "-c", CODE.format(method=method)]
    with subprocess.Popen(run, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "go\n"
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    lines = out.splitlines()
    assert (lines[0], err) == ("stopped", "")
    assert lines[1].startswith("{'eip155:1/slip44:60': ")
