"""Files: written so that a name stands for the whole content or is not there, even after the power went."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def prepare(file: Path, data: bytes) -> Path:
    """Put ``data`` beside ``file`` and force it to the disk; ``adopt`` gives it its name. OSError as it comes."""
    new = file.with_name(file.name + ".new")
    number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o644)
    with os.fdopen(number, "wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(number)
    return new


def adopt(file: Path) -> None:
    """Give what was prepared its name. The folder has to be forced to the disk as well."""
    file.with_name(file.name + ".new").replace(file)


def force(folders: Iterable[Path]) -> None:
    """Force the names in these folders to the disk."""
    if os.name == "nt":
        return
    for folder in folders:
        number = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(number)
        finally:
            os.close(number)
