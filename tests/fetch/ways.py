"""The two ways in which a source is read, and everything that can be seen of what comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest

import chaintrace as ct
from chaintrace.errors import ChaintraceError
from chaintrace.fetch import pieces, plain, plan
from chaintrace.graph.source import SourceOrigin

NEVER = 2**62


@contextmanager
def way(lane: bool, kernel: str = "python", batch: int = 3, most_odd: float = 1.0) -> Iterator[None]:
    """Everything through the plain lane, in small batches, or nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plan, "PLAIN_ROWS", 0 if lane else NEVER)
        patch.setattr(pieces, "BATCH", batch)
        patch.setattr(plain, "MOST_ODD", most_odd)
        patch.setenv("CHAINTRACE_KERNEL", kernel)
        yield


def is_lane(graph: ct.TransferGraph) -> bool:
    return isinstance(graph._held.origin, SourceOrigin)


def seen(look: Callable[[], Any]) -> Any:
    """What comes of it: a value, or the error in words."""
    try:
        return look()
    except ChaintraceError as error:
        return type(error).__name__, str(error)


def read(transfers: ct.Transfers) -> dict[str, Any]:
    return {
        "table": transfers.table.to_pylist(),
        "rejected": transfers.rejected,
        "notes": transfers.notes,
        "format": transfers.format,
        "length": len(transfers),
    }


def everything(graph: ct.TransferGraph, rows: Sequence[int]) -> dict[str, Any]:
    """All that a graph says; ``rows`` are looked at by themselves as well, before all."""
    count = len(graph)
    some = [row % count for row in rows] if count else []
    found: dict[str, Any] = {
        "repr": repr(graph),
        "taken": graph.take(some).to_pylist(),
        "seqs": graph.take(some, ["seq", "order"]).to_pylist(),
        "html": graph._repr_html_(),
        "unknown": graph.has_unknown_order,
        "rows": [graph.rows.sender.tolist(), graph.rows.receiver.tolist(), graph.rows.kinds.tolist()],
        "amounts": graph.amount.tolist(),
        "pots": list(graph.pots),
        "pot assets": graph.pots.assets,
        "accounts": graph.accounts,
        "assets": graph.assets,
        "chains": graph.chains,
        "rejected": graph.rejected,
        "notes": graph.notes,
        "format": graph.format,
        "clock": graph.clock.tolist(),
        "moments": [seen(lambda at=at: graph.row_after(at)) for at in (0, 3, "5", "1970-01-01T00:00:04Z")],
    }
    found["balances"] = [graph.balance(account) for account in graph.accounts]
    found["neighbours"] = [graph.neighbours(account).values.tolist() for account in graph.accounts]
    table = found["table"] = graph.table.to_pylist()
    found["schema"] = graph.table.schema
    names = dict.fromkeys(row["tx_hash"] for row in table)
    found["transactions"] = {name: graph.find_tx("0xno", name) for name in names}
    return found


def trace(graph: ct.TransferGraph) -> Any:
    moving = [row for row in range(len(graph)) if graph.rows.moves(row)]
    if not moving:
        return None
    return seen(lambda: ct.trace(graph, ct.rows(*moving[:2]), "fifo").to_json().replace(f'"{ct.kernel()}"', ""))
