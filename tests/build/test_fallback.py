"""Where Rust is missing, too old, broken or of no use to this Python, the wheel is pure and says which it was."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest

from hatch_build import NotNative, check_library, library_in, why
from tests.build.sources import PURE, ROOT, VERSION, copy_sources, hatchling, pip_wheel, record

LEAST = tomllib.loads((ROOT / "rust" / "Cargo.toml").read_text(encoding="utf-8"))["workspace"]["package"][
    "rust-version"
]
NEW = {"cargo": "echo 'cargo 1.99.0 (abc 2026-01-01)'", "rustc": "echo 'rustc 1.99.0 (abc 2026-01-01)'"}
NO_TOOLCHAIN = "echo 'error: rustup could not choose a version of rustc to run' >&2; exit 1"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return copy_sources(tmp_path / "sources", rust=True)


def path_with(folder: Path, **scripts: str) -> dict[str, str]:
    """A PATH on which there is nothing but these commands."""
    folder.mkdir()
    for name, script in scripts.items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        (folder / name).chmod(0o755)
    return {"PATH": str(folder)}


CASES = {
    "nothing": ({}, "cargo was not found"),
    "no rustc": ({"cargo": NEW["cargo"]}, "rustc was not found"),
    "Debian's": (
        {"cargo": "echo 'cargo 1.65.0'", "rustc": "echo 'rustc 1.63.0'"},
        f"rustc 1.63.0 is older than {LEAST}, which the kernel needs",
    ),
    "old cargo": (
        NEW | {"cargo": "echo 'cargo 1.65.0'"},
        f"cargo 1.65.0 is older than {LEAST}, which the kernel needs",
    ),
    "no toolchain": (
        NEW | {"rustc": NO_TOOLCHAIN},
        "rustc does not say its version: rustup could not choose a version of rustc to run",
    ),
    "not cargo": (NEW | {"cargo": "echo hello"}, "cargo does not say its version: it gave no reason"),
    "silent": (
        NEW | {"cargo": f'[ "$1" = --version ] || exit 7; {NEW["cargo"]}'},
        "the kernel did not compile: it gave no reason",
    ),
    "no library": (
        NEW | {"cargo": f'[ "$1" = --version ] || exit 0; {NEW["cargo"]}'},
        "cargo makes no shared libraries for this platform",
    ),
}


@pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")
@pytest.mark.parametrize(("scripts", "reason"), CASES.values(), ids=CASES)
def test_the_wheel_says_what_is_wrong_with_rust(
    sources: Path, tmp_path: Path, scripts: dict[str, str], reason: str
) -> None:
    wheel = hatchling("build_wheel", sources, also=path_with(tmp_path / "bin", **scripts))
    assert wheel.name == PURE
    assert record(wheel) == {"native": False, "reason": reason}


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        (
            "import sysconfig; sysconfig.get_config_vars()['Py_GIL_DISABLED'] = 1",
            "free-threaded Python does not load the kernel, which is built for the stable ABI",
        ),
        (
            "import platform, sys; sys.implementation.name = 'pypy'; platform.python_implementation = lambda: 'PyPy'",
            "PyPy does not load the kernel, which is built for CPython",
        ),
    ],
    ids=["free-threaded", "PyPy"],
)
def test_the_wheel_says_what_is_wrong_with_this_python(sources: Path, before: str, reason: str) -> None:
    wheel = hatchling("build_wheel", sources, before=before)
    assert wheel.name == PURE
    assert record(wheel) == {"native": False, "reason": reason}


def test_require_fails_where_cargo_is_missing(sources: Path, tmp_path: Path) -> None:
    done = pip_wheel(sources, "require", path_with(tmp_path / "bin"))
    assert done.returncode != 0
    assert "CHAINTRACE_NATIVE=require, but the native kernel cannot be built: cargo was not found" in done.stderr


def test_an_install_without_cargo_runs_and_says_so(sources: Path, tmp_path: Path) -> None:
    also = path_with(tmp_path / "bin")
    done = pip_wheel(sources, also=also)
    assert done.returncode == 0, done.stderr
    command = install(sources / "dist" / PURE, tmp_path / "venv")
    done = subprocess.run([command, "--version"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"chaintrace {VERSION}, kernel python (cargo was not found)\n", "")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (
            "warning: spurious network error (1 try remaining)\nerror: failed to get `x`\n\nCaused by:\n"
            "  failed to download from `https://index.crates.io/config.json`\n",
            "cargo could not get the crates (offline?)",
        ),
        (
            "error: no matching package named `ruint` found\nAs a reminder, you're using offline mode (--offline)\n",
            "cargo could not get the crates (offline?)",
        ),
        (
            "warning: spurious network error: failed to download\nerror[E0308]: mismatched types\n"
            "error: could not compile `x` (lib) due to 1 previous error\n",
            "the kernel did not compile: mismatched types",
        ),
        (
            "error: cannot update the lock file because --locked was passed\n"
            "If you want to generate the lock file without accessing the network, use the --offline flag instead.\n",
            "the kernel did not compile: cannot update the lock file because --locked was passed",
        ),
        ("error: linker `cc` not found\n", "the kernel did not compile: linker `cc` not found"),
    ],
    ids=["unreachable", "offline", "compiler", "stale lock", "linker"],
)
def test_the_reason_is_what_cargo_complained_of_first(said: str, reason: str) -> None:
    assert why(said) == reason


def test_the_library_is_found_among_other_messages() -> None:
    messages = """{"reason":"build-script-executed"}
{"reason":"compiler-artifact","target":{"kind":["lib"]},"filenames":["/t/libx.rlib"]}
{"reason":"compiler-artifact","target":{"kind":["cdylib"]},"filenames":["/t/_native.dll.lib","/t/_native.dll"]}
{"reason":"build-finished","success":true}
"""
    assert library_in(messages) == Path("/t/_native.dll")


def test_a_library_that_does_not_load_is_no_kernel(tmp_path: Path) -> None:
    library = tmp_path / "lib_native.so"
    library.write_bytes(b"for another machine")
    with pytest.raises(NotNative, match="the kernel was compiled but does not load: ImportError: "):
        check_library(library)


def install(wheel: Path, folder: Path) -> Path:
    """The command ``chaintrace``, from a fresh environment with this wheel and, for the rest, our own packages."""
    venv.create(folder, with_pip=False)
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    options = ["--no-deps", "--no-index", "--no-compile", "--quiet", str(wheel)]
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", str(scripts / "python"), "install", *options],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    (site,) = folder.rglob("site-packages")
    rest = [path for path in sys.path if Path(path).name == "site-packages"]
    (site / "rest.pth").write_text("\n".join(rest) + "\n", encoding="utf-8")
    return scripts / "chaintrace"
