"""``ct.screen``: is an address clear, to be reviewed, or an alert, as of a day, and why."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, overload

from chaintrace.case.batch import Asked, asked_of, is_frame, with_columns
from chaintrace.case.judge import NO_HISTORY, NO_LIST, has_list, judge
from chaintrace.case.policy import Policy, default_policy, read_policy
from chaintrace.case.screened import Screened, failed
from chaintrace.errors import AddressError, ChainError, MethodError, UserError
from chaintrace.graph.graph import TransferGraph
from chaintrace.graph.kernel import NATIVE, kernel
from chaintrace.graph.link import Link
from chaintrace.labels.account import FAMILIES, OTHER
from chaintrace.labels.answer import Answer
from chaintrace.labels.book import LabelBook
from chaintrace.labels.folder import open_book
from chaintrace.labels.span import seconds
from chaintrace.model.chain import CHAINS
from chaintrace.model.moment import Moment
from chaintrace.model.token import Token
from chaintrace.taint.coverage import Coverage
from chaintrace.taint.exposing import LEAST, Exposer
from chaintrace.taint.exposure import Exposure

if TYPE_CHECKING:
    import pandas as pd

FEW = 64
Watch = Callable[[int, int], None]
"""Told how many are done, and of how many."""


class Screener:
    """Screens addresses by one policy, one book and, where there are any, one graph's transfers.

    What is prepared for a moment is kept for the next address of the same moment.
    """

    def __init__(
        self,
        book: LabelBook | None = None,
        policy: Policy | str | Path | None = None,
        graph: TransferGraph | None = None,
        *,
        links: Sequence[Link] = (),
        coverage: Coverage | None = None,
        dust: Mapping[str, int] | None = None,
        least: int = LEAST,
        tokens: dict[str, Token] | None = None,
    ) -> None:
        self.book = open_book() if book is None else book
        self.policy = _policy(policy)
        self.graph, self.tokens = graph, tokens
        self._options: dict[str, Any] = {"links": links, "coverage": coverage, "dust": dust, "least": least}
        self._now = int(time.time())
        self._made: tuple[Moment | None, Exposer] | None = None

    def one(self, address: str, at: Moment | None = None, chain: str = "", *, parties: bool = True) -> Screened:
        """The answer about one address. AddressError for what is no address; ChainError, also for a followed chain
        that is named as one of the others."""
        _check_chain(chain)
        when = self._now if at is None else seconds(at)
        moment = _iso(when)
        answer = self.book.look(address, moment, chain)
        exposure, why = self._exposure(answer.address, at, answer.chain, parties)
        verdict, rules = judge(self.policy, answer, exposure, why)
        notes = (*_notes(exposure, why), *_notes_of_lists(answer), *_notes_of_policy(self.policy))
        return Screened(
            answer.address, answer.moment, verdict, self.policy, rules, answer, exposure, notes, tokens=self.tokens
        )

    def all(self, asked: Sequence[Asked], at: Moment | None, watch: Watch | None) -> Iterator[Screened]:
        """The answers, in the order of the questions; what cannot be answered has the verdict ``error``."""
        found: dict[int, Screened] = {}
        groups: dict[Moment | None, list[int]] = {}
        for number, one in enumerate(asked):
            groups.setdefault(one.at or at, []).append(number)
        for moment, numbers in groups.items():
            self._exposer(moment)
            for number, answer in zip(numbers, self._each(asked, numbers, moment), strict=True):
                found[number] = answer
                if watch is not None:
                    watch(len(found), len(asked))
        return (found[number] for number in range(len(asked)))

    def _each(self, asked: Sequence[Asked], numbers: Sequence[int], at: Moment | None) -> Iterator[Screened]:
        """The answers in order; the native kernel works on several at a time."""
        if self.graph is None or kernel() != NATIVE or len(numbers) < FEW:
            yield from (self._asked(asked[number], at) for number in numbers)
            return
        pool = ThreadPoolExecutor(os.cpu_count())
        try:
            yield from pool.map(lambda number: self._asked(asked[number], at), numbers)
        finally:
            pool.shutdown(cancel_futures=True)

    def _asked(self, asked: Asked, at: Moment | None) -> Screened:
        if asked.error:
            return failed(asked.address, "", self.policy, asked.error)
        try:
            return self.one(asked.address, at, asked.chain, parties=False)
        except UserError as error:
            place = f"{asked.place}: " if asked.place else ""
            return failed(asked.address, "", self.policy, f"{place}{error.message}")

    def _exposure(self, address: str, at: Moment | None, chain: str, parties: bool) -> tuple[Exposure | None, str]:
        exposer = self._exposer(at)
        if exposer is None:
            return None, ""
        if chain and chain not in exposer.graph.chains:
            return None, f"the transfers are not of {chain}, so it was answered from labels alone"
        try:
            exposure = exposer.of(address, chain=chain, parties=parties)
        except AddressError as error:
            return None, f"{error.message}, and the transfers are of no other chain"
        return exposure, "" if exposure.lines else NO_HISTORY

    def _exposer(self, at: Moment | None) -> Exposer | None:
        """What answers about the exposure at a moment; None without transfers."""
        if self.graph is None:
            return None
        if self._made is None or self._made[0] != at:
            self._made = at, Exposer(self.graph, self.book, at=at, now=self._now, **self._options)
        return self._made[1]


@overload
def screen(what: str, **options: Any) -> Screened: ...
@overload
def screen(what: pd.DataFrame, **options: Any) -> pd.DataFrame: ...
@overload
def screen(what: Iterable[str], **options: Any) -> list[Screened]: ...
def screen(
    what: Any,
    *,
    at: Moment | None = None,
    book: LabelBook | None = None,
    graph: TransferGraph | None = None,
    case: Any = None,
    policy: Policy | str | Path | None = None,
    chain: str = "",
    watch: Watch | None = None,
    **options: Any,
) -> Any:
    """Screen an address, several, or the addresses of a pandas frame, as of ``at``.

    ``what``    one address: the answer is a ``Screened``. Several: a list of them. A frame with the column ``address``,
                and perhaps ``chain`` and ``at``: the same frame with the columns ``verdict``, ``rules``,
                ``not_evaluated``, ``sanctioned``, ``entities``, ``categories``, ``basis``, ``moment`` and ``error``.
    ``at``      a time, or a date (its first second, UTC); None: now. Transfers after it have not happened.
    ``book``    who says what; by default the bundled lists, those that ``chaintrace labels update`` fetched, and one's
                own.
    ``graph``   transfers to work out the exposure from; or ``case``, a ``ct.Case``, with its labels, links and
                coverage. Without either the answer is from labels alone, and says so.
    ``policy``  a ``Policy``, or a TOML file; by default the bundled one.
    ``chain``   labels about other chains are told apart, and the exposure is that of the funds on this one; by default
                all count.
    Further options: ``links``, ``coverage``, ``dust``, ``least`` (docs/methods/exposure.md).

    One address that is none raises AddressError; of several its answer has the verdict ``error``.
    """
    if case is not None:
        if graph is not None:
            raise MethodError("graph= and case=", "are both given", "give one of them")
        return case.screen(what, at=at, book=book, policy=policy, chain=chain, watch=watch, **options)
    return answer_about(what, Screener(book, policy, graph, **options), at, chain, watch)


def answer_about(what: Any, screener: Screener, at: Moment | None, chain: str, watch: Watch | None = None) -> Any:
    """What ``screen`` returns about ``what``."""
    if isinstance(what, str):
        return screener.one(what, at, chain)
    if is_frame(what):
        answers = list(screener.all(asked_of(what, chain), at, watch))
        return with_columns(what, answers)
    return list(screener.all([Asked(one, chain) for one in _texts(what)], at, watch))


def _texts(what: Any) -> list[str]:
    if not isinstance(what, Iterable) or isinstance(what, bytes | Mapping):
        raise MethodError(type(what).__name__, "is no address", "give an address, several, or a frame of them")
    texts = list(what)
    for one in texts:
        if not isinstance(one, str):
            raise MethodError(repr(one), "is no address", "addresses are texts")
    return texts


def _notes(exposure: Exposure | None, why: str) -> tuple[str, ...]:
    if exposure is None or not exposure.lines:
        return (why or "answered from labels alone: no transfers were given",)
    notes = []
    if exposure.whole is None:
        notes.append("no coverage was given: every account's history counts as whole")
    elif not exposure.whole:
        notes.append("the history of the address is not whole: the exposure is that of the transfers in the data")
    if exposure.own:
        notes.append(f"followed through {len(exposure.own):,} other accounts that a list gives to the same party")
    return tuple(notes)


def _notes_of_lists(answer: Answer) -> list[str]:
    notes = [] if has_list(answer.lists) else [NO_LIST]
    if answer.silent:
        notes.append(
            f"sanctions lists that begin later, and know announced days of that moment only: {', '.join(answer.silent)}"
        )
    return notes


def _notes_of_policy(policy: Policy) -> list[str]:
    return [f"the policy has no rule about: {', '.join(policy.without)}"] if policy.without else []


def _check_chain(chain: str) -> None:
    """``other:ETH`` would set apart every label of Ethereum, and answer for a chain that there is not."""
    if chain.startswith(OTHER) and chain.removeprefix(OTHER) in (*FAMILIES, *(one.symbol for one in CHAINS)):
        raise ChainError(chain, tuple(one.name for one in CHAINS))


def _policy(policy: Policy | str | Path | None) -> Policy:
    if policy is None:
        return default_policy()
    return policy if isinstance(policy, Policy) else read_policy(policy)


def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()
