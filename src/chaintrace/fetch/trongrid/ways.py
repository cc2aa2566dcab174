"""Ways: which kinds of rows TronGrid's lists show, and what they cannot."""

from __future__ import annotations

LISTS = "lists"
SHOWN = ("native", "internal", "fee", "reward", "token", "mint", "burn")
LACKS = (
    ("trc10", "assets of TRC-10 are not followed, nor trades on the exchanges of the chain itself; each is rejected"),
)
"""Kinds that are not shown, and why."""
