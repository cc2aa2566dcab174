"""Contracts: what a transaction of each of Tron's types moves at its top. Rule: java-tron, ``protocol.Transaction``.

Coins that are staked, lent as resources or on their way back are held by who staked them: staking moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from chaintrace.fetch.trongrid import words
from chaintrace.fetch.words import Bad, Fields, items, natural, text

TRANSFER, TRIGGER, CREATE = "TransferContract", "TriggerSmartContract", "CreateSmartContract"
PARTICIPATE, REWARD = "ParticipateAssetIssueContract", "WithdrawBalanceContract"
RUNS_CODE = (TRIGGER, CREATE)
TRC10 = "an asset of TRC-10"
UNTOLD = {
    "TransferAssetContract": TRC10,
    **dict.fromkeys(
        (
            "ExchangeCreateContract", "ExchangeInjectContract", "ExchangeWithdrawContract",
            "ExchangeTransactionContract", "MarketSellAssetContract", "MarketCancelOrderContract",
        ),
        "a trade on an exchange of the chain itself",
    ),
    "ShieldedTransferContract": "a shielded transfer",
}  # fmt: skip
"""Types whose transfers no row can show, and what they are."""
NEUTRAL = frozenset(
    {
        "AccountCreateContract", "AccountUpdateContract", "SetAccountIdContract", "AccountPermissionUpdateContract",
        "VoteAssetContract", "VoteWitnessContract", "WitnessCreateContract", "WitnessUpdateContract",
        "UpdateBrokerageContract", "AssetIssueContract", "UpdateAssetContract", "UnfreezeAssetContract",
        "FreezeBalanceContract", "UnfreezeBalanceContract", "FreezeBalanceV2Contract", "UnfreezeBalanceV2Contract",
        "WithdrawExpireUnfreezeContract", "CancelAllUnfreezeV2Contract", "DelegateResourceContract",
        "UnDelegateResourceContract", "ProposalCreateContract", "ProposalApproveContract", "ProposalDeleteContract",
        "UpdateSettingContract", "UpdateEnergyLimitContract", "ClearABIContract",
    }
)  # fmt: skip
"""Types that move no coins: what they cost is in the fee."""


@dataclass(frozen=True, slots=True)
class Contract:
    """``receiver`` None where it is nobody, or the contract that is made. ``untold``: what more it may move, which no
    row shows."""

    kind: str
    owner: str
    receiver: str | None
    amount: int
    untold: str = ""

    @property
    def runs_code(self) -> bool:
        return self.kind in RUNS_CODE

    @property
    def moves(self) -> bool:
        """Whether it pays ``amount`` to ``receiver``, or to the contract that it makes."""
        return self.receiver is not None or self.kind == CREATE

    @property
    def parties(self) -> tuple[str, ...]:
        return (self.owner,) if self.receiver is None else (self.owner, self.receiver)


def contract(told: Any) -> Contract:
    """The one contract of a transaction's raw data."""
    found = items(Fields(told).need("contract", items))
    if len(found) != 1:
        raise Bad(f"{len(found)} contracts in one transaction")
    one = Fields(found[0])
    kind = one.need("type", text)
    value = one.need("parameter", Fields).need("value", Fields)
    owner = value.need("owner_address", words.account)
    if kind == TRANSFER:
        return Contract(kind, owner, value.need("to_address", words.account), _amount(value, "amount"))
    if kind == PARTICIPATE:
        receiver = value.need("to_address", words.account)
        return Contract(kind, owner, receiver, _amount(value, "amount"), TRC10)
    if kind == TRIGGER:
        receiver, tokens = value.need("contract_address", words.account), _amount(value, "call_token_value")
        untold = TRC10 if tokens else ""
        return Contract(kind, owner, receiver, _amount(value, "call_value"), untold)
    if kind == CREATE:
        made, tokens = value.need("new_contract", Fields), _amount(value, "call_token_value")
        untold = TRC10 if tokens else ""
        return Contract(kind, owner, None, _amount(made, "call_value"), untold)
    if kind in NEUTRAL or kind == REWARD:
        return Contract(kind, owner, None, 0)
    return Contract(kind[:40], owner, None, 0, UNTOLD.get(kind, "a kind of transaction that is not known here"))


def _amount(value: Fields, name: str) -> int:
    """Protobuf leaves out what is nought."""
    return value.maybe(name, natural) or 0
