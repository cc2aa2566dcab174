"""Money that goes round among few accounts: pieces grow with the square of the rows, so that a trace takes long."""

from __future__ import annotations

from random import Random

import pyarrow as pa

import chaintrace as ct


def circles(rows: int, accounts: int = 3, seed: int = 5) -> ct.TransferGraph:
    """Each account is first paid by a stranger; then they pay each other a part of what they have."""
    luck = Random(seed)
    names = [f"0x{n + 1:040x}" for n in range(accounts)]
    stranger = f"0x{'f' * 40}"
    balance = [10**24] * accounts
    sender, receiver, amount = [stranger] * accounts, [*names], [10**24] * accounts
    for _ in range(rows - accounts):
        one, other = luck.sample(range(accounts), 2)
        units = luck.randrange(balance[one] // 3 + 1)
        balance[one] -= units
        balance[other] += units
        sender.append(names[one])
        receiver.append(names[other])
        amount.append(units)
    texts = [str(units) for units in amount]
    return ct.TransferGraph(
        pa.table({"sender": sender, "receiver": receiver, "amount": texts, "block": list(range(1, rows + 1))})
    )
