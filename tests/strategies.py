"""Hypothesis strategies: small ledgers with everything that goes wrong in them, and questions about them.

A ledger is a list of ``Row`` in position order with short names (``a`` … ``f``, assets ``native`` and ``token``).
``transfers`` spells it out as chaintrace's one table; ``address`` gives the long form of a name.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable

from hypothesis import assume
from hypothesis import strategies as st

from tests.oracle import roads
from tests.oracle.words import Question, Row, Rows, Since, moves, source, target

BOUNDARIES = (0, 1, 2, 3, *(2**n + d for n in (53, 63, 64, 128) for d in (-1, 0, 1)), 2**256 - 1)
ACCOUNTS = "abcdef"
NATIVE_KINDS = ("native", "native", "native", "native", "internal", "fee", "burn", "reward", "withdrawal", "mint")
TOKEN_KINDS = ("token", "token", "token", "burn", "mint")
NO_SENDER, NO_RECEIVER = {"mint", "reward", "withdrawal", "opening"}, {"burn", "fee"}

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
def ledgers(draw: Callable, max_rows: int = 25, boundaries: bool = True, assets: int = 2) -> list[Row]:
    """Accounts that pay each other, now and then more than they are known to have."""
    accounts = ACCOUNTS[: draw(st.integers(2, 6))]
    opening = draw(st.lists(st.tuples(st.sampled_from(accounts), st.integers(0, 9)), max_size=2))
    rows = [Row(None, account, "native", amount, "opening", 0, None, n) for n, (account, amount) in enumerate(opening)]
    balance = Counter({(account, "native", None): amount for account, amount in opening})
    block, place = 1, len(rows) + 1
    for sketch in draw(st.lists(_sketch, max_size=max_rows - len(rows))):
        kind, gap = sketch[0], sketch[6]
        block += gap if gap != "tie" else 0
        place += gap != "tie"
        token = assets > 1 and sketch[3] == 0
        kind = TOKEN_KINDS[kind % len(TOKEN_KINDS)] if token else NATIVE_KINDS[kind]
        sender, receiver = (accounts[number % len(accounts)] for number in sketch[1:3])
        sender, receiver = (None if kind in NO_SENDER else sender), (None if kind in NO_RECEIVER else receiver)
        row = Row(sender, receiver, "token" if token else "native", 0, kind, block, None, place)
        row = row._replace(amount=_size(sketch[4], sketch[5], balance[source(row)], boundaries))
        _settle(balance, row)
        rows.append(row)
    return rows


def _size(rule: str, number: int, balance: int, boundaries: bool) -> int:
    sizes = {"small": number, "all": balance, "half": balance // 2, "more": balance + number}
    if rule == "boundary":
        return BOUNDARIES[number * 2 % len(BOUNDARIES)] if boundaries else number * 3
    return min(sizes[rule], 2**256 - 1)


def _settle(balance: Counter, row: Row) -> None:
    if moves(row):
        if row.sender is not None:
            balance[source(row)] = max(0, balance[source(row)] - row.amount)
        if row.receiver is not None:
            balance[target(row)] += row.amount


@st.composite
def coin_ledgers(draw: Callable, max_transactions: int = 7) -> list[Row]:
    """Transactions that spend coins whole: some coins were never seen made, some transactions are coinbases."""
    accounts = ACCOUNTS[: draw(st.integers(2, 6))]
    shape = st.tuples(
        st.lists(st.integers(0, 30), max_size=3),  # which coins go in; none: a coinbase
        st.lists(st.tuples(st.sampled_from(accounts), st.integers(0, 6)), min_size=1, max_size=3),
        st.booleans(),
        st.sampled_from((1, 50, 2**64 + 1)),
    )
    rows: list[Row] = []
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
            rows.append(Row(account, tx, "native", amount, "input", n, outpoint, place))
            place += 1
        if not spent:
            rows.append(Row(None, tx, "native", subsidy, "reward", n, None, place))
        left = sum(amount for _, amount, _ in spent) if spent else subsidy
        weights = sum(weight for _, weight in payees) or 1
        whole, place = left, place + 1
        for vout, (account, weight) in enumerate(payees):
            last = vout == len(payees) - 1 and not has_fee
            amount = left if last else whole * weight // (weights + has_fee)
            left -= amount
            rows.append(Row(tx, account, "native", amount, "output", n, f"{tx}:{vout}", place + vout))
            coins.append((account, amount, f"{tx}:{vout}"))
        if left:
            rows.append(Row(tx, None, "native", left, "fee", n, None, place + 50))
    return rows


# ((kind, row numbers, account, since, one asset only), …), and the limits: until, stops, covered, hops, least, opening
_number = st.integers(0, 63)
_seed = st.tuples(st.integers(0, 2), st.lists(_number, min_size=1, max_size=3), _number, _number, st.booleans())
_seeds = st.lists(_seed, min_size=1, max_size=3)
_limits = st.tuples(_number, st.lists(_number, max_size=2), _number, st.integers(0, 9), st.integers(0, 7), _number)


@st.composite
def questions(draw: Callable, rows: list[Row], method: str, direction: str, limits: bool = True) -> Question:
    """A question about the rows: one to three seeds (also the same twice), and any of the limits or none."""
    live = [i for i, row in enumerate(rows) if moves(row)]
    sketches = draw(_seeds)
    if not limits:
        return Question(_named(rows, live, sketches, None), method, direction)
    end, stops, covered, hops, least, opening = draw(_limits)
    last = rows[live[end % len(live)]].block if direction == "forward" and end % 2 else None
    live = [i for i in live if last is None or rows[i].block <= last]
    accounts = sorted({party for row in rows for party in row[:2] if party and not party.startswith("tx")})
    return Question(
        _named(rows, live, sketches, last),
        method,
        direction,
        {accounts[stop % len(accounts)]: ("mixer", "exchange")[stop % 2] for stop in stops},
        _covered(rows, accounts, covered),
        hops if hops < 5 else None,
        (0, 0, 0, 1, 2, 3, 5, 2**53)[least],
        last,
        "opening" if opening % 3 == 2 else "arrival",
    )


def _named(rows: list[Row], live: list[int], sketches: list, last: int | None) -> tuple[Rows | Since, ...]:
    """Seeds that name something: chosen rows, or an address from a block on that has or gets money."""
    found: list[Rows | Since] = []
    parties = sorted({row.receiver for row in (rows[i] for i in live) if row.receiver and row.receiver[:2] != "tx"})
    blocks = [None, *sorted({rows[i].block for i in live})]
    for kind, numbers, account, since, one_asset in sketches:
        if kind == 0 and parties:
            seed = Since(parties[account % len(parties)], blocks[since % len(blocks)], "native" if one_asset else None)
            if roads.trace(rows, Question((seed,), until=last)).seeded:
                found.append(seed)
                continue
        found.append(Rows(tuple(sorted({live[number % len(live)] for number in numbers}))))
    return tuple(found)


def _covered(rows: list[Row], accounts: list[str], bits: int) -> frozenset[str] | None:
    """Every history fetched, or some accounts'; a Bitcoin transaction is always whole."""
    if bits % 2:
        return None
    chosen = {account for n, account in enumerate(accounts) if bits >> (n % 6) & 1}
    return frozenset(chosen | {party for row in rows for party in row[:2] if party and party.startswith("tx")})


@st.composite
def asked(draw: Callable, method: str, direction: str, limits: bool = True, **shape: object):
    """(ledger, question); TIHO is asked about coins, the others about accounts and, one time in four, coins."""
    coins = method == "tiho" or draw(st.integers(0, 3)) == 0
    rows = draw(coin_ledgers() if coins else ledgers(**shape))
    assume(any(map(moves, rows)))
    return rows, draw(questions(rows, method, direction, limits))


def is_coins(rows: list[Row]) -> bool:
    return any(party is not None and party.startswith("tx") for row in rows for party in row[:2])


def address(name: str, coins: bool = False) -> str:
    """The long form of a short name: an EVM address, a Bitcoin address, or the account of a transaction."""
    digest = hashlib.sha256(name.encode()).digest()
    if name.startswith("tx"):
        return "tx:" + digest.hex()
    return _base58check(b"\0" + digest[:20]) if coins else "0x" + digest[:20].hex()


def _base58check(payload: bytes) -> str:
    raw = payload + hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:4]
    digits, number = "", int.from_bytes(raw, "big")
    while number:
        number, rest = divmod(number, 58)
        digits = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"[rest] + digits
    return "1" * (len(raw) - len(raw.lstrip(b"\0"))) + digits
