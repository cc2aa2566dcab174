"""Ways: how a server pages through a history, and the kinds of rows that a history shows."""

from __future__ import annotations

CHAIN, AFTER = "chain", "after"
WAYS = (CHAIN, AFTER)
"""By a path, ``/txs/chain/:last_txid``, or by a query, ``/txs?after_txid=``."""

SHOWN = ("input", "output", "fee", "burn", "reward")
UNCONFIRMED = "unconfirmed"
"""What is in no block yet, and so no row."""
