"""Ways: which lists an explorer has, and which kinds of rows each way shows."""

from __future__ import annotations

LISTS, PLAIN = "lists", "lists_without_withdrawals"

TOKENS = ("token", "mint", "burn")
SHOWN = {
    LISTS: ("native", "internal", "fee", "withdrawal", *TOKENS),
    PLAIN: ("native", "internal", "fee", *TOKENS),
}
_NO_REWARDS = ("reward", "explorers do not list what the makers of blocks are paid")
LACKS: dict[str, tuple[tuple[str, str], ...]] = {
    LISTS: (_NO_REWARDS,),
    PLAIN: (_NO_REWARDS, ("withdrawal", "the explorer does not list what validators withdraw")),
}
"""Kinds that are not shown, and why."""
