"""The build hook with real Rust: a wheel with the kernel inside, or the reason why there is none.

What the project's own target folder has is taken from there, so that only what a test changes is compiled.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import time
import tomllib
import zipfile
from pathlib import Path

import pytest

from chaintrace.graph.kernel import BUILD
from tests.build.sources import (
    LIBRARY,
    PURE,
    ROOT,
    VERSION,
    copy_sources,
    hatchling,
    libraries,
    names_in,
    pip_wheel,
    record,
    record_beside,
    run,
    unpack,
)
from tests.build.test_fallback import LEAST, install


def missing() -> str:
    """Why there is no kernel here that could be built again, or nothing."""
    built = json.loads(BUILD.read_text(encoding="utf-8")) if BUILD.is_file() else {}
    return "" if built.get("native") else f"no kernel was built here: {built.get('reason')}"


pytestmark = pytest.mark.skipif(bool(missing()), reason=missing())

NATIVE = re.compile(rf"chaintrace-{re.escape(VERSION)}-cp311-abi3-(?!manylinux|musllinux)\w+\.whl")
UNREACHABLE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """CARGO_TARGET_DIR of all tests here: a copy of the project's own, which a test must not touch."""
    folder = tmp_path_factory.mktemp("cargo") / "target"
    own = Path(os.environ.get("CARGO_TARGET_DIR", "target"))
    if (ROOT / "rust" / own / "release").is_dir():
        shutil.copytree(ROOT / "rust" / own / "release", folder / "release")
    return folder


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sources that nobody changes."""
    return copy_sources(tmp_path_factory.mktemp("native") / "sources", rust=True)


@pytest.fixture(scope="module")
def wheel(shared: Path, target: Path) -> Path:
    done = pip_wheel(shared, "require", {"CARGO_TARGET_DIR": str(target)})
    assert done.returncode == 0, done.stdout + done.stderr
    (wheel,) = shared.glob("dist/*.whl")
    return wheel


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    return copy_sources(tmp_path / "sources", rust=True)


def build_native(call: str, sources: Path, target: Path) -> Path:
    return hatchling(call, sources, "require", {"CARGO_TARGET_DIR": str(target)})


def break_kernel(sources: Path) -> None:
    library = sources / "rust" / "binding" / "src" / "lib.rs"
    library.write_text(f'{library.read_text(encoding="utf-8")}\ncompile_error!("made so");\n', encoding="utf-8")


def test_the_wheel_is_for_this_platform_and_any_python_from_3_11(wheel: Path) -> None:
    assert NATIVE.fullmatch(wheel.name)
    with zipfile.ZipFile(wheel) as archive:
        about = archive.read(f"chaintrace-{VERSION}.dist-info/WHEEL").decode().splitlines()
    assert "Root-Is-Purelib: false" in about
    assert [line for line in about if line.startswith("Tag: ")] == [f"Tag: {'-'.join(wheel.stem.split('-')[2:])}"]


def test_the_wheel_holds_the_kernel_once_and_what_made_it(wheel: Path) -> None:
    assert [name for name in names_in(wheel) if name.endswith((".so", ".pyd", ".dylib"))] == [f"chaintrace/{LIBRARY}"]
    assert not [name for name in names_in(wheel) if name.endswith(".rs") or "Cargo" in name]
    made = record(wheel)
    assert made.pop("rustc") == compiler()
    assert made == {"native": True, "reason": ""}


def compiler() -> str:
    said = subprocess.run(["rustc", "--version"], cwd=ROOT / "rust", capture_output=True, text=True).stdout
    return said.split()[1].partition("-")[0]


@pytest.mark.usefixtures("wheel")
def test_a_wheel_leaves_nothing_beside_the_sources(shared: Path) -> None:
    assert libraries(shared) == []
    assert not (shared / "src" / "chaintrace" / "_build.json").exists()
    assert not (shared / "rust" / "target").exists()


def test_the_installed_wheel_has_the_native_kernel(wheel: Path, tmp_path: Path) -> None:
    command = install(wheel, tmp_path / "venv")
    assert libraries(tmp_path / "venv")[0].endswith(f"/site-packages/chaintrace/{LIBRARY}")
    assert len(libraries(tmp_path / "venv")) == 1
    done = subprocess.run([command, "--version"], cwd=tmp_path, capture_output=True, text=True)
    assert (done.stdout, done.stderr) == (f"chaintrace {VERSION}, kernel native\n", "")
    code = "import chaintrace._native as n; print(n.__file__)"
    done = subprocess.run([command.with_name("python"), "-c", code], cwd=tmp_path, capture_output=True, text=True)
    assert Path(done.stdout.strip()).is_relative_to(tmp_path / "venv"), done.stderr


def test_the_sdist_builds_both(shared: Path, target: Path, tmp_path: Path) -> None:
    unpacked = unpack(hatchling("build_sdist", shared), tmp_path)
    assert {path.name for path in (unpacked / "rust").iterdir()} == {path.name for path in (shared / "rust").iterdir()}
    assert {"Cargo.toml", "Cargo.lock", ".cargo"} <= {path.name for path in (unpacked / "rust").iterdir()}
    assert hatchling("build_wheel", unpacked, "off").name == PURE
    native = build_native("build_wheel", unpacked, target)
    assert NATIVE.fullmatch(native.name)
    assert record(native)["native"] is True


def test_an_editable_install_has_the_library_beside_the_sources_alone(sources: Path, target: Path) -> None:
    package = sources / "src" / "chaintrace"
    old = package / "_native.cpython-311-x86_64-linux-gnu.so"
    old.touch()
    editable = build_native("build_editable", sources, target)
    assert not [name for name in names_in(editable) if name.startswith("chaintrace/")]
    assert libraries(sources) == [f"src/chaintrace/{LIBRARY}"]
    assert record_beside(sources)["native"] is True
    assert [path.name for path in package.glob("*.new")] == []
    assert hatchling("build_editable", sources, "off").is_file()
    assert libraries(sources) == []
    assert record_beside(sources) == {"native": False, "reason": "CHAINTRACE_NATIVE=off"}


def test_what_is_compiled_is_not_compiled_again(shared: Path, target: Path) -> None:
    build_native("build_wheel", shared, target)
    code = "import hatchling.build as b; b.build_wheel('dist')"
    done = run(["-c", code], shared, "require", {"CARGO_TARGET_DIR": str(target)})
    assert done.returncode == 0
    assert f"compiling the native kernel with rustc {compiler()}" in done.stderr
    assert "   Compiling" not in done.stderr


def test_without_a_way_to_the_crates_the_wheel_is_pure_in_seconds(sources: Path, tmp_path: Path) -> None:
    cut_off = {"CARGO_HOME": str(tmp_path / "empty"), "CARGO_HTTP_PROXY": UNREACHABLE}
    since = time.monotonic()
    wheel = hatchling("build_wheel", sources, "auto", cut_off | {"CARGO_TARGET_DIR": str(tmp_path / "target")})
    assert time.monotonic() - since < 30
    assert wheel.name == PURE
    assert record(wheel) == {"native": False, "reason": "cargo could not get the crates (offline?)"}


def test_a_kernel_that_does_not_compile_falls_back_or_fails_as_asked(sources: Path, target: Path) -> None:
    break_kernel(sources)
    where = {"CARGO_TARGET_DIR": str(target)}
    wheel = hatchling("build_wheel", sources, "auto", where)
    assert wheel.name == PURE
    assert record(wheel) == {"native": False, "reason": "the kernel did not compile: made so"}
    wheel.unlink()
    done = pip_wheel(sources, "require", where)
    assert done.returncode != 0
    assert "native kernel cannot be built: the kernel did not compile: made so" in done.stderr
    assert "binding/src/lib.rs:" in done.stderr.replace("\\", "/")
    assert list(sources.glob("dist/*.whl")) == []


@pytest.mark.skipif(os.name == "nt", reason="no linker of its own")
def test_without_a_linker_the_wheel_is_pure(sources: Path, tmp_path: Path) -> None:
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in ("cargo", "rustc"):
        (commands / name).symlink_to(str(shutil.which(name)))
    also = {"PATH": str(commands), "CARGO_TARGET_DIR": str(tmp_path / "target")}
    wheel = hatchling("build_wheel", sources, "auto", also)
    assert wheel.name == PURE
    assert record(wheel) == {"native": False, "reason": "the kernel did not compile: linker `cc` not found"}


def test_the_crates_do_with_the_rust_that_is_asked_for() -> None:
    """Else a compiler that is new enough by our word would fail."""
    command = ["cargo", "metadata", "--locked", "--format-version=1", "--filter-platform", host()]
    done = subprocess.run(command, cwd=ROOT / "rust", capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    crates = [crate for crate in json.loads(done.stdout)["packages"] if crate["rust_version"]]
    too_new = [crate["name"] for crate in crates if release(crate["rust_version"]) > release(LEAST)]
    assert too_new == []


def host() -> str:
    said = subprocess.run(["rustc", "-vV"], cwd=ROOT / "rust", capture_output=True, text=True, check=True).stdout
    return dict(line.split(": ", 1) for line in said.splitlines() if ": " in line)["host"]


def release(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")[:2]))


def test_the_crates_have_the_version_of_the_package() -> None:
    manifest = tomllib.loads((ROOT / "rust" / "Cargo.toml").read_text(encoding="utf-8"))
    assert manifest["workspace"]["package"]["version"] == VERSION
