"""Hypothesis strategies: small ledgers with everything that goes wrong in them, and questions about them.

A ledger is a list of ``Row`` in position order with short names (``a`` … ``f``, assets ``native`` and ``token``): what
the public strategies of ``chaintrace.testing`` draw, in the words of the oracles. ``address`` gives the long form of a
name.
"""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import assume
from hypothesis import strategies as st

from chaintrace.testing.strategies.parts import BOUNDARIES
from chaintrace.testing.strategies.rows import Draft, account_drafts, coin_drafts, is_coins
from chaintrace.testing.strategies.rows import account_named as address
from tests.oracle import roads
from tests.oracle.words import Question, Row, Rows, Since, moves


def ledgers(**shape: object) -> st.SearchStrategy[list[Row]]:
    """Accounts that pay each other, now and then more than they are known to have."""
    return account_drafts(**shape).map(_rows)


def coin_ledgers(**shape: object) -> st.SearchStrategy[list[Row]]:
    """Transactions that spend coins whole: some coins were never seen made, some transactions are coinbases."""
    return coin_drafts(**shape).map(_rows)


def _rows(drafts: list[Draft]) -> list[Row]:
    """In the words of the oracles, which know nothing of chaintrace."""
    return [Row(*draft) for draft in drafts]


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


__all__ = ["BOUNDARIES", "address", "asked", "coin_ledgers", "is_coins", "ledgers", "questions"]
