"""Notes are seen in transfers alone: rows of exactly a note's worth, into a pool and out of it."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

import chaintrace as ct
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.heuristics.tornado.pools import pool_named
from tests.heuristics.ledger import ETHER, HOUR, Pay, address, table
from tests.heuristics.tornado.told import HUNDRED

POOL, ROUTER = HUNDRED.address, HUNDRED.router
WORTH = HUNDRED.denomination
DAI = pool_named("1_dai_100")
DAI_TOKEN = DAI.asset.rpartition(":")[2]


def notes(*pays: Pay) -> Notes:
    return ct.read_notes(table(pays))


def told(*pays: Pay) -> list[tuple[object, ...]]:
    return [(one.kind, one.account, one.fee, one.relayer, one.sender) for one in notes(*pays)]


def test_a_deposit_is_the_senders_also_through_the_router() -> None:
    direct = [Pay("a", POOL, WORTH)]
    through = [Pay("b", ROUTER, WORTH, HOUR, tx="x"), Pay(ROUTER, POOL, WORTH, HOUR, kind="internal", tx="x", seq=1)]
    assert told(*direct, *through) == [
        ("deposit", address("a"), 0, None, None),
        ("deposit", address("b"), 0, None, None),
    ]


def test_who_pays_the_fee_is_who_sent() -> None:
    wallet = [Pay("safe", POOL, WORTH, kind="internal", tx="x"), Pay("owner", None, 7, kind="fee", tx="x", seq=9)]
    assert told(*wallet) == [("deposit", address("owner"), 0, None, None)]


def test_a_deposit_that_is_seen_as_far_as_the_router_counts_once() -> None:
    told = notes(Pay("a", ROUTER, WORTH))
    assert [(one.pool, one.account) for one in told] == [(HUNDRED, address("a"))]
    assert told.told == ("1 deposits are seen as they reach the router, not the pool",)
    assert len(notes(Pay("a", ROUTER, WORTH + 1))) == 0


def test_a_deposit_of_nobody_is_rejected() -> None:
    found = notes(Pay(ROUTER, POOL, WORTH, kind="internal"))
    assert (len(found), found.rejected.counts) == (0, {"who paid is not told": 1})


def test_a_withdrawal_is_what_the_recipient_and_then_the_relayer_are_paid() -> None:
    fee = ETHER // 3
    rows = [
        Pay("relayer", POOL, 0, tx="x"),
        Pay(POOL, "fresh", WORTH - fee, kind="internal", tx="x", seq=1),
        Pay(POOL, "relayer", fee, kind="internal", tx="x", seq=2),
    ]
    assert told(*rows) == [("withdrawal", address("fresh"), fee, address("relayer"), address("relayer"))]
    assert told(Pay(POOL, "fresh", WORTH, kind="internal")) == [("withdrawal", address("fresh"), 0, None, None)]
    assert told(rows[1]) == [("withdrawal", address("fresh"), fee, None, None)]


def test_the_recipient_is_paid_first_even_where_the_fee_is_the_larger_part() -> None:
    small = Pay(POOL, "fresh", ETHER, kind="internal", tx="x", seq=1)
    large = Pay(POOL, "relayer", 99 * ETHER, kind="internal", tx="x", seq=2)
    assert told(small, large) == [("withdrawal", address("fresh"), 99 * ETHER, address("relayer"), None)]


def test_where_the_order_is_not_told_the_larger_is_taken_and_counted() -> None:
    for small, large in ((1, 2), (2, 1)):
        rows = [
            Pay(POOL, "relayer", ETHER, kind="internal", tx="x", seq=small, order="unknown"),
            Pay(POOL, "fresh", 99 * ETHER, kind="internal", tx="x", seq=large, order="unknown"),
        ]
        assert told(*rows) == [("withdrawal", address("fresh"), ETHER, address("relayer"), None)]
        assert notes(*rows).told == (
            "of 1 withdrawals the order of the two payouts is not told: the larger was taken for the recipient's",
        )
        assert notes(*(replace(row, order="known") for row in rows)).told == ()
        assert notes(rows[1]).told == ()


@pytest.mark.parametrize(
    ("pay", "reason"),
    [
        (Pay("a", POOL, WORTH - 1), "not a note's worth goes into a pool"),
        (Pay(POOL, "a", WORTH + 1, kind="internal"), "more than a note"),
        (Pay(POOL, "a", WORTH // 2, kind="internal"), "a fee without the note it is of"),
        (Pay("a", POOL, WORTH, time=False), "missing value"),
    ],
)
def test_what_is_no_note_is_counted(pay: Pay, reason: str) -> None:
    found = notes(pay)
    assert (len(found), found.rejected.counts) == (0, {reason: 1})


def test_more_than_half_of_a_note_is_one() -> None:
    assert len(notes(Pay(POOL, "a", WORTH // 2 + 1, kind="internal"))) == 1


def test_several_withdrawals_of_one_transaction_are_several() -> None:
    rows = [
        Pay(POOL, who, amount, kind="internal", tx="x", seq=n)
        for n, (who, amount) in enumerate(
            [("a", 99 * ETHER), ("r", ETHER), ("b", WORTH), ("c", 98 * ETHER), ("r", 2 * ETHER)]
        )
    ]
    assert [(who, fee) for _, who, fee, _, _ in told(*rows)] == [
        (address("a"), ETHER), (address("b"), 0), (address("c"), 2 * ETHER),
    ]  # fmt: skip


def test_tokens_of_another_contract_are_no_notes() -> None:
    good = Pay("a", DAI.address, DAI.denomination, asset=DAI_TOKEN)
    fake = Pay("a", DAI.address, DAI.denomination, HOUR, asset="counterfeit")
    wrong = Pay("a", POOL, WORTH, 2 * HOUR, asset="counterfeit")
    assert [one.pool for one in notes(good, fake, wrong)] == [DAI]
    through = [
        Pay("b", DAI.router, DAI.denomination, asset=DAI_TOKEN, tx="y"),
        Pay(DAI.router, DAI.address, DAI.denomination, asset=DAI_TOKEN, tx="y", seq=1),
    ]
    assert [one.account for one in notes(*through)] == [address("b")]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=8), st.randoms())
def test_the_order_in_which_rows_are_read_decides_nothing(drawn: list[tuple[str, bool]], random: Random) -> None:
    rows = [
        Pay(who, POOL, WORTH, n * HOUR) if way else Pay(POOL, who, WORTH - n, n * HOUR, kind="internal")
        for n, (who, way) in enumerate(drawn)
    ]
    assert ct.read_notes(table(rows, random.sample(range(len(rows)), len(rows)))).found == notes(*rows).found
    assert len(notes(*rows)) == len(rows)


def test_the_deposits_of_the_bundled_case_are_seen() -> None:
    found = ct.read_notes(ct.Case.open("ronin").graph)
    assert (len(found), len({one.account for one in found}), {one.kind for one in found}) == (1751, 48, {"deposit"})
    assert found.rejected.counts == {}
