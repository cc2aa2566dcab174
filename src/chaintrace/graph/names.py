"""Accounts by the text that names them, on one chain or on several."""

from __future__ import annotations

from collections.abc import Iterable

from chaintrace.errors import AddressError
from chaintrace.model.address import parse_account


def accounts_named(text: str, chains: Iterable[str]) -> list[str]:
    """The accounts that ``text`` names on those of ``chains`` on which it is an address. AddressError if on none."""
    accounts: dict[str, None] = {}
    problem: AddressError | None = None
    for chain in chains:
        try:
            accounts[parse_account(text, chain)] = None
        except AddressError as error:
            problem = problem or error
    if problem is not None and not accounts:
        raise problem
    return list(accounts)
