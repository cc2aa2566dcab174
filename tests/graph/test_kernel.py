"""The choice of kernel: asked for through CHAINTRACE_KERNEL, said in every answer, never changed quietly."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from types import SimpleNamespace

import pytest

import chaintrace as ct
from chaintrace.errors import KernelError
from chaintrace.graph import kernel as choice
from tests.graph.money import graph, pay

NATIVE = "native" in ct.kernels()


def ask(monkeypatch: pytest.MonkeyPatch, name: str | None) -> None:
    if name is None:
        monkeypatch.delenv("CHAINTRACE_KERNEL", raising=False)
    else:
        monkeypatch.setenv("CHAINTRACE_KERNEL", name)


def test_python_is_always_there() -> None:
    assert "python" in ct.kernels()


@pytest.mark.parametrize("asked", [None, "", "auto"])
def test_auto_takes_the_preferred_one(monkeypatch: pytest.MonkeyPatch, asked: str | None) -> None:
    ask(monkeypatch, asked)
    assert ct.kernel() == ct.kernels()[0]


def test_python_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ask(monkeypatch, "python")
    trace = ct.trace(graph(pay("a", "b", 1)), ct.rows(0))
    assert ct.kernel() == trace.kernel == json.loads(trace.to_json())["kernel"] == "python"


@pytest.mark.skipif(NATIVE, reason="the native kernel is installed")
def test_native_is_an_error_where_it_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error says why it is absent and what to set instead; no trace is made."""
    ask(monkeypatch, "native")
    with pytest.raises(KernelError, match="kernel 'native' is not available") as caught:
        ct.kernel()
    assert choice.why_not_native() in caught.value.message
    assert "CHAINTRACE_KERNEL=auto" in caught.value.hint
    with pytest.raises(KernelError):
        ct.trace(graph(pay("a", "b", 1)), ct.rows(0))


@pytest.mark.parametrize("nonsense", ["rust", "Python", "PYTHON", " python", "none"])
def test_nonsense_is_an_error(monkeypatch: pytest.MonkeyPatch, nonsense: str) -> None:
    ask(monkeypatch, nonsense)
    with pytest.raises(KernelError, match="takes auto, native or python"):
        ct.kernel()
    with pytest.raises(KernelError):
        ct.trace(graph(pay("a", "b", 1)), ct.rows(0))


@pytest.mark.skipif(NATIVE, reason="the native kernel is installed")
def test_the_fallback_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    ask(monkeypatch, None)
    assert choice.describe() == f"python ({choice.why_not_native()})"
    assert choice.why_not_native()


@pytest.mark.skipif(not NATIVE, reason="the native kernel is not installed")
def test_the_readable_kernel_says_that_it_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    ask(monkeypatch, "python")
    assert choice.describe() == "python (CHAINTRACE_KERNEL=python)"
    ask(monkeypatch, "native")
    assert choice.describe() == "native"


@pytest.mark.skipif(not NATIVE, reason="the native kernel is not installed")
def test_both_kernels_trace_one_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    """The graph keeps the lines of each; neither reads the other's."""
    found = graph(pay("a", "b", 5), pay("b", "c", 3))
    for name in ("python", "native", "python"):
        ask(monkeypatch, name)
        assert ct.trace(found, ct.rows(0)).kernel == name


@pytest.mark.parametrize("text", [None, "", "not json", "{}"])
def test_a_build_that_says_nothing_has_a_reason_all_the_same(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, text: str | None
) -> None:
    """A missing or damaged _build.json is no traceback in --version."""
    monkeypatch.setattr(choice, "native", lambda: None)
    file = tmp_path_factory.mktemp("build") / "_build.json"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    monkeypatch.setattr(choice, "BUILD", file)
    assert choice.why_not_native() == "this installation is pure Python"


def test_a_process_of_its_own_obeys() -> None:
    """The variable is read when asked, not when imported, and works from outside."""
    code = "import chaintrace as ct; print(ct.kernel())"
    env = {**os.environ, "CHAINTRACE_KERNEL": "python"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert (done.returncode, done.stdout) == (0, "python\n")


def test_a_library_that_is_older_than_the_rest_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    choice.native.cache_clear()
    try:
        monkeypatch.setattr(choice, "import_module", lambda name: SimpleNamespace(DEBUG=False))
        ask(monkeypatch, None)
        with pytest.warns(RuntimeWarning, match="older than the rest of chaintrace"):
            assert ct.kernels() == ("python",)
        assert choice.describe() == f"python ({choice.STALE})"
        ask(monkeypatch, "native")
        with pytest.raises(KernelError, match="install again"):
            ct.kernel()
    finally:
        choice.native.cache_clear()
