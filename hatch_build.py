"""The build hook: compile the native kernel where that is possible, and say in the package what was built.

``CHAINTRACE_NATIVE`` decides: ``auto`` (default) builds the pure wheel when the kernel cannot be built and keeps the
reason, ``require`` fails instead, ``off`` does not try. Every install, editable ones included, gets
``chaintrace/_build.json``: ``{"native": true, "reason": "", "rustc": "1.95.0"}`` or
``{"native": false, "reason": "cargo was not found"}``. At run time that file is optional.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

MODES = ("auto", "require", "off")
RECORD = "_build.json"
LIBRARY = "_native.pyd" if os.name == "nt" else "_native.abi3.so"
CRATE = "chaintrace-native"
BUILD = ("build", "--release", "--locked", "--package", CRATE, "--message-format=json-render-diagnostics")

# Cargo's own patience with a network that does not answer is over two minutes; who has a fallback need not wait.
IMPATIENCE = {"CARGO_NET_RETRY": "1", "CARGO_HTTP_TIMEOUT": "8"}
NO_CRATES = re.compile(r"failed to download|offline mode|--offline was|unable to update registry", re.I)
LOAD = """
import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_file_location
path = sys.argv[1]
module_from_spec(spec_from_file_location("_native", path, loader=ExtensionFileLoader("_native", path)))
"""


class NotNative(Exception):
    """Why there is no native kernel in this build, in words for the person who installs it."""


class NativeKernelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs once for each wheel; ``version`` is ``"standard"`` or ``"editable"``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        mode = os.environ.get("CHAINTRACE_NATIVE") or "auto"
        if mode not in MODES:
            self.app.abort(f"CHAINTRACE_NATIVE={mode} is not known; use one of: {', '.join(MODES)}")
        library: Path | None = None
        try:
            library, rustc = self.build(mode)
            record: dict[str, Any] = {"native": True, "reason": "", "rustc": rustc}
        except NotNative as error:
            if mode == "require":
                self.app.abort(f"CHAINTRACE_NATIVE=require, but the native kernel cannot be built: {error}")
            self.app.display_warning(f"chaintrace is built without its native kernel: {error}")
            record = {"native": False, "reason": str(error)}
        text = json.dumps(record, indent=2) + "\n"
        if version == "editable":
            self.place_beside_sources(library, text)
        else:
            self.place_in_wheel(library, text, build_data)

    def build(self, mode: str) -> tuple[Path, str]:
        """The library and the version of rustc that made it, or NotNative."""
        folder = Path(self.root, "rust")
        if mode == "off":
            raise NotNative("CHAINTRACE_NATIVE=off")
        if not (folder / "Cargo.toml").is_file():
            raise NotNative("these sources have no rust/ folder")
        check_interpreter()
        rustc = check_compiler(folder)
        self.app.display_waiting(f"compiling the native kernel with rustc {rustc} (about a minute the first time)")
        library = compile_kernel(folder, IMPATIENCE if mode == "auto" else {})
        check_library(library)
        return library, rustc

    def place_beside_sources(self, library: Path | None, record: str) -> None:
        """For an editable install. An older library goes: it would be taken for this one."""
        package = Path(self.root, "src", "chaintrace")
        for file in package.glob("_native*"):
            if file.suffix in (".so", ".pyd") and (library is None or file.name != LIBRARY):
                file.unlink()
        if library:
            # Renamed into place: a program that has the old library open keeps it.
            fresh = Path(shutil.copy(library, package / f"{LIBRARY}.new"))
            fresh.replace(package / LIBRARY)
        (package / RECORD).write_text(record, encoding="utf-8")

    def place_in_wheel(self, library: Path | None, record: str, build_data: dict[str, Any]) -> None:
        """Into the wheel alone, so that a build leaves no trace beside the sources."""
        self.scratch = tempfile.TemporaryDirectory(prefix="chaintrace-build-")
        path = Path(self.scratch.name, RECORD)
        path.write_text(record, encoding="utf-8")
        build_data["force_include"][str(path)] = f"chaintrace/{RECORD}"
        if library:
            build_data["force_include"][str(library)] = f"chaintrace/{LIBRARY}"
            build_data["pure_python"] = False
            build_data["tag"] = f"cp311-abi3-{platform_tag()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self.scratch.cleanup()


def check_interpreter() -> None:
    """NotNative where the interpreter that runs the build does not load libraries for CPython's stable ABI."""
    if sys.implementation.name != "cpython":
        raise NotNative(f"{platform.python_implementation()} does not load the kernel, which is built for CPython")
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        raise NotNative("free-threaded Python does not load the kernel, which is built for the stable ABI")


