"""The Ranking: who matters around the seeds, in whole parts of a mass that is all accounted for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from chaintrace.graph.graph import TransferGraph
from chaintrace.taint.coverage import Unfetched
from chaintrace.taint.push import WHOLE, Pushed

if TYPE_CHECKING:
    import pandas as pd

SCHEMA_VERSION = 1
MILLION = 10**6


class Place(NamedTuple):
    """An account's place. ``mass`` it kept and ``residue`` it has not passed on, of ``Ranking.whole``; ``hops``, the
    fewest by which mass came; ``stop``, the categories under which it kept all; ``fetched``, whether its history is
    said to be in the graph."""

    account: str
    mass: int
    residue: int
    hops: int
    stop: str
    fetched: bool

    @property
    def millionths(self) -> int:
        """The share of the mass that it kept, rounded down."""
        return self.mass * MILLION // WHOLE


@dataclass(eq=False)
class Ranking:
    """Accounts by the mass that they kept; no amounts of money. Masses are Python ints and add up to ``whole`` exactly.

    ``method``, ``variant``, ``shares`` (alpha, epsilon, of ttr beta), ``seeds``, ``kernel``  how it was made.
    """

    graph: TransferGraph
    pushed: Pushed
    method: str
    variant: str | None
    shares: Mapping[str, str]
    seeds: tuple[str, ...]
    kernel: str
    unfetched: Unfetched | None = None
    notes: tuple[str, ...] = ()
    whole = WHOLE

    @cached_property
    def places(self) -> list[Place]:
        """Every account that mass has reached, the most mass first; of equals, the most residue, then the account that
        appears first in the graph."""
        pots = self.graph.pots
        found: dict[str, list[int]] = {}
        for pot in sorted(self.pushed.hops):
            found.setdefault(pots[pot].address, []).append(pot)
        places = [self._place(account, mine) for account, mine in found.items()]
        return sorted((place for place in places if place.mass or place.residue), key=lambda one: (-one[1], -one[2]))

    @property
    def kept(self) -> int:
        """The mass that accounts keep."""
        return sum(self.pushed.kept.values())

    @property
    def residue(self) -> int:
        """The mass that was not passed on to its end: no account's rank is further from the limit than this."""
        return sum(self.pushed.left.values())

    def to_pandas(self) -> pd.DataFrame:
        """account, millionths, mass, residue, hops, stop, fetched: one row an account, as ``places``."""
        return self._frame(self.places)

    def top(self, n: int = 20) -> pd.DataFrame:
        """The first ``n`` rows of ``to_pandas()``."""
        return self._frame(self.places[: max(n, 0)])

    def to_dict(self, top: int | None = None, case: str = "") -> dict[str, Any]:
        """Plain values; masses are decimal texts, so that no reader rounds them. ``others``: what ``top`` hides."""
        shown = self.places[:top]
        others = self.places[len(shown) :]
        return {
            "schema_version": SCHEMA_VERSION,
            "case": case,
            "method": self.method,
            "variant": self.variant,
            **self.shares,
            "kernel": self.kernel,
            "seeds": list(self.seeds),
            "whole": str(WHOLE),
            "kept": str(self.kept),
            "residue": str(self.residue),
            "accounts": [_plain(place) for place in shown],
            "others": {
                "accounts": len(others),
                "mass": str(sum(place.mass for place in others)),
                "residue": str(sum(place.residue for place in others)),
            },
            "steps": self.pushed.steps,
            "notes": list(self.notes),
        }

    def to_json(self, top: int | None = None, case: str = "") -> str:
        """``to_dict`` as JSON text."""
        return json.dumps(self.to_dict(top, case), indent=2)

    def __len__(self) -> int:
        return len(self.places)

    def __repr__(self) -> str:
        name = self.method if self.variant is None else f"{self.method} {self.variant}"
        residue = self.residue * MILLION // WHOLE
        return f"<Ranking: {name}, {len(self):,} accounts, residue {residue:,} millionths; no amounts of money>"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<p>{escape(repr(self))}</p>{self.top().to_html()}"

    def _place(self, account: str, pots: list[int]) -> Place:
        stops = {category for pot in pots for category in self.pushed.stops.get(pot, ())}
        return Place(
            account,
            sum(self.pushed.kept.get(pot, 0) for pot in pots),
            sum(self.pushed.left.get(pot, 0) for pot in pots),
            min(self.pushed.hops[pot] for pot in pots),
            ", ".join(sorted(stops)),
            self.unfetched is None or not any(pot in self.unfetched for pot in pots),
        )

    def _frame(self, places: list[Place]) -> pd.DataFrame:
        import pandas as pd

        rows = [(place.account, place.millionths, *place[1:]) for place in places]
        return pd.DataFrame(rows, columns=["account", "millionths", *Place._fields[1:]], dtype=object)


def _plain(place: Place) -> dict[str, Any]:
    return {
        "account": place.account,
        "millionths": place.millionths,
        "mass": str(place.mass),
        "residue": str(place.residue),
        "hops": place.hops,
        "stop": place.stop,
        "fetched": place.fetched,
    }
