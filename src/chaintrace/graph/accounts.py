"""Accounts by number: the addresses of a graph, each once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Accounts(Protocol):
    """Addresses in canonical form, numbered from 0."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> str: ...

    def number(self, address: str) -> int | None:
        """The number of an address; None if it is not here."""


class ListedAccounts:
    """Accounts kept as texts."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._numbers: dict[str, int] | None = None

    def __len__(self) -> int:
        return len(self._addresses)

    def __getitem__(self, number: int) -> str:
        return self._addresses[number]

    def number(self, address: str) -> int | None:
        if self._numbers is None:
            self._numbers = {text: number for number, text in enumerate(self._addresses)}
        return self._numbers.get(address)
