"""Assertions about heuristics, for any test runner: what fails tells the story, what was asked and what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict
from random import Random
from typing import Any

from chaintrace.errors import MethodError
from chaintrace.heuristics.finding import Finding
from chaintrace.heuristics.findings import findings, opened
from chaintrace.heuristics.registry import Heuristic, known_heuristics
from chaintrace.model.transfer import Transfers
from chaintrace.report.escape import cell
from chaintrace.testing.story import Story

Asked = str | Heuristic | Callable[..., Any]
MOST_TOLD = 20


def assert_flags(
    heuristic: Asked,
    scenario: Any,
    *,
    subject: str | None = None,
    tx: str | int | None = None,
    times: int | None = None,
    thresholds: Any = None,
    **options: Any,
) -> tuple[Finding, ...]:
    """The heuristic flags something in the scenario; the findings that were meant.

    ``heuristic``   its name, the function that ``@heuristic`` stands on, or what ``ct.known_heuristics()`` holds.
    ``scenario``    a ``Scenario``, a ``UtxoScenario``, or whatever ``ct.findings`` takes.
    ``subject``     only findings of this account: a name of the scenario, or an account.
    ``tx``          only findings that rest on this transaction: its name, number or hash.
    ``times``       exactly so many findings; otherwise one or more.
    ``thresholds``  other ones than the heuristic's own; ``options`` go to ``ct.findings``, such as ``labels``.

    AssertionError otherwise. MethodError for a heuristic that is none; ScenarioError for a transaction that is none.
    """
    asked = Asking(heuristic, scenario, subject, tx, thresholds, options)
    meant = asked.meant()
    if (not meant) if times is None else len(meant) != times:
        wanted = "at least one finding" if times is None else f"{times} findings"
        raise AssertionError(asked.told(f"{wanted}{asked.of}", len(meant)))
    return meant


def assert_silent(
    heuristic: Asked,
    scenario: Any,
    *,
    subject: str | None = None,
    tx: str | int | None = None,
    thresholds: Any = None,
    **options: Any,
) -> None:
    """The heuristic flags nothing in the scenario, or nothing of ``subject`` or ``tx``; as ``assert_flags``."""
    asked = Asking(heuristic, scenario, subject, tx, thresholds, options)
    if meant := asked.meant():
        raise AssertionError(asked.told(f"no finding{asked.of}", len(meant)))


def assert_any_order(heuristic: Asked, scenario: Any, *, seed: int = 0, thresholds: Any = None, **options: Any) -> None:
    """The heuristic finds the same in whatever order the rows are read: here in theirs, backwards and in one drawn
    from ``seed``."""
    asked = Asking(heuristic, scenario, None, None, thresholds, options)
    import pyarrow as pa

    reading = {name: value for name, value in options.items() if name not in ("labels", "logs", "notes")}
    table = opened(_rows(scenario), reading)[0].table
    shuffled = list(range(len(table)))
    Random(seed).shuffle(shuffled)
    first = [one.to_dict() for one in asked.found]
    for order in (range(len(table) - 1, -1, -1), shuffled):
        again = asked.ask(Transfers(table.take(pa.array(order, pa.int64()))))
        if [one.to_dict() for one in again] != first:
            told = asked.told("the same findings in any order of the rows", len(first))
            raise AssertionError(f"{told}\nbut rows {list(order)[:MOST_TOLD]} …: {_list(again, asked.names)}")


def named(heuristic: Asked) -> Heuristic:
    """The registered heuristic that is meant. MethodError where none is."""
    if isinstance(heuristic, Heuristic):
        return heuristic
    known = known_heuristics()
    for name, one in known.items():
        if heuristic in (name, one.rule):
            return one
    said = heuristic if isinstance(heuristic, str) else getattr(heuristic, "__qualname__", repr(heuristic))
    raise MethodError(f"heuristic {said!r}", "is not registered", f"use @ct.heuristic, or one of: {', '.join(known)}")


class Asking:
    """One heuristic asked about one scenario: what it found, and which of that was ``meant``."""

    def __init__(
        self, heuristic: Asked, scenario: Any, subject: str | None, tx: str | int | None, thresholds: Any, options: Any
    ) -> None:
        self.heuristic, self.story = named(heuristic), scenario if isinstance(scenario, Story) else None
        self.thresholds = self.heuristic.thresholds if thresholds is None else thresholds
        self.options = ({"labels": self.story.labels} if self.story else {}) | options
        self.names = self.story.names if self.story else {}
        self.subject = self.story.address(subject) if self.story and subject is not None else subject
        self.tx = self.story.tx(tx) if self.story and tx is not None and tx not in self.story.hashes else tx
        about = [
            f" of {cell(subject)}" if subject is not None else "",
            f" in transaction {tx}" if tx is not None else "",
        ]
        self.of = "".join(about)
        self.found = self.ask(_rows(scenario))

    def ask(self, rows: Any) -> Sequence[Finding]:
        at = {self.heuristic.name: self.thresholds}
        return findings(rows, only=self.heuristic.name, thresholds=at, **self.options)

    def meant(self) -> tuple[Finding, ...]:
        return tuple(
            one
            for one in self.found
            if self.subject in (None, one.subject) and (self.tx is None or self.tx in one.tx_hashes)
        )

    def told(self, wanted: str, meant: int) -> str:
        at = ", ".join(f"{name} = {value!r}" for name, value in asdict(self.thresholds).items()) or "none"
        lines = [
            f"{self.heuristic.name!r} was to give {wanted}, and gave {meant}.",
            f"thresholds: {at}",
            f"found: {_list(self.found, self.names)}",
        ]
        if self.story:
            told = self.story.told
            more = [f"… and {len(told) - MOST_TOLD:,} more"] if len(told) > MOST_TOLD else []
            lines += ["story:", *(f"  {line}" for line in (*told[:MOST_TOLD], *more))]
        return "\n".join(lines)


def _rows(scenario: Any) -> Any:
    return scenario.transfers if isinstance(scenario, Story) else scenario


def _list(found: Sequence[Finding], names: dict[str, str]) -> str:
    lines = []
    for one in found[:MOST_TOLD]:
        who, evidence = names.get(one.subject, one.subject), cell(str(one.to_dict()["evidence"]))
        lines.append(f"\n  {cell(who)} {cell(one.claim)} ({one.confidence}; {evidence})")
    lines += [f"\n  … and {len(found) - MOST_TOLD:,} more"] if len(found) > MOST_TOLD else []
    return "".join(lines) or "nothing"
