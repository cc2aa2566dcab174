"""Folder: which files of one are meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from chaintrace.errors import InputError
from chaintrace.fetch.frame import shown

HIDDEN = (".", "_")
DATA = (".parquet", ".pq", ".parq", ".csv", ".tsv", ".json", ".jsonl", ".ndjson")


def files_in(folder: Path) -> Iterator[Path]:
    """All files of a folder and of those in it, by name. Names that begin with ``.`` or ``_`` are no data, as Hadoop
    has it; an InputError where such a file, in a folder that is none, looks like data: nobody can say what it is."""
    for one in sorted(found.relative_to(folder) for found in folder.rglob("*") if found.is_file()):
        if any(part.startswith(HIDDEN) for part in one.parts[:-1]):
            continue
        if not one.name.startswith(HIDDEN):
            yield folder / one
        elif one.name.lower().removesuffix(".gz").endswith(DATA):
            reason = f"the folder holds {shown(one)}, whose name says that it is none of its files"
            raise InputError(shown(folder), reason, "rename it or move it away, or name the files that are meant")
