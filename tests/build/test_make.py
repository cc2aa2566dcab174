"""``make`` on a machine that lacks something says what to install, in one line, and does nothing else."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.build.sources import copy_sources

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")

OLD = """#!/bin/sh
case "$*" in *--version*) echo "Python 3.10.9" ;; *version_info*) exit 1 ;; esac
"""
BARE = f"""#!/bin/sh
case "$*" in *ensurepip*) echo "No module named 'ensurepip'" >&2; exit 1 ;; *) exec {sys.executable} "$@" ;; esac
"""


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS")}
    return subprocess.run(["make", *arguments], cwd=folder, env=outside, capture_output=True, text=True)


@pytest.mark.parametrize("target", ["demo", "test"])
@pytest.mark.parametrize(
    ("script", "message"),
    [
        (OLD, "chaintrace needs Python 3.11 or newer; this is Python 3.10.9. Name another: make PYTHON=python3.12"),
        (BARE, "python cannot make virtual environments. On Debian or Ubuntu: apt install python3-venv"),
        (None, "python is not installed. On Debian or Ubuntu: apt install python3 python3-venv"),
    ],
    ids=["old", "no-ensurepip", "none"],
)
def test_what_is_missing_is_said_in_one_line(tmp_path: Path, target: str, script: str | None, message: str) -> None:
    copy_sources(tmp_path)
    python = tmp_path / "python"
    if script:
        python.write_text(script, encoding="utf-8")
        python.chmod(0o755)
    done = make(tmp_path, target, f"PYTHON={python}")
    assert done.returncode != 0
    said, stopped = done.stderr.splitlines()
    assert said.endswith(message)
    assert stopped.startswith("make: ***")
    assert done.stdout == ""
    assert not (tmp_path / ".venv").exists()


def test_help_is_the_default_and_names_the_targets(tmp_path: Path) -> None:
    done = make(copy_sources(tmp_path))
    assert done.returncode == 0, done.stderr
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["help", "demo", "test", "check", "docs", "clean"]
