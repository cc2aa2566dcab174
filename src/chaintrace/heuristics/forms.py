"""Forms: what kind of script an account pays, as its address tells. Rules: BIP-13, BIP-173, BIP-350."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chaintrace.heuristics.transactions import Mask, Side, Transactions

KEY = r"^(bc|tb|bcrt)1q[0-9a-z]{38}$"
"""Version 0, 20 bytes: the hash of one key."""
TAPROOT = r"^(bc|tb|bcrt)1p[0-9a-z]{58}$"
"""Version 1, 32 bytes."""


def form(account: str) -> str:
    """Hash of a key or of a script, witness version and length, bare script."""
    if account.startswith("script:"):
        return "script"
    prefix, one, data = account.rpartition("1")
    if one and prefix in ("bc", "tb", "bcrt"):
        return f"witness {data[:1]} {len(data)}"
    return {"1": "key", "m": "key", "n": "key", "3": "hash", "2": "hash"}.get(account[:1], "other")


def of_form(txs: Transactions, side: Side, pattern: str) -> Mask:
    """Which of these coins are on an account of a form; nobody's account has none."""
    found = np.zeros(len(side.tx), bool)
    told = side.account >= 0
    names = txs.accounts.take(pa.array(side.account[told]))
    found[told] = pc.match_substring_regex(names, pattern).to_numpy(zero_copy_only=False)
    return found
