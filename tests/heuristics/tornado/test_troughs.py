"""Troughs: by columns what one finds who goes through the rows of each account one by one."""

from __future__ import annotations

from itertools import groupby

from hypothesis import given
from hypothesis import strategies as st

from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.tornado.troughs import TroughThresholds, first_gas
from tests.heuristics.ledger import Pay, address, table

AT = TroughThresholds(trough=50, least=10, most=100)
WHO = "abc"

pays = st.builds(
    Pay,
    st.sampled_from(WHO),
    st.sampled_from(WHO),
    st.sampled_from([0, 9, 10, 30, 49, 50, 100, 101]),
    st.integers(0, 3).map(lambda n: 12 * n),
    kind=st.sampled_from(["native", "native", "internal"]),
    order=st.sampled_from(["known", "known", "known", "unknown"]),
)
opening = [Pay(None, who, amount, -12, kind="opening") for who, amount in zip(WHO, (1000, 60, 20), strict=True)]
"""``a`` has enough for whatever it pays; ``b`` and ``c`` may run dry."""


def naive(rows: Rows) -> set[tuple[str, str, int]]:
    """Funder, account and row of each first payment of gas."""
    moves, found = rows.moves, set()
    for who in range(len(moves.accounts)):
        held, trough, ours = 0, [], []
        mine = [n for n in range(len(moves)) if who in (moves.sender[n], moves.receiver[n])]
        for _, together in groupby(mine, lambda n: int(moves.place[n])):
            block = list(together)
            if held >= AT.trough:
                trough = []
            elif not trough:
                trough = [n for n in block if moves.receiver[n] == who and gas(rows, n)]
                ours += trough if len(trough) == 1 else []
            held += sum(int(moves.amount[n]) * sign(rows, n, who) for n in block)
            if held < 0:
                ours = []
                break
        found |= {(moves.account(int(moves.sender[n])), moves.account(who), n) for n in ours}
    return found


def gas(rows: Rows, n: int) -> bool:
    moves = rows.moves
    return bool(moves.pays[n] and moves.of_kind("native")[n] and AT.least <= moves.amount[n] <= AT.most)


def sign(rows: Rows, n: int, who: int) -> int:
    return int(rows.moves.receiver[n] == who) - int(rows.moves.sender[n] == who)


@given(st.lists(pays, max_size=12))
def test_columns_find_what_going_row_by_row_finds(drawn: list[Pay]) -> None:
    rows = Rows(table([*opening, *sorted(drawn, key=lambda pay: pay.at)]))
    moves = rows.moves
    found = first_gas(rows, Known(), AT, "eip155:1", range(len(moves.accounts)))
    told = {
        (moves.account(funder), moves.account(who), n)
        for funder, given in found.items()
        for who, payments in given.items()
        for n in payments
    }
    assert told == naive(rows)


def test_the_stories_hold_gas() -> None:
    """What is compared is not nothing."""
    rows = Rows(table([*opening, Pay("a", "c", 30)]))
    assert {one[:2] for one in naive(rows)} == {(address("a"), address("c"))}
