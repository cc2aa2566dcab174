"""In-lines and out-lines are prefix sums; missing units enter just in time, or at the head."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from chaintrace.graph.amounts import Amounts
from chaintrace.graph.lines import Drawn
from chaintrace.graph.rows import Rows

ledgers = st.lists(
    st.tuples(st.integers(-1, 3), st.integers(-1, 3), st.sampled_from((0, 1, 2, 3, 7, 2**64, 2**256 - 1))), max_size=20
)


def drawn(rows: list[tuple[int, int, int]], opening: bool = False) -> Drawn:
    sender, receiver = (np.array([row[n] for row in rows], dtype=np.int32) for n in range(2))
    kinds = np.zeros(len(rows), dtype=np.uint8)
    return Drawn(Rows(sender, receiver, Amounts.of(row[2] for row in rows), kinds), 4, opening)


def missing(lines: Drawn) -> dict[int, int]:
    return {key: units for pot in range(4) for key, units in lines.of(pot).missing.items()}


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
        for lot, begin in zip(lines.of(pot).lots, lines.of(pot).lot_at, strict=True):
            assert begin == at == lines.start(lot)
            assert lines.pot(lot) == pot
            assert lines.size(lot) > 0
            at += lines.size(lot)
        came, at = at, 0
        for row, begin in zip(lines.of(pot).out_rows, lines.of(pot).out_at, strict=True):
            assert begin == at == lines.out_start(row)
            assert lines.sender[row] == pot
            at += lines.amount[row]
        assert at <= came
        assert lines.totals(pot, len(rows)) == (came, at)


@given(ledgers)
def test_missing_units_enter_just_in_time(rows: list[tuple[int, int, int]]) -> None:
    """Immediately before the transfer that spends them, and no more of them than it needs."""
    lines = drawn(rows)
    by_row, _ = balances(rows, False)
    assert missing(lines) == by_row
    for row, units in by_row.items():
        pot = lines.sender[row]
        assert lines.start(~row) + units == lines.out_start(row) + lines.amount[row]
        assert lines.pot(~row) == pot
        assert lines.arrived(~row) == row


@given(ledgers)
def test_missing_units_can_stand_at_the_head(rows: list[tuple[int, int, int]]) -> None:
    """As many as are missing in all, before everything else; then nothing is missing later."""
    lines = drawn(rows, opening=True)
    _, by_pot = balances(rows, True)
    assert missing(lines) == {len(rows) + pot: units for pot, units in by_pot.items()}
    for pot in by_pot:
        lot = ~(len(rows) + pot)
        assert lines.of(pot).lots[0] == lot
        assert (lines.start(lot), lines.pot(lot), lines.arrived(lot)) == (0, pot, -1)


@given(ledgers, st.booleans(), st.integers(0, 20))
def test_later_rows_change_no_line_before_them(rows: list[tuple[int, int, int]], late: bool, cut: int) -> None:
    """Causality begins here: the lines of a prefix are a prefix of the lines."""
    whole, part = drawn(rows), drawn(rows[:cut])
    for pot in range(4):
        assert whole.of(pot).lots[: len(part.of(pot).lots)] == part.of(pot).lots
        assert whole.of(pot).out_at[: len(part.of(pot).out_at)] == part.of(pot).out_at
        assert whole.of(pot).before[: len(part.of(pot).before)] == part.of(pot).before
        assert whole.of(pot).after[: len(part.of(pot).after)] == part.of(pot).after


@given(ledgers, st.booleans())
def test_before_and_after_are_balances(rows: list[tuple[int, int, int]], opening: bool) -> None:
    """``before``: of the sender, unexplained units included. ``after``: of the receiver."""
    lines = drawn(rows, opening)
    for row, (sender, receiver, amount) in enumerate(rows):
        if not amount or sender == receiver:
            continue
        if sender >= 0:
            received, sent = lines.totals(sender, row)
            short = 0 if opening else lines.missing(row)
            assert lines.before(row) == received + short - sent >= amount
        if receiver >= 0:
            received, sent = lines.totals(receiver, row + 1)
            assert lines.after(row) == received - sent >= amount


@given(ledgers, st.booleans(), st.data())
def test_zero_amounts_and_self_transfers_are_on_no_line(
    rows: list[tuple[int, int, int]], opening: bool, data: st.DataObject
) -> None:
    """Taking them out leaves every coordinate as it was."""
    moving = [row for row in rows if row[2] and row[0] != row[1]]
    with_them, without = drawn(rows, opening), drawn(moving, opening)
    for pot in range(4):
        assert with_them.of(pot).out_at == without.of(pot).out_at
        assert with_them.of(pot).lot_at == without.of(pot).lot_at
    lots = sum(len(with_them.of(pot).lots) for pot in range(4))
    assert lots == len(moving) - sum(row[1] < 0 for row in moving) + len(missing(with_them))


def test_by_hand() -> None:
    """Pot 0 gets 5, sends 8 (3 are missing), gets 4, sends 1."""
    lines = drawn([(1, 0, 5), (0, 2, 8), (1, 0, 4), (0, 2, 1)])
    assert lines.of(0).lots == [0, ~1, 2]
    assert lines.of(0).lot_at == [0, 5, 8]
    assert lines.of(0).out_rows == [1, 3]
    assert lines.of(0).out_at == [0, 8]
    assert missing(lines) == {0: 5, 1: 3, 2: 4}
    assert (lines.before(1), lines.before(3)) == (8, 4)
    assert [lines.after(row) for row in range(4)] == [5, 8, 4, 9]
    assert [lines.totals(0, row) for row in range(5)] == [(0, 0), (5, 0), (8, 8), (12, 8), (12, 9)]


def test_by_hand_from_the_opening() -> None:
    lines = drawn([(1, 0, 5), (0, 2, 8), (1, 0, 4), (0, 2, 1)], opening=True)
    assert lines.of(0).lots == [~4, 0, 2]
    assert lines.of(0).lot_at == [0, 3, 8]
    assert missing(lines) == {4: 3, 5: 9}
    assert lines.totals(0, 0) == (3, 0)
