"""The build hook: a pure wheel where there is no kernel to compile, with the reason inside; never a quiet fallback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from tests.build.sources import VERSION, copy_sources

REASON = "these sources have no rust/ folder"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    folder = tmp_path / "sources"
    folder.mkdir()
    return copy_sources(folder)


def python(arguments: list[str], folder: Path, native: str = "auto") -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"CHAINTRACE_NATIVE": native}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)


def pip_wheel(sources: Path, native: str) -> subprocess.CompletedProcess[str]:
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", "dist"]
    return python(["-m", "pip", "wheel", ".", *options], sources, native)


def hatchling(call: str, sources: Path) -> Path:
    """Run one hook of the build backend, as an installer does; the path of what it built."""
    (sources / "dist").mkdir(exist_ok=True)
    done = python(["-c", f"import hatchling.build as b; print(b.{call}('dist'))"], sources)
    assert done.returncode == 0, done.stderr
    return sources / "dist" / done.stdout.splitlines()[-1]


def record(wheel: Path) -> dict[str, object]:
    with zipfile.ZipFile(wheel) as archive:
        return dict(json.loads(archive.read("chaintrace/_build.json")))


@pytest.mark.parametrize(("native", "reason"), [("auto", REASON), ("off", "CHAINTRACE_NATIVE=off")])
def test_a_pure_wheel_says_why_it_is_pure(sources: Path, native: str, reason: str) -> None:
    done = pip_wheel(sources, native)
    assert done.returncode == 0, done.stderr
    (wheel,) = (sources / "dist").iterdir()
    assert wheel.name == f"chaintrace-{VERSION}-py3-none-any.whl"
    assert record(wheel) == {"native": False, "reason": reason}
    assert not (sources / "src" / "chaintrace" / "_build.json").exists()


@pytest.mark.parametrize(
    ("native", "message"),
    [
        ("require", f"CHAINTRACE_NATIVE=require, but the native kernel cannot be built: {REASON}"),
        ("yes", "CHAINTRACE_NATIVE=yes is not known; use one of: auto, require, off"),
    ],
)
def test_a_build_that_cannot_do_what_was_asked_fails(sources: Path, native: str, message: str) -> None:
    done = pip_wheel(sources, native)
    assert done.returncode != 0
    assert message in done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert list(sources.glob("dist/*.whl")) == []


def test_the_wheel_holds_the_package_and_nothing_else(sources: Path) -> None:
    with zipfile.ZipFile(hatchling("build_wheel", sources)) as archive:
        names = archive.namelist()
    assert {name.partition("/")[0] for name in names} == {"chaintrace", f"chaintrace-{VERSION}.dist-info"}
    assert {"chaintrace/__init__.py", "chaintrace/errors.py", "chaintrace/py.typed"} <= set(names)
    assert f"chaintrace-{VERSION}.dist-info/licenses/LICENSE" in names
    assert len(names) == len(set(names))


def test_an_editable_install_keeps_the_record_beside_the_sources(sources: Path) -> None:
    with zipfile.ZipFile(hatchling("build_editable", sources)) as archive:
        names = archive.namelist()
        (pth,) = (name for name in names if name.endswith(".pth"))
        assert archive.read(pth).decode().splitlines() == [str(sources / "src")]
    assert not any(name.endswith("_build.json") for name in names)
    beside = sources / "src" / "chaintrace" / "_build.json"
    assert json.loads(beside.read_text(encoding="utf-8")) == {"native": False, "reason": REASON}


def test_the_record_of_an_editable_install_does_not_leak_into_a_wheel(sources: Path) -> None:
    beside = sources / "src" / "chaintrace" / "_build.json"
    beside.write_text('{"native": true, "reason": "stale"}', encoding="utf-8")
    assert record(hatchling("build_wheel", sources)) == {"native": False, "reason": REASON}
    assert "stale" in beside.read_text(encoding="utf-8")


def test_a_wheel_can_be_built_from_the_sdist(sources: Path, tmp_path: Path) -> None:
    (sources / "src" / "chaintrace" / "_build.json").write_text("{}", encoding="utf-8")
    with tarfile.open(hatchling("build_sdist", sources)) as archive:
        archive.extractall(tmp_path, filter="data")
    unpacked = tmp_path / f"chaintrace-{VERSION}"
    assert (unpacked / "hatch_build.py").is_file()
    assert not (unpacked / "src" / "chaintrace" / "_build.json").exists()
    wheel = hatchling("build_wheel", unpacked)
    assert wheel.name == f"chaintrace-{VERSION}-py3-none-any.whl"
    assert record(wheel) == {"native": False, "reason": REASON}
