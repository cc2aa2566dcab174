"""The build hook: compile the native kernel where that is possible, and say in the package what was built.

``CHAINTRACE_NATIVE`` decides: ``auto`` (default) builds the pure wheel when the kernel cannot be built and keeps the
reason, ``require`` fails instead, ``off`` does not try. Every install, editable ones included, gets
``chaintrace/_build.json``: ``{"native": false, "reason": "…"}``. At run time that file is optional.
"""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

MODES = ("auto", "require", "off")
RECORD = "_build.json"


class NotNative(Exception):
    """Why there is no native kernel in this build, in words for the person who installs it."""


class NativeKernelHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs once for each wheel; ``version`` is ``"standard"`` or ``"editable"``."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        mode = os.environ.get("CHAINTRACE_NATIVE", "auto")
        if mode not in MODES:
            self.app.abort(f"CHAINTRACE_NATIVE={mode} is not known; use one of: {', '.join(MODES)}")
        record: dict[str, Any] = {"native": True, "reason": ""}
        try:
            if mode == "off":
                raise NotNative("CHAINTRACE_NATIVE=off")
            build_native(Path(self.root), version, build_data)
        except NotNative as error:
            if mode == "require":
                self.app.abort(f"CHAINTRACE_NATIVE=require, but the native kernel cannot be built: {error}")
            record = {"native": False, "reason": str(error)}
        self.write_record(version, build_data, record)

    def write_record(self, version: str, build_data: dict[str, Any], record: dict[str, Any]) -> None:
        """Beside the sources for an editable install; for a wheel into the wheel alone, so a build leaves no trace."""
        text = json.dumps(record, indent=2) + "\n"
        if version == "editable":
            Path(self.root, "src", "chaintrace", RECORD).write_text(text, encoding="utf-8")
            return
        self.scratch = tempfile.TemporaryDirectory(prefix="chaintrace-build-")
        path = Path(self.scratch.name, RECORD)
        path.write_text(text, encoding="utf-8")
        build_data["force_include"][str(path)] = f"chaintrace/{RECORD}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self.scratch.cleanup()


def build_native(root: Path, version: str, build_data: dict[str, Any]) -> None:
    """Compile ``rust/`` and enter the library and its tag into ``build_data``, or raise NotNative with the reason."""
    if not (root / "rust" / "Cargo.toml").is_file():
        raise NotNative("these sources have no rust/ folder")
    raise NotNative("this version of the build hook does not compile rust/")
