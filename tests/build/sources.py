"""A copy of what a build reads, so that trying things out leaves the working tree as it is."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
VERSION: str = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
FILES = (".gitignore", "LICENSE", "Makefile", "README.md", "constraints.txt", "hatch_build.py", "pyproject.toml")


def copy_sources(folder: Path) -> Path:
    """The package without rust/: these sources can only become a pure-Python wheel."""
    for name in FILES:
        shutil.copy(ROOT / name, folder / name)
    shutil.copytree(ROOT / "src", folder / "src", ignore=shutil.ignore_patterns("__pycache__", "_build.json", "*.so"))
    return folder
