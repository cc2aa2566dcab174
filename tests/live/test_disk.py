"""A disk that is full or may not be written to: a clear error, nothing lost, and the same end once there is room."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import chaintrace as ct
from chaintrace.errors import CannotWrite
from tests.live.conftest import create, fetch
from tests.testing.conftest import Stage


class Disk:
    """A file system of a size that can be changed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(path)]
        if os.geteuid() or shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
            pytest.skip("file systems cannot be mounted here: this test needs root")

    def remount(self, options: str) -> None:
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.path)], check=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    made = Disk(tmp_path / "disk")
    yield made
    subprocess.run(["umount", "--lazy", str(made.path)], check=True)


def test_a_full_disk_stops_a_fetch_and_more_room_lets_it_go_on(stage: Stage, tmp_path: Path, disk: Disk) -> None:
    undisturbed = fetch(stage, tmp_path / "case", share="1")
    case = create(stage, disk.path / "case")
    fetcher, stops = ct.Rpc(stage.node.url), 0
    for kilobytes in range(512, 64 * 1024, 1024):
        disk.remount(f"size={kilobytes}k")
        try:
            case = ct.Case.open(disk.path / "case")
            case.fetch([fetcher], budget=ct.Budget(share="1"))
            break
        except CannotWrite:
            stops += 1
    assert stops >= 2
    assert case.store is not None
    assert undisturbed.store is not None
    assert case.store.digest() == undisturbed.store.digest()
    assert case.verify().same


def test_a_folder_that_may_not_be_written_to_is_read_all_the_same(stage: Stage, tmp_path: Path, disk: Disk) -> None:
    disk.remount("size=64m")
    fetch(stage, disk.path / "case", accounts=2)
    disk.remount("ro")
    case = ct.Case.open(disk.path / "case")
    assert case.verify().same
    with pytest.raises(CannotWrite, match=r"[Rr]ead-only|may not"):
        case.fetch([ct.Rpc(stage.node.url)])
    with pytest.raises(CannotWrite):
        case.export(disk.path / "bundle")
    with pytest.raises(CannotWrite):
        create(stage, disk.path / "other")
