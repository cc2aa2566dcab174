"""Scanned: what is known of a source once it has streamed by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from chaintrace.fetch import marks
from chaintrace.fetch.buffers import ABSENT
from chaintrace.fetch.formats import FORMATS
from chaintrace.fetch.merge import MADE_SEQ, SYNTHETIC
from chaintrace.fetch.rows import FEE_SEQ, Mask
from chaintrace.fetch.typed import NotPlain
from chaintrace.model.transfer import Rejected

Codes8 = np.ndarray[tuple[int], np.dtype[np.uint8]]
Codes32 = np.ndarray[tuple[int], np.dtype[np.uint32]]


@dataclass
class Scanned:
    """Rows as read, by number over all sources. Accounts and amounts are with the coder.

    ``kinds`` codes of KINDS; ``asset`` numbers in ``assets``, None where there is one only; ``block``, ``time``,
    ``tx_index``, ``seq`` ABSENT where not given; ``known`` whether the order is; ``dropped`` rejected rows, ascending;
    ``marks`` of transaction hashes, None where no row has one; ``names`` hashes spelled in another way, and their rows.
    """

    chain: str
    kinds: Codes8
    assets: list[str]
    asset: Codes32 | None
    numbers: dict[str, Any]
    known: Mask
    dropped: Any
    marks: Any
    names: dict[str, list[int]]
    rejected: Rejected
    notes: list[str]
    format: str = FORMATS[0].name

    def made(self) -> Any:
        """Where a row names its transaction, and its seq is none of the source's."""
        if self.marks is None:
            return np.zeros(len(self.kinds), bool)
        seq = self.numbers["seq"]
        made = ((seq == ABSENT) | ((seq >= MADE_SEQ) & (seq < FEE_SEQ))) & (self.marks != marks.NAMELESS)
        made[self.dropped] = False
        made[[row for name, rows in self.names.items() if name.startswith(SYNTHETIC) for row in rows]] = False
        return made


def no_twins(scanned: Scanned) -> None:
    """NotPlain unless it is certain that no row has the identity of another."""
    if scanned.marks is None:
        return
    seq, kept = scanned.numbers["seq"], np.ones(len(scanned.kinds), bool)
    kept[scanned.dropped] = False
    named = scanned.marks != marks.NAMELESS
    if not named[kept].all() and any(name.startswith(SYNTHETIC) for name in scanned.names):
        raise NotPlain("names that may be given here as well")
    given = seq != ABSENT
    if not given[kept].all() and (kept & given & (seq >= MADE_SEQ) & (seq < MADE_SEQ + len(seq))).any():
        raise NotPlain("numbers that may be given here as well")
    told = np.flatnonzero(kept & named & given)
    if marks.any_repeated(marks.mixed(scanned.marks[told], scanned.kinds[told], seq[told])):
        raise NotPlain("rows of one identity")
