"""A fetch that is killed at any moment goes on where it stopped, and ends with the very bytes of one that was not."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

import chaintrace as ct
from chaintrace.model.page import row_lines
from tests.conftest import PROFILE
from tests.live.conftest import create
from tests.testing.conftest import Stage

KILLS = 1_000 if PROFILE == "nightly" else 100


class Zygote:
    """A process that forks fetches."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).with_name("zygote.py"))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            bufsize=1,
        )

    def fetch(self, folder: Path, url: str, kill_after: float | None = None) -> int:
        """The exit status of a fetch, -9 where it was killed."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{folder} {url}\n")
        pid = int(self.process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return int(self.process.stdout.readline())


@pytest.fixture
def zygote() -> Iterator[Zygote]:
    made = Zygote()
    yield made
    made.process.kill()
    made.process.communicate()


def test_a_fetch_killed_at_any_moment_ends_with_the_same_bytes(stage: Stage, tmp_path: Path, zygote: Zygote) -> None:
    url = stage.node.url
    fresh = tmp_path / "fresh"
    create(stage, fresh)
    undisturbed, disturbed = tmp_path / "one" / "case", tmp_path / "two" / "case"
    shutil.copytree(fresh, undisturbed)
    begin = time.monotonic()
    assert zygote.fetch(undisturbed, url) == 0
    takes = time.monotonic() - begin
    wanted = contents(undisturbed)
    random, kills, ends = Random(0), 0, 0
    while kills < KILLS:
        if not disturbed.exists():
            shutil.copytree(fresh, disturbed)
        status = zygote.fetch(disturbed, url, kill_after=random.uniform(0, takes / 2))
        assert status in (0, -signal.SIGKILL)
        kills += status != 0
        if status == 0 or random.random() < 0.1:
            assert zygote.fetch(disturbed, url) == 0
            assert contents(disturbed) == wanted
            ends += 1
            shutil.rmtree(disturbed)
    assert ends >= 5
    shutil.copytree(fresh, disturbed, dirs_exist_ok=True)
    assert zygote.fetch(disturbed, url) == 0
    assert entries(disturbed) == entries(undisturbed)


def contents(folder: Path) -> tuple[str, tuple[str, ...], list[str]]:
    """Everything that a case says: the digest of what it keeps, its rows, and the responses that it refers to. One that
    was written just before a kill may lie beside them, and is adopted later."""
    case = ct.Case.open(folder)
    assert case.store is not None
    assert case.harvest is not None
    bodies = sorted({one.body for kept in case.store.pages() for one in kept.asked})
    return case.store.digest(), tuple(row_lines(case.harvest.transfers.table)), bodies


def entries(folder: Path) -> dict[str, bytes]:
    """The files of the bundle made of a case, but for the times of day."""
    with zipfile.ZipFile(ct.Case.open(folder).export(folder.parent / "bundle")) as bundle:
        names = [name for name in bundle.namelist() if name != "times.json"]
        told = {name: bundle.read(name) for name in names}
    manifest = json.loads(told.pop("manifest.json"))
    del manifest["files"]["times.json"]
    return told | {"manifest": json.dumps(manifest).encode()}
