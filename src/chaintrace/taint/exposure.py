"""Exposure: what share of an account's funds came from, and went to, whom lists name; docs/methods/exposure.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from chaintrace.labels.category import is_a
from chaintrace.labels.known import Said

if TYPE_CHECKING:
    import pandas as pd

RECEIVED, SENT = "received", "sent"
DIRECTIONS = (RECEIVED, SENT)
METHODS = ("fifo", "haircut")
KEPT, DUST = "kept", "dust"
"""Lines beside the buckets of the ledger: what the account still has, and what it was sent unasked, too small to mean
anything."""


class Line(NamedTuple):
    """A part of the funds of one asset that ended in one way; amounts in base units.

    ``bucket``  ``exit``: at (from) labelled accounts; ``dust``; ``kept``; or a bucket of the ledger.
    ``said``    what the lists say of those accounts (``exit`` and ``dust``).
    ``direct``  by one transfer between the account and the other end; ``indirect``  through accounts without a label.
    """

    direction: str
    asset: str
    method: str
    bucket: str
    said: Said
    direct: int
    indirect: int

    @property
    def amount(self) -> int:
        return self.direct + self.indirect

    @property
    def category(self) -> str:
        """The gravest of the categories; the bucket where there is none."""
        return next(iter(self.said.every), self.bucket)


class Party(NamedTuple):
    """A labelled account at the other end, as ``Line``; ``name``: what a list calls it."""

    direction: str
    asset: str
    method: str
    account: str
    name: str
    direct: int
    indirect: int


class Band(NamedTuple):
    """Base units by the method that says least, and by the one that says most."""

    least: int
    most: int


@dataclass(frozen=True)
class Exposure:
    """The exposure of ``account`` as of ``at`` (unix seconds). Of each direction, asset and method the ``lines`` sum to
    ``funds`` exactly.

    ``accounts`` the account on every chain of the graph on which it stands; empty: it is in no transfer.
    ``own``      other accounts of the same party, which are followed.
    ``whole``    whether the history of the account is whole, as far as the caller says; None: nothing was said.
    ``dust``     per asset, the most that counts as dust. ``least``: pieces below so many millionths of the funds are
                 not followed (bucket ``below_threshold``).
    ``parties``  labelled accounts at the other end, where they were asked for.
    ``linked``   {(direction, asset, method): units} of the funds that the account never had as this asset: they were
                 followed across a link.
    """

    account: str
    at: int
    lines: tuple[Line, ...]
    whole: bool | None
    dust: Mapping[str, int]
    least: int
    own: tuple[str, ...] = ()
    parties: tuple[Party, ...] = ()
    accounts: tuple[str, ...] = ()
    linked: Mapping[tuple[str, str, str], int] = field(default_factory=dict)

    @cached_property
    def methods(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.method for line in self.lines))

    @cached_property
    def assets(self) -> tuple[str, ...]:
        return tuple(sorted({line.asset for line in self.lines}))

    def funds(self, direction: str, asset: str, method: str = METHODS[0]) -> int:
        """What the lines sum to: the distinct units that the account ever had, and ``linked``."""
        return self._funds.get((direction, asset, method), 0)

    @cached_property
    def _funds(self) -> dict[tuple[str, str, str], int]:
        sums: dict[tuple[str, str, str], int] = {}
        for line in self.lines:
            sums[line[:3]] = sums.get(line[:3], 0) + line.amount
        return sums

    @cached_property
    def doubtful(self) -> bool:
        """Whether there is a line of which a list does not say for sure what it is."""
        return any(line.said.doubtful for line in self.lines)

    def category(self, category: str, direction: str, asset: str, **which: Any) -> Band:
        """What is of a category or below it, with the band between the methods: the least and the most of
        ``by_method``, which says what ``which`` may be."""
        sums = self.by_method(category, direction, asset, **which).values()
        return Band(min(sums, default=0), max(sums, default=0))

    def by_method(
        self,
        category: str,
        direction: str,
        asset: str,
        *,
        direct: bool = True,
        indirect: bool = True,
        when: str = "any",
        doubtful: bool = True,
        dust: bool = False,
    ) -> dict[str, int]:
        """What is of a category or below it, by each method.

        ``when``: ``then``, in force when a transfer took place; ``now``, at ``at``; ``any`` of both; ``once``, at
        another time before and at neither, or taken back by a layer of the book. ``doubtful``: whether what only may be
        in force counts. ``dust``: whether dust counts as what the lists say of its senders.
        A bucket's name (``not_fetched`` …) asks for its line. Categories overlap: an account may be both a mixer and
        sanctioned, so sums of several categories do not add up.
        """
        sums = dict.fromkeys(self.methods, 0)
        for line in self.lines:
            if (line.direction, line.asset) == (direction, asset) and _is(line, category, when, doubtful, dust):
                sums[line.method] += line.direct * direct + line.indirect * indirect
        return sums

    def to_pandas(self) -> pd.DataFrame:
        """direction, asset, method, bucket, category, the parts of ``Said``, direct, indirect, funds: one row a line;
        amounts are Python ints in base units."""
        import pandas as pd

        columns = ["direction", "asset", "method", "bucket", "category", *Said._fields]
        rows = [
            (
                *line[:4], line.category, *(" ".join(part) for part in line.said), line.direct, line.indirect,
                self.funds(line.direction, line.asset, line.method),
            )
            for line in self.lines
        ]  # fmt: skip
        return pd.DataFrame(rows, columns=[*columns, "direct", "indirect", "funds"], dtype=object)


def _is(line: Line, category: str, when: str, doubtful: bool, dust: bool) -> bool:
    if line.bucket == DUST and not dust:
        return category == DUST
    said = (
        *(line.said.then if when in ("then", "any") else ()),
        *(line.said.now if when in ("now", "any") else ()),
        *(line.said.doubtful if doubtful and when != "once" else ()),
        *((*line.said.once, *line.said.withdrawn) if when == "once" else ()),
    )
    return line.bucket == category or any(is_a(one, category) for one in said)
