"""In-lines and out-lines are prefix sums; missing units enter just in time, or at the head."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from chaintrace.graph.lines import Drawn, draw, draw_from_opening

ledgers = st.lists(
    st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.sampled_from((0, 1, 2, 3, 7, 2**64, 2**256 - 1))), max_size=20
)


def drawn(rows: list[tuple[int, int, int]], opening: bool = False) -> Drawn:
    sender, receiver, amount = ([row[n] for row in rows] for n in range(3))
    return (draw_from_opening if opening else draw)(sender, receiver, amount, 4)


def balances(rows: list[tuple[int, int, int]], opening: bool) -> tuple[Counter[int], Counter[int]]:
    """(missing units by row, missing units by pot) of a naive bookkeeper."""
    balance: Counter[int] = Counter()
    by_row: Counter[int] = Counter()
    by_pot: Counter[int] = Counter()
    for row, (sender, receiver, amount) in enumerate(rows):
        if sender == receiver:
            continue
        if sender >= 0:
            short = max(0, amount - balance[sender])
            by_row[row] += short
            by_pot[sender] += short
            balance[sender] = max(0, balance[sender] - amount)
        if receiver >= 0:
            balance[receiver] += amount
    return +by_row, +by_pot


@given(ledgers, st.booleans())
def test_lines_are_prefix_sums(rows: list[tuple[int, int, int]], opening: bool) -> None:
    """Each line begins at 0 and has neither gaps nor overlaps; a pot never sends more than came in."""
    lines = drawn(rows, opening)
    for pot in range(4):
        at = 0
        for lot, begin in zip(lines.lots[pot], lines.lot_at[pot], strict=True):
            assert begin == at == lines.start(lot)
            assert lines.pot(lot) == pot
            assert lines.size(lot) > 0
            at += lines.size(lot)
        came, at = at, 0
        for row, begin in zip(lines.out_rows[pot], lines.out_at[pot], strict=True):
            assert begin == at == lines.out_start[row]
            assert lines.sender[row] == pot
            at += lines.amount[row]
        assert at <= came
        assert lines.totals(pot, len(rows)) == (came, at)


@given(ledgers)
def test_missing_units_enter_just_in_time(rows: list[tuple[int, int, int]]) -> None:
    """Immediately before the transfer that spends them, and no more of them than it needs."""
    lines = drawn(rows)
    by_row, _ = balances(rows, False)
    assert lines.missing == by_row
    for row, units in by_row.items():
        pot = lines.sender[row]
        assert lines.missing_start[row] + units == lines.out_start[row] + lines.amount[row]
        assert lines.pot(~row) == pot
        assert lines.arrived(~row) == row


@given(ledgers)
def test_missing_units_can_stand_at_the_head(rows: list[tuple[int, int, int]]) -> None:
    """As many as are missing in all, before everything else; then nothing is missing later."""
    lines = drawn(rows, opening=True)
    _, by_pot = balances(rows, True)
    assert lines.missing == {len(rows) + pot: units for pot, units in by_pot.items()}
    for pot in by_pot:
        lot = ~(len(rows) + pot)
        assert lines.lots[pot][0] == lot
        assert (lines.start(lot), lines.pot(lot), lines.arrived(lot)) == (0, pot, -1)


@given(ledgers, st.booleans(), st.integers(0, 20))
def test_later_rows_change_no_line_before_them(rows: list[tuple[int, int, int]], late: bool, cut: int) -> None:
    """Causality begins here: the lines of a prefix are a prefix of the lines."""
    whole, part = drawn(rows), drawn(rows[:cut])
    for pot in range(4):
        assert whole.lots[pot][: len(part.lots[pot])] == part.lots[pot]
        assert whole.out_at[pot][: len(part.out_at[pot])] == part.out_at[pot]
    assert whole.before[:cut] == part.before
    assert whole.after[:cut] == part.after


@given(ledgers, st.booleans())
def test_before_and_after_are_balances(rows: list[tuple[int, int, int]], opening: bool) -> None:
    """``before``: of the sender, unexplained units included. ``after``: of the receiver."""
    lines = drawn(rows, opening)
    for row, (sender, receiver, amount) in enumerate(rows):
        if not amount or sender == receiver:
            assert (lines.before[row], lines.after[row]) == (0, 0)
            continue
        if sender >= 0:
            received, sent = lines.totals(sender, row)
            short = 0 if opening else lines.missing.get(row, 0)
            assert lines.before[row] == received + short - sent >= amount
        if receiver >= 0:
            received, sent = lines.totals(receiver, row + 1)
            assert lines.after[row] == received - sent >= amount


@given(ledgers, st.booleans(), st.data())
def test_zero_amounts_and_self_transfers_are_on_no_line(
    rows: list[tuple[int, int, int]], opening: bool, data: st.DataObject
) -> None:
    """Taking them out leaves every coordinate as it was."""
    moving = [row for row in rows if row[2] and row[0] != row[1]]
    with_them, without = drawn(rows, opening), drawn(moving, opening)
    assert with_them.out_at == without.out_at
    assert with_them.lot_at == without.lot_at
    assert sum(map(len, with_them.lots)) == len(moving) - sum(row[1] < 0 for row in moving) + len(with_them.missing)


def test_by_hand() -> None:
    """Pot 0 gets 5, sends 8 (3 are missing), gets 4, sends 1."""
    lines = drawn([(1, 0, 5), (0, 2, 8), (1, 0, 4), (0, 2, 1)])
    assert lines.lots[0] == [0, ~1, 2]
    assert lines.lot_at[0] == [0, 5, 8]
    assert lines.out_rows[0] == [1, 3]
    assert lines.out_at[0] == [0, 8]
    assert lines.missing == {0: 5, 1: 3, 2: 4}
    assert (lines.before[1], lines.before[3]) == (8, 4)
    assert lines.after == [5, 8, 4, 9]
    assert [lines.totals(0, row) for row in range(5)] == [(0, 0), (5, 0), (8, 8), (12, 8), (12, 9)]


def test_by_hand_from_the_opening() -> None:
    lines = drawn([(1, 0, 5), (0, 2, 8), (1, 0, 4), (0, 2, 1)], opening=True)
    assert lines.lots[0] == [~4, 0, 2]
    assert lines.lot_at[0] == [0, 3, 8]
    assert lines.missing == {4: 3, 5: 9}
    assert lines.totals(0, 0) == (3, 0)
