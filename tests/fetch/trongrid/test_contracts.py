"""Transactions of all of Tron's types: each is a row of the right kind, moves nothing, or is rejected by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chaintrace.fetch.trongrid.contracts import NEUTRAL, UNTOLD, contract
from chaintrace.fetch.trongrid.holding import holding
from chaintrace.fetch.words import Bad
from chaintrace.model.amount import from_bytes
from chaintrace.model.page import Answer
from chaintrace.testing.grid import Grid
from chaintrace.testing.tronned import hexed, named
from tests.fetch.trongrid.asking import KEY, NATIVE, Stage, again, asked_of, question

FEE = 1_100_000
ISSUER = "0x" + "5" * 40


@pytest.fixture
def own(stage: Stage) -> Iterator[Grid]:
    """A TronGrid whose chain a test may add to."""
    with Grid(stage.node, key=KEY) as grid:
        yield grid


def who(stage: Stage) -> str:
    return stage.planted.one("lone")


def told(own: Grid, stage: Stage, accounts: Any = None) -> Answer:
    page = asked_of(own, question(stage, accounts or [who(stage)], first=stage.planted.first))
    assert again(page).digest == page.answer.digest
    return page.answer


def of(answer: Answer, tx_hash: str) -> list[tuple[Any, ...]]:
    rows = [row for row in answer.rows.to_pylist() if row["tx_hash"] == tx_hash]
    return [(row["kind"], row["sender"], row["receiver"], row["asset"], from_bytes(row["amount"])) for row in rows]


def residual(answer: Answer, account: str) -> int | None:
    """What the chain has more at the last block than the rows say."""
    last = max(one.block for one in answer.balances)
    held = {one.block: one.amount for one in answer.balances if one.account == named(account) and one.asset == NATIVE}
    if held[last] is None:
        return None
    total = 0
    for row in answer.rows.to_pylist():
        if row["asset"] == NATIVE:
            sign = (row["receiver"] == named(account)) - (row["sender"] == named(account))
            total += sign * from_bytes(row["amount"])
    return (held[last] or 0) - total


@pytest.mark.parametrize("kind", sorted(NEUTRAL))
def test_what_only_costs_is_a_fee(own: Grid, stage: Stage, kind: str) -> None:
    owner = {"owner_address": hexed(who(stage)), "frozen_balance": 7}
    tx_hash = own.tron.add(stage.planted.first + 1, kind, owner, fee=FEE, gains={who(stage): -FEE})
    answer = told(own, stage)
    assert of(answer, tx_hash) == [("fee", named(who(stage)), None, NATIVE, FEE)]
    assert not answer.rejected
    assert residual(answer, who(stage)) == 0


@pytest.mark.parametrize("early", [True, False])
def test_what_is_staked_is_still_held(own: Grid, stage: Stage, early: bool) -> None:
    block = stage.planted.first + (-2 if early else 2)
    staked = {who(stage): 10**15}
    own.tron.add(block, "FreezeBalanceV2Contract", {"owner_address": hexed(who(stage))}, stakes=staked)
    assert residual(told(own, stage), who(stage)) == 0


def test_a_withdrawn_reward_is_one(own: Grid, stage: Stage) -> None:
    owner = {"owner_address": hexed(who(stage))}
    for block in (stage.planted.first - 1, stage.planted.first + 1):
        gains = {who(stage): 5_000 - FEE}
        tx_hash = own.tron.add(block, "WithdrawBalanceContract", owner, fee=FEE, gains=gains, withdraw_amount=5_000)
    answer = told(own, stage)
    assert ("reward", None, named(who(stage)), NATIVE, 5_000) in of(answer, tx_hash)
    assert residual(answer, who(stage)) == 0


def test_coins_for_an_issue_of_assets_are_a_payment(own: Grid, stage: Stage) -> None:
    value = {"owner_address": hexed(who(stage)), "to_address": hexed(ISSUER), "amount": 77}
    gains = {who(stage): -77}
    tx_hash = own.tron.add(stage.planted.first, "ParticipateAssetIssueContract", value, gains=gains)
    answer = told(own, stage)
    assert of(answer, tx_hash) == [("native", named(who(stage)), named(ISSUER), NATIVE, 77)]
    assert answer.rejected.counts == {"an asset of TRC-10": 1}
    assert residual(answer, who(stage)) == 0


@pytest.mark.parametrize("kind", [*UNTOLD, "AContractOfTomorrow"])
def test_what_no_row_can_show_is_rejected_by_name(own: Grid, stage: Stage, kind: str) -> None:
    value = {"owner_address": hexed(who(stage)), "to_address": hexed(ISSUER), "amount": 77}
    gains = {who(stage): -FEE if kind == "TransferAssetContract" else -FEE - 77}
    tx_hash = own.tron.add(stage.planted.first, kind, value, fee=FEE, gains=gains)
    answer = told(own, stage)
    assert of(answer, tx_hash) == [("fee", named(who(stage)), None, NATIVE, FEE)]
    assert len(answer.rejected) == 1
    (one,) = answer.rejected.examples
    assert (one.field, one.value) == (kind, tx_hash)
    assert residual(answer, who(stage)) == gains[who(stage)] + FEE


@pytest.mark.parametrize("kind", ["ExchangeTransactionContract", "AContractOfTomorrow"])
def test_before_the_first_block_it_leaves_the_opening_unknown(own: Grid, stage: Stage, kind: str) -> None:
    value = {"owner_address": hexed(who(stage))}
    tx_hash = own.tron.add(stage.planted.first - 1, kind, value, gains={who(stage): -77})
    answer = told(own, stage)
    (opening,) = [one for one in answer.balances if one.asset == NATIVE and one.block == stage.planted.first - 1]
    assert opening.amount is None
    assert tx_hash in opening.reason
    assert "opening" not in answer.rows["kind"].to_pylist()


# ---- inner calls -------------------------------------------------------------------------------------------------


def call(stage: Stage, note: str, amount: int, **more: Any) -> dict[str, Any]:
    ends = {"caller_address": hexed(ISSUER), "transferTo_address": hexed(who(stage))}
    paid = [{"callValue": amount} | more]
    return {"hash": (note.encode().hex() + "0" * 64)[:64], "note": note.encode().hex(), "callValueInfo": paid, **ends}


def called(own: Grid, stage: Stage, *calls: Any, gain: int = 0) -> tuple[str, Answer]:
    value = {"owner_address": hexed(ISSUER), "contract_address": hexed("0x" + "6" * 40)}
    info = {"internal_transactions": list(calls), "receipt": {"result": "SUCCESS"}}
    gains = {who(stage): gain}
    tx_hash = own.tron.add(stage.planted.first, "TriggerSmartContract", value, gains=gains, **info)
    return tx_hash, told(own, stage)


def test_an_inner_call_pays(own: Grid, stage: Stage) -> None:
    tx_hash, answer = called(own, stage, call(stage, "call", 12), gain=12)
    assert of(answer, tx_hash) == [("internal", named(ISSUER), named(who(stage)), NATIVE, 12)]
    assert residual(answer, who(stage)) == 0


@pytest.mark.parametrize("note", ["freezeBalanceV2ForEnergy", "unDelegateResourceOfBandwidth", "voteWitness"])
def test_inner_staking_moves_nothing(own: Grid, stage: Stage, note: str) -> None:
    tx_hash, answer = called(own, stage, call(stage, note, 12))
    assert of(answer, tx_hash) == []
    assert not answer.rejected
    assert residual(answer, who(stage)) == 0


def test_an_inner_reward_is_one(own: Grid, stage: Stage) -> None:
    tx_hash, answer = called(own, stage, call(stage, "withdrawReward", 12), gain=12)
    assert of(answer, tx_hash) == [("reward", None, named(who(stage)), NATIVE, 12)]


@pytest.mark.parametrize(("note", "more"), [("burnEverything", {}), ("call", {"tokenId": "1000001"})])
def test_inner_calls_that_no_row_can_show_are_rejected(
    own: Grid, stage: Stage, note: str, more: dict[str, Any]
) -> None:
    tx_hash, answer = called(own, stage, call(stage, note, 12, **more))
    assert of(answer, tx_hash) == []
    assert len(answer.rejected) == 1
    assert answer.rejected.examples[0].value == tx_hash


# ---- what is read ------------------------------------------------------------------------------------------------


def test_holdings_are_free_staked_lent_and_on_their_way_back() -> None:
    told: dict[str, Any] = {
        "address": hexed(ISSUER), "balance": 1, "frozen": [{"frozen_balance": 2, "expire_time": 9}],
        "account_resource": {
            "frozen_balance_for_energy": {"frozen_balance": 4}, "delegated_frozen_balance_for_energy": 8,
            "delegated_frozenV2_balance_for_energy": 16, "energy_usage": 10**9,
        },
        "delegated_frozen_balance_for_bandwidth": 32, "delegated_frozenV2_balance_for_bandwidth": 64,
        "frozenV2": [{"amount": 128}, {"type": "ENERGY", "amount": 256}, {"type": "TRON_POWER"}],
        "unfrozenV2": [{"type": "ENERGY", "unfreeze_amount": 512, "unfreeze_expire_time": 9}],
        "tron_power": {"frozen_balance": 1024}, "old_tron_power": -1, "allowance": 10**9,
        "acquired_delegated_frozenV2_balance_for_energy": 10**9, "latest_opration_time": 10**9,
    }  # fmt: skip
    assert holding(told) == 2047
    assert holding({}) == 0


@pytest.mark.parametrize("contracts", [[], [{}, {}], [{"type": "TransferContract"}], None])
def test_a_transaction_has_one_contract(contracts: Any) -> None:
    with pytest.raises(Bad):
        contract({"contract": contracts})
