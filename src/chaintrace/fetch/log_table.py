"""Tables of logs and of transactions with their input, as ethereum-etl and cryo export them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from chaintrace.errors import ColumnError, InputError
from chaintrace.fetch import columns as cell
from chaintrace.fetch.formats import Format
from chaintrace.fetch.frame import Frame, Source
from chaintrace.fetch.logs import SPLIT, topics_of
from chaintrace.fetch.rows import Cells, Options, Rows, absent, where
from chaintrace.model.chain import get_chain
from chaintrace.model.log import Call, Log, Logs
from chaintrace.model.transfer import Rejected

_TIMES = ("block_timestamp", "timestamp", "time")
_CHAINS = ("chain_id", "chain")
_HASHES, _BLOCKS = ("transaction_hash", "tx_hash"), ("block_number", "block")
_SENDERS, _RECEIVERS = ("from_address", "sender"), ("to_address", "receiver")


def read_table(sources: Sequence[Source], options: Options) -> Logs:
    """Logs or calls, by the columns. ColumnError where these are of neither."""
    names = list(dict.fromkeys(name for source in sources for name in source.names))
    known = next((one for one in KINDS if not one.missing(names)), None)
    if known is None:
        missing = KINDS[0].missing(names)
        there = ", ".join(names[:30]) or "no columns"
        reason = f"missing {', '.join(missing)}; it has {there}"
        advice = "logs need these columns; transactions need hash, block_number, from_address and input"
        raise ColumnError(sources[0].name, reason, advice, missing, names)
    rows = Rows(Frame(tuple(source.load(known.wanted(source.names)) for source in sources)), known.name)
    found = known.read(rows, options)
    logs, calls = (found, []) if known is KINDS[0] else ([], found)
    return Logs.of(logs, calls, Rejected.of(rows.finish().rejections))


def _logs(rows: Rows, options: Options) -> list[Log]:
    chain, name, block, time = _place(rows, options, _HASHES)
    address = rows.take("address", cell.of(cell.account, options.chain))
    topics, data = topics_of(rows), rows.take("data", cell.hexadecimal, required=False)
    index = rows.take("log_index", cell.index)
    return [
        Log(chain[n], block[n], time[n], name[n], index[n], address[n], topics[n], bytes.fromhex((data[n] or "0x")[2:]))
        for n in np.flatnonzero(rows.good).tolist()
    ]


def _calls(rows: Rows, options: Options) -> list[Call]:
    chain, name, block, time = _place(rows, options, ("hash", *_HASHES))
    account = cell.of(cell.account, options.chain)
    sender, receiver = rows.take(_first(rows, _SENDERS), account), rows.take_any(_RECEIVERS, account)[0]
    given, price = rows.take("input", cell.hexadecimal, required=False), rows.take_any(["gas_price"], cell.amount)[0]
    return [
        Call(chain[n], block[n], time[n], name[n], sender[n], receiver[n], _bytes(given[n]), price[n])
        for n in np.flatnonzero(rows.good).tolist()
    ]


def _bytes(text: str | None) -> bytes:
    return bytes.fromhex((text or "0x")[2:])


def _place(rows: Rows, options: Options, hashes: Sequence[str]) -> tuple[Cells, Cells, Cells, Cells]:
    """Chain, transaction, block and time of each row."""
    given = rows.take_any(_CHAINS, cell.chain_id)[0]
    chain = where(absent(given), options.chain.id, given)
    for one in set(chain.tolist()):
        if get_chain(one).family != "evm":
            raise InputError(rows.format, f"it has rows of {one}", "logs are read of EVM chains only")
    name = rows.take(_first(rows, hashes), cell.of(cell.tx_hash, options.chain))
    return chain, name, rows.take(_first(rows, _BLOCKS), cell.index), rows.take_any(_TIMES, cell.seconds)[0]


def _first(rows: Rows, names: Sequence[str]) -> str:
    return next((name for name in names if name in rows), names[0])


KINDS = (
    Format(
        "logs",
        _logs,
        ("address", ("topics", SPLIT[0]), "data", "log_index", _HASHES, _BLOCKS),
        (*SPLIT, *_TIMES, *_CHAINS),
    ),
    Format(
        "transactions",
        _calls,
        (("hash", *_HASHES), _BLOCKS, _SENDERS, "input"),
        (*_RECEIVERS, *_TIMES, *_CHAINS, "gas_price"),
    ),
)
COLUMNS = frozenset(
    name
    for kind in KINDS
    for need in (*kind.needs, *kind.uses)
    for name in ((need,) if isinstance(need, str) else need)
)
"""Every column that is read."""
