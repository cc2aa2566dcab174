"""Ways: how transfers inside transactions are found, and which kinds of rows each way can show."""

from __future__ import annotations

TRACE_FILTER, CALL_TRACER, LOGS = "trace_filter", "call_tracer", "logs"
WAYS = (TRACE_FILTER, CALL_TRACER, LOGS)

TOKENS = ("token", "mint", "burn")
SHOWN = {
    TRACE_FILTER: ("native", "internal", "fee", *TOKENS),
    CALL_TRACER: ("native", "internal", "fee", "withdrawal", "reward", *TOKENS),
    LOGS: ("native", "fee", "withdrawal", "reward", *TOKENS),
}
LACKS: dict[str, tuple[tuple[str, str], ...]] = {
    TRACE_FILTER: (
        ("withdrawal", "trace_filter does not show what validators withdraw"),
        ("reward", "trace_filter does not show what the makers of blocks are paid in fees"),
    ),
    CALL_TRACER: (),
    LOGS: (
        ("internal", "the node traces no transactions"),
        ("burn", "the node traces no transactions: coins that a contract burns by its end are not told"),
    ),
}
"""Kinds of which some rows or all are not shown, and why. Burns of tokens are shown by every way."""

MINED = ("reward", "blocks do not say what proof of work issued")
