"""Rows: small histories with everything that goes wrong in them, and how they are spelled out as the one table.

A history is a list of ``Draft`` in position order with short names (``a`` … ``f``, assets ``native`` and ``token``; on
Bitcoin transactions are ``tx0``, ``tx1`` …, and outpoints ``tx0:1``).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

import pyarrow as pa
from hypothesis import strategies as st

from chaintrace.model.address import transaction_account
from chaintrace.model.chain import get_chain
from chaintrace.model.transfer import NO_RECEIVER, NO_SENDER, SCHEMA, Transfers
from chaintrace.testing.naming import address_of
from chaintrace.testing.strategies.parts import BOUNDARIES

ACCOUNTS = "abcdef"
NATIVE_KINDS = ("native", "native", "native", "native", "internal", "fee", "burn", "reward", "withdrawal", "mint")
TOKEN_KINDS = ("token", "token", "token", "burn", "mint")
ETHEREUM, BITCOIN = get_chain("ethereum"), get_chain("bitcoin")
TOKEN = f"{ETHEREUM.id}/erc20:0x" + "c0ffee" * 6 + "c0de"
BEGIN, SLOT = 1_655_769_600, 12


class Draft(NamedTuple):
    """One movement. Rows with an equal ``place`` stand as they were read."""

    sender: str | None
    receiver: str | None
    asset: str
    amount: int
    kind: str = "native"
    block: int = 0
    outpoint: str | None = None
    place: int = 0


# (kind, sender, receiver, asset, size rule, size, gap to the row before)
_sketch = st.tuples(
    st.integers(0, 9),
    st.integers(0, 5),
    st.integers(0, 5),
    st.integers(0, 3),
    st.sampled_from(("small", "small", "small", "all", "half", "more", "boundary")),
    st.integers(0, 12),
    st.sampled_from((1, 1, 0, 2, "tie")),
)


@st.composite
def transfers(draw: st.DrawFn, max_rows: int = 25) -> Transfers:
    """Rows of accounts or, one time in three, of coins, as a file may hold them; with times or without, and now and
    then without a proven place."""
    coins = draw(st.integers(0, 2)) == 2
    drafts = draw(coin_drafts() if coins else account_drafts(max_rows))
    return spelled(drafts, timed=draw(st.booleans()), placed=draw(st.integers(0, 3)) > 0)


@st.composite
def account_drafts(draw: st.DrawFn, max_rows: int = 25, boundaries: bool = True, assets: int = 2) -> list[Draft]:
    """Accounts that pay each other, now and then more than they are known to have."""
    accounts = ACCOUNTS[: draw(st.integers(2, 6))]
    opening = draw(st.lists(st.tuples(st.sampled_from(accounts), st.integers(0, 9)), max_size=2))
    rows = [Draft(None, account, "native", units, "opening", 0, None, n) for n, (account, units) in enumerate(opening)]
    balance = Counter({(account, "native"): amount for account, amount in opening})
    block, place = 1, len(rows) + 1
    for sketch in draw(st.lists(_sketch, max_size=max_rows - len(rows))):
        number, gap = sketch[0], sketch[6]
        block += gap if isinstance(gap, int) else 0
        place += gap != "tie"
        token = assets > 1 and sketch[3] == 0
        kind = TOKEN_KINDS[number % len(TOKEN_KINDS)] if token else NATIVE_KINDS[number]
        giver, taker = (accounts[one % len(accounts)] for one in sketch[1:3])
        sender, receiver = (None if kind in NO_SENDER else giver), (None if kind in NO_RECEIVER else taker)
        row = Draft(sender, receiver, "token" if token else "native", 0, kind, block, None, place)
        has = balance[row.sender, row.asset] if row.sender else 0
        row = row._replace(amount=_size(sketch[4], sketch[5], has, boundaries))
        _settle(balance, row)
        rows.append(row)
    return rows


def _size(rule: str, number: int, balance: int, boundaries: bool) -> int:
    sizes = {"small": number, "all": balance, "half": balance // 2, "more": balance + number}
    if rule == "boundary":
        return BOUNDARIES[number * 2 % len(BOUNDARIES)] if boundaries else number * 3
    return min(sizes[rule], 2**256 - 1)


def _settle(balance: Counter[tuple[str, str]], row: Draft) -> None:
    if row.amount and row.sender != row.receiver:
        if row.sender is not None:
            balance[row.sender, row.asset] = max(0, balance[row.sender, row.asset] - row.amount)
        if row.receiver is not None:
            balance[row.receiver, row.asset] += row.amount


@st.composite
def coin_drafts(draw: st.DrawFn, max_transactions: int = 7) -> list[Draft]:
    """Transactions that spend coins whole: some coins were never seen made, some transactions are coinbases."""
    accounts = ACCOUNTS[: draw(st.integers(2, 6))]
    shape = st.tuples(
        st.lists(st.integers(0, 30), max_size=3),  # which coins go in; none: a coinbase
        st.lists(st.tuples(st.sampled_from(accounts), st.integers(0, 6)), min_size=1, max_size=3),
        st.booleans(),
        st.sampled_from((1, 50, 2**64 + 1)),
    )
    rows: list[Draft] = []
    coins: list[tuple[str, int, str]] = []
    for n, (picks, payees, has_fee, subsidy) in enumerate(draw(st.lists(shape, max_size=max_transactions))):
        tx, spent = f"tx{n}", []
        for pick in picks:
            if pick < len(coins):
                spent.append(coins.pop(pick))
            elif pick % 3 == 0:
                spent.append((accounts[pick % len(accounts)], pick + subsidy, f"old{n}-{len(spent)}:0"))
        place = 100 * n
        for account, amount, outpoint in spent:
            rows.append(Draft(account, tx, "native", amount, "input", n, outpoint, place))
            place += 1
        if not spent:
            rows.append(Draft(None, tx, "native", subsidy, "reward", n, None, place))
        left = sum(amount for _, amount, _ in spent) if spent else subsidy
        weights = sum(weight for _, weight in payees) or 1
        whole, place = left, place + 1
        for vout, (account, weight) in enumerate(payees):
            last = vout == len(payees) - 1 and not has_fee
            amount = left if last else whole * weight // (weights + has_fee)
            left -= amount
            rows.append(Draft(tx, account, "native", amount, "output", n, f"{tx}:{vout}", place + vout))
            coins.append((account, amount, f"{tx}:{vout}"))
        if left:
            rows.append(Draft(tx, None, "native", left, "fee", n, None, place + 50))
    return rows


# ---- spelled out


def is_coins(rows: Sequence[Any]) -> bool:
    """Whether some party is a transaction of Bitcoin."""
    return any(party is not None and party.startswith("tx") for row in rows for party in row[:2])


def account_named(name: str, coins: bool = False) -> str:
    """The long form of a short name: an address of Ethereum, of Bitcoin, or the account of a transaction."""
    if name.startswith("tx"):
        return transaction_account(_txid(name))
    return address_of(name, BITCOIN, "p2pkh") if coins else address_of(name)


def asset_named(name: str, coins: bool) -> str:
    return TOKEN if name == "token" else BITCOIN.native if coins else ETHEREUM.native


def records(rows: Sequence[Any], *, timed: bool = False, placed: bool = True) -> Iterator[dict[str, Any]]:
    """One record of ``SCHEMA`` a row, in their order. ``rows``: ``Draft``, or tuples with its fields."""
    coins = is_coins(rows)
    for i, row in enumerate(rows):
        tx = next((party for party in row[:2] if party and party.startswith("tx")), f"tx-of-row-{i}")
        sender, receiver = (account_named(party, coins) if party else None for party in row[:2])
        yield {
            "chain": (BITCOIN if coins else ETHEREUM).id,
            "block": row.block,
            "time": BEGIN + SLOT * row.block if timed and row.kind != "opening" else None,
            "tx_hash": _txid(tx) if coins else "0x" + _txid(tx),
            "tx_index": None if not placed else row.place // 100 if coins else row.place,
            "seq": row.place % 100 if coins else 0,
            "order": "known" if placed else "unknown",
            "kind": row.kind,
            "sender": sender,
            "receiver": receiver,
            "asset": asset_named(row.asset, coins),
            "amount": row.amount.to_bytes(32, "big"),
            "outpoint": row.outpoint and _outpoint(row.outpoint),
            "evidence": f"row {i}",
        }


def spelled(rows: Sequence[Any], *, timed: bool = False, placed: bool = True) -> Transfers:
    """The rows as the one table. ``timed``: with the times of their blocks; not ``placed``: without places in them."""
    return Transfers(pa.Table.from_pylist(list(records(rows, timed=timed, placed=placed)), schema=SCHEMA))


def _txid(name: str) -> str:
    return sha256(name.encode()).hexdigest()


def _outpoint(name: str) -> str:
    tx, number = name.split(":")
    return f"{_txid(tx)}:{number}"
