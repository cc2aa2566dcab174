"""Methods side by side: a spread between conventions, not a bound on the truth."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from chaintrace.errors import MethodError
from chaintrace.graph.graph import TransferGraph
from chaintrace.taint.reference import METHODS
from chaintrace.taint.seeds import Seed
from chaintrace.taint.trace import trace

if TYPE_CHECKING:
    import pandas as pd

ACCOUNT_METHODS = ("fifo", "lifo", "haircut", "dirty-first")


def compare(
    graph: TransferGraph,
    seeds: Seed | Sequence[Seed],
    methods: Sequence[str] = ACCOUNT_METHODS,
    **options: Any,
) -> pd.DataFrame:
    """What each method says each account ends up with: bucket, category, address, asset, then one column a method
    (base units, 0 where it says nothing), then ``least`` and ``most`` of them. The widest spread first.

    ``options`` are those of ``trace``. Poison claims no amounts and cannot be compared (MethodError).
    """
    import pandas as pd

    methods = [methods] if isinstance(methods, str) else list(dict.fromkeys(methods))
    if not methods:
        raise MethodError("methods=()", "names no method", f"choose from: {', '.join(ACCOUNT_METHODS)}")
    for method in methods:
        if method in METHODS and not METHODS[method].accounts:
            raise MethodError(
                f"method {method!r}", "is a set and claims no amounts", f"choose from: {', '.join(ACCOUNT_METHODS)}"
            )
    amounts: dict[tuple[Any, ...], dict[str, int]] = {}
    for method in methods:
        ends = trace(graph, seeds, method, **options).ends()
        for bucket, category, address, asset, amount in zip(
            *(ends[name] for name in ("bucket", "category", "address", "asset", "amount")), strict=True
        ):
            said = amounts.setdefault((bucket, category, address, asset), dict.fromkeys(methods, 0))
            said[method] += amount
    lines = [(*key, *said.values(), min(said.values()), max(said.values())) for key, said in amounts.items()]
    lines.sort(key=lambda line: (line[3], line[-2] - line[-1], line[:3]))
    return pd.DataFrame(
        lines, columns=["bucket", "category", "address", "asset", *methods, "least", "most"], dtype=object
    )
