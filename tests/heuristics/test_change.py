"""Change: each signal, how they are put together, and a refusal where they contradict each other."""

from __future__ import annotations

from dataclasses import replace

import pytest

import chaintrace as ct
from chaintrace.heuristics.change import (
    BELOW_INPUTS,
    FRESH,
    NOT_ROUND,
    ONE_TIME,
    REUSED,
    SAME_TYPE,
    Signal,
    changes,
    form,
)
from chaintrace.heuristics.rows import Rows
from chaintrace.model.transfer import Transfers
from tests.heuristics.coins import Tx, joinmarket, stonewall, table, whirlpool

PAY = Tx("pay", (("me", 900_000), ("me too", 800_000)), (("shop", 1_200_000), ("rest", 499_123)))


def given(*txs: Tx, signals: list[Signal] | None = None) -> list[tuple[int, int, list[str]]]:
    frame = changes(Transfers(table(*txs)), signals=signals or [REUSED, ONE_TIME])
    return [(line.amount, line.confidence, line.by) for line in frame.itertuples()]


def marks(signal: Signal, *txs: Tx) -> list[bool]:
    return [bool(mark) for mark in signal.marks(Rows(table(*txs)).transactions)]


def test_the_output_that_all_signs_point_to_is_change() -> None:
    assert given(PAY) == [(499_123, 50, [ONE_TIME.name])]
    frame = changes(Transfers(table(PAY)))
    assert frame["tx_hash"].tolist() == [PAY.txid]
    assert frame["seq"].tolist() == [3]


def test_an_account_that_pays_and_is_paid_takes_its_change() -> None:
    assert given(PAY.but(outs={1: ("me", 499_123)})) == [(499_123, 100, ["reused"])]


def test_signals_that_point_to_different_outputs_are_contested() -> None:
    tx = PAY.but(outs={0: ("me", 1_200_000)})
    assert given(tx, signals=[REUSED]) == [(1_200_000, 100, ["reused"])]
    assert given(tx, signals=[ONE_TIME]) == [(499_123, 50, [ONE_TIME.name])]
    assert given(tx) == []


def test_two_outputs_of_one_sign_are_none() -> None:
    assert given(PAY.but(outs={0: ("me", 1_200_000), 1: ("me too", 499_123)})) == []


def test_each_sign_alone() -> None:
    assert marks(NOT_ROUND, PAY) == [False, True]
    assert marks(NOT_ROUND, PAY.but(outs={1: ("rest", 499_000)})) == [False, False]
    assert marks(BELOW_INPUTS, PAY) == [False, True]
    assert marks(BELOW_INPUTS, PAY.but(outs={0: ("shop", 799_999), 1: ("rest", 800_000)})) == [True, False]
    assert marks(REUSED, PAY.but(outs={0: ("me too", 1_200_000)})) == [True, False]
    assert marks(SAME_TYPE, PAY) == [True, True]


@pytest.mark.parametrize("sign", [NOT_ROUND, BELOW_INPUTS, FRESH])
def test_each_sign_decides_alone(sign: Signal) -> None:
    """The others still mark the output."""
    broken = {
        "not round": [PAY.but(outs={1: ("rest", 499_000)})],
        "below inputs": [replace(PAY, ins=(*PAY.ins, ("small", 499_123)))],
        "fresh": [Tx("before", (("x", 900),), (("rest", 800),), block=799_999), PAY],
    }[sign.name]
    assert given(*broken) == []
    others = [one for one in (SAME_TYPE, NOT_ROUND, BELOW_INPUTS, FRESH) if one is not sign]
    rest = others[0] & others[1] & others[2]
    assert marks(rest, *broken)[-1]


def test_what_comes_later_decides_nothing() -> None:
    later = Tx("later", (("x", 900),), (("rest", 800),), block=800_001)
    assert given(PAY, later) == given(PAY)
    at_once = replace(later, block=PAY.block)
    assert given(PAY, at_once) == []


def test_signs_are_put_together() -> None:
    assert marks(NOT_ROUND | BELOW_INPUTS, PAY) == [False, True]
    assert marks(FRESH - NOT_ROUND, PAY) == [True, False]
    assert (FRESH - NOT_ROUND).name == "(fresh - not round)"
    assert (REUSED & FRESH).confidence == 50


@pytest.mark.parametrize("tx", [whirlpool(), joinmarket(), stonewall()])
def test_where_several_may_have_paid_there_is_no_change(tx: Tx) -> None:
    every = Signal("first", lambda txs: txs.outs.row == [txs.outs.row[txs.outputs(n)].min() for n in txs.outs.tx])
    assert given(tx, signals=[every]) == []


def test_one_output_is_no_choice_and_eleven_are_a_payout() -> None:
    def outs(n: int) -> Tx:
        return replace(PAY, outs=(("rest", 499_123), *((f"shop {i}", 1_000 * i) for i in range(1, n))))

    assert [len(given(outs(n))) for n in (1, 2, 10, 11)] == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("account", "kind"),
    [
        ("1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", "key"),
        ("3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy", "hash"),
        ("bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq", "witness q 39"),
        ("bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr", "witness p 59"),
        ("mo9ncXisMeAoXwqcV5EWuyncbmCcQN4rVs", "key"),
        ("script:" + "00" * 32, "script"),
    ],
)
def test_the_form_of_an_account(account: str, kind: str) -> None:
    assert form(account) == kind


def test_no_rows_have_no_change() -> None:
    assert len(changes(Transfers(table()))) == 0
    assert ct.changes is changes
