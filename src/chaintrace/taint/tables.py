"""The tables of a trace that show rows."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from chaintrace.model.asset import chain_of
from chaintrace.model.transfer import SCHEMA

if TYPE_CHECKING:
    from chaintrace.taint.result import Trace

LEG = -1


def flows(trace: Trace, by_seed: bool) -> pd.DataFrame:
    """See ``Trace.flows``."""
    sums: dict[tuple[int, int], list[int]] = {}
    for move in trace.outcome.moves:
        entry = sums.setdefault((move.row, move.seed if by_seed else 0), [0, move.hops])
        entry[0] += move.amount
        entry[1] = min(entry[1], move.hops)
    keys = sorted(sums)
    frame = describe(trace, [row for row, _ in keys])
    if by_seed:
        frame.insert(1, "seed", pd.Series([seed for _, seed in keys], dtype=object))
    frame["tainted"] = pd.Series([sums[key][0] for key in keys], dtype=object)
    frame["hops"] = pd.Series([sums[key][1] for key in keys], dtype=object)
    return frame


def describe(trace: Trace, rows: list[int]) -> pd.DataFrame:
    """``row`` and the table's columns for rows of the trace's book; legs of links have row -1 and kind ``link``."""
    book = trace.question.book
    numbers = [int(book.graph_row[row]) for row in rows]
    real = [number for number in numbers if number >= 0]
    table = trace.graph.take(real)
    columns = {name: table[name].to_pylist() for name in SCHEMA.names}
    columns["amount"] = [trace.graph.amount[number] for number in real]
    shown = {name: iter(values) for name, values in columns.items()}
    records: list[dict[str, Any]] = []
    for number in numbers:
        if number >= 0:
            records.append({"row": number} | {name: next(values) for name, values in shown.items()})
        else:
            records.append(dict.fromkeys(SCHEMA.names) | _leg(trace, number))
    frame = pd.DataFrame(records, columns=["row", *SCHEMA.names], dtype=object)
    frame["time"] = pd.to_datetime(frame["time"], utc=True).astype("datetime64[s, UTC]")
    return frame


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Lines as plain values for JSON: big ints as text, times as ISO-8601, absent as None."""
    return [{str(key): _plain(str(key), value) for key, value in line.items()} for line in frame.to_dict("records")]


def _leg(trace: Trace, number: int) -> dict[str, Any]:
    link, leg, source = trace.question.book.legs[~number]
    asset = leg.asset
    return {
        "row": LEG,
        "chain": chain_of(asset),
        "tx_hash": f"link:{link.id}",
        "order": "unknown",
        "kind": "link",
        "sender": leg.address if source else None,
        "receiver": None if source else leg.address,
        "asset": asset,
        "amount": leg.amount,
        "evidence": f"{link.basis} by {link.by}: {link.evidence}",
    }


_AMOUNTS = frozenset({"amount", "tainted", "leaning"})


def _plain(name: str, value: Any) -> Any:
    if value is None or value is pd.NaT:
        return None
    if name in _AMOUNTS and isinstance(value, int):
        return str(value)
    return value.isoformat() if isinstance(value, datetime) else value
