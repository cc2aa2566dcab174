"""The house rules that can be checked by looking: what an import loads, where imports point, how files are kept."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "chaintrace"
MODULES = sorted(PACKAGE.rglob("*.py"))
MOST_LINES = 400

HEAVY = {"duckdb", "networkx", "numpy", "pandas", "pyarrow", "requests", "rich", "web3"}
IMPORT = "import chaintrace"
HELP = """
from chaintrace.cli import main
sys.argv = ["chaintrace", "--help"]
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
"""


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def run(code: str, folder: Path) -> tuple[str, set[str]]:
    """What a fresh interpreter prints for ``code``, and the top-level modules it has loaded by then."""
    code = f"import sys\n{code}\nprint('loaded', *sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = done.stderr.splitlines()[-1].split()
    return done.stdout, {name.partition(".")[0] for name in loaded}


def test_import_loads_nothing_heavy(tmp_path: Path) -> None:
    printed, loaded = run(IMPORT, tmp_path)
    assert printed == ""
    assert "chaintrace" in loaded
    assert loaded & (HEAVY | {"click"}) == set()


def test_help_loads_nothing_heavy(tmp_path: Path) -> None:
    printed, loaded = run(HELP, tmp_path)
    assert "Usage: chaintrace" in printed
    assert loaded & HEAVY == set()


def test_the_command_is_installed(tmp_path: Path) -> None:
    command = Path(sys.executable).with_name("chaintrace")
    done = subprocess.run([command, "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Usage: chaintrace" in done.stdout
    assert done.stderr == ""


def test_imports_point_down_only() -> None:
    command = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_every_module_says_what_it_is_for(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_no_module_is_long_or_unfinished(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert re.findall(r"TODO|FIXME|NotImplementedError", text) == []


def test_every_folder_of_modules_is_a_package() -> None:
    assert [relative(path.parent) for path in MODULES if not (path.parent / "__init__.py").is_file()] == []


def test_the_native_module_has_one_door() -> None:
    """Who else imported it would choose a kernel of his own."""
    told = [relative(path) for path in MODULES if "chaintrace._native" in path.read_text(encoding="utf-8")]
    assert told == ["src/chaintrace/graph/kernel.py"]