def check_compiler(folder: Path) -> str:
    """The version of rustc. NotNative where cargo or rustc is missing, does not run, or is too old for the kernel."""
    paths = {"cargo": shutil.which("cargo"), "rustc": shutil.which(os.environ.get("RUSTC", "rustc"))}
    for tool, path in paths.items():
        if path is None:
            raise NotNative(f"{tool} was not found")
    manifest = tomllib.loads((folder / "Cargo.toml").read_text(encoding="utf-8"))
    least = manifest["workspace"]["package"]["rust-version"]
    versions = {tool: version_of(tool, str(path), folder) for tool, path in paths.items()}
    for tool in ("rustc", "cargo"):
        if numbers(versions[tool]) < numbers(least):
            raise NotNative(f"{tool} {versions[tool]} is older than {least}, which the kernel needs")
    return versions["rustc"]


def version_of(tool: str, path: str, folder: Path) -> str:
    """Asked in ``folder``, where rustup may choose another toolchain than elsewhere."""
    try:
        done = subprocess.run([path, "--version"], cwd=folder, capture_output=True, text=True)
    except OSError as error:
        raise NotNative(f"{tool} does not run: {error}") from None
    if found := re.match(rf"{tool} (\d+\.\d+(\.\d+)?)", done.stdout):
        return found[1]
    raise NotNative(f"{tool} does not say its version: {first_error(done.stderr)}")


def numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def compile_kernel(folder: Path, defaults: Mapping[str, str]) -> Path:
    """Run cargo in ``folder`` and pass on what it says; the library it made. ``defaults`` are environment variables."""
    environment = {**defaults, **os.environ, "CARGO_TERM_COLOR": "never"}
    environment |= {"PYO3_PYTHON": sys.executable, "PYO3_BUILD_EXTENSION_MODULE": "1"}
    pipes: dict[str, Any] = {"stderr": subprocess.PIPE, "encoding": "utf-8", "errors": "replace"}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as messages:
        with subprocess.Popen(["cargo", *BUILD], cwd=folder, env=environment, stdout=messages, **pipes) as process:
            said = "".join(map(echo, process.stderr or ()))
        if process.returncode != 0:
            raise NotNative(why(said))
        messages.seek(0)
        return library_in(messages.read())


def echo(line: str) -> str:
    sys.stderr.write(line)
    return line


def why(said: str) -> str:
    """What cargo's complaint comes down to."""
    found = re.search(r"^error", said, re.M)
    if found and NO_CRATES.search(said, found.start()):
        return "cargo could not get the crates (offline?)"
    return f"the kernel did not compile: {first_error(said)}"


def first_error(said: str) -> str:
    """The first complaint of a compiler; its last one only counts them."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("error")]
    return re.sub(r"^error(\[\w+\])?: ", "", [*errors, *lines, "it gave no reason"][0])


def library_in(messages: str) -> Path:
    """The shared library among cargo's messages, one JSON object a line."""
    for message in map(json.loads, messages.splitlines()):
        if message["reason"] == "compiler-artifact" and "cdylib" in message["target"]["kind"]:
            for name in message["filenames"]:
                if name.endswith((".so", ".dylib", ".dll")):
                    return Path(name)
    raise NotNative("cargo makes no shared libraries for this platform")


def check_library(library: Path) -> None:
    """NotNative where this interpreter cannot load it, because it was compiled for another machine, say."""
    done = subprocess.run([sys.executable, "-I", "-c", LOAD, str(library)], capture_output=True, text=True)
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise NotNative(f"the kernel was compiled but does not load: {said[-1]}")


def platform_tag() -> str:
    """What a wheel that was compiled here may claim: this platform, not the older ones that manylinux names."""
    platforms = (tag.platform for tag in sys_tags())
    return next(name for name in platforms if not name.startswith(("manylinux", "musllinux")))
