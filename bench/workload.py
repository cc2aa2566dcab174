"""A seeded workload shaped like a chain: few hubs, many small accounts, heavy-tailed amounts, one planted theft."""

from __future__ import annotations

import random

SEED = 20220323
THIEF = "0x" + "f" * 40


def transfers(rows: int) -> list[dict[str, object]]:
    """Rows of sender, receiver, amount (base units), block, tx_index, tx_hash, in position order.

    One row in a thousand pays the thief, whose account then pays on like any other; the same rows for the same number.
    """
    draw = random.Random(SEED)
    accounts = max(rows // 4, 8)
    made = []
    for row in range(rows):
        sender, receiver = _account(draw, accounts), _account(draw, accounts)
        if row % 1000 == 10:
            receiver = THIEF
        elif row % 1000 == 500:
            sender = THIEF
        amount = int(draw.paretovariate(1.2) * 10**15)
        made.append(
            {
                "sender": sender,
                "receiver": receiver,
                "amount": amount,
                "block": row // 200,
                "tx_index": row % 200,
                "tx_hash": f"0x{row:064x}",
            }
        )
    return made


def _account(draw: random.Random, accounts: int) -> str:
    """A power law: account k is drawn about as often as 1/k."""
    return f"0x{int(accounts ** draw.random()):040x}"
