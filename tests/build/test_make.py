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

OUTSIDE = ("CHAINTRACE_NATIVE", "MAKEFLAGS", "MAKELEVEL", "MFLAGS")

# Stand-ins that write down how they are called.
PIP = """#!/bin/sh
case "$*" in
    *--editable\\ .) echo install; echo '{"native": '$NATIVE'}' > src/chaintrace/_build.json ;;
    *pytest*) echo pytest ;;
esac
"""
CHAINTRACE = """#!/bin/sh
[ "$1" = --version ] && echo "chaintrace 1, kernel x" || echo demo
"""
NPM = """#!/bin/sh
[ "$1 $2" = "install --prefix" ] && mkdir -p "$3/node_modules" && echo "npm install $3"
"""
CARGO = """#!/bin/sh
case "$*" in
    --version) echo "cargo $RELEASE" ;;
    "clippy --help") exit 1 ;;
    *--help) ;;
    *) echo "${PWD##*/}: cargo $*" ;;
esac
"""


def make(folder: Path, *arguments: str, **also: str) -> subprocess.CompletedProcess[str]:
    outside = {name: value for name, value in os.environ.items() if name not in OUTSIDE} | also
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
    checks, measures = ["test", "coverage", "check", "docs"], ["bench", "bench-large", "labels", "scorecards"]
    assert [line.split()[1] for line in done.stdout.splitlines()] == ["help", "demo", *checks, *measures, "clean"]


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """Sources with Rust, an environment that is there already, and stand-ins for what make calls."""
    folder = copy_sources(tmp_path / "house", rust=True)
    programs = {"pip": PIP, "chaintrace": CHAINTRACE, "ruff": "", "mypy": "", "lint-imports": "", "cargo": CARGO}
    for name, script in programs.items():
        path = tmp_path / "cargo" if name == "cargo" else folder / ".venv" / "bin" / name.replace("pip", "python")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(script or "#!/bin/sh\n", encoding="utf-8")
        path.chmod(0o755)
    return folder


def in_house(house: Path, target: str, native: str = "true", release: str = "1.99.0", **also: str) -> tuple[str, str]:
    """What ``make target`` prints and what it says beside, on a machine with the cargo of ``release``."""
    path = f"{house.parent}:{os.environ['PATH']}"
    done = make(house, target, f"PYTHON={sys.executable}", PATH=path, NATIVE=native, RELEASE=release, **also)
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_the_demo_installs_once(house: Path) -> None:
    printed, said = in_house(house, "demo")
    assert printed == "install\ndemo\n"
    assert "setting up .venv and compiling the kernel (a few minutes on first use)" in said
    assert said.splitlines()[-1] == "chaintrace 1, kernel x"
    assert in_house(house, "demo") == ("demo\n", "")


@pytest.mark.parametrize(
    "file", ["core/src/lib.rs", "binding/src/lib.rs", "Cargo.toml", "Cargo.lock", ".cargo/config.toml"]
)
def test_a_changed_kernel_is_installed_anew(house: Path, file: str) -> None:
    in_house(house, "demo")
    later = (house / ".venv" / ".run").stat().st_mtime + 1
    os.utime(house / "rust" / file, (later, later))
    assert in_house(house, "demo")[0] == "install\ndemo\n"


def test_what_cargo_makes_is_no_change(house: Path) -> None:
    in_house(house, "demo")
    made = house / "rust" / "target" / "made.rs"
    made.parent.mkdir()
    made.touch()
    os.utime(made, (2**31, 2**31))
    assert in_house(house, "demo")[0] == "demo\n"


def test_another_rust_or_another_mode_is_installed_anew(house: Path) -> None:
    in_house(house, "demo")
    assert in_house(house, "demo", release="2.0.0")[0] == "install\ndemo\n"
    assert in_house(house, "demo", release="2.0.0")[0] == "demo\n"
    printed, said = in_house(house, "demo", CHAINTRACE_NATIVE="off")
    assert printed == "install\ndemo\n"
    assert "setting up .venv (a few minutes on first use)" in said
    assert in_house(house, "demo", CHAINTRACE_NATIVE="off") == ("demo\n", "")
    assert in_house(house, "demo", CHAINTRACE_NATIVE="require")[0] == "install\ndemo\n"


def test_the_kernels_own_tests_run_where_there_is_a_kernel(house: Path) -> None:
    printed, _ = in_house(house, "test")
    assert printed == "install\nrust: cargo test --quiet --locked --package chaintrace-core\npytest\n"
    printed, said = in_house(house, "test", "false", release="2.0.0")
    assert printed == "install\npytest\n"
    assert said.splitlines()[-1] == "cargo test is left out: chaintrace 1, kernel x"


@pytest.mark.parametrize("has_npm", [True, False])
def test_the_local_node_comes_by_npm_and_only_once(house: Path, has_npm: bool) -> None:
    """Without npm the tests run all the same, and what is left out is said."""
    folder = house / "tests" / "node"
    folder.mkdir(parents=True)
    (folder / "package.json").touch()
    npm = house.parent / "npm"
    npm.write_text(NPM if has_npm else "#!/bin/sh\nexit 127\n", encoding="utf-8")
    npm.chmod(0o755)
    printed, said = in_house(house, "test", "false")
    if has_npm:
        assert printed == "install\nnpm install tests/node\npytest\n"
        assert "adding the local Ethereum node of the tests" in said
        assert in_house(house, "test", "false")[0] == "pytest\n"
    else:
        assert printed == "install\npytest\n"
        assert "npm cannot fetch the local Ethereum node: tests that need one are skipped" in said


def test_rust_is_checked_with_what_is_installed(house: Path) -> None:
    """Here rustfmt is and clippy is not."""
    printed, said = in_house(house, "check")
    assert printed == "install\nrust: cargo fmt --check\n"
    assert said.splitlines()[-1] == "cargo clippy is left out: it is not installed"


def test_clean_takes_the_kernel_along(house: Path) -> None:
    made = [house / "rust" / "target" / "release", house / ".venv", house / "build"]
    for folder in made:
        folder.mkdir(parents=True, exist_ok=True)
    package = house / "src" / "chaintrace"
    before = sorted(path.name for path in package.iterdir())
    for name in ("_build.json", "_native.abi3.so"):
        (package / name).touch()
    assert make(house, "clean").returncode == 0
    assert not any(folder.exists() for folder in made)
    assert sorted(path.name for path in package.iterdir()) == before
