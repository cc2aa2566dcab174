"""Columns of moves say what counting says, exactly and in order."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.fetch.buffers import ABSENT
from chaintrace.heuristics.moves import moved
from chaintrace.heuristics.rows import Rows
from chaintrace.heuristics.transactions import NOBODY
from chaintrace.model.amount import MAX
from tests.heuristics import coins
from tests.heuristics.ledger import START, Pay, address, table

FEWER = settings(max_examples=settings().max_examples // 2)
people = st.sampled_from("abcde")
amounts = st.sampled_from([0, 1, 2, 2**53 + 1, 2**64 - 1, 2**64, 2**128 + 1, MAX])
pays = st.builds(Pay, people, people, amounts, st.integers(0, 99), st.sampled_from(["", "gold"]))
ledgers = st.lists(pays, max_size=12)


@FEWER
@given(ledgers, st.randoms())
def test_columns_say_what_counting_says(made: list[Pay], random: Random) -> None:
    order = random.sample(range(len(made)), len(made))
    found = moved(table(made, order))
    happened = sorted(range(len(made)), key=lambda n: (made[n].at, n))
    said = [(found.account(s), found.account(r)) for s, r in zip(found.sender, found.receiver, strict=True)]
    assert said == [(address(made[n].sender or ""), address(made[n].receiver or "")) for n in happened]
    assert found.amount.tolist() == [made[n].amount for n in happened]
    assert (np.diff(found.place) > 0).all()
    real = [made[n] for n in happened if made[n].amount and made[n].sender != made[n].receiver]
    assert int(found.pays.sum()) == len(real)
    for number in range(len(found.accounts)):
        name = found.account(number)
        assert [said[n][0] for n in found.out_of(number)] == [name] * sum(one[0] == name for one in said)
        assert sorted(found.into(number).tolist()) == [n for n, one in enumerate(said) if one[1] == name]
        paid, by = ({x for y, x in ends(real, way) if y == name} for way in (1, -1))
        assert (found.payees[number], found.payers[number]) == (len(paid), len(by))
        assert found.degree[number] == len(paid | by)


def ends(made: list[Pay], way: int) -> list[list[str]]:
    return [[address(one.sender or ""), address(one.receiver or "")][::way] for one in made]


@given(st.lists(st.integers(0, MAX), min_size=1, max_size=9))
def test_ranks_are_ordered_as_amounts_are(values: list[int]) -> None:
    found = moved(table([Pay("a", "b", value) for value in values]))
    assert found.rank.tolist() == [sorted(set(values)).index(value) for value in values]


def test_a_row_keeps_its_name_its_moment_and_its_absent_parties() -> None:
    made = [Pay(None, "a", 5, 24, "gold", "mint", seq=7), Pay("a", None, 3, 36, kind="fee", block=True)]
    found = Rows(table(made)).moves
    assert (found.sender[0], found.receiver[1]) == (NOBODY, NOBODY)
    assert found.row(0) == (made[0].row(0)["tx_hash"], "mint", 7)
    assert found.moment(1) == {"block": 14_500_003, "time": 1_650_000_036}
    assert not found.pays.any()
    assert found.of_kind("fee", "mint").tolist() == [True, True]
    assert moved(table([replace(made[0], time=False)])).moment(0)["time"] is None
    assert found.numbers([address("a"), address("nobody")]).tolist() == [found.receiver[0], NOBODY]


def test_a_row_without_a_time_has_that_of_its_block_and_no_other() -> None:
    made = [Pay("a", "b", 1), Pay("a", "b", 2, time=False), Pay("a", "b", 3, 24, time=False)]
    assert moved(table(made)).time.tolist() == [START, START, ABSENT]


def test_rows_that_no_order_tells_apart_share_a_place() -> None:
    made = [Pay("a", "b", 1), Pay("b", "c", 1, order="unknown"), Pay("c", "d", 1, 12), Pay("d", "e", 1, 12)]
    first, second, third, fourth = moved(table(made)).place.tolist()
    assert first == second < third < fourth


def test_rows_of_other_chains_are_passed_over() -> None:
    both = pa.concat_tables([coins.table(coins.payment()), table([Pay("a", "b", 1)])])
    rows = Rows(both)
    assert len(rows.moves) == 1
    assert len(rows.transactions) == 1
    assert len(moved(coins.table(coins.payment()))) == 0
