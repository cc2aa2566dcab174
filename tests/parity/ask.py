"""The same question to every kernel, and everything that it answers."""

from __future__ import annotations

from typing import Any

import chaintrace as ct
from tests.kernels import KERNELS, on


def answers(graph: ct.TransferGraph, seeds: Any, **options: Any) -> list[dict[str, Any]]:
    """What each kernel says, as plain values: the outcome line by line and every table, or the error."""
    said = []
    for kernel in KERNELS:
        with on(kernel):
            said.append(_said(graph, seeds, options))
    return said


def agree(graph: ct.TransferGraph, seeds: Any, **options: Any) -> dict[str, Any]:
    """What both kernels say; AssertionError where they differ."""
    first, *others = answers(graph, seeds, **options)
    for other in others:
        assert other == first
    return first


def _said(graph: ct.TransferGraph, seeds: Any, options: dict[str, Any]) -> dict[str, Any]:
    try:
        trace = ct.trace(graph, seeds, **options)
    except ct.errors.ChaintraceError as error:
        return {"error": type(error).__name__, "message": str(error)}
    outcome = trace.outcome
    said = trace.to_dict()
    assert said.pop("kernel") == ct.kernel()
    return {
        **said,
        "moves": list(outcome.moves),
        "rests": list(outcome.rests),
        "planted": list(outcome.planted),
        "crossings": list(outcome.crossings),
        "flows": trace.flows().to_dict("list"),
        "holdings": trace.holdings().to_dict("list"),
        "exits": trace.exits().to_dict("list"),
        "paths": trace.paths().to_dict("list") if trace.method in ("fifo", "lifo") else None,
        "types": {type(value) for move in outcome.moves for value in move}
        | {type(v) for r in outcome.rests for v in r},
    }
