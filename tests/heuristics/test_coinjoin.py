"""Each CoinJoin rule: what it flags, each of its thresholds on both sides, and each veto where it alone decides."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chaintrace.heuristics.consensus import USUAL, consensus, looks_joint
from chaintrace.heuristics.joinmarket import StonewallThresholds, stonewalls
from chaintrace.heuristics.registry import known_heuristics
from chaintrace.heuristics.rows import Known, Rows
from chaintrace.heuristics.whirlpool import FEES, POOLS, Tx0Thresholds, tx0s
from chaintrace.labels.book import LabelBook
from chaintrace.labels.category import categories
from chaintrace.labels.label import Label
from chaintrace.model.script import account_of
from tests.heuristics.coins import (
    BITCOIN,
    Tx,
    ask,
    joinmarket,
    payment,
    rules,
    script,
    stonewall,
    table,
    tx0,
    wasabi10,
    wasabi11,
    wasabi20,
    whirlpool,
)

MIX, TO, TX0, W10, W11, W20, JM = (
    "coinjoin-whirlpool",
    "whirlpool-to-script",
    "whirlpool-tx0",
    "coinjoin-wasabi-1.0",
    "coinjoin-wasabi-1.1",
    "coinjoin-wasabi-2.0",
    "coinjoin-joinmarket",
)


def says(rule: str, tx: Tx) -> bool:
    """Whether this one rule flags the transaction, whatever the others say."""
    rows = Rows(table(tx))
    if rule == TX0:
        return bool(tx0s(rows.transactions, Tx0Thresholds())[0][0])
    return bool(consensus(rows, Known(), USUAL).claims[rule.removeprefix("coinjoin-")].confidence[0])


def grown(tx: Tx, **sides: list[tuple[str, int]]) -> Tx:
    """With more coins, the fee kept above zero by the first input."""
    made = tx.more(**sides)
    missing = sum(value for _, value in made.outs) - sum(value for _, value in made.ins) + 1
    owner, value = made.ins[0]
    return made.but(ins={0: (owner, value + max(missing, 0))})


def shared(*times: int) -> Tx:
    """A round of Wasabi 2 in which so many outputs have the first denominations, and one has each of some others."""
    values = [2 ** (20 + i) for i, many in enumerate(times) for _ in range(many)] + [3**n for n in range(9, 14)]
    return replace(wasabi20(), outs=tuple((f"out {n}", value) for n, value in enumerate(values)))


def paid_back(n: int) -> Tx:
    """A round of ten outputs, ``n`` of which go to accounts that pay."""
    tx = replace(shared(2, 2, 2), outs=shared(2, 2, 2).outs[:10])
    return tx.but(outs={i: (tx.ins[i][0], tx.outs[i][1]) for i in range(n)})


ROUND = grown(shared(2, 2, 2), outs=[("one", 9_999_999)])
"""Of Wasabi 2, with one output of no denomination."""

# ---- Whirlpool

PAIRS = [
    ("five coins are the fewest", MIX, whirlpool(n=5), whirlpool(n=4)),
    ("eight coins are the most", MIX, whirlpool(n=8), whirlpool(n=9)),
    ("a new coin brings at least 100 satoshi", MIX, whirlpool(excess=100), whirlpool(excess=99)),
    ("a new coin brings at most 110,000 satoshi", MIX, whirlpool(excess=110_000), whirlpool(excess=110_001)),
    ("one coin is new", MIX, whirlpool(new=1), whirlpool(new=0)),
    ("at most four coins are new", MIX, whirlpool(new=4), whirlpool(new=5)),
    ("the value is a pool's", MIX, whirlpool(pool=1_000_000), whirlpool(pool=1_000_001)),
    ("all outputs have the pool's value", MIX, whirlpool(), whirlpool().but(outs={1: ("other", 4_999_999)})),
    ("no two outputs go to one account", MIX, whirlpool(), whirlpool().but(outs={1: ("mix out 0", 5_000_000)})),
    ("no two inputs are of one account", MIX, whirlpool(), whirlpool().but(ins={1: ("mix in 2", 5_000_000)})),
    ("there are as many inputs as outputs", MIX, whirlpool(), whirlpool().more(ins=[("sixth", 5_000_000)])),
    ("a mix carries no data", MIX, whirlpool(), replace(whirlpool(), data=1)),
    ("all coins are of keys", MIX, whirlpool(), whirlpool().but(outs={2: ("multi", 5_000_000)})),
    ("some coin is not of a key", TO, whirlpool().but(outs={2: ("multi", 5_000_000)}), whirlpool()),
    ("an input may be it", TO, whirlpool().but(ins={2: ("tap", 5_000_000)}), whirlpool()),
    ("a Tx0 carries data", TX0, tx0(), replace(tx0(), data=0)),
    ("a Tx0 carries data once", TX0, tx0(), replace(tx0(), data=2)),
    ("cut coins have at least 100 satoshi more", TX0, tx0(excess=100), tx0(excess=99)),
    ("cut coins have at most 110,000 satoshi more", TX0, tx0(excess=110_000), tx0(excess=110_001)),
    ("at most 70 coins are cut", TX0, tx0(n=70), tx0(n=71)),
    ("one cut coin is enough", TX0, tx0(n=1), tx0(n=0)),
    ("the coordinator gets at least half", TX0, tx0(fee=87_500), tx0(fee=87_499)),
    ("the coordinator gets at most three times its fee", TX0, tx0(fee=525_000), tx0(fee=525_001)),
    (
        "two outputs may be neither cut nor the fee",
        TX0,
        grown(tx0(), outs=[("a", 3_000_000), ("b", 4_000_000)]),
        grown(tx0(), outs=[("a", 3_000_000), ("b", 4_000_000), ("c", 6_000_000)]),
    ),
    # ---- Wasabi 1
    ("ten inputs are the fewest", W10, wasabi10(), wasabi10(n=9)),
    ("the value is within 20 % below 0.1 BTC", W10, wasabi10(value=8_000_000), wasabi10(value=7_999_999)),
    ("the value is within 20 % above 0.1 BTC", W10, wasabi10(value=12_000_000), wasabi10(value=12_000_001)),
    ("the value is within 20 % above 0.05 BTC", W10, wasabi10(value=6_000_000), wasabi10(value=6_000_001)),
    ("equal outputs are half of the others, less one", W10, wasabi10(changes=11), wasabi10(changes=12)),
    (
        "one input account for each equal output at least",
        W10,
        wasabi10(),
        grown(wasabi10(), outs=[("one more", 10_000_000)]),
    ),
    (
        "seven input accounts for each equal output at most",
        W10,
        replace(wasabi10(n=3, changes=2), ins=tuple((f"in {i}", 1_600_000) for i in range(21))),
        replace(wasabi10(n=3, changes=2), ins=tuple((f"in {i}", 1_600_000) for i in range(22))),
    ),
    ("no two outputs go to one account", W10, wasabi10(), wasabi10().but(outs={1: ("w10 out 0", 10_000_000)})),
    (
        "no account has more than a tenth of the inputs",
        W10,
        grown(wasabi10(), ins=[(f"more {i}", 5) for i in range(9)] + [("more 0", 5)]),
        grown(wasabi10(), ins=[(f"more {i}", 5) for i in range(8)] + [("more 0", 5)]),
    ),
    (
        "a small round is no bare split of money",
        W10,
        grown(wasabi10(value=9_999_000, changes=0), outs=[("rest", 10_001)]),
        grown(wasabi10(value=9_999_000, changes=0), outs=[("rest", 10_000)]),
    ),
    (
        "a large round may be",
        W10,
        wasabi10(n=20, changes=0),
        wasabi10(n=19, changes=0),
    ),
    (
        "three equal outputs are the fewest",
        W10,
        replace(wasabi10(n=3, changes=2), ins=tuple((f"in {i}", 3_500_000) for i in range(10))),
        replace(wasabi10(n=2, changes=2), ins=tuple((f"in {i}", 3_500_000) for i in range(10))),
    ),
    ("two outputs are a level", W11, wasabi11(n=10, second=2), wasabi11(n=10, second=1)),
    ("levels together are the majority", W11, wasabi11(n=10, second=3), grown(wasabi11(), outs=[("a", 77)])),
    (
        "the lowest level is there",
        W11,
        wasabi11(),
        grown(wasabi11().but(outs={i: (f"o {i}", 40_000_000) for i in range(8)})),
    ),
    # ---- Wasabi 2
    ("twenty inputs are the fewest", W20, wasabi20(n=20), wasabi20(n=19)),
    ("no output is below 5,000 satoshi", W20, wasabi20(), wasabi20().but(outs={18: ("small", 4_999)})),
    ("no two outputs go to one account", W20, wasabi20(), wasabi20().but(outs={18: ("w20 out 0", 7_777_779)})),
    (
        "three denominations are shared",
        W20,
        grown(wasabi20().but(outs={i: (f"o {i}", 2**21 << i) for i in range(4)})),
        grown(wasabi20().but(outs={i: (f"o {i}", 2**21 << i) for i in range(8)})),
    ),
    (
        "two outputs share a denomination",
        W20,
        grown(shared(2, 2, 2)),
        grown(shared(2, 2, 1)),
    ),
    (
        "outputs of denominations are half of the others, less one",
        W20,
        grown(wasabi20(), outs=[(f"odd {i}", 8_888_001 + i) for i in range(14)]),
        grown(wasabi20(), outs=[(f"odd {i}", 8_888_001 + i) for i in range(15)]),
    ),
    (
        "no account has more than a tenth of the inputs",
        W20,
        wasabi20().but(ins={0: ("w20 in 1", 4_000_000)}),
        wasabi20().but(ins={0: ("w20 in 1", 4_000_000), 2: ("w20 in 1", 4_000_000)}),
    ),
    (
        "one other output and no taproot is somebody who splits",
        W20,
        ROUND.but(ins={0: ("tap in", 4_000_000)}),
        ROUND,
    ),
    ("taproot among the outputs will do", W20, ROUND.but(outs={1: ("tap out", 2**20)}), ROUND),
    ("two other outputs will do", W20, grown(ROUND, outs=[("two", 9_999_991)]), ROUND),
    ("less than 70 % goes back to who pays", W20, paid_back(6), paid_back(7)),
    # ---- JoinMarket
    ("three equal outputs are the fewest", JM, joinmarket(n=3), joinmarket(n=2)),
    ("the common value is no limit of dust", JM, joinmarket(value=2_731), joinmarket(value=2_730)),
    ("equal outputs are half of all", JM, joinmarket(), grown(joinmarket(), outs=[("more", 1)])),
    ("as many accounts pay as outputs are equal", JM, joinmarket(), joinmarket().but(ins={1: ("jm in 0", 3_642_000)})),
    ("no two outputs go to one account", JM, joinmarket(), joinmarket().but(outs={1: ("jm out 0", 3_141_592)})),
    ("some output is of another value", JM, joinmarket(), replace(joinmarket(), outs=joinmarket().outs[:3])),
    (
        "with fifty inputs there are at most twenty for an equal output",
        JM,
        grown(joinmarket(), ins=[(f"i {n}", 1) for n in range(57)]),
        grown(joinmarket(), ins=[(f"i {n}", 1) for n in range(58)]),
    ),
    (
        "with fifty inputs there are 1.7 times as many outputs as equal ones",
        JM,
        replace(joinmarket(n=10), outs=joinmarket(n=10).outs[:17], ins=tuple((f"i {n}", 1_000_000) for n in range(50))),
        replace(joinmarket(n=10), outs=joinmarket(n=10).outs[:16], ins=tuple((f"i {n}", 1_000_000) for n in range(50))),
    ),
]


@pytest.mark.parametrize(
    ("what", "rule", "inside", "outside"), PAIRS, ids=[f"{rule}: {what}" for what, rule, *_ in PAIRS]
)
def test_a_threshold_decides_alone(what: str, rule: str, inside: Tx, outside: Tx) -> None:
    assert says(rule, inside), what
    assert not says(rule, outside), what


@pytest.mark.parametrize("pool", POOLS)
def test_each_pool_has_its_mixes_and_its_fee(pool: int) -> None:
    fee = FEES[POOLS.index(pool)]
    assert rules(whirlpool(pool=pool)) == [MIX]
    assert rules(tx0(pool=pool, fee=fee)) == [TX0]
    (found,) = ask(whirlpool(pool=pool))
    assert found.evidence["pool"] == pool


def test_a_tx0_is_confirmed_by_a_mix_that_spends_what_it_cut() -> None:
    made = tx0(n=2, pool=5_000_000, excess=5_000)
    mix = replace(whirlpool(excess=5_000), coins={0: f"{made.txid}:1"})
    (alone,) = ask(made)
    assert (alone.confidence, alone.evidence["seen_in_mixes"]) == (60, 0)
    assert "No mix among these rows" in alone.doubt
    (found,) = ask(made, mix).of(TX0)
    assert (found.confidence, found.evidence["seen_in_mixes"]) == (90, 1)
    other = replace(whirlpool(excess=5_000), coins={0: f"{made.txid}:2"})  # the coordinator's fee, not a cut coin
    assert ask(made, other).of(TX0)[0].confidence == 60


def test_a_mix_to_several_keys_is_said_by_its_own_rule_and_joins_nobody() -> None:
    mix = whirlpool().but(outs={0: ("multi", 5_000_000)})
    (found,) = ask(mix)
    assert (found.rule, found.confidence, found.evidence["pool"]) == (TO, 55, 5_000_000)
    assert looks_joint(Rows(table(mix)), Known()).tolist() == [True]
    usual = known_heuristics()[MIX].thresholds
    loose = {name: replace(usual, only_keys=False) for name in (MIX, TO)}
    assert rules(mix, thresholds=loose) == [MIX]
    made = tx0(n=2, pool=5_000_000, excess=100)
    assert ask(made, replace(mix, coins={0: f"{made.txid}:1"})).of(TX0)[0].confidence == 90


def test_what_one_owner_may_have_split_is_no_round_and_joins_nobody_either() -> None:
    assert rules(ROUND) == []
    assert looks_joint(Rows(table(ROUND)), Known()).tolist() == [True]


def test_a_tx0_of_several_accounts_is_not_joinmarkets_too() -> None:
    several = replace(tx0(), ins=tuple((f"in {n}", 6_000_000) for n in range(3)))
    assert rules(several) == [TX0]
    assert rules(replace(several, data=0)) == [JM]
    assert looks_joint(Rows(table(several)), Known()).tolist() == [True]


def test_a_round_of_wasabi_2_may_have_no_change() -> None:
    tx = grown(shared(2, 2, 2))
    assert rules(tx) == [W20]
    (found,) = ask(tx)
    assert found.evidence["standard_outputs"] == found.evidence["outputs"] == 11


def test_an_ordinary_payment_is_none() -> None:
    assert rules(payment(), payment("single", 1)) == []


def test_the_surest_rule_speaks_for_a_transaction() -> None:
    (found,) = ask(wasabi11())
    assert (found.rule, found.confidence, found.evidence["levels"]) == (W11, 100, 2)
    assert "also" not in found.evidence
    (found,) = ask(replace(wasabi11(), outs=wasabi11().outs[:21]))
    assert (found.rule, found.evidence["also"]) == (W11, ["wasabi-1.0"])
    (found,) = ask(wasabi10(changes=10))
    assert (found.rule, found.confidence) == (W10, 70)
    assert found.evidence["also"] == ["wasabi-1.1", "joinmarket"]
    assert rules(joinmarket()) == [JM]


# ---- vetoes: labels


def exchange(owner: str, category: str = "exchange", **dates: Any) -> Label:
    return Label(account_of(script(owner), BITCOIN.id), category, **dates)


@pytest.mark.parametrize(
    ("tx", "payer", "rule"),
    [(wasabi10(), "w10 in 3", W10), (wasabi11(), "w11 in 3", W11), (joinmarket(), "jm in 1", JM)],
)
def test_where_an_exchange_pays_wasabi_1_and_joinmarket_are_silent(tx: Tx, payer: str, rule: str) -> None:
    assert rule in rules(tx)
    assert rules(tx, labels=[exchange(payer)]) == []
    assert rule in rules(tx, labels=[exchange(payer, "mixer")])
    assert rule in rules(tx, labels=[exchange(tx.outs[0][0])])  # it is paid, and pays nothing


def test_an_exchange_does_not_silence_the_surer_rules() -> None:
    assert rules(whirlpool(), labels=[exchange("mix in 1")]) == [MIX]
    assert rules(wasabi20(), labels=[exchange("w20 in 1")]) == [W20]


def test_labels_come_from_a_book_as_well_and_from_categories_below() -> None:
    book = LabelBook([exchange("jm in 0")])
    assert rules(joinmarket(), labels=book) == []
    below = [name for name, one in categories().items() if one.parent == "exchange"]
    for name in below:
        assert rules(joinmarket(), labels=[exchange("jm in 0", name)]) == []


def test_a_label_counts_within_its_dates() -> None:
    """The transaction is of 2023-11-14, 22:13:20 UTC, block 800,000."""
    tx, payer = joinmarket(), "jm in 0"
    assert rules(tx, labels=[exchange(payer, since="2023-11-14T22:13:20Z")]) == []
    assert rules(tx, labels=[exchange(payer, since="2023-11-14T22:13:21Z")]) == [JM]
    assert rules(tx, labels=[exchange(payer, until="2023-11-14T22:13:21Z")]) == []
    assert rules(tx, labels=[exchange(payer, until="2023-11-14T22:13:20Z")]) == [JM]
    assert rules(tx, labels=[exchange(payer, since="2024-01-01", since_at_latest=True)]) == []
    assert rules(tx, labels=[exchange(payer, since="800001")]) == [JM]
    assert rules(tx, labels=[exchange(payer, since="800000", until="800001")]) == []


# ---- Stonewall


def is_stonewall(tx: Tx) -> bool:
    return bool(stonewalls(Rows(table(tx)).transactions, StonewallThresholds())[0][0])


def test_a_stonewall_looks_like_two_owners_and_is_no_finding() -> None:
    assert is_stonewall(stonewall())
    assert rules(stonewall()) == []


@pytest.mark.parametrize(
    ("what", "other"),
    [
        ("it has two inputs", replace(stonewall(), ins=(("one", 2_000_000),))),
        ("it has three outputs", replace(stonewall(), outs=stonewall().outs[:2])),
        ("it has four outputs", grown(stonewall(), outs=[("e", 333_333)])),
        ("two outputs are equal", stonewall().but(outs={0: ("sw a", 700_001)})),
        ("only one pair is", grown(stonewall().but(outs={2: ("sw c", 222_222)}))),
        ("no three are", grown(stonewall().but(outs={2: ("sw c", 700_000)}))),
        ("it is of 5,000 satoshi or more", stonewall().but(outs={0: ("sw a", 4_999), 1: ("sw b", 4_999)})),
    ],
)
def test_each_condition_of_a_stonewall_decides_alone(what: str, other: Tx) -> None:
    assert not is_stonewall(other), what


def test_a_stonewall_of_three_outputs_and_of_5000_satoshi_is_one() -> None:
    assert is_stonewall(replace(stonewall(), outs=stonewall().outs[:3]))
    assert is_stonewall(stonewall().but(outs={0: ("sw a", 5_000), 1: ("sw b", 5_000)}))


# ---- laws

SAMPLES = [whirlpool(), tx0(), wasabi10(), wasabi11(), wasabi20(), joinmarket(), stonewall(), payment()]
FEWER = settings(max_examples=settings().max_examples // 4)
samples = st.lists(st.sampled_from(SAMPLES), min_size=1, unique_by=lambda tx: tx.name)


def told(*txs: Tx) -> list[object]:
    return [(one.rule, one.subject, one.confidence, dict(one.evidence)) for one in ask(*txs)]


@FEWER
@given(samples, st.randoms(use_true_random=False))
def test_the_order_of_coins_and_of_rows_changes_nothing(txs: list[Tx], random: object) -> None:
    def shuffled(coins: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
        return tuple(random.sample(coins, len(coins)))  # type: ignore[attr-defined]

    other = [replace(tx, ins=shuffled(tx.ins), outs=shuffled(tx.outs)) for tx in txs]
    assert told(*other) == told(*txs)
    rows = table(*txs)
    mixed = rows.take(random.sample(range(len(rows)), len(rows)))  # type: ignore[attr-defined]
    one, two = (consensus(Rows(made), Known()) for made in (rows, mixed))
    names = [Rows(made).transactions.names.to_pylist() for made in (rows, mixed)]
    assert dict(zip(names[0], one.best.tolist(), strict=True)) == dict(zip(names[1], two.best.tolist(), strict=True))


@FEWER
@given(samples, samples)
def test_unrelated_transactions_change_nothing(txs: list[Tx], more: list[Tx]) -> None:
    strangers = [replace(tx, name=f"other {tx.name}", ins=_renamed(tx.ins), outs=_renamed(tx.outs)) for tx in more]
    mine = {f"tx:{tx.txid}" for tx in txs}
    both = [one for one in told(*txs, *strangers) if one[1] in mine]  # type: ignore[index]
    assert both == told(*txs)


@FEWER
@given(samples)
def test_renaming_accounts_changes_no_finding(txs: list[Tx]) -> None:
    assert told(*(replace(tx, ins=_renamed(tx.ins), outs=_renamed(tx.outs)) for tx in txs)) == told(*txs)


def _renamed(coins: tuple[tuple[str, int], ...]) -> tuple[tuple[str, int], ...]:
    return tuple((f"renamed {owner}", value) for owner, value in coins)


def test_no_data_is_no_finding() -> None:
    assert len(ask()) == 0
    assert np.array_equal(consensus(Rows(table()), Known()).best, [])
