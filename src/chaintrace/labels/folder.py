"""The user's folder of lists: editions that were fetched, and labels of one's own."""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from chaintrace.errors import CannotWrite, InputError, ListError
from chaintrace.labels.book import LabelBook
from chaintrace.labels.bundled import bundled_lists
from chaintrace.labels.kept import kept_text, read_kept
from chaintrace.labels.labellist import LabelList
from chaintrace.labels.official import OFFICIAL, official
from chaintrace.labels.read.check import check
from chaintrace.labels.read.formats import read_list, sniff
from chaintrace.labels.read.source import Source
from chaintrace.labels.span import seconds

VARIABLE = "CHAINTRACE_LABELS"
OWN = "own"


def label_folder() -> Path:
    """``CHAINTRACE_LABELS``, or ``chaintrace/labels`` in the place that the system has for a user's data."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Application Support"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return base / "chaintrace" / "labels"


def open_book(folder: str | Path | None = None) -> LabelBook:
    """The bundled lists, over them all editions that were fetched, oldest first, and on top the user's own files
    (``own/*.csv``, ``own/*.toml``) by name. ListError for a file that is damaged, InputError for a bad own label, and
    for a folder that was named and is none; the system's place may be empty."""
    path = label_folder() if folder is None else Path(folder)
    named = folder is not None or bool(os.environ.get(VARIABLE))
    if not path.is_dir() and (named or path.exists()):
        reason = "it is no folder" if path.exists() else "there is no such folder"
        raise InputError(str(path), reason, f"{VARIABLE} or folder= names it; make it, or leave both out")
    return LabelBook(*bundled_lists(), *kept_lists(path), *_own(path / OWN))


def kept_lists(folder: Path, name: str = "") -> list[LabelList]:
    """The editions that were fetched, of one list or of all, oldest first."""
    found = []
    for path in sorted(folder.glob(f"{name or '*'}-????-??-??-????????.list")):
        try:
            found.append(read_kept(path.read_text(encoding="utf-8"), str(path)))
        except (OSError, UnicodeDecodeError, ValueError, TypeError, KeyError) as error:
            if isinstance(error, ListError):
                raise
            raise ListError(str(path), str(error), "remove it and fetch the list again") from error
    return sorted(found, key=lambda one: (seconds(one.edition.published), one.name))


@dataclass(frozen=True, slots=True)
class Updated:
    """What an update did. ``before``: the edition that was there; ``path``: the file, the same as before where the list
    had not changed."""

    found: LabelList
    before: LabelList | None
    path: Path
    changed: bool


def list_of(path: Path) -> str:
    """The name of the official list that a file is an edition of, by its form. ListError where it is of none."""
    found = sniff(Source(path))
    for one in OFFICIAL.values():
        if found in one.formats:
            return one.name
    taken = ", ".join(form for one in OFFICIAL.values() for form in one.formats)
    raise ListError(
        str(path),
        f"it is of the form {found}, not that of an official list",
        f"official lists are taken as {taken}; labels of your own go to the folder own/",
    )


def keep_list(
    name: str, content: bytes | Path, folder: str | Path | None = None, *, published: str = "", origin: str = ""
) -> Updated:
    """Read an edition of an official list, check it against what is known of the list and against the newest edition
    before, and keep it. ListError where it is refused: what was there stays as it is."""
    one, path = official(name), label_folder() if folder is None else Path(folder)
    source = Source(content, origin)
    chosen = sniff(source)
    if chosen not in one.formats:
        raise ListError(
            source.name, f"it is of the form {chosen}, not {' or '.join(one.formats)}", "is it another list?"
        )
    found = read_list(content, chosen, published=published, name=origin)
    before = next(iter(reversed(kept_lists(path, name))), None)
    check(found, one.expected, before, datetime.now(UTC).date().isoformat())
    target = path / f"{name}-{found.edition.published}-{found.edition.sha256[:8]}.list"
    changed = not target.exists()
    if changed:
        _write(target, kept_text(found))
    return Updated(found, before, target, changed)


def _own(folder: Path) -> list[LabelList]:
    paths = sorted(path for path in folder.glob("*") if path.suffix.lower() in (".csv", ".toml"))
    return [read_list(path, path.suffix.lower().removeprefix("."), name=path.name) for path in paths]


def _write(target: Path, text: str) -> None:
    """Whole or not at all, also after the power went."""
    new = ""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        number, new = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        with os.fdopen(number, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(new).replace(target)
    except OSError as error:
        with suppress(OSError):
            Path(new).unlink()
        reason = f"the list cannot be kept: {error.strerror}"
        raise CannotWrite(str(target), reason, f"check the folder, or set {VARIABLE}") from error
