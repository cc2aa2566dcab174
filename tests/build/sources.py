"""A copy of what a build reads, so that trying things out leaves the working tree as it is; and ways to build it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
FILES = (".gitignore", "LICENSE", "Makefile", "README.md", "constraints.txt", "hatch_build.py", "pyproject.toml")
PURE = f"chaintrace-{VERSION}-py3-none-any.whl"
LIBRARY = "_native.pyd" if os.name == "nt" else "_native.abi3.so"


def copy_sources(folder: Path, rust: bool = False) -> Path:
    """The package; without ``rust`` these sources can only become a pure-Python wheel."""
    folder.mkdir(exist_ok=True)
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    made = shutil.ignore_patterns("__pycache__", "_build.json", "_native*.so", "_native*.pyd", "target")
    for name in ("src", "rust") if rust else ("src",):
        shutil.copytree(ROOT / name, folder / name, ignore=made)
    return folder


def run(
    arguments: list[str], folder: Path, native: str = "auto", also: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """This Python in ``folder``, with CHAINTRACE_NATIVE set, and what is ``also`` set."""
    environment = os.environ | {"CHAINTRACE_NATIVE": native} | dict(also or {})
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def pip_wheel(
    sources: Path, native: str = "auto", also: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """``pip wheel`` into ``dist``."""
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "dist"]
    return run(["-m", "pip", "wheel", ".", *options], sources, native, also)


def hatchling(
    call: str, sources: Path, native: str = "auto", also: Mapping[str, str] | None = None, before: str = ""
) -> Path:
    """Run one hook of the build backend, as an installer does; the path of what it built. ``before``: Python code."""
    (sources / "dist").mkdir(exist_ok=True)
    code = f"{before}\nimport hatchling.build as b; print(b.{call}('dist'))"
    done = run(["-c", code], sources, native, also)
    assert done.returncode == 0, done.stderr
    return sources / "dist" / done.stdout.splitlines()[-1]


def record(wheel: Path) -> dict[str, object]:
    with zipfile.ZipFile(wheel) as archive:
        return dict(json.loads(archive.read("chaintrace/_build.json")))


def record_beside(sources: Path) -> dict[str, object]:
    return dict(json.loads((sources / "src" / "chaintrace" / "_build.json").read_text(encoding="utf-8")))


def names_in(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def libraries(folder: Path) -> list[str]:
    """Every compiled library below ``folder``."""
    return sorted(path.relative_to(folder).as_posix() for kind in ("so", "pyd") for path in folder.rglob(f"*.{kind}"))


def unpack(sdist: Path, folder: Path) -> Path:
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / f"chaintrace-{VERSION}"
