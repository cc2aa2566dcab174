"""Small ledgers written by hand: ``graph(pay("victim", "thief", 100), pay("thief", "shop", 40))``.

Accounts have short names; ``who`` gives the address behind a name, ``names`` turns a table's addresses back.
Each row stands in a block of its own, one after the other, unless it says otherwise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import pandas as pd
import pyarrow as pa
from hypothesis import settings

import chaintrace as ct
from chaintrace.model.base58 import encode_check
from chaintrace.model.transfer import NO_RECEIVER, NO_SENDER, SCHEMA, Transfers

EVM, POLYGON, BITCOIN = "eip155:1", "eip155:137", "bip122:000000000019d6689c085ae165831e93"
ETH, BTC = f"{EVM}/slip44:60", f"{BITCOIN}/slip44:0"
USDC = f"{EVM}/erc20:0xa0b86991c6218b36c1d19d4a2e9eb0ce3606eb48"
DAI = f"{EVM}/erc20:0x6b175474e89094c44da98b954eedeac495271d0f"
MOST = 2**256 - 1
FEE_SEQ, OUTPUT_SEQ = 2**62, 2**31

Row = dict[str, Any]

# For properties that build several tables an example: a fifth of what the profile asks.
FEWER = settings(max_examples=settings().max_examples // 5)


def who(name: str, chain: str = EVM) -> str:
    """The address behind a short name; names of transactions begin with ``tx`` on Bitcoin."""
    digest = sha256(name.encode()).digest()
    return encode_check(b"\0" + digest[:20]) if chain == BITCOIN else "0x" + digest[:20].hex()


def tx(name: str) -> str:
    return "0x" + sha256(name.encode()).hexdigest()


def txid(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def second(number: int) -> datetime:
    return datetime.fromtimestamp(number, UTC)


def pay(sender: str | None, receiver: str | None, amount: int, **said: Any) -> Row:
    """One row; ``tx``, ``block``, ``time`` (unix seconds), ``tx_index``, ``seq``, ``kind``, ``asset``, ``order`` …"""
    kind = said.setdefault("kind", "native" if said.get("asset", ETH) == ETH else "token")
    assert sender or kind in NO_SENDER
    assert receiver or kind in NO_RECEIVER
    return {"sender": sender, "receiver": receiver, "amount": amount, **said}


def transfers(rows: Iterable[Row]) -> Transfers:
    """Rows in the order given, as they would have been read."""
    return Transfers(pa.Table.from_pylist([_record(n, row) for n, row in enumerate(rows)], schema=SCHEMA))


def graph(*rows: Row) -> ct.TransferGraph:
    return ct.TransferGraph(transfers(rows))


def _record(number: int, row: Row) -> Row:
    chain = row.get("chain", EVM)
    said = {"chain": chain, "block": number + 1, "seq": 0, "order": "known", "tx_index": 0, "asset": ETH} | row
    named = {side: row[side] and _party(row[side], chain) for side in ("sender", "receiver")}
    name = said.pop("tx", f"row {number}")
    hashed = {"tx_hash": txid(name) if chain == BITCOIN else tx(name)}
    time = said.get("time")
    timed = {"time": second(time) if isinstance(time, int) else time}
    return hashed | said | named | timed | {"amount": row["amount"].to_bytes(32, "big")}


def _party(name: str, chain: str) -> str:
    return f"tx:{txid(name[3:])}" if name.startswith("tx ") else who(name, chain)


def bitcoin(
    name: str, block: int, ins: list[tuple[str, int, str]], outs: list[tuple[str, int]], **said: Any
) -> list[Row]:
    """The rows of one Bitcoin transaction: ``ins`` are (account, amount, coin), ``outs`` (account, amount); what is
    left is the fee. A coin is ``name:n``, the n-th output of the transaction ``name``. Without ``ins``: a coinbase."""
    common = {"chain": BITCOIN, "asset": BTC, "block": block, "tx": name} | said
    rows = [
        pay(account, f"tx {name}", amount, kind="input", seq=n, outpoint=outpoint(coin), **common)
        for n, (account, amount, coin) in enumerate(ins)
    ]
    whole = sum(amount for _, amount, _ in ins)
    if not ins:
        whole = sum(amount for _, amount in outs)
        rows.append(pay(None, f"tx {name}", whole, kind="reward", **common))
    rows += [
        pay(
            f"tx {name}", account, amount, kind="output", seq=OUTPUT_SEQ + n, outpoint=outpoint(f"{name}:{n}"), **common
        )
        for n, (account, amount) in enumerate(outs)
    ]
    fee = whole - sum(amount for _, amount in outs)
    return [*rows, pay(f"tx {name}", None, fee, kind="fee", seq=FEE_SEQ, **common)] if fee else rows


def outpoint(coin: str) -> str:
    name, _, number = coin.partition(":")
    return f"{txid(name)}:{number}"


def names(*known: str, chain: str = EVM) -> dict[str, str]:
    return {who(name, chain): name for name in known}


def ledger(trace: ct.Trace, asset: str = ETH) -> dict[str, int]:
    """{"bucket" or "bucket: category": amount} of one asset."""
    return {
        f"{bucket}: {category}" if category else bucket: amount
        for line_asset, bucket, category, amount in trace.ledger.itertuples(index=False)
        if line_asset == asset
    }


def told(frame: pd.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Some columns of a table as tuples."""
    return list(frame[list(columns)].itertuples(index=False, name=None))


def held(trace: ct.Trace, *known: str, chain: str = EVM) -> dict[str, int]:
    """What holdings() says, by short name."""
    name = names(*known, chain=chain)
    sums: Counter[str] = Counter()
    for address, amount in told(trace.holdings(), "address", "amount"):
        sums[name.get(address, address)] += amount
    return dict(sums)


def tainted(trace: ct.Trace) -> dict[int, int]:
    """{row: tainted units on it}."""
    return dict(told(trace.flows(), "row", "tainted"))
