"""Links: claims that value went on somewhere else — a swap, a wrap, a bridge, a mixer withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from chaintrace.errors import AmountError, LinkError
from chaintrace.model.amount import MAX
from chaintrace.model.moment import Moment

RowRef = int | str | tuple[str, str, int]
Basis = Literal["observed", "derived", "inferred", "asserted"]


@dataclass(frozen=True, slots=True)
class Leg:
    """Value that an account is said to have parted with, or received, at a moment, without a row that shows it.

    ``amount`` in base units of ``asset``; ``at`` a block number, an aware datetime or ISO-8601 text with a zone:
    the leg stands after every row up to and including that moment.
    """

    address: str
    asset: str
    amount: int
    at: Moment

    def __post_init__(self) -> None:
        if type(self.amount) is not int or not 0 < self.amount <= MAX:
            raise AmountError(repr(self.amount), "the amount of a leg is a whole number of base units above zero")


@dataclass(frozen=True)
class Link:
    """``source`` rows or holdings went on as ``target`` rows or asserted arrivals.

    Rows are given as in ``ct.rows``; legs without a row as ``Leg``. The unit at coordinate x of the sources together
    (n units) arrives as coordinate floor(x·m/n) of the targets together (m units). Targets are later than sources.
    """

    source: Sequence[RowRef | Leg]
    target: Sequence[RowRef | Leg]
    id: str = "link"
    kind: str = "swap"
    basis: Basis = "inferred"
    by: str = ""
    confidence: str = ""
    evidence: str = ""

    def __post_init__(self) -> None:
        if self.basis not in get_args(Basis):
            raise LinkError(self.id, f"basis {self.basis!r} is none of {', '.join(get_args(Basis))}")
