"""Pool: a contract of Tornado Cash, which takes and pays notes of one denomination."""

from __future__ import annotations

from dataclasses import dataclass

from chaintrace.model.amount import format_units


@dataclass(frozen=True, slots=True)
class Pool:
    """A pool.

    ``chain``         CAIP-2; ``address`` canonical.
    ``asset``         CAIP-19 of what it takes; ``symbol`` for people only.
    ``denomination``  base units of ``asset`` that a note is worth.
    ``block``         the pool's first, where the source says it.
    ``router``        the contract through which people reach it.
    """

    chain: str
    address: str
    asset: str
    symbol: str
    denomination: int
    decimals: int
    block: int | None
    router: str

    def __hash__(self) -> int:
        return hash(self.address)

    @property
    def written(self) -> str:
        """The denomination as people write it."""
        return format_units(self.denomination, self.decimals)

    @property
    def name(self) -> str:
        """``Tornado Cash 100 ETH``."""
        return f"Tornado Cash {self.written} {self.symbol}"
