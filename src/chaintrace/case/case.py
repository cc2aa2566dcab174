"""The case: what is kept, asked and shared."""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path
from shutil import rmtree
from typing import TYPE_CHECKING, Any

from chaintrace.case.budget import Budget, Fetched, Watch
from chaintrace.case.bundle import export, is_bundle, is_file, unpack
from chaintrace.case.fetching import fetch
from chaintrace.case.folder import Folder, bundled, find_case, read_folder
from chaintrace.case.frontier import LARGEST
from chaintrace.case.harvest import Harvest, harvest
from chaintrace.case.question import write_question
from chaintrace.case.range import kept_range
from chaintrace.case.verify import Verified, verify
from chaintrace.errors import CaseError
from chaintrace.fetch.fetcher import Fetcher
from chaintrace.fetch.files import read_transfers
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.link import Link
from chaintrace.heuristics.demix.campaign import demix
from chaintrace.heuristics.demix.candidate import Demixed
from chaintrace.heuristics.findings import Findings, findings
from chaintrace.heuristics.tornado.notes import Notes
from chaintrace.heuristics.tornado.read import read_notes
from chaintrace.labels.label import Label, with_category
from chaintrace.model.log import Logs
from chaintrace.model.moment import Moment
from chaintrace.model.token import NATIVES, Token
from chaintrace.model.transfer import Transfers
from chaintrace.model.wrapped import wrapped_token, wrapper
from chaintrace.store.store import Store
from chaintrace.taint.compare import compare
from chaintrace.taint.rank import rank
from chaintrace.taint.ranking import Ranking
from chaintrace.taint.result import Trace
from chaintrace.taint.seeds import Seed
from chaintrace.taint.trace import trace

if TYPE_CHECKING:
    import pandas as pd

    from chaintrace.case.screen import Screener
    from chaintrace.labels.book import LabelBook


