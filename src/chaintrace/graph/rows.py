"""Rows: the transfers as arrays, which every kernel reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chaintrace.graph.amounts import Amounts
from chaintrace.model.transfer import KINDS

Pots32 = np.ndarray[tuple[int], np.dtype[np.int32]]
Codes8 = np.ndarray[tuple[int], np.dtype[np.uint8]]

LINK = "link"
NAMES = (*KINDS, LINK)
CODES = {name: code for code, name in enumerate(NAMES)}
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Rows:
    """One entry a row, in position order. ``sender``, ``receiver``: pots, -1 where there is none. ``kinds``: codes of
    ``NAMES``, the kinds of the schema and ``link`` for the asserted leg of one."""

    sender: Pots32
    receiver: Pots32
    amount: Amounts
    kinds: Codes8

    def __len__(self) -> int:
        return len(self.sender)

    def kind(self, row: int) -> str:
        return NAMES[self.kinds[row]]

    def parties(self, row: int) -> tuple[int, int]:
        """The pots that a row leaves and enters."""
        return int(self.sender[row]), int(self.receiver[row])

    def moves(self, row: int) -> bool:
        """Whether the row moves anything: zero amounts and transfers from a pot to itself do not."""
        return bool(self.sender[row] != self.receiver[row]) and self.amount[row] > 0

    def of_pot(self, pot: int) -> Any:
        """Every row that leaves or enters a pot, ascending."""
        return np.flatnonzero((self.sender == pot) | (self.receiver == pot))
