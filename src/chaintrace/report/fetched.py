"""How a fetch is going, in one line, and how it ended."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any

from rich.console import Console, Group, RenderableType

from chaintrace.case.budget import Fetched, Progress
from chaintrace.case.case import Case
from chaintrace.model.amount import share
from chaintrace.model.token import Token, show
from chaintrace.report.doors import doors_view
from chaintrace.report.escape import plain
from chaintrace.report.figures import count
from chaintrace.report.table import make_table

ENDS = {
    "goal": "so much is accounted for as was asked",
    "nothing left": "nothing is left that could be fetched",
    "requests": "the requests are spent",
    "accounts": "the accounts are spent",
    "seconds": "the time is spent",
}
SHOWN = 12


def progress_line(progress: Progress, tokens: Mapping[str, Token]) -> str:
    """``97.30 % of 173,600 ETH accounted for, 41 accounts fetched, 12 requests/s``."""
    parts = [
        f"{share(part, whole)} of {show(whole, asset, tokens)}" for asset, (part, whole) in progress.accounted.items()
    ]
    told = f"{' and '.join(parts) or 'nothing'} accounted for, {count(progress.accounts, 'account')} fetched"
    told += f", {progress.requests // max(progress.seconds, 1):,} requests/s"
    return f"{told}; {progress.doing}" if progress.doing else told


class ProgressLine:
    """A progress line on a terminal or in a notebook, kept up to date; where there is neither, a line every time that
    the share has changed. Use as ``with ct.ProgressLine(case) as line: case.fetch(watch=line)``."""

    def __init__(self, case: Case, console: Console | None = None) -> None:
        self.tokens = case.tokens
        self.console = console or Console(stderr=True)
        self.cell = _Cell() if console is None and "ipykernel" in sys.modules else None
        self._status = self.console.status("asking …") if self.console.is_terminal and not self.cell else None
        self._told = ""

    def __enter__(self) -> ProgressLine:
        if self._status is not None:
            self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is not None:
            self._status.stop()

    def __call__(self, progress: Progress) -> None:
        text = plain(progress_line(progress, self.tokens()))
        if self.cell is not None:
            self.cell.show(text.plain)
        elif self._status is not None:
            self._status.update(text)
        elif not progress.doing and text.plain != self._told:
            self._told = text.plain
            self.console.print(text)


class _Cell:
    """A line of plain text below a notebook's cell, written over and over."""

    def __init__(self) -> None:
        self._handle: Any = None

    def show(self, text: str) -> None:
        from IPython.display import display

        told = {"text/plain": text}
        if self._handle is None:
            self._handle = display(told, raw=True, display_id=True)  # type: ignore[no-untyped-call]
        else:
            self._handle.update(told, raw=True)


def fetched_view(case: Case, done: Fetched) -> RenderableType:
    """How it ended, how far the chain agrees, and what is in doubt."""
    tokens = case.tokens()
    parts: list[RenderableType] = [plain(f"{progress_line(done.progress, tokens)}.", "bold")]
    parts.append(
        plain(f"Ended because {ENDS.get(done.ended, done.ended)}. chaintrace trace {case.folder.path} traces it.")
    )
    if case.harvest is None:
        return Group(*parts)
    agreed = case.harvest.reconciled
    same = sum(one.agrees for one in agreed)
    pairs = f"{share(same, len(agreed))}, {same:,} of {len(agreed):,} pairs of account and asset"
    parts.append(plain(f"Reconciled with the chain's own balances: {pairs}."))
    parts += [*_residuals(case, tokens), *_disagreements(case, tokens), *_cut(done), *doors_view(case)]
    return Group(*parts)


def fetched_dict(case: Case, done: Fetched) -> dict[str, Any]:
    """The same as plain values; amounts are decimal texts."""
    return {
        "ended": done.ended,
        "accounted": {asset: [str(part), str(whole)] for asset, (part, whole) in done.progress.accounted.items()},
        "requests": done.progress.requests,
        "seconds": done.progress.seconds,
        **(case.harvest.to_dict() if case.harvest else {}),
    }


def _residuals(case: Case, tokens: Mapping[str, Token]) -> list[RenderableType]:
    left = [one for one in (case.harvest.reconciled if case.harvest else ()) if not one.agrees]
    if not left:
        return []
    table = make_table("What does not agree with the chain", "account", "block", "left over", "reason")
    for one in left[:SHOWN]:
        amount = "–" if one.residual is None else show(abs(one.residual), one.asset, tokens)
        sign = "-" if one.residual is not None and one.residual < 0 else ""
        table.add_row(one.account, f"{one.block:,}", f"{sign}{amount}", one.reason)
    return [table, *_more(len(left), "case.reconcile()")]


def _disagreements(case: Case, tokens: Mapping[str, Token]) -> list[RenderableType]:
    found = case.harvest.differences if case.harvest else ()
    if not found:
        return []
    table = make_table("Where providers disagree", "account", "transfer", "told by", "not by")
    for one in found[:SHOWN]:
        told = f"{show(one.amount, one.asset, tokens)} ({one.kind} of {one.tx_hash})"
        table.add_row(one.account, told, one.told_by, one.not_by)
    return [table, *_more(len(found), "case.disagreements()")]


def _cut(done: Fetched) -> list[RenderableType]:
    return [plain(f"Not fetched: {account}, {reason}") for account, reason in done.cut.items()]


def _more(count: int, where: str) -> list[RenderableType]:
    return [plain(f"… and {count - SHOWN:,} more: {where}, or --json")] if count > SHOWN else []
