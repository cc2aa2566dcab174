"""The case: what is kept, asked and shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chaintrace.case.folder import Folder, bundled, find_case, read_folder
from chaintrace.errors import CaseError
from chaintrace.fetch.files import read_transfers
from chaintrace.graph.graph import TransferGraph
from chaintrace.labels.label import Label, with_category
from chaintrace.model.token import NATIVES, Token
from chaintrace.taint.compare import compare
from chaintrace.taint.result import Trace
from chaintrace.taint.seeds import Seed
from chaintrace.taint.trace import trace

if TYPE_CHECKING:
    import pandas as pd

ACTOR = "hack"


class Case:
    """A question with its seeds, transfers, labels, coverage and links. Amounts are in base units everywhere.

    ``Case.open("ronin")`` opens a bundled case, ``Case.open("my/folder")`` a folder with a ``case.toml``.
    """

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.name, self.title, self.question = folder.name, folder.title, folder.question
        self.seeds: tuple[Seed, ...] = folder.seeds
        self.links = folder.links
        self.labels: tuple[Label, ...] = folder.labels
        self.coverage = folder.coverage

    @classmethod
    def open(cls, case: str | Path) -> Case:
        """A bundled case by name, or the folder of one. CaseError says what is missing or wrong."""
        return cls(read_folder(find_case(case)))

    @staticmethod
    def bundled() -> list[str]:
        """Names of the cases that come with chaintrace."""
        return bundled()

    @cached_property
    def graph(self) -> TransferGraph:
        """The case's transfers, read once."""
        try:
            return TransferGraph(read_transfers(self.folder.transfers, **self.folder.reading))
        except (TypeError, AttributeError) as error:
            raise CaseError(self.name, f"[reading] is not what read_transfers takes: {error}") from error

    @property
    def stops(self) -> list[Label]:
        """The labels at which following ends: those of the case's stop categories."""
        return with_category(self.labels, self.folder.stop_categories)

    def trace(self, method: str = "fifo", direction: str = "forward", *, seeds: Any = None, **options: Any) -> Trace:
        """``ct.trace`` with the case's seeds, stops, links and coverage, each of which an argument replaces."""
        made = trace(self.graph, self.seeds if seeds is None else seeds, method, direction, **self._options(options))
        made.tokens = self.tokens()
        made.notes += self._unused_categories()
        return made

    def compare(self, methods: Sequence[str] | None = None, *, seeds: Any = None, **options: Any) -> pd.DataFrame:
        """``ct.compare`` with the case's seeds, stops, links and coverage."""
        chosen = {} if methods is None else {"methods": methods}
        return compare(self.graph, self.seeds if seeds is None else seeds, **chosen, **self._options(options))

    def campaign(self) -> pd.DataFrame:
        """What accounts that the case labels as the thieves' sent into stops, as asserted: no tracing.

        category, name, address, asset, transfers, accounts, amount (base units), the largest first.
        """
        import pandas as pd

        actors = {label.address for label in with_category(self.labels, [ACTOR])}
        stops = {label.address: label for label in self.stops}
        frame = self.graph.to_pandas()
        paid = frame[frame["sender"].isin(actors) & frame["receiver"].isin(stops)]
        lines = []
        for (address, asset), rows in paid.groupby(["receiver", "asset"]):
            label = stops[str(address)]
            total = sum(rows["amount"])
            lines.append((label.category, label.name, address, asset, len(rows), rows["sender"].nunique(), total))
        lines.sort(key=lambda line: (line[3], -line[-1], line[2]))
        columns = ["category", "name", "address", "asset", "transfers", "accounts", "amount"]
        return pd.DataFrame(lines, columns=columns, dtype=object)

    @property
    def published(self) -> Mapping[str, Mapping[str, str]]:
        """Figures that others published, to compare with: name to asset, amount (base units) and origin."""
        return self.folder.published

    def tokens(self) -> dict[str, Token]:
        """How assets are shown: the case's own assets, and the native asset of every known chain. A token whose symbol
        another asset has too is shown with its id: a symbol is no identity."""
        shown = dict(NATIVES) | dict(self.folder.assets)
        count = Counter(token.symbol for token in shown.values())
        return {
            asset: token
            if asset in NATIVES or count[token.symbol] == 1
            else replace(token, symbol=f"{token.symbol} ({asset})")
            for asset, token in shown.items()
        }

    def __repr__(self) -> str:
        return f"<Case {self.name}: {self.title}; {len(self.seeds)} seeds, {len(self.links)} links>"

    def _unused_categories(self) -> tuple[str, ...]:
        labelled = {label.category for label in self.labels}
        unused = [category for category in self.folder.stop_categories if category not in labelled]
        return tuple(f"no label of the case has the stop category {category!r}" for category in unused)

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"stop_at": self.stops, "links": self.links, "coverage": self.coverage} | options
