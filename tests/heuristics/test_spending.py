"""Peel chains and payouts: every threshold on both sides, and a halt where the remainder is contested."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaintrace.heuristics.spending import BatchThresholds
from chaintrace.labels.label import Label
from chaintrace.model.script import account_of
from tests.heuristics.coins import BITCOIN, Tx, ask, script

PEEL, BATCH = "peel-chain", "payout-batch"


def peels(n: int, *, start: int = 10_000_000, payment: int = 100_000, name: str = "p") -> list[Tx]:
    """``n`` steps, each of which pays ``payment`` away and sends the rest on."""
    txs: list[Tx] = []
    coins, value = {}, start
    for i in range(n):
        rest = value - payment - 100
        tx = Tx(
            f"{name}{i}",
            ((f"{name} at {i}", value),),
            ((f"{name} shop {i}", payment), (f"{name} at {i + 1}", rest)),
            coins=coins,
        )
        txs.append(replace(tx, block=800_000 + i))
        coins, value = {0: f"{tx.txid}:1"}, rest
    return txs


def test_four_steps_are_a_chain() -> None:
    assert len(ask(*peels(3), only=PEEL)) == 0
    (found,) = ask(*peels(4), only=PEEL)
    assert found.subject == account_of(script("p at 0"), BITCOIN.id)
    assert found.tx_hashes == tuple(tx.txid for tx in peels(4))
    assert found.evidence == {"hops": 4, "paid": 400_000, "largest_payment_permille": 10}
    assert len(found.rows) == 12


def test_a_chain_is_one_finding_however_long_and_in_any_order() -> None:
    txs = peels(30)
    (found,) = ask(*txs, only=PEEL)
    assert found.evidence["hops"] == 30
    assert ask(*txs[::-1], only=PEEL)[0].to_dict() == found.to_dict()


def test_a_payment_is_at_most_half_of_the_remainder() -> None:
    def last(payment: int, rest: int) -> list[Tx]:
        txs = peels(4)
        owner = txs[3].ins[0][0]
        return [*txs[:3], replace(txs[3], ins=((owner, payment + rest + 1),), outs=(("x", payment), ("y", rest)))]

    assert len(ask(*last(1_000, 2_000), only=PEEL)) == 1
    assert len(ask(*last(1_001, 2_000), only=PEEL)) == 0


@pytest.mark.parametrize(("payment", "confidence"), [(45_000, 95), (60_000, 85), (110_000, 75), (300_000, 50)])
def test_small_payments_are_surer(payment: int, confidence: int) -> None:
    (found,) = ask(*peels(4, start=2_000_000 if payment > 200_000 else 1_100_000, payment=payment), only=PEEL)
    assert found.confidence == confidence


def test_a_second_input_or_a_third_output_ends_a_chain() -> None:
    txs = peels(7)
    for other in (txs[3].more(ins=[("x", 5)]), txs[3].but(outs={0: ("a", 99_000)}).more(outs=[("b", 500)])):
        assert len(ask(*txs[:3], other, *txs[4:], only=PEEL)) == 0
    assert len(ask(*txs, only=PEEL)) == 1


def test_where_the_payment_is_peeled_as_well_the_chain_halts() -> None:
    """Of a step whose both outputs go on in the same way nobody can say which is the remainder."""
    txs = peels(6)
    rival = Tx(
        "rival", ((txs[2].outs[0][0], 100_000),), (("r shop", 1_000), ("r rest", 98_000)), coins={0: f"{txs[2].txid}:0"}
    )
    assert [one.evidence["hops"] for one in ask(*txs, only=PEEL)] == [6]
    assert [one.evidence["hops"] for one in ask(*txs, rival, only=PEEL)] == []
    longer = peels(9)
    other = replace(rival, ins=((longer[4].outs[0][0], 100_000),), coins={0: f"{longer[4].txid}:0"})
    assert [one.evidence["hops"] for one in ask(*longer, other, only=PEEL)] == [5, 4]


def test_rows_that_go_in_a_circle_are_no_chain() -> None:
    """No chain of blocks has them; a file may."""
    txs = [replace(tx, block=800_000) for tx in peels(5, payment=0)]
    last = txs[-1]
    circle = [replace(txs[0], coins={0: f"{last.txid}:1"}), *txs[1:]]
    assert len(ask(*circle, only=PEEL)) == 0


def batch(n: int = 10, ins: int = 1, rest: int = 60, equal: int = 0) -> Tx:
    """Ten payments; the rest is so many percent of all."""
    values = [1_000 + 7 * i for i in range(n - 1)]
    values[:equal] = [500] * equal
    total = sum(values)
    outs = (*((f"payee {i}", value) for i, value in enumerate(values)), ("remainder", total * rest // (100 - rest)))
    paid = sum(value for _, value in outs) + 100
    return Tx("batch", tuple((f"payer {i}", paid // ins + 1) for i in range(ins)), outs)


def test_ten_outputs_of_two_coins_are_a_payout() -> None:
    assert len(ask(batch(), only=BATCH)) == 1
    assert len(ask(batch(n=9), only=BATCH)) == 0
    assert len(ask(batch(ins=2), only=BATCH)) == 1
    assert len(ask(batch(ins=3), only=BATCH)) == 0


def test_two_of_three_signs_are_wanted() -> None:
    """Here all accounts are of one form, so both other signs decide."""
    assert len(ask(batch(rest=40), only=BATCH)) == 0
    assert len(ask(batch(equal=2), only=BATCH)) == 0
    one = replace(BatchThresholds(), least_signs=1)
    assert len(ask(batch(equal=2), only=BATCH, thresholds={BATCH: one})) == 1
    forms = replace(BatchThresholds(), least_forms=1)
    assert len(ask(batch(equal=2), only=BATCH, thresholds={BATCH: forms})) == 1
    assert ask(batch(), only=BATCH)[0].evidence["forms"] == 1


def test_a_labelled_exchange_makes_it_surer() -> None:
    payer = account_of(script("payer 0"), BITCOIN.id)
    assert ask(batch(), only=BATCH)[0].confidence == 50
    (found,) = ask(batch(), only=BATCH, labels=[Label(payer, "exchange")])
    assert (found.confidence, "labelled an exchange" in found.claim) == (90, True)
    assert ask(batch(), only=BATCH, labels=[Label(payer, "mixer")])[0].confidence == 50
