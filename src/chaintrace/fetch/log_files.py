"""Read logs and calls from files and tables: ``read_logs``."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from chaintrace.errors import InputError
from chaintrace.fetch.exact import NotExact, load
from chaintrace.fetch.files import open_path
from chaintrace.fetch.frames import open_frame
from chaintrace.fetch.log_json import JsonLogs
from chaintrace.fetch.log_table import COLUMNS, read_table
from chaintrace.fetch.rows import Options
from chaintrace.fetch.text import open_text, reading
from chaintrace.model.chain import Chain, get_chain
from chaintrace.model.log import Logs, joined

JSON = ("json", "jsonl", "ndjson")


def read_logs(x: Any, *, chain: str | Chain = "ethereum") -> Logs:
    """Reads logs of contracts, and the calls of transactions, from whatever holds them.

    ``x``       a file, table or frame, ``Logs`` (returned as they are), or a list of these, read one after the other.
    ``chain``   the chain of entries that do not name theirs; an EVM chain.

    Files of JSON hold what a node answers: ``eth_getLogs``, receipts, transactions, blocks with their transactions,
    responses of JSON-RPC or what stands in them, one text or one a line. Tables (Parquet, CSV, JSON lines, frames) have
    the columns of ethereum-etl's or cryo's logs, or of their transactions with ``input``.

    Bad entries are left out one by one and counted with their reason in ``.rejected``. An entry that is told twice is
    one; of two that contradict each other the first stands. InputError where nothing can be read, ColumnError where the
    columns are of no known table.
    """
    where = get_chain(chain)
    if where.family != "evm":
        raise InputError("logs", f"{where.name} has none that are read", "logs are read of EVM chains only")
    items = list(x) if isinstance(x, (list, tuple)) else [x]
    if not items:
        raise InputError("an empty list", "there is nothing to read", "name at least one file or table")
    parts = [_read(item, where) for item in items]
    return parts[0] if len(parts) == 1 else joined(parts)


def _read(item: Any, chain: Chain) -> Logs:
    if isinstance(item, Logs):
        return item
    options = Options(chain, chain.native)
    if not isinstance(item, (str, os.PathLike)):
        return read_table([open_frame(item)], options)
    path = Path(os.fspath(item)).expanduser()
    if path.is_file() and _is_json(path):
        told = _documents(path, chain.id)
        if told is not None:
            return told
    return read_table(open_path(path, COLUMNS), options)


def _is_json(path: Path) -> bool:
    return path.name.lower().removesuffix(".gz").rpartition(".")[2] in JSON


def _documents(path: Path, chain: str) -> Logs | None:
    """What nodes answered, as one text or one a line. None where the lines are those of a table."""
    with reading(path), open_text(path) as handle:
        text = handle.read()
    gathered = JsonLogs(str(path), chain)
    try:
        told = load(text.encode())
    except NotExact:
        return _lines(gathered, [line for line in text.split("\n") if line.strip()])
    if _is_row(told):
        return None
    gathered.read(told)
    return gathered.finish()


def _lines(gathered: JsonLogs, lines: list[str]) -> Logs | None:
    read = False
    for line in lines:
        try:
            told = load(line.encode())
        except NotExact:
            gathered.count += 1
            gathered.reject("not JSON", line)
            continue
        if not read and _is_row(told):
            return None
        read = True
        gathered.read(told)
    if not (gathered.logs or gathered.calls or gathered.blocks):
        reason = "no line of it is a log, receipt, block or transaction" if lines else "it is empty"
        raise InputError(gathered.source, reason, "give what a node answered, or one object a line")
    return gathered.finish()


def _is_row(told: Any) -> bool:
    """Whether a JSON object is a row of an export: its columns are named with underscores."""
    return isinstance(told, dict) and any(name in told for name in ("log_index", "block_number", "from_address"))
