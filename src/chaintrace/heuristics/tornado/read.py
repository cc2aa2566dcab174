"""Read the notes of Tornado Cash: ``read_notes``."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa

from chaintrace.errors import InputError
from chaintrace.graph.graph import TransferGraph
from chaintrace.heuristics.moves import moved
from chaintrace.heuristics.rows import Rows
from chaintrace.heuristics.tornado.events import notes_of_logs
from chaintrace.heuristics.tornado.files import read_path
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.heuristics.tornado.payments import payments
from chaintrace.heuristics.tornado.pools import Pools, pools_given, the_pool
from chaintrace.model.log import Logs
from chaintrace.model.note import Note
from chaintrace.model.pool import Pool
from chaintrace.model.transfer import Rejected, Transfers


def read_notes(x: Any, *, pool: Pools = None) -> Notes:
    """Reads deposits into and withdrawals from pools of Tornado Cash, from whatever tells them.

    ``x``     events as tornado-cli keeps them (a JSON file, zipped or not, or a folder of such, whose names tell the
              pools); a CSV table of our own (pool, kind, account, time, tx_hash, of withdrawals fee, and perhaps block,
              log_index, relayer, sender, leaf, mark); ``Logs`` with the calls of the same transactions; ``Transfers``
              or a ``TransferGraph``, where rows of exactly a note's worth are looked for; ``Notes``; or a list of
              these, which may tell the same (see ``Notes.joined``).
    ``pool``  which pool a file is about whose name does not say; or further pools than the bundled ones, which
              logs and transfers may be about. A ``Pool``, ``"1_eth_100"``, or chain and address as CAIP-10.

    Fees are base units, times unix seconds. What cannot be read is left out and counted with its reason in
    ``.rejected``. InputError, ColumnError where nothing can be read; MethodError for a pool that is none.
    """
    if isinstance(x, Notes):
        return x
    if isinstance(x, (str, os.PathLike)):
        return read_path(Path(os.fspath(x)).expanduser(), the_pool(pool))
    if isinstance(x, Logs):
        return notes_of_logs(x, pools_given(pool))
    if isinstance(x, (Transfers, TransferGraph, pa.Table)):
        return _of_rows(x, pools_given(pool))
    if isinstance(x, Iterable) and not isinstance(x, (bytes, dict)):
        return _joined(x, pool)
    advice = "name a file of events, or give Logs or Transfers"
    raise InputError(type(x).__name__, "no notes can be read from it", advice)


def notes_of(rows: Rows) -> Notes:
    """What logs say, and what rows show of transactions of which no log speaks; of the bundled pools."""
    pools = pools_given(None)
    said, seen = notes_of_logs(Logs(rows.logs, rows.calls), pools), payments(rows.moves, pools).notes
    known = {(one.pool.chain, one.pool.address, one.tx_hash) for one in said}
    more = [one for one in seen if (one.pool.chain, one.pool.address, one.tx_hash) not in known]
    return Notes.of([*said, *more], said.rejected + seen.rejected, (*said.told, *seen.told))


def _of_rows(x: Any, pools: list[Pool]) -> Notes:
    return payments(moved(x if isinstance(x, pa.Table) else x.table), pools).notes


def _joined(items: Iterable[Any], pool: Pools) -> Notes:
    items = list(items)
    loose = [one for one in items if isinstance(one, Note)]
    parts = [read_notes(one, pool=pool) for one in items if not isinstance(one, Note)]
    rejected = sum((part.rejected for part in parts), Rejected())
    told = (sentence for part in parts for sentence in part.told)
    return Notes.joined([loose, *parts], rejected, told)
