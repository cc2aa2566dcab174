"""The build hook: a pure wheel where there is no kernel to compile, with the reason inside; never a quiet fallback."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.build.sources import (
    PURE,
    VERSION,
    copy_sources,
    hatchling,
    names_in,
    pip_wheel,
    record,
    record_beside,
    unpack,
)

REASON = "these sources have no rust/ folder"


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return copy_sources(tmp_path / "sources")


@pytest.mark.parametrize(
    ("native", "reason"),
    [("auto", REASON), ("", REASON), ("off", "CHAINTRACE_NATIVE=off")],
    ids=["auto", "unset", "off"],
)
def test_a_pure_wheel_says_why_it_is_pure(sources: Path, native: str, reason: str) -> None:
    done = pip_wheel(sources, native)
    assert done.returncode == 0, done.stderr
    (wheel,) = (sources / "dist").iterdir()
    assert wheel.name == PURE
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
    names = names_in(hatchling("build_wheel", sources))
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
    assert record_beside(sources) == {"native": False, "reason": REASON}


def test_what_belongs_to_an_editable_install_does_not_leak(sources: Path, tmp_path: Path) -> None:
    """Also where no .gitignore keeps it out: not into a wheel, not into an sdist, and it stays where it is."""
    (sources / ".gitignore").unlink()
    package = sources / "src" / "chaintrace"
    stale = ("_build.json", "_native.abi3.so", "_native.cpython-311-x86_64-linux-gnu.so", "_native.pyd")
    for name in stale:
        (package / name).write_text('{"native": true, "reason": "stale"}', encoding="utf-8")
    wheel = hatchling("build_wheel", sources)
    assert wheel.name == PURE
    assert record(wheel) == {"native": False, "reason": REASON}
    assert not [name for name in names_in(wheel) if "_native" in name]
    unpacked = unpack(hatchling("build_sdist", sources), tmp_path)
    assert not [name for name in stale if (unpacked / "src" / "chaintrace" / name).exists()]
    assert all((package / name).exists() for name in stale)


def test_a_library_of_an_older_install_goes_when_there_is_none_now(sources: Path) -> None:
    """Else it would be taken for the one that was asked for."""
    package = sources / "src" / "chaintrace"
    for name in ("_native.abi3.so", "_native.cpython-311-x86_64-linux-gnu.so", "_native.pyd", "_native.pyi"):
        (package / name).touch()
    hatchling("build_editable", sources)
    assert [path.name for path in package.glob("_native*")] == ["_native.pyi"]


def test_a_wheel_can_be_built_from_the_sdist(sources: Path, tmp_path: Path) -> None:
    (sources / "src" / "chaintrace" / "_build.json").write_text("{}", encoding="utf-8")
    unpacked = unpack(hatchling("build_sdist", sources), tmp_path)
    assert (unpacked / "hatch_build.py").is_file()
    assert not (unpacked / "src" / "chaintrace" / "_build.json").exists()
    wheel = hatchling("build_wheel", unpacked)
    assert wheel.name == PURE
    assert record(wheel) == {"native": False, "reason": REASON}