class Case:
    """A question with its seeds, transfers, labels, coverage and links. Amounts are in base units everywhere.

    ``Case.open("ronin")`` opens a bundled case, ``Case.open("my/folder")`` a folder with a ``case.toml``, and
    ``Case.open("case.chaintrace")`` what ``case.export`` has written. ``Case.create`` makes one that is fetched.
    """

    def __init__(self, folder: Folder, fetchers: Sequence[Fetcher] = ()) -> None:
        self.folder = folder
        self.fetchers = tuple(fetchers)
        self.name, self.title, self.question = folder.name, folder.title, folder.question
        self.seeds: tuple[Seed, ...] = folder.seeds
        self.labels: tuple[Label, ...] = folder.labels
        self.store = Store.open(folder.path) if Store.exists(folder.path) else None

    @classmethod
    def open(cls, case: str | Path, fetchers: Sequence[Fetcher] = ()) -> Case:
        """A bundled case by name, the folder of one, or a file that ``export`` has written, which is derived again from
        its evidence. CaseError says what is missing or wrong, StoreError what is damaged."""
        if is_bundle(case):
            folder = unpack(Path(case))
            opened = cls(read_folder(folder), fetchers)
            weakref.finalize(opened, rmtree, folder, ignore_errors=True)
            return opened
        if is_file(case):
            raise CaseError(str(case), "is a file and no case", "ask for it again if chaintrace export has written it")
        return cls(read_folder(find_case(case)), fetchers)

    @classmethod
    def create(
        cls,
        path: str | Path,
        seeds: Seed | Sequence[Seed],
        fetchers: Sequence[Fetcher] = (),
        *,
        title: str = "",
        stop_at: Mapping[str, str] | Iterable[Label] = (),
        chain: str | None = None,
        wrappers: Sequence[str] = (),
        first: Moment | None = None,
        until: Moment | None = None,
        young: bool = False,
    ) -> Case:
        """A new case in the folder ``path``, to be filled by ``fetch``.

        ``stop_at``   address to category, or Labels: accounts that are never expanded.
        ``wrappers``  contracts that wrap the chain's coin 1:1, beside the canonical one.
        ``first``, ``until``  blocks or times; by default from the first seed to the last final block.
        ``young``     blocks that may still change as well.
        CaseError if there is a case already; SeedError, CannotWrite.
        """
        stops = [Label(*pair) for pair in stop_at.items()] if isinstance(stop_at, Mapping) else list(stop_at)
        told = {"chain": chain, "wrappers": list(wrappers), "first": first, "until": until, "young": young}
        given = {name: value for name, value in told.items() if value not in (None, [], False)}
        folder = Path(path).resolve()
        written = write_question(folder, seeds, title=title, stop_at=stops, fetch=given)
        try:
            return cls.open(folder, fetchers)
        except BaseException:
            for file in written:
                file.unlink(missing_ok=True)
            raise

    @staticmethod
    def bundled() -> list[str]:
        """Names of the cases that come with chaintrace."""
        return bundled()

    # ---- fetched cases

    def fetch(
        self,
        fetchers: Sequence[Fetcher] = (),
        *,
        budget: Budget | None = None,
        watch: Watch | None = None,
        order: str = LARGEST,
        extend: bool = False,
    ) -> Fetched:
        """Fetches what matters first, until the budget is spent: 99 % of what was stolen accounted for, by default.

        Killed or interrupted at any moment it goes on where it stopped when it is called again. ``fetchers``: several
        are asked about everything, and where they disagree is in ``disagreements()``. ``watch`` is told of every step.
        ``order``: ``largest`` first, or ``breadth``. ``extend``: up to where the chain ends now.
        ProviderError, StoreBusy, CannotWrite; what was kept before is still there.
        """
        return fetch(self, fetchers or self.fetchers, budget or Budget(), watch, order, extend)

    def refresh(self) -> None:
        """Forgets what was read of the store, so that it is read again."""
        for name in ("graph", "harvest", "links", "coverage"):
            self.__dict__.pop(name, None)

    @cached_property
    def harvest(self) -> Harvest | None:
        """What was fetched, put together; None for a case that was not."""
        where = None if self.store is None else kept_range(self.store)
        return None if self.store is None or where is None else harvest(self.store, where, self.wrappers)

    @property
    def wrappers(self) -> tuple[str, ...]:
        """Contracts that wrap the chain's coin, 1:1."""
        told = self.folder.fetch
        if told is None:
            return ()
        chain = told.chain or next((fetcher.chain for fetcher in self.fetchers), None) or self._chain()
        return tuple(dict.fromkeys([*(wrapper(chain) if chain else ()), *told.wrappers]))

    def _chain(self) -> str | None:
        pages = self.store.pages() if self.store else []
        return pages[0].question.chain if pages else None

    def reconcile(self) -> pd.DataFrame:
        """What the rows say that fetched accounts hold, beside what the chain says: account, asset, block, rows, chain,
        residual (chain less rows; None where the chain gave no number), reason. Amounts in base units."""
        import pandas as pd

        lines = [asdict(one) for one in self._harvest().reconciled]
        names = ["account", "asset", "block", "rows", "chain", "residual", "reason"]
        return pd.DataFrame(lines, columns=names, dtype=object)

    def disagreements(self) -> pd.DataFrame:
        """Transfers that one fetcher tells and another, asked for the same, does not: account, told_by, not_by,
        tx_hash, kind, seq, block, sender, receiver, asset, amount (base units)."""
        import pandas as pd

        lines = [asdict(one) for one in self._harvest().differences]
        names = ["account", "told_by", "not_by", "tx_hash", "kind", "seq", "block"]
        return pd.DataFrame(lines, columns=[*names, "sender", "receiver", "asset", "amount"], dtype=object)

    def verify(self) -> Verified:
        """Every row and figure derived again from the kept responses, offline, and compared with what was kept.
        CaseError for a case that was not fetched; StoreDamaged."""
        return verify(self)

    def export(self, path: str | Path) -> Path:
        """The whole case as one file, which ``Case.open`` opens. The same case gives the same bytes.
        CaseError for a case that was not fetched; CannotWrite."""
        return export(self, Path(path))

    def evidence(self, row_evidence: str) -> bytes:
        """The response that a row's ``evidence`` names, as it came."""
        return self._kept().body(row_evidence.partition("#")[0])

    def _kept(self) -> Store:
        if self.store is None:
            raise CaseError(self.name, "keeps no responses", "only cases that were fetched do")
        return self.store

    def _harvest(self) -> Harvest:
        if self.harvest is None:
            raise CaseError(self.name, "was not fetched", "case.fetch(…), or chaintrace fetch, asks a provider")
        return self.harvest

    # ---- what is asked of it

    @cached_property
    def links(self) -> tuple[Link, ...]:
        """The case's own, and of a fetched one coins that were wrapped and unwrapped."""
        return (*self.folder.links, *(self.harvest.links if self.harvest else ()))

    @cached_property
    def coverage(self) -> tuple[str | tuple[str, str], ...] | None:
        """Whose history is whole; None: everybody's."""
        told = self.folder.coverage
        return told if self.harvest is None else (*(told or ()), *self.harvest.coverage)

    @cached_property
    def graph(self) -> TransferGraph:
        """The case's transfers, read once."""
        return TransferGraph(self._transfers())

    def _transfers(self) -> Transfers:
        fetched = self.harvest.transfers if self.harvest else None
        if fetched is not None and not self.folder.has_transfers:
            return fetched
        if fetched is None and not self.folder.has_transfers:
            raise CaseError(self.name, "nothing was fetched yet", "case.fetch(…), or chaintrace fetch, asks a provider")
        sources = self.folder.transfers if fetched is None else [fetched, self.folder.transfers]
        try:
            return read_transfers(sources, **self.folder.reading)
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

    def logs(self) -> Logs:
        """Logs and calls that were fetched along with transfers, as far as nodes told of them; ``findings(logs=…)``
        takes them. CaseError for a case that was not fetched."""
        from chaintrace.case.logs import kept_logs

        return kept_logs(self._kept())

    def rank(self, method: str = "ttr", *, seeds: Any = None, **options: Any) -> Ranking:
        """``ct.rank`` with the case's seeds, stops and coverage. Links are not followed."""
        options = {"stop_at": self.stops, "coverage": self.coverage} | options
        made = rank(self.graph, self.seeds if seeds is None else seeds, method, **options)
        made.notes += self._unused_categories()
        if self.links:
            made.notes += (f"the case's links are not followed ({len(self.links):,}): a ranking reads transfers",)
        return made

    def findings(
        self,
        only: Sequence[str] | str | None = None,
        *,
        labels: Iterable[Label] = (),
        thresholds: Mapping[str, Any] | None = None,
        logs: Any = None,
        notes: Any = None,
    ) -> Findings:
        """``ct.findings`` of the case's transfers, with its labels and ``labels`` and what tokens call themselves.
        ``logs``: of a fetched case those that were kept, by default."""
        logs = self.logs() if logs is None and self.harvest is not None else logs
        told = {"logs": logs, "notes": notes, "tokens": {**self._told(), **self._wrapped(), **self.folder.assets}}
        return findings(self.graph, [*self.labels, *labels], only=only, thresholds=thresholds, **told)

    def demix(self, payers: Collection[str] = (), *, notes: Any = None) -> Demixed:
        """``ct.demix`` of what the thieves paid into Tornado Cash.

        ``payers``  by default the accounts that the case labels as the thieves', and those whose payments into a pool
                    carry what was stolen when it is traced first in, first out.
        ``notes``   anything that ``read_notes`` reads; by default the case's table of notes, or else its transfers, but
                    these number no deposits, so that no pool is looked at: a table of notes, or logs, is needed.
        """
        from chaintrace.case.thieves import payers_of

        known = self.notes if notes is None else read_notes(notes)
        return demix(known, payers or payers_of(self, known))

    @cached_property
    def notes(self) -> Notes:
        """Events of Tornado Cash: the case's table of them, or else what its transfers show."""
        return read_notes(self.graph if self.folder.notes is None else self.folder.notes)

    def screen(
        self,
        what: Any,
        *,
        at: Moment | None = None,
        book: LabelBook | None = None,
        policy: Any = None,
        chain: str = "",
        watch: Any = None,
        **options: Any,
    ) -> Any:
        """``ct.screen`` with the case's transfers, links and coverage, and its labels over those of ``book``. Accounts
        that the case labels as the thieves' are one party: of one of them, the others are followed, but for those that
        a list sanctions where it does not sanction that one."""
        from chaintrace.case.screen import answer_about

        return answer_about(what, self.screener(book, policy, **options), at, chain, watch)

    def screener(self, book: LabelBook | None = None, policy: Any = None, **options: Any) -> Screener:
        """What ``screen`` asks, ready for many questions one after another."""
        from chaintrace.case.screen import Screener
        from chaintrace.case.thieves import layer_of
        from chaintrace.labels.folder import open_book

        known = (open_book() if book is None else book).over(layer_of(self))
        options = {"links": self.links, "coverage": self.coverage, "tokens": self.tokens()} | options
        return Screener(known, policy, self.graph, **options)

    def campaign(self) -> pd.DataFrame:
        """What accounts that the case labels as the thieves' sent into stops, as asserted: no tracing.

        category, name, address, asset, transfers, accounts, amount (base units), the largest first.
        """
        from chaintrace.case.thieves import paid_into_stops

        return paid_into_stops(self)

    @property
    def published(self) -> Mapping[str, Mapping[str, str]]:
        """Figures that others published, to compare with: name to asset, amount (base units) and origin."""
        return self.folder.published

    def to_dict(self, made: Trace) -> dict[str, Any]:
        """``Trace.to_dict``, and of a fetched case what was fetched and how far the chain agrees."""
        told = made.to_dict(self.name)
        return told if self.harvest is None else told | {"fetched": self.harvest.to_dict()}

    def tokens(self) -> dict[str, Token]:
        """How assets are shown: the case's own assets, what fetched contracts say of themselves, and the native asset
        of every known chain. A token whose symbol another asset has too, or that says so only itself, is shown with
        its id: a symbol is no identity."""
        told = {asset: replace(token, symbol=f"{token.symbol} ({asset})") for asset, token in self._told().items()}
        shown: dict[str, Token] = {**told, **self._wrapped(), **NATIVES, **self.folder.assets}
        count = Counter(token.symbol for token in shown.values())
        return {
            asset: token
            if asset in NATIVES or count[token.symbol] == 1
            else replace(token, symbol=f"{token.symbol} ({asset})")
            for asset, token in shown.items()
        }

    def _wrapped(self) -> Mapping[str, Token]:
        chain = self._chain()
        return wrapped_token(chain) if chain else {}

    def _told(self) -> Mapping[str, Token]:
        return self.harvest.tokens if self.harvest else {}

    def __repr__(self) -> str:
        return f"<Case {self.name}: {self.title}; {len(self.seeds)} seeds, {len(self.links)} links>"

    def _unused_categories(self) -> tuple[str, ...]:
        labelled = {label.category for label in self.labels}
        unused = [category for category in self.folder.stop_categories if category not in labelled]
        return tuple(f"no label of the case has the stop category {category!r}" for category in unused)

    def _options(self, options: dict[str, Any]) -> dict[str, Any]:
        return {"stop_at": self.stops, "links": self.links, "coverage": self.coverage} | options
