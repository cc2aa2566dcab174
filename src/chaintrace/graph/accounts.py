"""Accounts by number: the addresses of a graph, each once."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, Protocol

import numpy as np

_FEW = 8


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


class BinaryAccounts:
    """EVM accounts kept as 20 bytes each (uint8, shape (n, 20))."""

    def __init__(self, rows: Any) -> None:
        self._rows = np.ascontiguousarray(rows)
        self._heads = self._rows.view(np.uint32)[:, 0]
        self._lookups = 0

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, number: int) -> str:
        return f"0x{self._rows[number].tobytes().hex()}"

    def number(self, address: str) -> int | None:
        try:
            wanted = bytes.fromhex(address[2:]) if address.startswith("0x") else b""
        except ValueError:
            return None
        if len(wanted) != self._rows.shape[1] or address[2:] != wanted.hex():
            return None
        return next((int(number) for number in self._near(wanted) if self._rows[number].tobytes() == wanted), None)

    def _near(self, wanted: bytes) -> Any:
        """Numbers of accounts that begin as ``wanted`` does."""
        self._lookups += 1
        head = np.frombuffer(wanted[:4], np.uint32)[0]
        if self._lookups <= _FEW:
            return np.flatnonzero(self._heads == head)
        order, heads = self._by_head
        return order[np.searchsorted(heads, head, "left") : np.searchsorted(heads, head, "right")]

    @cached_property
    def _by_head(self) -> tuple[Any, Any]:
        """Account numbers in order of their first four bytes, and these."""
        order = np.argsort(self._heads, kind="stable").astype(np.uint32)
        return order, self._heads[order]


class NativeAccounts:
    """Accounts kept by the native module."""

    def __init__(self, kept: Any) -> None:
        self._kept = kept

    def __len__(self) -> int:
        return int(self._kept.account_count)

    def __getitem__(self, number: int) -> str:
        return str(self._kept.account_text(number))

    def number(self, address: str) -> int | None:
        found: int | None = self._kept.account_id(address)
        return found

    def __reduce__(self) -> tuple[Any, ...]:
        return BinaryAccounts, (self._kept.accounts()[0],)


class ChosenAccounts:
    """Some accounts of others, numbered anew: ``chosen[n]`` is the number there, ascending."""

    def __init__(self, others: Accounts, chosen: Any) -> None:
        self._others, self._chosen = others, chosen

    def __len__(self) -> int:
        return len(self._chosen)

    def __getitem__(self, number: int) -> str:
        return self._others[int(self._chosen[number])]

    def number(self, address: str) -> int | None:
        there = self._others.number(address)
        if there is None:
            return None
        at = int(np.searchsorted(self._chosen, there))
        return at if at < len(self._chosen) and self._chosen[at] == there else None
