"""The import contracts bite: each forbidden arrow, drawn in a tiny package with our settings, is found."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.build.sources import ROOT

ROOMS = ("cli", "report", "case", "heuristics", "taint", "graph", "labels", "store", "fetch", "model", "testing")


def lint(folder: Path, module: str, line: str) -> subprocess.CompletedProcess[str]:
    """Run import-linter, with the project's settings, on empty rooms of which one ``module`` holds one ``line``."""
    package = folder / "chaintrace"
    for room in ROOMS:
        (package / room).mkdir(parents=True)
        (package / room / "__init__.py").touch()
    (package / "__init__.py").touch()
    (package / "errors.py").touch()
    path = package / module
    path.parent.mkdir(exist_ok=True)
    path.write_text(line + "\n", encoding="utf-8")
    code = "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command as c; c()"
    settings = ["--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run([sys.executable, "-c", code, *settings], cwd=folder, capture_output=True, text=True)


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("case/crawl.py", "import chaintrace.fetch"),
        ("fetch/node.py", "import requests, web3, socket"),
        ("testing/nodes.py", "import chaintrace.cli, requests"),
        ("cli/main.py", "import chaintrace.model"),
    ],
)
def test_allowed(tmp_path: Path, module: str, line: str) -> None:
    done = lint(tmp_path, module, line)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("errors.py", "import chaintrace.model", "arrows"),
        ("model/chain.py", "import chaintrace.graph", "arrows"),
        ("taint/fifo.py", "import chaintrace.heuristics", "arrows"),
        ("heuristics/peel.py", "import chaintrace.taint", "arrows"),
        ("labels/ofac.py", "import chaintrace.store", "arrows"),
        ("store/rows.py", "import chaintrace.fetch", "arrows"),
        ("cli/main.py", "import chaintrace.testing", "arrows"),
        ("helpers/__init__.py", "", "arrows"),
        ("report/page.py", "import requests", "sockets"),
        ("labels/ofac.py", "from http.client import HTTPConnection", "sockets"),
        ("model/address.py", "import web3", "sockets"),
        ("store/rows.py", "import socket", "sockets"),
        ("case/crawl.py", "import urllib3", "sockets"),
    ],
)
def test_forbidden(tmp_path: Path, module: str, line: str, contract: str) -> None:
    done = lint(tmp_path, module, line)
    name = {"arrows": "arrows point down only, and nothing imports testing", "sockets": "only fetch opens sockets"}
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{name[contract]} BROKEN" in " ".join(done.stdout.split())
