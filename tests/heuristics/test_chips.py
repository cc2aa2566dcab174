"""ChipMixer's chips: each threshold on both sides, and coins of the same sizes that are none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaintrace.heuristics.chips import CHIPS, ChipThresholds
from chaintrace.labels.label import Label
from chaintrace.model.script import account_of
from tests.heuristics.coins import BITCOIN, Tx, ask, payment, script, whirlpool

RULE = "chipmixer-chips"


def sweep(*sizes: int, name: str = "sweep", more: int = 0) -> Tx:
    """Spends coins of these sizes, and ``more`` others, to one account."""
    ins = [(f"{name} chip {n}", size) for n, size in enumerate(sizes)]
    ins += [(f"{name} other {n}", 123_457 + n) for n in range(more)]
    return Tx(name, tuple(ins), ((f"{name} own", sum(value for _, value in ins) - 700),))


def flags(*txs: Tx, **options: object) -> list[str]:
    return [one.subject for one in ask(*txs, only=RULE, **options)]


def test_sizes_double_from_a_thousandth_to_8192_thousandths() -> None:
    assert (CHIPS[0], CHIPS[-1], len(CHIPS)) == (100_000, 819_200_000, 14)


PAIRS = [
    ("two chips", sweep(100_000, 200_000), sweep(100_000, more=1)),
    ("of two sizes", sweep(100_000, 200_000, 200_000), sweep(200_000, 200_000, 200_000)),
    ("half of what pays", sweep(100_000, 200_000, more=2), sweep(100_000, 200_000, more=3)),
    ("of a chip's size", sweep(100_000, 400_000), sweep(100_000, 400_001)),
    ("the largest size", sweep(100_000, 819_200_000), sweep(100_000, 1_638_400_000)),
    (
        "each address is spent from once",
        sweep(100_000, 200_000),
        sweep(100_000, 200_000).more(ins=[("sweep chip 0", 55_555)]),
    ),
]


@pytest.mark.parametrize(("what", "inside", "outside"), PAIRS, ids=[what for what, *_ in PAIRS])
def test_a_threshold_decides_alone(what: str, inside: Tx, outside: Tx) -> None:
    assert flags(inside) == [inside.account]
    assert flags(outside) == []


def test_an_address_that_was_paid_twice_holds_no_chip() -> None:
    made = Tx("made", (("mixer", 900_000),), (("sweep chip 0", 100_000), ("rest", 799_000)))
    spends = replace(sweep(100_000, 200_000), coins={0: f"{made.txid}:0"})
    assert flags(made, spends) == [spends.account]
    again = Tx("again", (("somebody", 60_000),), (("sweep chip 0", 50_000),))
    assert flags(made, again, spends) == []
    assert flags(again, sweep(100_000, 200_000)) == []  # the chip's own deposit, which is not here, is the other
    twice = ChipThresholds(most_deposits=2)
    assert flags(made, again, spends, thresholds={RULE: twice}) == [spends.account]


def test_an_address_that_spends_elsewhere_holds_no_chip() -> None:
    other = Tx("other", (("sweep chip 0", 5_000),), (("shop", 4_000),))
    assert flags(other, sweep(100_000, 200_000)) == []
    twice = ChipThresholds(most_spends=2)
    assert flags(other, sweep(100_000, 200_000), thresholds={RULE: twice}) == [sweep().account]


def test_coins_that_a_coinjoin_made_are_none() -> None:
    """Whirlpool has a pool of 0.001 BTC, whose coins have a chip's size."""
    mix = whirlpool(pool=100_000)
    spends = replace(sweep(100_000, 200_000), ins=(("mix out 0", 100_000), ("b", 200_000)), coins={0: f"{mix.txid}:0"})
    assert flags(mix, spends) == []
    assert flags(replace(mix, outs=(mix.outs[0], ("o", 399_000))), spends) == [spends.account]


def test_more_chips_and_nothing_else_are_surer_and_a_list_surest() -> None:
    sizes = (100_000, 200_000, 400_000, 800_000)
    (three,), (four,), (and_more,) = (
        ask(sweep(*s, more=m), only=RULE) for s, m in ((sizes[:3], 0), (sizes, 0), (sizes, 1))
    )
    assert (three.confidence, four.confidence, and_more.confidence) == (40, 60, 40)
    assert and_more.evidence["other_inputs"] == 1
    assert four.evidence["chips"] == list(sizes)
    made = Tx("made", (("mixer", 900_000),), (("sweep chip 0", 100_000), ("rest", 799_000)))
    spends = replace(sweep(100_000, 200_000), coins={0: f"{made.txid}:0"})
    label = Label(account_of(script("mixer"), BITCOIN.id), "custodial-mixer", "ChipMixer")
    (found,) = ask(made, spends, only=RULE, labels=[label])
    assert (found.confidence, found.evidence["made_by_a_listed_mixer"], found.evidence["made_here"]) == (90, 1, 1)


def test_the_origin_is_told_where_thresholds_are() -> None:
    assert "forum" in (ChipThresholds.__doc__ or "")


def test_an_ordinary_payment_is_none() -> None:
    assert flags(payment()) == []


def test_the_order_of_rows_changes_nothing() -> None:
    made = Tx("made", (("mixer", 900_000),), (("sweep chip 0", 100_000), ("rest", 799_000)))
    txs = [made, replace(sweep(100_000, 200_000), coins={0: f"{made.txid}:0"}), sweep(100_000, 400_000, name="two")]
    assert [one.to_dict() for one in ask(*txs, only=RULE)] == [one.to_dict() for one in ask(*txs[::-1], only=RULE)]
