"""Holding: the coins of an account, free, staked, lent as resources, and on their way back. Rule: java-tron,
``protocol.Account``. Rewards that were not withdrawn are not held yet."""

from __future__ import annotations

from typing import Any

from chaintrace.fetch.words import Fields, items, natural

_PLAIN = ("balance", "delegated_frozen_balance_for_bandwidth", "delegated_frozenV2_balance_for_bandwidth")
_LENT = ("delegated_frozen_balance_for_energy", "delegated_frozenV2_balance_for_energy")
_LISTS = (("frozen", "frozen_balance"), ("frozenV2", "amount"), ("unfrozenV2", "unfreeze_amount"))


def holding(told: Any) -> int:
    """In sun. An account that was never there is told as an object without members, and holds nothing."""
    one = Fields(told)
    resource = one.maybe("account_resource", Fields) or Fields({})
    found = sum(one.maybe(name, natural) or 0 for name in _PLAIN)
    found += sum(resource.maybe(name, natural) or 0 for name in _LENT)
    for each in (resource.maybe("frozen_balance_for_energy", Fields), one.maybe("tron_power", Fields)):
        found += (each.maybe("frozen_balance", natural) or 0) if each else 0
    for name, amount in _LISTS:
        found += sum(Fields(each).maybe(amount, natural) or 0 for each in one.maybe(name, items) or ())
    return found
